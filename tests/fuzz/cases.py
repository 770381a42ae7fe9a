"""Damaged checkpoints by name: each fell once, or is beside one that did."""

__all__ = ["CASES", "LAYERS"]

import json
import struct
from collections.abc import Callable
from typing import Any

from tests.fuzz.file import File, Raw, format_1, pictures, points, swap_places, trace, training, weight, wider, write

DIGITS = "7" * 5000


def _entry(name: str, **fields: Any) -> Callable[[File], None]:
    return lambda f: f.header[name].update(fields)


def _metadata(**texts: Any) -> Callable[[File], None]:
    return lambda f: f.metadata.update(texts)


def _text(change: Callable[[bytes], bytes]) -> Callable[[File], None]:
    return lambda f: f.change_text.append(change)


def _setting(text: str, name: str, value: Any) -> Callable[[File], None]:
    """A setting in the metadata's `config` or `train`."""
    return lambda f: f.metadata.update({text: write(json.loads(f.metadata[text]) | {name: value})})


def _data(**texts: Any) -> Callable[[File], None]:
    """What the metadata tells of the data set."""
    return lambda f: f.metadata.update(data=write(json.loads(f.metadata["data"]) | texts))


def _no_labels(f: File) -> None:
    f.drop_tensor("test.label")
    f.drop_tensor("train.label")


def _zero_size(f: File) -> None:
    f.header["extra"] = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}


def _overlap(f: File) -> None:
    f.header["test.mu"]["data_offsets"] = f.header["test.logvar"]["data_offsets"]


def _gap(f: File) -> None:
    last = max((f.header[name] for name in f.names), key=lambda entry: entry["data_offsets"])
    last["data_offsets"] = [offset + 4 for offset in last["data_offsets"]]
    f.body += bytes(4)


def _offset_minus_0(f: File) -> None:
    first = min((f.header[name] for name in f.names), key=lambda entry: entry["data_offsets"])
    first["data_offsets"][0] = Raw("-0")


def _of(*changes: Callable[[File], Any]) -> Callable[[bytes], bytes]:
    def case(content: bytes) -> bytes:
        file = File(content)
        for change in changes:
            change(file)
        return file.content()

    return case


def _layer(part: str, at: int, layer: Any) -> Callable[[bytes], bytes]:
    """Another layer of encoder or decoder; None: one less."""

    def change(f: File) -> None:
        config = json.loads(f.metadata["config"])
        config[part][at : at + 1] = [] if layer is None else [layer]
        f.metadata["config"] = write(config)

    return _of(change)


def _conv(part: str, at: int, **changed: Any) -> Callable[[bytes], bytes]:
    whole = {"conv": 3 if part == "encoder" else 2, "kernel": 3, "stride": 1, "padding": [1, 1]}
    return _layer(part, at, whole | changed)


# Of a network with layers that are not Linear.
LAYERS: dict[str, Callable[[bytes], bytes]] = {
    "convolutional, as it was": lambda content: content,
    "convolutional, written anew": _of(),
    "convolutional, format 1": _of(format_1),
    "float16 convolution": _of(
        lambda f: f.replace_tensor("decoder.hidden.4.conv.weight", "F16", [2, 2, 3, 3], bytes(72))
    ),
    "kernel of another size": _conv("decoder", 4, kernel=5),
    "kernel 0": _conv("decoder", 4, kernel=0),
    "kernel 3.0": _conv("decoder", 4, kernel=Raw("3.0")),
    "kernel true": _conv("decoder", 4, kernel=True),
    "kernel larger than the image": _conv("encoder", 1, kernel=32),
    "stride 0": _conv("encoder", 1, stride=0),
    "padding a number": _conv("encoder", 1, padding=1),
    "padding below 0": _conv("encoder", 1, padding=[-1, 1]),
    "padding as wide as the kernel": _conv("encoder", 1, padding=[3, 3]),
    "no stride": _layer("encoder", 1, {"conv": 3, "kernel": 3, "padding": [1, 1]}),
    "more than a convolution": _conv("encoder", 1, more=1),
    "no channels": _conv("encoder", 1, conv=0),
    "too many channels": _conv("encoder", 1, conv=1025),
    "two kinds at once": _conv("encoder", 1, pool=2),
    "a kind of no layer": _layer("encoder", 2, {"constructor": 2}),
    "a layer without a kind": _layer("encoder", 2, {}),
    "pooled to nothing": _layer("encoder", 2, {"pool": 8}),
    "reshaped to another number": _layer("decoder", 2, {"reshape": [2, 4, 4]}),
    "upsampled beside the image": _layer("decoder", 3, {"upsample": 8}),
    "divided by 0": _layer("encoder", 0, {"normalize": [0.5, 0]}),
    "normalized by texts": _layer("encoder", 0, {"normalize": ["0.5", "0.5"]}),
    "no Linear behind the convolutions": _layer("decoder", 6, None),
    "no layer of a shape": _layer("decoder", 2, None),
}  # fmt: skip


