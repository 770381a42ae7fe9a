"""Checkpoints that viewers uploaded: kept by this server until it ends, seen by nobody else. Imports no torch."""

__all__ = ["PER_SERVER", "PER_VIEWER", "Limit", "Uploads", "uploads"]

import contextlib
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from explorer import identity
from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.settings import SUFFIX
from model.files import digest
from model.format import CheckpointError


@dataclass(frozen=True)
class Limit:
    """How much is kept at once."""

    files: int
    size: int  # bytes


PER_VIEWER = Limit(5, 100_000_000)
PER_SERVER = Limit(200, 4_000_000_000)


@dataclass
class _Upload:
    owner: str
    entry: Entry
    size: int  # bytes
    seen: float  # when its owner last had a page of the app, by the clock that never goes back
    instructors: bool


class Uploads:
    """Uploaded checkpoints of one server: each under an address that cannot be guessed, so it stays with its viewer."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True)
        self._kept: dict[str, _Upload] = {}  # by token, the oldest first
        self._lock = threading.Lock()

    def close(self) -> None:
        """Delete all of them."""
        self._folder.cleanup()

    def add(self, filename: str, content: bytes, owner: str) -> Entry:
        """Keep an uploaded file, in place of the owner's own of that name.

        Args:
            owner: who alone may choose it: what nobody else knows of a viewer.

        Raises:
            CheckpointError: it is not a checkpoint that the app can show, or there is no room; nothing is kept.
        """
        token = secrets.token_urlsafe(16)
        path = Path(self._folder.name) / f"{token}{SUFFIX}"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)  # systems clean their folder for temporary files
            path.write_bytes(content)
            header = library.checked(filename, path)
            version = digest(path)
        except OSError as error:
            _delete([path])
            text = "{name}: the server could not keep it ({why}); tell whoever runs it, then try again."
            raise CheckpointError(text, name=filename, why=error.strerror) from error
        except CheckpointError:
            _delete([path])
            raise
        name = re.sub(rf"{re.escape(SUFFIX)}$", "", filename, flags=re.IGNORECASE) or "upload"
        if name in library.current()[0]:
            name += " (uploaded)"  # the name alone means everybody's, in every viewer's links
        entry = Entry(name, path, f"uploads/{token}{SUFFIX}?v={version}", header, named=True)
        instructors = identity.is_instructor(owner)
        with self._lock:
            gone = self._pop([t for t, kept in self._kept.items() if (kept.owner, kept.entry.name) == (owner, name)])
            self._kept[token] = _Upload(owner, entry, len(content), time.monotonic(), instructors)
            gone += self._pop(self._beyond(PER_VIEWER, [t for t, kept in self._kept.items() if kept.owner == owner]))
            gone += self._pop(self._beyond(PER_SERVER, sorted(self._kept, key=self._rank)))
        _delete(gone)
        return entry

    def of(self, owner: str) -> dict[str, Entry]:
        """What an owner has uploaded and is still kept, by name."""
        with self._lock:
            kept = [upload for upload in self._kept.values() if upload.owner == owner]
            for upload in kept:
                upload.seen = time.monotonic()
        return {upload.entry.name: upload.entry for upload in kept if upload.entry.path.exists()}

    def entry(self, token: str) -> Entry | None:
        """The upload behind an address, if it is still kept."""
        with self._lock:
            found = self._kept.get(token)
        return found.entry if found and found.entry.path.exists() else None

    def _rank(self, token: str) -> tuple[bool, float]:
        """Whose uploads go first where the server has no room: theirs who left it longest ago, an instructor's last."""
        upload = self._kept[token]
        return upload.instructors, upload.seen

    def _beyond(self, limit: Limit, tokens: list[str]) -> list[str]:
        """The first of some uploads that a limit leaves no room for; the last has room."""
        room = limit.size
        for i, token in enumerate(reversed(tokens)):
            room -= self._kept[token].size
            if i and (i == limit.files or room < 0):
                return tokens[: len(tokens) - i]
        return []

    def _pop(self, tokens: list[str]) -> list[Path]:
        """Let go of uploads; returns the files to delete."""
        return [self._kept.pop(token).entry.path for token in tokens]


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


uploads = Uploads()
