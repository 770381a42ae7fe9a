"""Data sets by name, as tensors in memory; each file checked by its MD5 sum, or fetched through torchvision."""

__all__ = ["DataError", "Split", "load"]

import gzip
import hashlib
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.config import DATA_DIR, DATASETS
from model.errors import Translatable, UserError
from model.files import write_atomically

# MNIST lies in the repository recompressed, so its sums are of the unpacked files.
_MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


class DataError(UserError):
    """A data set that cannot be had or is damaged; the message says which file and what to do."""


@dataclass(frozen=True)
class Split:
    """Images in [0, 1], float32 (N, pixels), and their classes, int64 (N,)."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def load(name: str, train: bool, root: Path | None = None) -> Split:
    """The training or test half of a data set.

    Args:
        name: a key of `model.config.DATASETS`.
        train: 60,000 training images, else 10,000 test images.
        root: the folder of data folders; `data/` of the repository (or `EXPLORER_DATA`) by default.

    Raises:
        DataError: a file is absent and cannot be fetched, or is not what its checksum says.
    """
    if name not in DATASETS:
        raise DataError("data set must be one of {names}; found {found}.", names=", ".join(DATASETS), found=repr(name))
    folder = (root or DATA_DIR) / name
    half = "train" if train else "t10k"
    images = _read(_unpacked(name, folder, f"{half}-images-idx3-ubyte.gz"))
    labels = _read(_unpacked(name, folder, f"{half}-labels-idx1-ubyte.gz"))
    pixels = torch.from_numpy(images.reshape(len(images), -1).astype(np.float32))
    return Split(pixels.div_(255), torch.from_numpy(labels.astype(np.int64)))


def _read(content: bytes) -> NDArray[np.uint8]:
    """The numbers of an IDX file; before them: two zeros, their kind, how many sizes, and the sizes, 32 bits each."""
    sizes = np.frombuffer(content, ">u4", count=content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + sizes.nbytes).reshape(sizes)


def _torchvision(name: str) -> Any:
    """What torchvision knows of a data set: its files, their sums, where to fetch them."""
    from model.torchvision_import import datasets  # here: it takes a second, and MNIST is at hand without

    return {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST, "kmnist": datasets.KMNIST}[name]


def _unpacked(name: str, folder: Path, filename: str) -> bytes:
    path = folder / filename
    # MNIST's sums are of the unpacked files, the others' of the archives.
    sums = _MNIST_MD5 if name == "mnist" else dict(_torchvision(name).resources)
    if not path.exists():
        _fetch(name, path, sums[filename])
    packed = path.read_bytes()
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, UserError("it does not unpack ({why})", why=error)) from error
    expected, found = sums[filename], _md5(content if name == "mnist" else packed)
    if found != expected:
        raise _damaged(path, UserError("expected MD5 {expected}, found {found}", expected=expected, found=found))
    return content


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _damaged(path: Path, what: UserError) -> DataError:
    ours = path.parent.name == "mnist"
    cure = Translatable("run `git checkout data/mnist`" if ours else "delete it, and it is downloaded again")
    return DataError("{path} is damaged: {what}; {cure}.", path=path, what=what, cure=cure)


def _fetch(name: str, path: Path, md5: str) -> None:
    """Download one archive, with torchvision's progress bar and check; nothing is left behind on failure."""
    if name == "mnist":
        text = "{path} is missing, though MNIST is part of the repository: run `git checkout data/mnist`."
        raise DataError(text, path=path)
    from model.torchvision_import import datasets

    source, failures = _torchvision(name), []
    for mirror in source.mirrors:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                datasets.utils.download_url(f"{mirror}{path.name}", scratch, path.name, md5)
            except (URLError, RuntimeError, OSError) as error:
                failures.append(f"{mirror} ({getattr(error, 'reason', error)})")
                continue
            write_atomically(path, (Path(scratch) / path.name).read_bytes())
            return
    wanted = ", ".join(filename for filename, _ in source.resources)
    raise DataError(
        "{dataset} could not be downloaded from {mirrors}: put {files} into {folder} by hand, or train on mnist.",
        dataset=DATASETS[name].title,
        mirrors="; ".join(failures),
        files=wanted,
        folder=path.parent,
    )
