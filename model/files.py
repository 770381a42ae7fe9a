"""Files that are written whole or not at all, and told apart by what is in them. Imports no torch."""

__all__ = [
    "FileError",
    "Stamp",
    "digest",
    "digest_if_readable",
    "once_free",
    "replacing",
    "shipped",
    "stamp",
    "write_atomically",
]

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from model.errors import UserError

# Windows replaces and deletes no file that somebody reads: our readers hold one for moments.
BUSY, BUSY_PAUSE = 100, 0.02  # times, seconds

Stamp = tuple[int, int, int]


class FileError(UserError, OSError):
    """A file could not be written; the message says why and what to do."""


def shipped(package: str) -> Path:
    """Where what a package ships lies that is no code: within it where it is installed, else the repository's root."""
    root = Path(__file__).resolve().parents[1]
    packed = root / package / "shipped"  # see pyproject.toml
    return packed if packed.is_dir() else root


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to be written within; then it is flushed to disk and renamed over `path`.

    `path` holds the old file or the whole new one at any instant, never a part. Its folder is made where there is none.

    Raises:
        FileError: the disk is full, or the folder may not be written; `path` is as it was, and nothing lies beside it.
    """
    # The same name each time: what a killed process left of it is overwritten by the next.
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        once_free(lambda: part.replace(path))
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise FileError(
            "{path} could not be written ({why}): make room or allow it, then go on; "
            "what was saved before is untouched.",
            path=path,
            why=error.strerror,
        ) from error


def once_free(act: Callable[[], object]) -> None:
    """Rename or delete a file: on Windows again and again, for a while, as long as somebody reads it."""
    for _ in range(BUSY):
        try:
            act()
            return
        except PermissionError:
            if sys.platform != "win32":
                raise
            time.sleep(BUSY_PAUSE)
    act()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole: see `replacing`, also for what it raises."""
    with replacing(path) as part:
        part.write_bytes(content)


def stamp(path: Path) -> Stamp:
    """When a file and its rights last changed, both in nanoseconds since 1970, and its bytes: another file has others.

    Raises:
        OSError: there is none, or it cannot be looked at.
    """
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def digest(path: Path) -> str:
    """The first 16 hex digits of the file's BLAKE2b, remembered while the file stays as it is.

    Raises:
        OSError: there is none, or it cannot be read.
    """
    return _digest(path, stamp(path))


def digest_if_readable(path: Path) -> str | None:
    """The same; None where there is no file that can be read: an editor's dangling lock, say."""
    try:
        return digest(path)
    except OSError:
        return None


@lru_cache(maxsize=1024)
def _digest(path: Path, _stamp: Stamp) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
