"""The checkpoints that every viewer may choose, shipped and trained here, by their headers. Imports no torch."""

__all__ = ["DEFAULT", "PAIR", "Entry", "entries", "family", "pair", "shipped"]

import dataclasses
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from explorer.settings import CHECKPOINTS, MODEL_FILE, RUNS, SUFFIX
from model.config import to_json
from model.files import digest
from model.format import CheckpointError, Header, read_header

DEFAULT = "vae-mnist"
PAIR = ("ae-mnist", "vae-mnist-beta-1")  # to compare: the same network, trained alike, but for what makes it a VAE


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be chosen.

    Attributes:
        name: as it stands in the picker and in the page's address.
        path: the file.
        address: where the browser fetches it, relative to the app, percent-encoded; changes with the content.
        header: what it says of itself.
        trained: whether it is a run of this server, which can be deleted.
    """

    name: str
    path: Path
    address: str
    header: Header
    trained: bool = False


def family(header: Header) -> str:
    """A digest shared by checkpoints made alike but for one setting: beta of a VAE, the loss of an AutoEncoder."""
    free = {"beta": 1.0} if header.config.model == "vae" else {"loss": "bce"}
    settings = to_json(header.config) + to_json(dataclasses.replace(header.train, **free))  # type: ignore[arg-type]
    return hashlib.blake2b(settings.encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def _header(path: Path, filename: str, _digest: str) -> Header:
    with open(path, "rb") as file:
        return read_header(filename, file, path.stat().st_size)


def shipped(folder: Path = CHECKPOINTS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """The checkpoints of a folder by name, the default first; and an error for each file that is none.

    Only headers are read: the browser checks the numbers.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda p: (p.stem != DEFAULT, p.stem))
    return _read({path.stem: path for path in paths}, "checkpoints")


def entries(runs: Path = RUNS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """All that every viewer may choose: the shipped checkpoints, then the runs that were kept; and the errors."""
    found, errors = shipped()
    kept = sorted(runs.glob(f"*/{MODEL_FILE}"), key=_modified)
    trained, more = _read({path.parent.name: path for path in kept}, "runs", trained=True)
    return found | {name: entry for name, entry in trained.items() if name not in found}, errors + more


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # deleted since it was listed, or in a folder that may not be looked into
        return 0.0


def pair(found: Mapping[str, Entry]) -> tuple[str, str]:
    """Names of the two to compare first: `PAIR`, or in place of one that is not there the first of its kind, or any.

    Args:
        found: at least one entry.
    """

    def first(wanted: str, model: str) -> str:
        alike = [entry.name for entry in found.values() if entry.header.config.model == model]
        return wanted if wanted in found else next(iter([*alike, *found]))

    return first(PAIR[0], "ae"), first(PAIR[1], "vae")


def _read(
    paths: Mapping[str, Path], route: str, trained: bool = False
) -> tuple[dict[str, Entry], list[CheckpointError]]:
    found: dict[str, Entry] = {}
    errors: list[CheckpointError] = []
    for name, path in paths.items():
        try:
            found[name] = _entry(name, path, route, trained)
        except CheckpointError as error:
            errors.append(error)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not path.is_symlink():
                continue  # deleted since it was listed
            text = "{name}: expected a checkpoint, found no readable file ({why})."
            errors.append(CheckpointError(text, name=name + SUFFIX, why=error.strerror))
    return found, errors


def _entry(name: str, path: Path, route: str, trained: bool) -> Entry:
    """What is read of one file.

    Raises:
        CheckpointError: it is no checkpoint, or its name no text.
        OSError: it cannot be read.
    """
    try:
        encoded = name.encode()
    except UnicodeEncodeError as error:
        text = "{name}: expected a file name in UTF-8, found another; rename the file."
        raise CheckpointError(text, name=os.fsencode(name + SUFFIX).decode(errors="replace")) from error
    version = digest(path)
    header = _header(path, name + SUFFIX, version)
    return Entry(name, path, f"{route}/{quote(encoded, safe='')}{SUFFIX}?v={version}", header, trained)
