"""Principal components of the digits: against NumPy's singular values, and what must hold of any."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.serving.addresses import TEST_IMAGES, TRAIN_IMAGES
from model import pca
from model.data import Split
from model.dataset import DATA_DIR


@pytest.fixture(scope="module")
def some() -> NDArray[np.uint8]:
    """The first 3,072 training digits, uint8 (3072, 784)."""
    batches = pca.read(DATA_DIR / "mnist" / TRAIN_IMAGES)
    return np.concatenate([next(batches) for _ in range(12)])


@pytest.mark.parametrize("count", [3, 257, 3_000])
def test_components_are_the_leading_singular_vectors(count: int, some: NDArray[np.uint8]) -> None:
    x = some[:count] / 255
    mean, components = pca.fit([some[:count]])
    assert mean.dtype == components.dtype == np.dtype(np.float32)
    np.testing.assert_allclose(mean, x.mean(axis=0), atol=1e-7)
    vectors = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:2]
    signs = np.sign((vectors * components).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(components, vectors * signs, atol=1e-6)


def test_components_are_orthonormal_and_their_sign_is_fixed(some: NDArray[np.uint8]) -> None:
    _mean, components = pca.fit([some])
    np.testing.assert_allclose(components @ components.T, np.eye(2), atol=1e-6)
    assert (components.max(axis=1) == np.abs(components).max(axis=1)).all()
    _mean, mirrored = pca.fit([255 - some])
    np.testing.assert_allclose(mirrored, components, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 7, 100])
def test_how_the_images_come_in_parts_changes_no_bit(parts: int, some: NDArray[np.uint8]) -> None:
    expected = pca.fit([some])
    for found, wanted in zip(pca.fit(np.array_split(some, parts)), expected, strict=True):
        assert (found == wanted).all()


def test_white_images_add_up_without_rounding() -> None:
    """The largest sums that there can be: any rounding of them would bring a direction that is not there."""
    white = np.full((5_000, 784), 255, np.uint8)
    black = np.zeros((5_001, 784), np.uint8)
    mean, components = pca.fit([white, black])
    np.testing.assert_allclose(mean, 5_000 / 10_001, rtol=1e-6)
    np.testing.assert_allclose(components[0], 1 / 28, rtol=1e-5)  # √784 = 28


def test_images_are_read_as_the_training_reads_them(test_digits: Split) -> None:
    batches = list(pca.read(DATA_DIR / "mnist" / TEST_IMAGES))
    assert max(map(len, batches)) == pca.ROWS
    assert (np.concatenate(batches) == (test_digits.images * 255).round().numpy()).all()


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress((2049).to_bytes(4, "big") + bytes(100)))
    with pytest.raises(ValueError, match="expected an IDX file of images"):
        next(pca.read(path))


def test_torch_stays_out() -> None:
    seen = "import sys, model.pca, safetensors.numpy; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], check=False).returncode == 0
