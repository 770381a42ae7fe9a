"""Data sets: the shipped MNIST, and files that are not what they should be."""

import gzip
import shutil
from pathlib import Path

import pytest
import torch

from model import archives, data, dataset
from model.dataset import DATA_DIR
from model.torchvision_import import datasets


def test_mnist_is_whole_and_in_range() -> None:
    train, test = data.load("mnist", train=True), data.load("mnist", train=False)
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.images.shape == (60_000, 784)
    assert train.images.dtype == torch.float32
    assert (float(test.images.min()), float(test.images.max())) == (0.0, 1.0)
    # Counts of the digits in the test half, http://yann.lecun.com/exdb/mnist/
    assert test.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def _copy(root: Path) -> Path:
    folder = root / "mnist"
    shutil.copytree(DATA_DIR / "mnist", folder)
    return folder / "t10k-images-idx3-ubyte.gz"


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = _copy(tmp_path)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(data.DataError, match=r"t10k-images.*damaged.*git checkout"):
        data.load("mnist", train=False, root=tmp_path)


def test_one_changed_pixel_is_refused(tmp_path: Path) -> None:
    path = _copy(tmp_path)
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[5_000] ^= 1
    path.write_bytes(gzip.compress(bytes(content), compresslevel=1))
    with pytest.raises(data.DataError, match="expected MD5 2646ac647ad5339dbf082846283269ea, found"):
        data.load("mnist", train=False, root=tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    _copy(tmp_path).unlink()
    with pytest.raises(data.DataError, match=r"t10k-images-idx3-ubyte\.gz is missing"):
        data.load("mnist", train=False, root=tmp_path)


def test_where_nothing_can_be_fetched_the_message_says_where_to_put_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A port on which nobody listens: the download really fails, at once, and no other machine is asked.
    monkeypatch.setattr(datasets.KMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(
        data.DataError, match=r"KMNIST could not be downloaded.*put train-images-idx3-ubyte.gz"
    ) as error:
        data.load("kmnist", train=True, root=tmp_path)
    assert str(tmp_path / "kmnist") in str(error.value)
    assert list((tmp_path).rglob("*")) == []


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(data.DataError, match=r"mnist, fashion-mnist, kmnist; found 'cifar'"):
        data.load("cifar", train=True)


def test_what_was_read_ahead_is_the_same_and_used_once() -> None:
    archives.read_ahead()
    ahead = data.load("mnist", train=False)
    assert not {path.name for path in archives._ahead} & set(dataset.HALVES[False])
    anew = data.load("mnist", train=False)
    assert torch.equal(ahead.images, anew.images)
    assert torch.equal(ahead.labels, anew.labels)


def test_damage_that_was_found_ahead_is_told_to_who_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _copy(tmp_path)
    path.write_bytes(b"")
    monkeypatch.setattr(archives, "DATA_DIR", tmp_path)
    archives.read_ahead()
    with pytest.raises(data.DataError, match=r"t10k-images.*damaged"):
        data.load("mnist", train=False, root=tmp_path)
