"""People's own pictures → a data set of theirs, kept under a digest, in the files that MNIST comes in. No torch."""

__all__ = ["SIZE", "few", "keep", "prepare"]

import gzip
import hashlib
import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.dataset import (
    DATA_DIR,
    DESCRIPTION,
    GREY,
    HALVES,
    IDX_COLOUR,
    IDX_IMAGES,
    IDX_LABELS,
    LONGEST,
    SIDES,
    Dataset,
)
from model.errors import UserError
from model.files import write_atomically
from model.picture_files import Bytes, PictureError, Pictures, read

SIZE = 28  # pixels of a side
PARTS = 6  # of which one is to judge by, and the others to learn from
PLENTY = 1_000  # pictures from which on a map tells something of others, too


def prepare(
    path: Path,
    size: int = SIZE,
    title: str = "",
    notes: str = "",
    channels: int = GREY,
    root: Path = DATA_DIR,
) -> str:
    """Read pictures, divide them, and keep them where `model.data.load` finds them.

    Args:
        path, size, channels: see `model.picture_files.read`.
        title, notes: what people read of them; the title is the folder's or file's name by default.
        root: the folder of data folders.

    Returns:
        The name of the data set: the same for the same pictures, classes, title and notes.

    Raises:
        PictureError: they cannot be used, or not be kept.
    """
    low, high = SIDES
    if not low <= size <= high:
        raise PictureError("Expected a size from {low} to {high} pixels, found {size}.", low=low, high=high, size=size)
    if len(title) > LONGEST["title"] or len(notes) > LONGEST["notes"]:
        text = "Expected a title of up to {title} characters and notes of up to {notes}, found longer ones."
        raise PictureError(text, title=LONGEST["title"], notes=LONGEST["notes"])
    title = title or path.resolve().name.split(".")[0][: LONGEST["title"]] or "pictures"
    return keep(read(path, size, channels), title.encode(errors="replace").decode(), notes, root)


def keep(found: Pictures, title: str, notes: str, root: Path = DATA_DIR) -> str:
    """Divide pictures and keep them: the second half of `prepare`."""
    _count, *channels, height, width = found.images.shape
    data = Dataset(title, found.classes, (height, width), notes, *channels)
    test = _test_of(found.labels) if found.test is None else found.test
    files = _files(found, test)
    description = data.to_json()
    digest = hashlib.blake2b(description.encode(), digest_size=8)
    for content in files.values():
        digest.update(content)
    name = f"own-{digest.hexdigest()}"
    counts = [int((~test).sum()), int(test.sum())]
    whole = json.dumps({"data": description, "shape": data.shape, "channels": data.channels, "counts": counts})
    folder = root / name
    if not (folder / DESCRIPTION).exists():
        try:
            for filename, content in files.items():
                write_atomically(folder / filename, gzip.compress(content, compresslevel=6, mtime=0))
            write_atomically(folder / DESCRIPTION, whole.encode())  # the last: then all of it is there
        except OSError as error:
            text = "{folder}: expected a folder to keep the pictures in, which cannot be written ({why})."
            raise PictureError(text, folder=folder, why=error.strerror) from error
    return name


def few(training: int, test: int) -> UserError | None:
    """A warning of what so few pictures can show; None where there are plenty."""
    count = training + test
    if count >= PLENTY:
        return None
    text = (
        "{count} pictures, {test} of them to judge by: so few show how a map comes about, "
        "not where others would lie; {plenty} and more do."
    )
    return UserError(text, count=count, test=test, plenty=PLENTY)


def _test_of(labels: Bytes) -> NDArray[np.bool_]:
    """Which pictures are to judge by: every sixth, by chance, and of each class its share; the same at each call."""
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    test = np.zeros(len(labels), np.bool_)
    test[order[PARTS - 1 :: PARTS]] = True
    return test


def _files(found: Pictures, test: NDArray[np.bool_]) -> dict[str, bytes]:
    """IDX files by name, each half in an order by chance: the first of them stand for all."""
    files = {}
    for train, (images, labels) in HALVES.items():
        rows = np.flatnonzero(~test if train else test)
        rows = np.random.Generator(np.random.PCG64(1)).permutation(rows)
        kept = found.images[rows]
        kind = IDX_IMAGES if kept.ndim == 3 else IDX_COLOUR
        files[images] = struct.pack(f">{1 + kept.ndim}I", kind, *kept.shape) + kept.tobytes()
        files[labels] = struct.pack(">2I", IDX_LABELS, len(rows)) + found.labels[rows].tobytes()
    return files
