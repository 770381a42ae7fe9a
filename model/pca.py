"""Principal components of a data set: the straight plane that a network's curved one is measured against. No torch."""

__all__ = ["COMPONENTS", "fit", "read"]

import gzip
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.dataset import IDX_IMAGES

COMPONENTS = 2

# Rows at once. Products of whole pixels add up without rounding in float32 below 2²⁴: 258 rows of 255², no more. So the
# sums are exact in half of float64's time, and the same on every machine, whatever the order of its additions.
ROWS = 256


def read(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The images of a gzipped IDX file (LeCun, Cortes & Burges, the MNIST database), unpacked as they are asked for.

    Yields:
        uint8 (≤ 256, pixels), in the file's order.

    Raises:
        ValueError: it holds something else.
    """
    with gzip.open(path) as file:
        magic, count, height, width = struct.unpack(">4I", file.read(16))
        if magic != IDX_IMAGES:
            raise ValueError(f"{path}: expected an IDX file of images ({IDX_IMAGES}), found {magic}; fetch it again.")
        for start in range(0, count, ROWS):
            rows = min(ROWS, count - start)
            yield np.frombuffer(file.read(rows * height * width), np.uint8).reshape(rows, height * width)


def fit(batches: Iterable[NDArray[np.uint8]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and leading principal components: the eigenvectors of the covariance with the largest eigenvalues.

    Hotelling (1933), Analysis of a complex of statistical variables into principal components. The plane that
    they span through the mean has the least squared distance to the images: Pearson (1901), On lines and planes of
    closest fit to systems of points in space.

    Memory: a batch and a few matrices of (pixels, pixels), 35 MB at the peak for 784, however many images there are.

    Args:
        batches: images in 0..255, (n, pixels) each; together at least two.

    Returns:
        The mean in [0, 1], (pixels,), and the components, orthonormal, (2, pixels), each with its entry of largest
        magnitude positive: an eigenvector's sign is arbitrary, and would differ between machines. Both are contiguous:
        safetensors writes an array's memory as it lies.
    """
    count = 0
    total: NDArray[np.float64] = np.zeros(())
    products: NDArray[np.float64] = np.zeros(())
    for batch in batches:
        for start in range(0, len(batch), ROWS):
            x = batch[start : start + ROWS].astype(np.float32)
            count += len(x)
            total = total + x.sum(axis=0)
            products = products + x.T @ x
    # The covariance up to a factor, which changes no eigenvector.
    scatter = products - np.outer(total, total) / count
    _eigenvalues, vectors = np.linalg.eigh(scatter)  # ascending
    components = vectors[:, : -COMPONENTS - 1 : -1].T
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1, keepdims=True), axis=1)
    mean, components = total / count / 255, components * np.sign(largest)
    return mean.astype(np.float32), np.ascontiguousarray(components, np.float32)
