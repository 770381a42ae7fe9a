"""The header of a safetensors file, as strict as safetensors itself and a little stricter. Imports no torch.

8 bytes length N (little-endian), N bytes of JSON, then the tensors' bytes, one after another, up to the file's end:
https://huggingface.co/docs/safetensors. `explorer/frontend/core/safetensors.js` gives the same verdict on every file.
"""

__all__ = ["MAX_HEADER", "CheckpointError", "SafetensorsHeader", "TensorEntry", "read_safetensors_header"]

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from model import strict_json
from model.errors import Translatable, UserError, quoted, shown

MAX_HEADER = 4_000_000  # bytes; a history of 10,000 epochs takes 2.7 million
MAX_WHOLE = 2**53 - 1  # the largest that JavaScript tells from its neighbours
BYTES = {"F32": 4, "F16": 2, "BF16": 2, "U8": 1}  # of a number, by safetensors dtype


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
class SafetensorsHeader:
    """What a safetensors file says of itself: texts by name, and tensors that fill the file without gap or overlap."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, TensorEntry]


def read_safetensors_header(name: str, file: BinaryIO, size: int) -> SafetensorsHeader:
    """Read and check a header.

    Args:
        name: what the messages call the file.
        file: positioned at its beginning; read no further than the header.
        size: of the whole file, bytes.

    Raises:
        CheckpointError: it is no safetensors file, or a damaged one, or has numbers of a type that we never write.
    """
    start, raw = _read_json(name, file, size)
    metadata = raw.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise _foreign(name, Translatable("one whose header cannot be read"))
    tensors = {key: _entry(name, key, value, start, size) for key, value in raw.items()}
    at = start
    for key, entry in sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != at:
            text = "{name}: expected tensors one after another, found a gap or an overlap before {key}; make it again."
            raise CheckpointError(text, name=name, key=shown(key))
        at = entry.end
    if at != size:
        text = "{name}: expected the file to end with its last tensor, found {bytes} bytes more; copy it again."
        raise CheckpointError(text, name=name, bytes=size - at)
    return SafetensorsHeader(metadata, tensors)


def _foreign(name: str, found: str) -> CheckpointError:
    text = "{name}: expected a safetensors file, found {found}; choose another, or copy it again."
    return CheckpointError(text, name=name, found=found)


def _read_json(name: str, file: BinaryIO, size: int) -> tuple[int, dict[str, Any]]:
    """Where the tensors begin, and the header's JSON."""
    prefix = file.read(8)
    if len(prefix) < 8:
        raise _foreign(name, f"{size} B")
    (length,) = struct.unpack("<Q", prefix)
    if length > min(MAX_HEADER, size - 8):
        raise _foreign(name, Translatable("something else or a part of one"))
    try:
        text = file.read(length).decode()
        raw = strict_json.loads(text)
    except ValueError as error:
        raise _foreign(name, Translatable("one whose header cannot be read")) from error
    if not text.startswith("{"):
        raise _foreign(name, Translatable("one whose header cannot be read"))
    return 8 + length, raw


def _entry(name: str, key: str, value: Any, start: int, size: int) -> TensorEntry:
    """One tensor's place, known to lie inside the file."""
    found = value if isinstance(value, dict) else {}
    dtype: Any = found.get("dtype")
    shape: Any = found.get("shape")
    offsets: Any = found.get("data_offsets")
    whole = _whole_numbers(shape) and _whole_numbers(offsets)
    if len(found) != 3 or not isinstance(dtype, str) or not whole or len(offsets) != 2:
        text = "{name}: expected dtype, shape and place of {key}, found {found}."
        raise CheckpointError(text, name=name, key=shown(key), found=quoted(value))
    if dtype not in BYTES:
        text = "{name}: expected F32, F16, BF16 or U8 numbers in {key}, found {dtype}; make it again."
        raise CheckpointError(text, name=name, key=shown(key), dtype=shown(dtype))
    begin, end = (start + offset for offset in offsets)
    if not begin <= end <= size:
        text = "{name}: expected the whole file, found one that ends before {key}; copy it again."
        raise CheckpointError(text, name=name, key=shown(key))
    count = 1
    for length in shape:
        count *= length
        if count > MAX_WHOLE:  # even if a 0 follows
            break
    if end - begin != count * BYTES[dtype]:
        text = "{name}: expected {key} to fill its place, found {bytes} bytes; copy it again."
        raise CheckpointError(text, name=name, key=shown(key), bytes=end - begin)
    return TensorEntry(dtype, tuple(shape), begin, end)


def _whole_numbers(value: object) -> bool:
    """Whether this is a list of numbers that were written as plain digits."""
    return isinstance(value, list) and all(type(n) is int and 0 <= n <= MAX_WHOLE for n in value)
