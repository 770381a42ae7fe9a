"""One process a run: whoever trains in a run's folder, or deletes it, keeps all others away. Imports no torch."""

__all__ = ["LOCK_FILE", "LockedError", "delete", "locked"]

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from model.errors import UserError
from model.files import FileError, once_free

LOCK_FILE = "lock"
PATIENCE = 1.0  # seconds: the system takes moments to let go of what a killed process held


class LockedError(UserError):
    """Another process works on the run; the message says what to do."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within, no other process trains, keeps or deletes the run in `folder`.

    The lock is the system's: it ends with its process, however that ends. The file that stands for it may stay behind.

    Raises:
        LockedError: another process has it.
        FileNotFoundError: there is no such folder.
        FileError: the folder may not be written.
    """
    if not folder.is_dir():  # or FileLock would make it
        raise FileNotFoundError(folder)
    path = folder / LOCK_FILE
    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        text = "Another process works on the run {name} now: stop that one, or leave the run to it."
        raise LockedError(text, name=folder.resolve().name) from None
    except OSError as error:
        text = "{path} could not be written ({why}): make room or allow it, then go on."
        raise FileError(text, path=path, why=error.strerror) from error
    try:
        yield
    finally:
        # Before it is let go: who waits for it on Unix sees that the file is gone, and makes another.
        with contextlib.suppress(OSError):  # Windows deletes no open file; there, `release` does
            path.unlink()
        lock.release()


def delete(folder: Path) -> None:
    """Delete a run's folder, unless another process works on that run: then all stays.

    Raises:
        LockedError: another process does.
        OSError: there is no such folder, or it cannot be deleted.
    """
    with locked(folder):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != LOCK_FILE:  # which is open, and so cannot be deleted on Windows yet
                once_free(path.unlink)
    once_free(folder.rmdir)
