"""A seeded choice of what can be wrong with a checkpoint file."""

__all__ = ["damage", "damaged"]

import contextlib
import copy
import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from model.config import ModelConfig, Range, TrainConfig
from tests.fuzz.file import File, Raw, format_1, swap_places, trace, training, weight, write

DIGITS = "7" * 5000
DEEP = "[" * 100_000
# What may stand where something else is expected.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 5, 255, 10**9, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 2**64, 10**40,
    "", "F32", "F64", "U8", "2", "constructor", "__proto__", "\ud800", "\udc00x", "\ufeff", "a\nb", "é", "x" * 100_000,
    [], {}, [0], [[]], [None], ["F32"], [1, 2, 3], {"a": 1}, {"__proto__": 1},
    Raw("1.0"), Raw("2.5"), Raw("-0"), Raw("-0.0"), Raw("1e1"), Raw("1e-400"), Raw("1e400"), Raw("-1e400"), Raw(DIGITS),
    Raw("1" * 305), Raw("NaN"), Raw("Infinity"), Raw("01"), Raw("+1"), Raw("1."), Raw("'a'"), Raw(DEEP),
    Raw('{"a":1,"a":1}'), Raw('"\\ud800\\udc00"'), Raw('"\\x41"'), Raw('"\t"'), Raw("undefined"), Raw(""),
    Raw("[1,]"), Raw("1 2"),
)  # fmt: skip
TEXTS = (
    "", "[]", "{}", "null", "1", "[1]", "[{}]", "{", DEEP, "\ufeff{}", '{"a":1}', '[{"a":1}]', '{"a":1,"a":1}',
    '{"a":NaN}', '{"a":1e400}', '{"a":true}', '{"a":null}', '{"a":"1"}', '{"a":[1]}', '{"a":' + DIGITS + "}",
    '{"\\ud800":1}', '{"a":"\\ud800"}', '{"a":-0}', '{"__proto__":1}', '{"__proto__":{"a":1}}', "[[]]",
    '[{"a":1},2]', '[{"a":{"b":1}}]', ' \t\r\n{"a" : 1}\n', "{}x", '{"a":1' + "0" * 400 + "}", '{"":0}',
    "\u00a0{}", "{}\x00", "[" + '{"a":1},' * 5 + "{}]", '"{}"',
)  # fmt: skip


def damaged(content: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """`count` files, each `content` with one to three things wrong; the same for the same seed."""
    for i in range(count):
        yield damage(content, random.Random(f"{seed}/{i}"))


def damage(content: bytes, rng: random.Random) -> bytes:
    """The file with one to three things wrong; some of them are none."""
    file = File(content)
    if rng.random() < 0.25:
        format_1(file)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice(DAMAGES)(file, rng)
    changed = file.content()
    return rng.choice(BYTE_DAMAGES)(changed, rng) if rng.random() < 0.2 else changed


def _value(rng: random.Random) -> Any:
    """A copy, which may be damaged further."""
    return copy.deepcopy(rng.choice(VALUES))


def _any_entry(f: File, rng: random.Random) -> dict[str, Any]:
    return f.header[rng.choice(f.names)] if f.names else {}


def _change_field(f: File, rng: random.Random) -> None:
    _any_entry(f, rng)[rng.choice(("dtype", "shape", "data_offsets"))] = _value(rng)


def _change_dtype(f: File, rng: random.Random) -> None:
    _any_entry(f, rng)["dtype"] = rng.choice(("F32", "F16", "BF16", "U8", "I8", "BOOL", "F64", "f32", "toString"))


def _change_list(f: File, rng: random.Random) -> None:
    found = _any_entry(f, rng).get(rng.choice(("shape", "data_offsets")))
    if not isinstance(found, list):
        return
    at = rng.randrange(len(found) + 1)
    kind = rng.randrange(5)
    if kind == 0 or at == len(found):
        found.insert(at, rng.choice((*VALUES, 1, 1, 0, 0)))
    elif kind == 1:
        found.pop(at)
    elif kind == 2:
        found[at] = _value(rng)
    elif kind == 3:
        rng.shuffle(found)
    elif isinstance(found[at], int):
        found[at] += rng.choice((-4, -2, -1, 1, 2, 4, 1000))


def _change_entry(f: File, rng: random.Random) -> None:
    name = rng.choice(f.names) if f.names else "test.mu"
    kind = rng.randrange(6)
    if kind == 0:
        f.header.pop(name, None)
    elif kind == 1:
        f.header[name] = _value(rng)
    elif kind == 2:
        f.header[rng.choice(("extra", "test.mu", "train.mu", "\ud800", "", "__proto__", "x" * 10_000))] = f.header.pop(
            name, None
        )
    elif kind == 3:
        _any_entry(f, rng).pop(rng.choice(("dtype", "shape", "data_offsets")), None)
    elif kind == 4:
        _any_entry(f, rng)[rng.choice(("more", "Dtype", "__proto__"))] = _value(rng)
    else:
        f.header["extra"] = dict(_any_entry(f, rng))


def _change_tensor(f: File, rng: random.Random) -> None:
    """Another tensor, whose bytes are all there."""
    # What is to be changed may have been damaged already.
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, IndexError):
        rng.choice((
            trace(rng.choice((0, 1, 3)), rng.choice((0, 1, 7, 2000, 2001)), rng.choice((0, 1, 2, 3))),
            training(rng.choice((0, 1, 5, 300))),
            weight("BF16", rng.choice(("decoder.logits.weight", "encoder.mu.weight", "test.mu"))),
            weight("F16", rng.choice(("decoder.logits.weight", "encoder.mu.weight", "test.mu"))),
            swap_places,
        ))(f)  # fmt: skip


