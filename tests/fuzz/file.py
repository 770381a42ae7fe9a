"""A checkpoint file taken apart, to be damaged and put together again."""

__all__ = [
    "File",
    "Raw",
    "format_1",
    "pictures",
    "points",
    "swap_places",
    "trace",
    "training",
    "weight",
    "wider",
    "write",
]

import json
import math
import struct
from collections.abc import Callable
from typing import Any


class Raw(str):
    """JSON as it shall stand in the file."""


def write(value: Any) -> str:
    """JSON of a value whose `Raw` parts stand as they are; halves of characters are escaped."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{write(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value)


class File:
    """A checkpoint taken apart: the header as a dictionary, its bytes once it is written, and the tensors' bytes."""

    def __init__(self, content: bytes) -> None:
        (length,) = struct.unpack("<Q", content[:8])
        self.header: Any = json.loads(content[8 : 8 + length])
        self.body = bytearray(content[8 + length :])
        self.change_text: list[Callable[[bytes], bytes]] = []
        self.length = 0  # how much the header's length lies

    @property
    def names(self) -> list[str]:
        return sorted(name for name, entry in self.header.items() if isinstance(entry, dict) and "dtype" in entry)

    @property
    def metadata(self) -> dict[str, Any]:
        found = self.header.get("__metadata__")
        return found if isinstance(found, dict) else {}

    def content(self) -> bytes:
        text = write(self.header).encode(errors="surrogatepass")
        text += b" " * (-len(text) % 8)
        for change in self.change_text:
            text = change(text)
        return struct.pack("<Q", (len(text) + self.length) % 2**64) + text + bytes(self.body)

    def replace_tensor(self, name: str, dtype: str, shape: list[int], content: bytes) -> None:
        """Another tensor in a good file that it leaves good: all that lie behind move."""
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        more = len(content) - (end - begin)
        for other in (self.header[key] for key in self.names if key != name):
            if other["data_offsets"][0] >= end:
                other["data_offsets"] = [offset + more for offset in other["data_offsets"]]
        self.body[begin:end] = content
        self.header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + len(content)]}

    def drop_tensor(self, name: str) -> None:
        """A tensor less in a good file, and no gap in its place."""
        self.replace_tensor(name, "U8", [0], b"")
        self.header.pop(name)

    def set_number(self, name: str, content: bytes, index: int = 0) -> None:
        """Overwrite a number of a tensor."""
        at = self.header[name]["data_offsets"][0] + index * len(content)
        self.body[at : at + len(content)] = content


def trace(*shape: int) -> Callable[[File], None]:
    size = 2
    for n in shape:
        size *= n
    return lambda f: f.replace_tensor("trace.mu", "F16", list(shape), bytes(size))


def training(count: int) -> Callable[[File], None]:
    def change(f: File) -> None:
        f.replace_tensor("train.label", "U8", [count], bytes(count))
        f.replace_tensor("train.mu", "F16", [count, 2], bytes(4 * count))

    return change


def points(count: int, label: bool = True) -> Callable[[File], None]:
    """Another number of test points, with labels or without."""

    def change(f: File) -> None:
        for name in ("test.mu", "test.logvar"):
            f.replace_tensor(name, "F32", [count, 2], bytes(8 * count))
        f.replace_tensor("test.label", "U8", [count], bytes(count))
        if not label:
            f.drop_tensor("test.label")

    return change


def pictures(*shape: int, dtype: str = "U8") -> Callable[[File], None]:
    return lambda f: f.replace_tensor("image.test", dtype, list(shape), bytes(math.prod(shape)))


def format_1(f: File) -> None:
    """The file as they were: of 10,000 test points; it tells nothing of its data set, and has no pictures."""
    points(10_000)(f)
    f.metadata.pop("data")
    f.metadata["format"] = "latent-explorer/1"
    f.drop_tensor("image.test")


def weight(dtype: str, name: str = "decoder.logits.weight") -> Callable[[File], None]:
    def change(f: File) -> None:
        shape = f.header[name]["shape"]
        f.replace_tensor(name, dtype, shape, bytes(2 * shape[0] * shape[1]))

    return change


def wider(part: str, more: int) -> Callable[[File], None]:
    """The first layer of encoder or decoder with more inputs."""

    def change(f: File) -> None:
        name = f"{part}.hidden.0.linear.weight"
        rows, columns = f.header[name]["shape"]
        f.replace_tensor(name, "F32", [rows, columns + more], bytes(4 * rows * (columns + more)))

    return change


def swap_places(f: File) -> None:
    a, b = f.header["test.mu"], f.header["test.logvar"]
    a["data_offsets"], b["data_offsets"] = b["data_offsets"], a["data_offsets"]
