"""The checkpoint file's layout and its checks: names, shapes, types, finite numbers. Imports no torch."""

__all__ = [
    "FORMAT",
    "STATE_FILE",
    "TEST_POINTS",
    "TRACE_POINTS",
    "TRAIN_POINTS",
    "CheckpointError",
    "Header",
    "check",
    "read_header",
    "read_metadata",
    "weight_shapes",
]

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from model.config import DATASETS, ConfigError, ModelConfig, TrainConfig, from_json
from model.errors import Translatable, UserError

FORMAT = "latent-explorer/1"
STATE_FILE = "state.safetensors"  # a run's whole state, in its folder
TEST_POINTS = 10_000
TRACE_POINTS = 2_000  # at the most
TRAIN_POINTS = 60_000  # at the most

MAX_HEADER = 100_000_000  # bytes, the limit of safetensors itself
_NUMBERS = {"F32": "<f4", "F16": "<f2", "U8": "u1"}  # safetensors dtype → NumPy's name for it
_BYTES = {"F32": 4, "F16": 2, "U8": 1}


class CheckpointError(UserError):
    """A file that is not a usable checkpoint; the message says what was expected, what was found, what to do."""


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor lies: safetensors dtype, shape, and its bytes' place in the file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """What a checkpoint says of itself, checked against the format and its own config."""

    config: ModelConfig
    train: TrainConfig
    history: list[dict[str, float]]
    metrics: dict[str, float]
    tensors: Mapping[str, TensorEntry]
    size: int


