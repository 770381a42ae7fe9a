"""A form's file on its way to Streamlit, which takes it whole: on the disk until then, so that memory holds it once."""

__all__ = ["AT_ONCE", "Spool", "spool_to_disk"]

import contextlib
import io
import tempfile
import threading
from typing import IO

from starlette import formparsers
from starlette.formparsers import MultiPartException

AT_ONCE = 1_000_000_000  # bytes of all files that are coming; what goes beyond is refused

_lock = threading.Lock()
_coming = 0  # bytes


class Spool:
    """What Starlette writes of a file and reads once: on the disk from `max_size` on.

    What the disk does not take stays in memory: the page that looks at the file says in a sentence that there is no
    room, where an exception would be a network error to the browser.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size  # bytes; called so by Starlette, which writes in a thread where more are to come
        self._rolled = False  # likewise
        self._disk: IO[bytes] | None = None
        self._on_disk = 0  # bytes; what follows them is in memory
        self._memory = io.BytesIO()
        self._refused = False
        self._reserved = 0  # bytes of what may come at once

    def write(self, data: bytes) -> int:
        """Take the next bytes.

        Raises:
            MultiPartException: too much is coming at once; Starlette makes it an answer of 400.
        """
        if not _reserve(len(data)):
            raise MultiPartException("Too many files are being uploaded at once: try again in a minute.")
        self._reserved += len(data)
        self._memory.write(data)
        if self._memory.tell() > self._max_size and not self._refused:
            try:
                self._spill()
            except OSError:
                self._refused = True
        return len(data)

    def _spill(self) -> None:
        self._rolled = True
        if self._disk is None:
            self._disk = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this
        self._disk.seek(self._on_disk)
        rest = memoryview(self._memory.getvalue())
        while rest:
            rest = rest[self._disk.write(rest) :]
        self._on_disk += self._memory.tell()
        self._memory = io.BytesIO()

    def tell(self) -> int:
        """How much has come, bytes."""
        return self._on_disk + self._memory.tell()

    def seek(self, _start: int) -> None:
        """Starlette does so before it reads; `read` begins at the start anyway."""

    def read(self, _size: int = -1) -> bytes:
        """All of it."""
        if self._disk is None:
            return self._memory.getvalue()
        self._disk.seek(0)
        whole = self._disk.read(self._on_disk)
        return whole + self._memory.getvalue() if self._memory.tell() else whole

    def close(self) -> None:
        """Let go of it."""
        _reserve(-self._reserved)
        self._reserved = 0
        self._memory.close()
        if self._disk:
            with contextlib.suppress(OSError):
                self._disk.close()

    def __del__(self) -> None:
        """Starlette forgets a file whose sender has gone, and closes it not."""
        self.close()


def _reserve(size: int) -> bool:
    """Count bytes that come, or no longer do; whether there is room for them."""
    global _coming
    with _lock:
        if size > 0 and _coming + size > AT_ONCE:
            return False
        _coming += size
        return True


def spool_to_disk() -> None:
    """Set it for all forms that this process reads from now on."""
    setattr(formparsers, "SpooledTemporaryFile", Spool)  # noqa: B010 - mypy lets nobody replace a class