CASES: dict[str, Callable[[bytes], bytes]] = {
    "as it was": lambda content: content,
    "written anew": _of(),
    "empty": lambda content: b"",
    "seven bytes": lambda content: content[:7],
    "half": lambda content: content[: len(content) // 2],
    "16 bytes more": lambda content: content + bytes(16),
    "one byte less": lambda content: content[:-1],
    "metadata null": _of(lambda f: f.header.update(__metadata__=None)),
    "no metadata": _of(lambda f: f.header.pop("__metadata__")),
    "trace of 10⁹ × 0": _of(trace(10**9, 0, 2)),
    "trace of 0 × 5": _of(trace(0, 5, 2)),
    "trace of 5 × 0": _of(trace(5, 0, 2)),
    "trace of 10,001 epochs": _of(trace(10_001, 1, 2)),
    "trace of 2,001 points": _of(trace(1, 2_001, 2)),
    "trace of 2,000 points": _of(trace(1, 2_000, 2)),
    "no training points": _of(training(0)),
    "60,001 training points": _of(training(60_001)),
    "60,001 training points, format 1": _of(format_1, training(60_001)),
    "100,001 training points": _of(training(100_001)),
    "format 1": _of(format_1),
    "format 1 with pictures": _of(_metadata(format="latent-explorer/1")),
    "format 1, 9,999 points": _of(format_1, points(9_999)),
    "format 1, own pictures": _of(format_1, _setting("train", "dataset", "own-0123456789abcdef")),
    "own pictures": _of(_setting("train", "dataset", "own-0123456789abcdef")),
    "own pictures, 15 digits": _of(_setting("train", "dataset", "own-0123456789abcde")),
    "own pictures, a list": _of(_setting("train", "dataset", ["own-0123456789abcdef"])),
    "mnist, a list": _of(_setting("train", "dataset", ["mnist"])),
    "40 test points": _of(points(40)),
    "4 test points, 5 traced": _of(points(4), pictures(4, 8, 9)),
    "20 test points, 30 pictures": _of(points(20)),
    "no test points": _of(points(0)),
    "100,001 test points": _of(points(100_001)),
    "no classes": _of(_data(classes=[]), _no_labels),
    "no classes, 100,001 training points": _of(
        _data(classes=[]), training(100_001), _no_labels
    ),
    "no classes, labels": _of(_data(classes=[])),
    "classes, no labels": _of(points(40, label=False)),
    "classes, no training labels": _of(lambda f: f.drop_tensor("train.label")),
    "no pictures": _of(lambda f: f.drop_tensor("image.test")),
    "0 pictures": _of(pictures(0, 8, 9)),
    "pictures of another size": _of(pictures(30, 9, 8)),
    "pictures in colour": _of(pictures(30, 8, 9, 3)),
    "pictures in a row": _of(pictures(30, 72)),
    "float16 pictures": _of(lambda f: f.replace_tensor("image.test", "F16", [30, 8, 9], bytes(2 * 30 * 72))),
    "256 classes": _of(_data(classes=["a"] * 256)),
    "255 classes": _of(_data(classes=["a"] * 255)),
    "9 classes": _of(_data(classes=["a"] * 9)),
    "a class of 60 wide letters": _of(_data(classes=["\U0001f600" * 60] * 10)),
    "a class of 61 letters": _of(_data(classes=["a" * 61] * 10)),
    "a class without letters": _of(_data(classes=[""] * 10)),
    "a class 1": _of(_data(classes=[1] * 10)),
    "classes in a text": _of(_data(classes="abcdefghij")),
    "title in markup": _of(_data(title="<b>_a_</b>\n")),
    "no title": _of(_data(title="")),
    "notes null": _of(_data(notes=None)),
    "notes of 2,001 letters": _of(_data(notes="a" * 2001)),
    "data with more": _of(_data(more="")),
    "data a list": _of(_metadata(data="[]")),
    "no data": _of(lambda f: f.metadata.pop("data")),
    "images of 7 × 9": _of(_setting("config", "height", 7)),
    "images of 8 × 65": _of(_setting("config", "width", 65)),
    "conditional of 11 classes": _of(
        _data(classes=list("abcdefghijk")),
        _setting("config", "conditional", True),
        *(wider(part, 10) for part in ("encoder", "decoder")),
    ),
    "bfloat16 weights": _of(weight("BF16")),
    "float16 weights": _of(weight("F16")),
    "bfloat16 latents": _of(lambda f: f.replace_tensor("test.mu", "BF16", [1000, 2], bytes(4000))),
    "bfloat16 NaN": _of(weight("BF16"), lambda f: f.set_number("decoder.logits.weight", b"\xc0\x7f")),
    "float16 infinity": _of(weight("F16"), lambda f: f.set_number("decoder.logits.weight", b"\x00\x7c")),
    "weight NaN": _of(lambda f: f.set_number("decoder.logits.bias", b"\x00\x00\xc0\x7f")),
    "latent infinite": _of(lambda f: f.set_number("test.mu", b"\x00\x00\x80\xff", 1999)),
    "trace NaN": _of(lambda f: f.set_number("trace.mu", b"\x01\x7c", 3)),
    "training latent NaN": _of(lambda f: f.set_number("train.mu", b"\x01\xfc", 3)),
    "label of no class": _of(lambda f: f.set_number("test.label", b"\x0a", 999)),
    "training label of no class": _of(lambda f: f.set_number("train.label", b"\xff", 3)),
    "a tensor of no size": _of(_zero_size),
    "two tensors in each other's place": _of(swap_places),
    "overlap": _of(_overlap),
    "gap": _of(_gap),
    "shape of floats": _of(_entry("test.label", shape=[Raw("1000.0")])),
    "shape of powers": _of(_entry("test.label", shape=[Raw("1e3")])),
    "shape of texts": _of(_entry("test.label", shape=["1000"])),
    "shape of truths": _of(_entry("trace.mu", shape=[2, True, 2])),
    "shape of 2⁶⁴": _of(_entry("test.label", shape=[2**64, 0])),
    "shape of 10⁴⁰⁰": _of(_entry("test.label", shape=[Raw("1" + "0" * 400)])),
    "shape of 5,000 digits": _of(_entry("test.label", shape=[Raw(DIGITS)])),
    "offsets of 1e400": _of(_entry("test.label", data_offsets=[0, Raw("1e400")])),
    "offset −0": _of(_offset_minus_0),
    "dtype a list": _of(_entry("test.label", dtype=["U8"])),
    "dtype constructor": _of(_entry("test.label", dtype="constructor")),
    "entry with more": _of(_entry("test.label", more=1)),
    "a name twice": _of(_text(lambda text: b'{"test.mu":1,' + text[1:])),
    "a name twice, escaped": _of(_text(lambda text: b'{"test\\u002emu":1,' + text[1:])),
    "header with spaces behind": _of(_text(lambda text: text + b" \n\t\r" * 20)),
    "header with zeros behind": _of(_text(lambda text: text + bytes(8))),
    "header with a space before": _of(_text(lambda text: b" " + text)),
    "header with a BOM": _of(_text(lambda text: b"\xef\xbb\xbf" + text)),
    "header not UTF-8": _of(_text(lambda text: text.replace(b"epoch", b"ep\xffch", 1))),
    "header with half a character": _of(_text(lambda text: text.replace(b"epoch", b"ep\xed\xa0\x80ch", 1))),
    "header of 5 MB": _of(_text(lambda text: text + b" " * 5_000_000)),
    "header deep": lambda content: struct.pack("<Q", 100_000) + b"[" * 100_000,
    "header a list": lambda content: struct.pack("<Q", 2) + b"[]",
    "header empty": lambda content: struct.pack("<Q", 2) + b"{}",
    "header's length too small": _of(lambda f: setattr(f, "length", -8)),
    "header's length too large": _of(lambda f: setattr(f, "length", 8)),
    "header's length huge": lambda content: b"\xff" * 8 + content[8:],
    "name with half a character": _of(lambda f: f.header.update({"\ud800": f.header.pop("test.mu")})),
    "name of 100,000 letters": _of(lambda f: f.header.update({"x" * 100_000: f.header.pop("test.mu")})),
    "name with a line break": _of(lambda f: f.header.update({"a\nb": f.header.pop("test.mu")})),
    "name __proto__": _of(lambda f: f.header.update({"__proto__": f.header.pop("test.mu")})),
    "format a number": _of(_metadata(format=1)),
    "format of 100,000 letters": _of(_metadata(format="latent-explorer/" + "x" * 100_000)),
    "more metadata": _of(_metadata(note="mine")),
    "more metadata, a list": _of(_metadata(note=["mine"])),
    "activation constructor": _of(_setting("config", "activation", "constructor")),
    "height 8.0": _of(_setting("config", "height", 8.0)),
    "height of 5,000 digits": _of(_setting("config", "height", Raw(DIGITS))),
    "fourier −0": _of(_setting("config", "fourier", Raw("-0"))),
    "epochs 2.0": _of(_setting("train", "epochs", 2.0)),
    "epochs 2.5": _of(_setting("train", "epochs", 2.5)),
    "β of 10⁴⁰⁰": _of(_setting("train", "beta", Raw("1" + "0" * 400))),
    "β of 1": _of(_setting("train", "beta", 1)),
    "layer_norm 1": _of(_setting("config", "layer_norm", 1)),
    "conditional false": _of(_setting("config", "conditional", False)),
    "conditional, the weights plain": _of(_setting("config", "conditional", True)),
    "conditional": _of(_setting("config", "conditional", True), *(wider(part, 10) for part in ("encoder", "decoder"))),
    "conditional, the decoder alone": _of(_setting("config", "conditional", True), wider("decoder", 10)),
    "conditional of nine classes": _of(
        _setting("config", "conditional", True), *(wider(part, 9) for part in ("encoder", "decoder"))
    ),
    "in colour, the weights grey": _of(_setting("config", "channels", 3)),
    "channels 1": _of(_setting("config", "channels", 1)),
    "channels 2": _of(_setting("config", "channels", 2)),
    "channels true": _of(_setting("config", "channels", True)),
    "channels 1.0": _of(_setting("config", "channels", 1.0)),
    "conditional 1": _of(_setting("config", "conditional", 1)),
    "conditional null": _of(_setting("config", "conditional", None)),
    "conditional in train": _of(_setting("train", "conditional", False)),
    "a setting of half a character": _of(_setting("train", "\ud800", 1)),
    "10,000 settings": _of(_metadata(train=json.dumps({f"s{i}": i for i in range(10_000)}))),
    "a setting twice": _of(lambda f: f.metadata.update(config=f.metadata["config"].replace("{", '{"height":8,'))),
}  # fmt: skip