def weight_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight that `model.networks.build(config)` has, in no special order."""
    shapes: dict[str, tuple[int, ...]] = {}

    def stack(part: str, inputs: int, widths: tuple[int, ...]) -> int:
        for i, width in enumerate(widths):
            shapes[f"{part}.hidden.{i}.linear.weight"] = (width, inputs)
            shapes[f"{part}.hidden.{i}.linear.bias"] = (width,)
            if config.layer_norm:
                shapes[f"{part}.hidden.{i}.norm.weight"] = (width,)
                shapes[f"{part}.hidden.{i}.norm.bias"] = (width,)
            inputs = width
        return inputs

    code = stack("encoder", config.pixels, config.encoder)
    for head in ("mu", "logvar") if config.model == "vae" else ("mu",):
        shapes[f"encoder.{head}.weight"] = (config.latent, code)
        shapes[f"encoder.{head}.bias"] = (config.latent,)
    if config.fourier:
        shapes["decoder.frequencies"] = (config.latent, config.fourier)
    last = stack("decoder", config.latent + 2 * config.fourier, config.decoder)
    shapes["decoder.logits.weight"] = (config.pixels, last)
    shapes["decoder.logits.bias"] = (config.pixels,)
    return shapes


def read_header(name: str, file: BinaryIO, size: int) -> Header:
    """Read and check all but the numbers themselves.

    Args:
        name: what the messages call the file.
        file: positioned at its beginning; read no further than the header.
        size: of the whole file, bytes.

    Raises:
        CheckpointError: foreign, damaged, of another version, or not what its config says.
    """
    start, raw = _raw_header(name, file, size)
    metadata = raw.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        metadata = {}
    found = str(metadata["format"]) if "format" in metadata else Translatable("no format")
    if found != FORMAT:
        newer = found.startswith("latent-explorer/")
        cure = Translatable("update the app") if newer else Translatable("make one with `python -m model train`")
        text = "{name}: expected a checkpoint of format {expected}, found {found}; {cure}."
        raise CheckpointError(text, name=name, expected=FORMAT, found=found, cure=cure)
    try:
        config = from_json(ModelConfig, str(metadata.get("config", "")))
        train = from_json(TrainConfig, str(metadata.get("train", "")))
    except ConfigError as error:
        text = "{name}: expected settings this app knows, found others: {error}"
        raise CheckpointError(text, name=name, error=error) from error
    tensors = {key: _entry(name, key, value, start, size) for key, value in raw.items()}
    _check_tensors(name, config, tensors)
    return Header(
        config=config,
        train=train,
        history=_json(name, metadata, "history", list),
        metrics=_json(name, metadata, "metrics", dict),
        tensors=tensors,
        size=size,
    )


def read_metadata(path: Path) -> dict[str, str]:
    """The texts that a safetensors file carries beside its tensors; of a run's state, say.

    Raises:
        CheckpointError: it is no safetensors file, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            _, raw = _raw_header(path.name, file, path.stat().st_size)
    except OSError as error:
        text = "{path}: expected a safetensors file, found none ({why})."
        raise CheckpointError(text, path=path, why=error.strerror) from error
    metadata = raw.get("__metadata__", {})
    return {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {}


def check(name: str, path: Path) -> Header:
    """`read_header`, and every number finite, every label a class.

    Raises:
        CheckpointError: see `read_header`; or a NaN, an infinity, a label of no class; or no such file.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            header = read_header(name, file, size)
    except OSError as error:
        text = "{name}: expected a checkpoint, found no readable file ({why})."
        raise CheckpointError(text, name=name, why=error.strerror) from error
    import numpy as np  # here, since headers are all that most pages read

    content = np.memmap(path, dtype=np.uint8, mode="r")
    for key, entry in header.tensors.items():
        numbers = content[entry.begin : entry.end].view(_NUMBERS[entry.dtype])
        if entry.dtype != "U8" and not np.isfinite(numbers).all():
            text = "{name}: expected finite numbers, found NaN or infinity in {key}; train it again."
            raise CheckpointError(text, name=name, key=key)
    classes = len(DATASETS[header.train.dataset].classes)
    for label in (header.tensors[key] for key in ("test.label", "train.label") if key in header.tensors):
        if (highest := int(content[label.begin : label.end].max())) >= classes:
            text = "{name}: expected labels from 0 to {last}, found {highest}; make it again."
            raise CheckpointError(text, name=name, last=classes - 1, highest=highest)
    return header


def _raw_header(name: str, file: BinaryIO, size: int) -> tuple[int, dict[str, Any]]:
    """Where the tensors begin, and the header's JSON."""

    def foreign(found: str) -> CheckpointError:
        text = "{name}: expected a safetensors file, found {found}; choose another, or copy it again."
        return CheckpointError(text, name=name, found=found)

    prefix = file.read(8)
    if len(prefix) < 8:
        raise foreign(f"{size} B")
    (length,) = struct.unpack("<Q", prefix)
    if length > min(MAX_HEADER, size - 8):
        raise foreign(Translatable("something else or a part of one"))
    try:
        raw = json.loads(file.read(length).decode())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise foreign(Translatable("one whose header cannot be read")) from error
    if not isinstance(raw, dict):
        raise foreign(Translatable("one whose header cannot be read"))
    return 8 + length, raw


def _entry(name: str, key: str, value: Any, start: int, size: int) -> TensorEntry:
    """One tensor's place, known to lie inside the file."""
    try:
        dtype, shape = value["dtype"], tuple(map(int, value["shape"]))
        begin, end = (start + int(offset) for offset in value["data_offsets"])
    except (TypeError, KeyError, ValueError) as error:
        text = "{name}: expected dtype, shape and place of {key}, found {found}."
        raise CheckpointError(text, name=name, key=key, found=f"{value!r:.60}") from error
    if dtype not in _BYTES:
        text = "{name}: expected F32, F16 or U8 numbers in {key}, found {dtype}; make it again."
        raise CheckpointError(text, name=name, key=key, dtype=dtype)
    if min(shape, default=0) < 0 or not start <= begin <= end <= size:
        text = "{name}: expected the whole file, found one that ends before {key}; copy it again."
        raise CheckpointError(text, name=name, key=key)
    if end - begin != math.prod(shape) * _BYTES[dtype]:
        text = "{name}: expected {key} to fill its place, found {bytes} bytes; copy it again."
        raise CheckpointError(text, name=name, key=key, bytes=end - begin)
    return TensorEntry(dtype, shape, begin, end)


def _check_tensors(name: str, config: ModelConfig, tensors: Mapping[str, TensorEntry]) -> None:
    expected = {key: ("F32", shape) for key, shape in weight_shapes(config).items()}
    expected["test.mu"] = ("F32", (TEST_POINTS, config.latent))
    expected["test.label"] = ("U8", (TEST_POINTS,))
    if config.model == "vae":
        expected["test.logvar"] = ("F32", (TEST_POINTS, config.latent))
    trace = tensors.get("trace.mu")
    epochs, points = trace.shape[:2] if trace and len(trace.shape) == 3 else (1, TRACE_POINTS)
    expected["trace.mu"] = ("F16", (epochs, min(points, TRACE_POINTS), config.latent))
    optional = {"train.mu", "train.label"}
    if optional & tensors.keys():
        for absent in optional - tensors.keys():
            text = "{name}: expected train.mu and train.label or neither, found no {absent}; make it again."
            raise CheckpointError(text, name=name, absent=absent)
        count = min(max(1, math.prod(tensors["train.label"].shape)), TRAIN_POINTS)
        expected["train.label"] = ("U8", (count,))
        expected["train.mu"] = ("F16", (count, config.latent))
    for key in sorted(expected.keys() ^ tensors.keys()):
        which = Translatable("nothing under that name") if key in expected else Translatable("it in excess")
        text = "{name}: expected the tensors of its config; at {key} found {which}; make it again."
        raise CheckpointError(text, name=name, key=key, which=which)
    for key, (dtype, shape) in expected.items():
        if (found := tensors[key]).dtype != dtype or found.shape != shape:
            text = "{name}: expected {key} as {wanted}, found {found}; make it again."
            wanted = f"{dtype} {shape}"
            raise CheckpointError(text, name=name, key=key, wanted=wanted, found=f"{found.dtype} {found.shape}")


def _json(name: str, metadata: Mapping[str, Any], key: str, kind: type) -> Any:
    try:
        value = json.loads(str(metadata.get(key, "")))
    except (json.JSONDecodeError, RecursionError) as error:
        text = "{name}: expected JSON in {key}, found something else; make it again."
        raise CheckpointError(text, name=name, key=key) from error
    rows = value if kind is list else [value]
    if not isinstance(value, kind) or not all(map(_numbers, rows)):
        text = "{name}: expected numbers by name in {key}, found {found}; make it again."
        raise CheckpointError(text, name=name, key=key, found=f"{value!r:.60}")
    return value


def _numbers(row: object) -> bool:
    """Whether this is a dictionary of finite numbers."""
    if not isinstance(row, dict):
        return False
    return all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in row.values())
