"""Checkpoints that viewers uploaded: kept by this server until it ends, seen by nobody else. Imports no torch."""

__all__ = ["Uploads", "uploads"]

import contextlib
import os
import secrets
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.settings import SUFFIX
from model.errors import Translatable
from model.files import digest
from model.format import CheckpointError, check

# Kept at once by one server, in number and bytes; the oldest goes first.
MAX_OF_ONE, MAX_BYTES_OF_ONE = 10, 500_000_000  # of one owner
MAX_OF_ALL, MAX_BYTES_OF_ALL = 200, 4_000_000_000


@dataclass(frozen=True)
class _Upload:
    owner: str
    entry: Entry


class Uploads:
    """Uploaded checkpoints of one server: each under an address that cannot be guessed, so it stays with its owner."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # made by the first upload
        self._kept: dict[str, _Upload] = {}  # by token, the oldest first
        self._lock = threading.Lock()

    def add(self, filename: str, content: bytes, owner: str) -> Entry:
        """Keep an uploaded file.

        Args:
            owner: who may choose it from now on: what nobody else knows of a viewer.

        Raises:
            CheckpointError: it is not a checkpoint that the app can show, or there is no room; nothing is kept.
        """
        token = secrets.token_urlsafe(16)
        path = None
        try:
            path = self._there() / f"{token}{SUFFIX}"
            path.write_bytes(content)
            version = digest(path)
        except OSError as error:
            if path:
                _delete(path)
            text = "{name}: the server could not keep it ({why}); tell whoever runs it, then try again."
            raise CheckpointError(text, name=filename, why=error.strerror) from error
        try:
            header = check(filename, path)
            if header.config.latent != 2:
                text = "{name}: expected a latent space of 2 dimensions, which a map can show, found {latent}; {cure}."
                cure = Translatable("train one with --latent 2")
                raise CheckpointError(text, name=filename, latent=header.config.latent, cure=cure)
        except CheckpointError:
            _delete(path)
            raise
        name = filename.removesuffix(SUFFIX)
        if name in library.entries()[0]:
            name += " (uploaded)"  # the name alone means everybody's, in every viewer's links
        entry = Entry(name, path, f"uploads/{token}{SUFFIX}?v={version}", header)
        with self._lock:
            self._kept[token] = _Upload(owner, entry)
            crowded_out = self._make_room(owner)
        for path in crowded_out:
            _delete(path)
        return entry

    def of(self, owner: str) -> dict[str, Entry]:
        """What is kept of an owner's, by name, the oldest first; of one name the newest."""
        with self._lock:
            found = {upload.entry.name: upload.entry for upload in self._kept.values() if upload.owner == owner}
        return {name: entry for name, entry in found.items() if entry.path.exists()}

    def path(self, token: str) -> Path | None:
        """The file behind an address, if it is still kept."""
        with self._lock:
            upload = self._kept.get(token)
        return upload.entry.path if upload else None

    def _there(self) -> Path:
        """The folder of all uploads: another one where the system has cleaned it away, and them with it."""
        with self._lock:
            if self._folder is None or not os.path.isdir(self._folder.name):
                self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True)
            return Path(self._folder.name)

    def _make_room(self, owner: str) -> list[Path]:
        """Let go of the oldest, an owner's own before those of others; under the lock. Returns the files to delete."""
        gone = []
        own = [token for token, upload in self._kept.items() if upload.owner == owner]
        gone += self._pop_oldest(own, MAX_OF_ONE, MAX_BYTES_OF_ONE)
        gone += self._pop_oldest(list(self._kept), MAX_OF_ALL, MAX_BYTES_OF_ALL)
        return gone

    def _pop_oldest(self, tokens: list[str], count: int, size: int) -> list[Path]:
        gone = []
        while len(tokens) > count or sum(self._kept[token].entry.header.size for token in tokens) > size:
            gone.append(self._kept.pop(tokens.pop(0)).entry.path)
        return gone


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


uploads = Uploads()
