"""A .zip that somebody brings → a folder of the pictures in it, wherever it came from: nothing leaves that folder."""

__all__ = ["unpacked"]

import stat
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from model.errors import UserError, shown

MOST_ENTRIES = 200_000
MOST_BYTES = 1_000_000_000  # of all that it unpacks to
MOST_RATIO = 200  # to which it unpacks, of its own size: pictures hardly get smaller
PIECE = 1_000_000  # bytes


def unpacked(path: Path, folder: Path, endings: Collection[str]) -> Path:
    """Unpack the pictures of an archive, and nothing else of it.

    Args:
        folder: empty, of nobody else.
        endings: of the names of pictures, with their dots.

    Returns:
        The folder with the pictures or their classes' folders: the one that all of them lie in, if there is one.

    Raises:
        UserError: it is no such archive; or it would write elsewhere, has links, or is larger than it may be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            whole = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or whole > min(MOST_BYTES, MOST_RATIO * path.stat().st_size):
                text = "{path}: expected an archive that unpacks to {most} bytes at the most, found a larger one."
                raise UserError(text, path=path, most=min(MOST_BYTES, MOST_RATIO * path.stat().st_size))
            for entry in entries:
                _check(path, entry)
            for entry in entries:
                name = PurePosixPath(entry.filename)
                systems_own = any(part.startswith((".", "__MACOSX")) for part in name.parts)
                if name.suffix.lower() in endings and not systems_own:
                    _write(archive, entry, folder.joinpath(*name.parts))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        text = "{path}: expected a .zip of pictures without a password, found something else or a damaged one."
        raise UserError(text, path=path) from error
    inner = list(folder.iterdir())
    # What was packed as a folder unpacks to a folder: the classes are in that one, unless it is the only class.
    alone = len(inner) == 1 and inner[0].is_dir() and any(below.is_dir() for below in inner[0].iterdir())
    return inner[0] if alone else folder


def _check(path: Path, entry: zipfile.ZipInfo) -> None:
    """Raises UserError for a name that leads out of the folder, and for whatever is neither a file nor a folder."""
    name, mode = entry.filename, entry.external_attr >> 16
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not name.isprintable():
        text = "{path}: expected names inside the archive, found one that leads out of it: {found}."
        raise UserError(text, path=path, found=shown(name))
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        text = "{path}: expected files and folders, found a link or a device: {found}."
        raise UserError(text, path=path, found=shown(name))


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path) -> None:
    """One picture, and no more of it than the archive says that there is."""
    to.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as packed, open(to, "xb") as file:
        while piece := packed.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile("more than it says")
            file.write(piece)
