"""Data sets by name, as tensors in memory."""

__all__ = ["DataError", "Split", "load"]

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.archives import unpacked
from model.dataset import DATA_DIR, DATASETS, HALVES, DataError, find, is_own


@dataclass(frozen=True)
class Split:
    """Images in [0, 1], float32 (N, pixels), and their classes, int64 (N,): all 0 where there are none."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def load(name: str, train: bool, root: Path | None = None) -> Split:
    """The training or test half of a data set.

    Args:
        name: a key of `model.dataset.DATASETS`, or what `model.pictures.prepare` called people's own.
        train: the training images, else the test images.
        root: the folder of data folders; `data/` of the repository (or `EXPLORER_DATA`) by default.

    Raises:
        DataError: a file is absent and cannot be fetched, or is not what its checksum says.
    """
    if is_own(name):
        find(name, root or DATA_DIR)  # or it says that they are not here
    elif name not in DATASETS:
        raise DataError("data set must be one of {names}; found {found}.", names=", ".join(DATASETS), found=repr(name))
    folder = (root or DATA_DIR) / name
    images, labels = (_read(unpacked(name, folder, filename)) for filename in HALVES[train])
    pixels = torch.from_numpy(images.reshape(len(images), -1).astype(np.float32))
    return Split(pixels.div_(255), torch.from_numpy(labels.astype(np.int64)))


def _read(content: bytes) -> NDArray[np.uint8]:
    """The numbers of an IDX file; before them: two zeros, their kind, how many sizes, and the sizes, 32 bits each."""
    sizes = np.frombuffer(content, ">u4", count=content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + sizes.nbytes).reshape(sizes)