def _change_metadata(f: File, rng: random.Random) -> None:
    key = rng.choice(("format", "config", "train", "data", "history", "metrics", "more"))
    kind = rng.randrange(5)
    if kind == 0:
        f.header["__metadata__"] = _value(rng)
    elif kind == 1:
        f.metadata.pop(key, None)
    elif kind == 2:
        f.metadata[key] = _value(rng)
    else:
        f.metadata[key] = rng.choice((*TEXTS, *(write(value) for value in VALUES)))


def _change_numbers(f: File, rng: random.Random) -> None:
    """Figures by name."""
    row = write({rng.choice(("elbo", "", "\ud800", "__proto__")): _value(rng)})
    kind = rng.choice(("history", "metrics"))
    f.metadata[kind] = rng.choice((row, f"[{row}]", f'[{{"a":1}},{row}]'))


LIMITS = {
    text: {field.name: field.metadata["limits"] for field in dataclasses.fields(kind)}
    for text, kind in (("config", ModelConfig), ("train", TrainConfig))
}


def _change_setting(f: File, rng: random.Random) -> None:
    text = rng.choice(("config", "train", "data"))
    try:
        settings = json.loads(f.metadata[text])
        name = rng.choice(sorted(settings))
    except (KeyError, TypeError, ValueError, IndexError, RecursionError):
        return
    if not isinstance(settings, dict):
        return
    kind = rng.randrange(8)
    limits = LIMITS.get(text, {}).get(name)
    if kind == 0:
        settings.pop(name)
    elif kind == 1:
        settings[rng.choice(("more", "conditional", "__proto__", "\ud800", "x" * 1000))] = _value(rng)
    elif kind == 2:
        settings[name] = _value(rng)
    elif isinstance(limits, Range):
        small = 1 if limits.whole else 1e-9
        edges = (
            limits.low,
            limits.high,
            limits.low - small,
            limits.high + small,
            limits.low + small,
            float(limits.high),
            0.5,
        )
        settings[name] = rng.choice(edges)
    elif name in ("encoder", "decoder") and rng.random() < 0.7 and _change_layers(settings[name], rng):
        pass  # another layer, or another number of one
    elif name in ("encoder", "decoder"):
        settings[name] = rng.choice(
            ([8.0], [0], [8193], [8192], [8] * 13, [1] * 12, [8, None], [[8]], [True], [], ["8"])
        )
    else:
        settings[name] = rng.choice(
            ("vae", "ae", "relu", "tanh", "mse", "bce", "kmnist", "constant", "float32", "x", True, False)
        )
    f.metadata[text] = write(settings)


