"""Finds checkpoints, shipped, trained here and uploaded: name, digest, address, what they are. Imports no torch."""

__all__ = ["PAIR", "Entry", "Uploads", "entries", "family", "pair", "shipped", "uploads"]

import dataclasses
import hashlib
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explorer.settings import CHECKPOINTS, MODEL_FILE, RUNS, SUFFIX
from model.config import to_json
from model.errors import Translatable
from model.files import digest
from model.format import CheckpointError, Header, check, read_header

DEFAULT = "vae-mnist"
PAIR = ("ae-mnist", "vae-mnist-beta-1")  # to compare: the same network, trained alike, but for what makes it a VAE

MAX_UPLOADS = 50  # kept at once by one server; the oldest goes first


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be chosen.

    Attributes:
        name: as it stands in the picker and in the page's address.
        path: the file.
        address: where the browser fetches it, relative to the app; changes with the content.
        header: what it says of itself.
        trained: whether it is a run of this server, which can be deleted.
    """

    name: str
    path: Path
    address: str
    header: Header
    trained: bool = False


def family(header: Header) -> str:
    """A mark shared by checkpoints made alike but for one setting: beta of a VAE, the loss of an AutoEncoder."""
    free = {"beta": 1.0} if header.config.model == "vae" else {"loss": "bce"}
    made = to_json(header.config) + to_json(dataclasses.replace(header.train, **free))  # type: ignore[arg-type]
    return hashlib.blake2b(made.encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def _header(path: Path, title: str, _digest: str) -> Header:
    with open(path, "rb") as file:
        return read_header(title, file, path.stat().st_size)


def shipped(folder: Path = CHECKPOINTS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """The checkpoints of a folder by name, the default first; and one complaint for each file that is none.

    Only headers are read: the browser checks the numbers.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda p: (p.stem != DEFAULT, p.stem))
    return _read({path.stem: path for path in paths}, "checkpoints")


def entries(runs: Path = RUNS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """All that every viewer may choose: the shipped checkpoints, then the runs that were kept; and the complaints."""
    found, complaints = shipped()
    kept = sorted(runs.glob(f"*/{MODEL_FILE}"), key=lambda path: path.stat().st_mtime)
    own, more = _read({path.parent.name: path for path in kept}, "runs", trained=True)
    return found | {name: entry for name, entry in own.items() if name not in found}, complaints + more


def pair(found: Mapping[str, Entry]) -> tuple[str, str]:
    """Names of the two to compare first: `PAIR`, or in place of one that is not there the first of its kind, or any.

    Args:
        found: at least one entry.
    """
    kinds = {"ae": PAIR[0], "vae": PAIR[1]}
    names = []
    for kind, name in kinds.items():
        alike = [entry.name for entry in found.values() if entry.header.config.model == kind]
        names.append(name if name in found else next(iter([*alike, *found])))
    return names[0], names[1]


def _read(
    paths: Mapping[str, Path], route: str, trained: bool = False
) -> tuple[dict[str, Entry], list[CheckpointError]]:
    found: dict[str, Entry] = {}
    complaints: list[CheckpointError] = []
    for name, path in paths.items():
        try:
            mark = digest(path)
            header = _header(path, name + SUFFIX, mark)
        except FileNotFoundError:
            continue  # deleted since it was listed
        except CheckpointError as error:
            complaints.append(error)
            continue
        found[name] = Entry(name, path, f"{route}/{name}{SUFFIX}?v={mark}", header, trained)
    return found, complaints


class Uploads:
    """Uploaded checkpoints of one server: each under an address that cannot be guessed, so it stays with its viewer."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-")
        self._paths: OrderedDict[str, Path] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, filename: str, content: bytes) -> Entry:
        """Keep an uploaded file.

        Raises:
            CheckpointError: it is not a checkpoint that the app can show; nothing is kept.
        """
        token = secrets.token_urlsafe(16)
        path = Path(self._folder.name) / f"{token}{SUFFIX}"
        path.write_bytes(content)
        try:
            header = check(filename, path)
            if header.config.latent != 2:
                text = "{name}: expected a latent space of 2 dimensions, which a map can show, found {latent}; {cure}."
                cure = Translatable("train one with --latent 2")
                raise CheckpointError(text, name=filename, latent=header.config.latent, cure=cure)
        except CheckpointError:
            path.unlink()
            raise
        with self._lock:
            self._paths[token] = path
            while len(self._paths) > MAX_UPLOADS:
                self._paths.popitem(last=False)[1].unlink(missing_ok=True)
        name = filename.removesuffix(SUFFIX)
        if name in entries()[0]:
            name += " (uploaded)"  # the name alone means everybody's, in every viewer's links
        return Entry(name, path, f"uploads/{token}{SUFFIX}?v={digest(path)}", header)

    def path(self, token: str) -> Path | None:
        """The file behind an address, if it is still kept."""
        with self._lock:
            return self._paths.get(token)


uploads = Uploads()
