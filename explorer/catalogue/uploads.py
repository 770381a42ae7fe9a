"""Checkpoints that viewers uploaded: kept by this server until it ends, seen by nobody else. Imports no torch."""

__all__ = ["PER_SERVER", "PER_VIEWER", "Limit", "Uploads", "uploads"]

import secrets
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.settings import SUFFIX
from model.errors import Translatable
from model.files import digest
from model.format import CheckpointError, check


@dataclass(frozen=True)
class Limit:
    """How much is kept at once; the oldest goes first."""

    files: int
    size: int  # bytes


PER_VIEWER = Limit(10, 500_000_000)
PER_SERVER = Limit(200, 4_000_000_000)


@dataclass(frozen=True)
class _Upload:
    owner: str
    entry: Entry
    size: int  # bytes


class Uploads:
    """Uploaded checkpoints of one server: each under an address that cannot be guessed, so it stays with its viewer."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True)
        self._kept: dict[str, _Upload] = {}  # by token, the oldest first
        self._lock = threading.Lock()

    def add(self, filename: str, content: bytes, owner: str) -> Entry:
        """Keep an uploaded file, in place of the owner's own of that name.

        Args:
            owner: who alone may see it, as `explorer.identity.upload_owner` has it.

        Raises:
            CheckpointError: it is not a checkpoint that the app can show, or there is no room; nothing is kept.
        """
        token = secrets.token_urlsafe(16)
        path = Path(self._folder.name) / f"{token}{SUFFIX}"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)  # systems clean their folder for temporary files
            path.write_bytes(content)
            header = check(filename, path)
            version = digest(path)
        except OSError as error:
            path.unlink(missing_ok=True)
            text = "{name} could not be kept ({why}): make room in {folder}, or set TMPDIR to another folder."
            raise CheckpointError(text, name=filename, why=error.strerror, folder=path.parent.parent) from error
        except CheckpointError:
            path.unlink(missing_ok=True)
            raise
        if header.config.latent != 2:
            path.unlink(missing_ok=True)
            text = "{name}: expected a latent space of 2 dimensions, which a map can show, found {latent}; {cure}."
            cure = Translatable("train one with --latent 2")
            raise CheckpointError(text, name=filename, latent=header.config.latent, cure=cure)
        name = filename.removesuffix(SUFFIX)
        if name in library.entries()[0]:
            name += " (uploaded)"  # the name alone means everybody's, in every viewer's links
        entry = Entry(name, path, f"uploads/{token}{SUFFIX}?v={version}", header)
        with self._lock:
            self._drop([t for t, kept in self._kept.items() if (kept.owner, kept.entry.name) == (owner, name)])
            self._kept[token] = _Upload(owner, entry, len(content))
            self._drop(self._beyond(PER_VIEWER, [t for t, kept in self._kept.items() if kept.owner == owner]))
            self._drop(self._beyond(PER_SERVER, list(self._kept)))
        return entry

    def of(self, owner: str) -> dict[str, Entry]:
        """What an owner has uploaded and is still kept, by name."""
        with self._lock:
            kept = [upload.entry for upload in self._kept.values() if upload.owner == owner]
        return {entry.name: entry for entry in kept if entry.path.exists()}

    def path(self, token: str) -> Path | None:
        """The file behind an address, if it is still kept."""
        with self._lock:
            found = self._kept.get(token)
        return found.entry.path if found and found.entry.path.exists() else None

    def _beyond(self, limit: Limit, tokens: list[str]) -> list[str]:
        """The oldest of some uploads that a limit leaves no room for; the newest has room."""
        room = limit.size
        for i, token in enumerate(reversed(tokens)):
            room -= self._kept[token].size
            if i and (i == limit.files or room < 0):
                return tokens[: len(tokens) - i]
        return []

    def _drop(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            self._kept.pop(token).entry.path.unlink(missing_ok=True)


uploads = Uploads()