def _change_layers(layers: Any, rng: random.Random) -> bool:
    """Something of one layer; whether there are any."""
    if not isinstance(layers, list) or not layers:
        return False
    at = rng.randrange(len(layers))
    kind, layer = rng.randrange(5), layers[at]
    if kind == 0:
        layers.pop(at)
    elif kind == 1:
        layers.insert(at, copy.deepcopy(rng.choice((*layers, *LAYERS))))
    elif kind == 2:
        layers[at] = rng.choice((_value(rng), *LAYERS))
    elif isinstance(layer, dict) and layer:
        name = rng.choice((*layer, "kernel", "padding"))
        layer[name] = rng.choice(
            (0, 1, 2, 3, -1, 7, 33, 1025, 2.0, [1], [1, 1], [0, 2], [-1, 0], [1, 4, 3], _value(rng))
        )
    else:
        layers[at] = rng.choice((1, 7, 8, 24, 72, 8192, _value(rng)))
    return True


# What may stand among a network's layers.
LAYERS: tuple[Any, ...] = (
    {"conv": 3, "kernel": 3, "stride": 1, "padding": [1, 1]}, {"conv": 2, "kernel": 32, "stride": 1, "padding": [0, 0]},
    {"transpose": 1, "kernel": 3, "stride": 2, "padding": [1, 0]}, {"pool": 3}, {"upsample": 8}, {"reshape": [1, 8, 9]},
    {"reshape": [72, 1, 1]}, {"normalize": [0.5, 0]}, {"normalize": [0, 1]}, {"conv": 1}, {"linear": 8}, {}, 8, 0,
)  # fmt: skip


def _change_text(f: File, rng: random.Random) -> None:
    at, byte = rng.random(), rng.randrange(256)
    f.change_text.append(rng.choice((
        lambda text: text[: int(at * len(text))] + bytes([byte]) + text[int(at * len(text)) + 1 :],
        lambda text: text[: int(at * len(text))] + bytes([byte]) + text[int(at * len(text)) :],
        lambda text: text[: int(at * len(text))],
        lambda text: text + b" " * byte,
        lambda text: b" " * (byte % 3) + text,
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.rstrip(),
        lambda text: text.rstrip() + b"}",
        lambda text: text.replace(b",", b" ,\n\t", 3),
        lambda text: text.replace(b'"', b"'", 2),
        lambda text: text.replace(b":", b"::", 1),
        lambda text: b'{"extra":1,' + text[1:],
        lambda text: b'{"__metadata__":{},' + text[1:],
    )))  # fmt: skip


def _change_length(f: File, rng: random.Random) -> None:
    f.length = rng.choice((-1, 1, -8, 8, 10**6, 2**31, 2**53, 2**63, -(10**9)))


def _change_body(f: File, rng: random.Random) -> None:
    kind = rng.randrange(5)
    if kind == 0:
        f.body += bytes(rng.choice((1, 4, 16, 100)))
    elif kind == 1:
        del f.body[len(f.body) - rng.choice((1, 4, 16, 1000, len(f.body))) :]
    elif kind == 2 and f.names:
        try:
            numbers = (
                b"\x00\x00\xc0\x7f",
                b"\x00\x00\x80\xff",
                b"\xff\xff\x7f\x7f",
                b"\x00\x7c",
                b"\x01\xfc",
                b"\x0a",
                b"\xff",
            )
            f.set_number(rng.choice(f.names), rng.choice(numbers), rng.randrange(8))
        except (KeyError, TypeError, ValueError, IndexError):
            pass  # its place has been damaged already
    else:
        for _ in range(5):
            if f.body:
                f.body[rng.randrange(len(f.body))] = rng.randrange(256)


DAMAGES: tuple[Callable[[File, random.Random], None], ...] = (
    _change_field, _change_dtype, _change_list, _change_list, _change_entry, _change_tensor, _change_metadata,
    _change_numbers, _change_setting, _change_setting, _change_text, _change_length, _change_body,
)  # fmt: skip


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _append(content: bytes, rng: random.Random) -> bytes:
    return content + rng.randbytes(rng.choice((1, 8, 16)))


def _overwrite(content: bytes, rng: random.Random) -> bytes:
    """Bytes of the length and the header, which is where they tell."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 2, 5))):
        changed[rng.randrange(min(len(changed), 3000))] = rng.randrange(256)
    return bytes(changed)


BYTE_DAMAGES = (_cut, _append, _overwrite)
