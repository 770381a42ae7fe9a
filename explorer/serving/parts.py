"""Files in parts: what a page shows first comes first and small, the rest when something asks for it."""

__all__ = [
    "BUDGET",
    "COUNT",
    "FEW_IMAGES",
    "FIRST",
    "IMAGES",
    "PARTS",
    "SECOND",
    "Part",
    "few_images",
    "make",
    "part",
    "pictures",
]

import gzip
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from weakref import WeakValueDictionary

from model.dataset import IDX_COLOUR, IDX_IMAGES
from model.files import digest
from model.format import CARRIED
from model.safetensors_header import TensorEntry, read_safetensors_header

if TYPE_CHECKING:
    import numpy as np

# By part, how the names of its tensors begin; `frontend/core/checkpoint-layout.js` has the same.
PARTS = {
    "test": ("test.",),
    "decoder": ("decoder.",),
    "encoder": ("encoder.",),
    "trace": ("trace.",),
    "train": ("train.",),
    "image": ("image.",),
}
FIRST, SECOND = "test", "decoder"  # the map, and the digit at a point of it
WEIGHTS = ("decoder.", "encoder.")

# Metadata that only one part has: it may be long.
_ONLY_IN = {"metrics": FIRST, "history": "trace"}

# Of weights in a part. What is above goes as float16, the largest matrix first, and no more of them than need to: the
# small ones, which read z, cost precision and save nothing. The images of our decoders differ by less than 0.001.
BUDGET = 1_750_000  # bytes
FLOAT16 = (2**-8, 65504.0)  # between which a matrix' largest weight must lie to keep 11 bits of all that count

IMAGES = "images"  # the test images that a checkpoint carries, as the IDX file that they would be in elsewhere
FEW_IMAGES = "few"
COUNT = 1000  # of images that are few

REMEMBERED = 16  # parts that were asked for last, of those that are small
SMALL = 4_000_000  # bytes

_KINDS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "U8": "<u1"}  # of NumPy's; it knows no bfloat16


class Part:
    """A part's bytes. Who sends them holds this, and all who do hold the same: many that read slowly take no more."""

    def __init__(self, content: bytes) -> None:
        self.content = content


_making = threading.Lock()
_held: WeakValueDictionary[tuple[str, str], Part] = WeakValueDictionary()
_recent: OrderedDict[tuple[str, str], Part] = OrderedDict()


def part(path: Path, name: str) -> Part:
    """A part of a checkpoint file, itself in safetensors format; one object for as long as somebody holds it.

    The first part's metadata tells under `parts` which ones the file has.

    Args:
        path: of a file that was found good.
        name: one of `PARTS`.

    Raises:
        CheckpointError: it has become another file, which is none.
        OSError: it cannot be read.
    """
    key = digest(path), name
    with _making:
        found = _held.get(key)
        if found is None:
            found = _held[key] = Part(make(path, name))
        if len(found.content) <= SMALL:
            _recent[key] = found
            _recent.move_to_end(key)
            while len(_recent) > REMEMBERED:
                _recent.popitem(last=False)
    return found


def few_images(path: Path, count: int = COUNT) -> bytes:
    """The first images of a gzipped IDX file, as another; remembered while the file stays as it is.

    Raises:
        OSError: it cannot be read, or is damaged.
    """
    return _few_images(path, digest(path), count)


@lru_cache(maxsize=4)
def _few_images(path: Path, _digest: str, wanted: int) -> bytes:
    try:
        with gzip.open(path) as file:
            magic, count, height, width = struct.unpack(">4i", file.read(16))
            if magic != IDX_IMAGES:  # people's own in colour, which their models carry
                raise OSError(f"not grey images: {magic}")
            few = min(count, wanted)
            pixels = file.read(few * height * width)
    except (EOFError, struct.error, zlib.error) as error:
        raise OSError(f"damaged: {error}") from error
    if len(pixels) != few * height * width:
        raise OSError("damaged: it ends too early")
    return gzip.compress(struct.pack(">4i", magic, few, height, width) + pixels, mtime=0)


def pictures(path: Path, count: int | None = None) -> bytes:
    """The test images that a checkpoint carries, or the first of them, as a gzipped IDX file.

    Raises:
        CheckpointError: it has become another file, which carries none.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        header = read_safetensors_header(path.name, file, path.stat().st_size)
        if CARRIED not in header.tensors:
            raise OSError("it carries no images")
        images = _read(file, header.tensors[CARRIED])[:count]
    kind = IDX_IMAGES if images.ndim == 3 else IDX_COLOUR
    return gzip.compress(struct.pack(f">{1 + images.ndim}i", kind, *images.shape) + images.tobytes(), mtime=0)


def make(path: Path, name: str, budget: int = BUDGET, offered: Collection[str] = tuple(PARTS)) -> bytes:
    """The bytes of a part, see `part`.

    Args:
        budget: of weights, bytes: as many matrices go as float16 as must for it.
        offered: parts that can be asked for; the first one's metadata names those of them that the file has.
    """
    from safetensors.numpy import save  # here: NumPy takes longer to load than all else that serves

    with open(path, "rb") as file:
        header = read_safetensors_header(path.name, file, path.stat().st_size)
        entries = {key: entry for key, entry in header.tensors.items() if key.startswith(PARTS[name])}
        tensors = {key: _read(file, entry) for key, entry in entries.items()}
    _halve(tensors, budget)
    metadata = {key: text for key, text in header.metadata.items() if _ONLY_IN.get(key, name) == name}
    if name == FIRST:
        names = tuple(header.tensors)
        metadata["parts"] = " ".join(other for other in offered if any(key.startswith(PARTS[other]) for key in names))
    return bytes(save(tensors, metadata))


def _read(file: BinaryIO, entry: TensorEntry) -> "np.ndarray":
    import numpy as np

    file.seek(entry.begin)
    numbers = np.frombuffer(file.read(entry.end - entry.begin), _KINDS[entry.dtype])
    if entry.dtype == "BF16":  # the upper halves of float32's
        numbers = (numbers.astype("<u4") << 16).view("<f4")
    return numbers.reshape(entry.shape)


def _halve(tensors: "dict[str, np.ndarray]", budget: int) -> None:
    """Put weights into float16, the largest matrix first, until they fit the budget."""
    import numpy as np

    weights = {key: tensors[key] for key in tensors if key.startswith(WEIGHTS)}
    size = sum(weight.nbytes for weight in weights.values())
    least, most = FLOAT16
    for key, weight in sorted(weights.items(), key=lambda item: item[1].nbytes, reverse=True):
        if size <= budget:
            return
        if weight.ndim >= 2 and weight.itemsize == 4 and least <= np.abs(weight).max(initial=0) <= most:
            tensors[key] = weight.astype("<f2")
            size -= tensors[key].nbytes
