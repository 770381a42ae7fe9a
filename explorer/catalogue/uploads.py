"""Checkpoints that viewers uploaded: kept by this server until it ends, seen by nobody else. Imports no torch."""

__all__ = ["MAX_UPLOADS", "Uploads", "uploads"]

import contextlib
import os
import secrets
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.settings import SUFFIX
from model.errors import Translatable
from model.files import digest
from model.format import CheckpointError, check

MAX_UPLOADS = 50  # kept at once by one server; the oldest goes first


class Uploads:
    """Uploaded checkpoints of one server: each under an address that cannot be guessed, so it stays with its viewer."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # made by the first upload
        self._paths: OrderedDict[str, Path] = OrderedDict()  # by token, the oldest first
        self._lock = threading.Lock()

    def add(self, filename: str, content: bytes) -> Entry:
        """Keep an uploaded file.

        Raises:
            CheckpointError: it is not a checkpoint that the app can show, or there is no room; nothing is kept.
        """
        token = secrets.token_urlsafe(16)
        path = None
        try:
            path = self._there() / f"{token}{SUFFIX}"
            path.write_bytes(content)
        except OSError as error:
            if path:
                with contextlib.suppress(OSError):
                    path.unlink()
            text = "{name}: the server could not keep it ({why}); tell whoever runs it, then try again."
            raise CheckpointError(text, name=filename, why=error.strerror) from error
        try:
            header = check(filename, path)
            if header.config.latent != 2:
                text = "{name}: expected a latent space of 2 dimensions, which a map can show, found {latent}; {cure}."
                cure = Translatable("train one with --latent 2")
                raise CheckpointError(text, name=filename, latent=header.config.latent, cure=cure)
        except CheckpointError:
            path.unlink()
            raise
        version = digest(path)
        with self._lock:
            self._paths[token] = path
            while len(self._paths) > MAX_UPLOADS:
                self._paths.popitem(last=False)[1].unlink(missing_ok=True)
        name = filename.removesuffix(SUFFIX)
        if name in library.entries()[0]:
            name += " (uploaded)"  # the name alone means everybody's, in every viewer's links
        return Entry(name, path, f"uploads/{token}{SUFFIX}?v={version}", header)

    def _there(self) -> Path:
        """The folder of all uploads: another one where the system has cleaned it away, and them with it."""
        with self._lock:
            if self._folder is None or not os.path.isdir(self._folder.name):
                self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True)
            return Path(self._folder.name)

    def path(self, token: str) -> Path | None:
        """The file behind an address, if it is still kept."""
        with self._lock:
            return self._paths.get(token)


uploads = Uploads()
