"""The archives of the data sets: fetched where they are missing, checked by their MD5 sums, unpacked. No torch."""

__all__ = ["DataError", "read_ahead", "unpacked"]

import gzip
import hashlib
import tempfile
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError

from model.dataset import DATA_DIR, DATASETS, HALVES, DataError, is_own
from model.errors import Translatable, UserError
from model.files import write_atomically

# MNIST lies in the repository recompressed, so its sums are of the unpacked files.
_MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


_ahead: dict[Path, "Future[bytes]"] = {}  # what is being unpacked for whoever asks next


def read_ahead() -> None:
    """Begin to unpack MNIST, for a process that is about to load torch, which keeps one core busy for a second."""
    pool = ThreadPoolExecutor(max_workers=1)
    for half in HALVES.values():
        for filename in half:
            path = DATA_DIR / "mnist" / filename
            _ahead[path] = pool.submit(_unpacked, "mnist", path)
    pool.shutdown(wait=False)


def unpacked(name: str, folder: Path, filename: str) -> bytes:
    """What is in an archive of a data set, an IDX file.

    Raises:
        DataError: it is absent and cannot be fetched, or is not what its checksum says.
    """
    path = folder / filename
    begun = _ahead.pop(path, None)
    return begun.result() if begun else _unpacked(name, path)


def _torchvision(name: str) -> Any:
    """What torchvision knows of a data set: its files, their sums, where to fetch them."""
    from model.torchvision_import import datasets  # here: it takes a second, and MNIST is at hand without

    return {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST, "kmnist": datasets.KMNIST}[name]


def _unpacked(name: str, path: Path) -> bytes:
    if is_own(name):
        return _unzipped(path, path.read_bytes())
    # MNIST's sums are of the unpacked files, the others' of the archives.
    sums = _MNIST_MD5 if name == "mnist" else dict(_torchvision(name).resources)
    if not path.exists():
        _fetch(name, path, sums[path.name])
    packed = path.read_bytes()
    content = _unzipped(path, packed)
    expected, found = sums[path.name], _md5(content if name == "mnist" else packed)
    if found != expected:
        raise _damaged(path, UserError("expected MD5 {expected}, found {found}", expected=expected, found=found))
    return content


def _unzipped(path: Path, packed: bytes) -> bytes:
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, UserError("it does not unpack ({why})", why=error)) from error


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _damaged(path: Path, what: UserError) -> DataError:
    if is_own(path.parent.name):
        cure = Translatable("bring the pictures once more")
    else:
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
