"""The checkpoints that every viewer may choose, shipped and trained here, by their headers. Imports no torch."""

__all__ = [
    "DEFAULT",
    "PAIR",
    "Entry",
    "checked",
    "current",
    "comparable",
    "described",
    "entries",
    "family",
    "forget",
    "pair",
    "shipped",
]

import contextlib
import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from explorer.settings import CHECKPOINTS, MODEL_FILE, RUNS, SUFFIX
from model.config import MAPPED, to_json
from model.files import Stamp, digest, stamp
from model.format import CheckpointError, Header, check, read_header

DEFAULT = "vae-mnist"
SEEDS = "seeds.json"  # made by `python -m model seeds`
PAIR = ("ae-mnist", "vae-mnist-beta-1")  # to compare: the same network, trained alike, but for what makes it a VAE


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be chosen.

    Attributes:
        name: as it stands in the page's address; what people read is its title, see `explorer.catalogue.titles`.
        path: the file.
        address: where the browser fetches it, relative to the app, percent-encoded; changes with the content.
        header: what it says of itself.
        trained: whether it is a run of this server, which can be deleted.
        named: whether somebody here gave it its name: who trained it, or brought it.
    """

    name: str
    path: Path
    address: str
    header: Header
    trained: bool = False
    named: bool = False


def family(header: Header) -> str:
    """A digest shared by checkpoints made alike but for one setting: beta of a VAE, the loss of an AutoEncoder."""
    free = {"beta": 1.0} if header.config.model == "vae" else {"loss": "bce"}
    settings = to_json(header.config) + to_json(dataclasses.replace(header.train, **free))  # type: ignore[arg-type]
    settings += header.imported  # of which nobody knows how it was made
    return hashlib.blake2b(settings.encode(), digest_size=8).hexdigest()


def checked(name: str, path: Path) -> Header:
    """The header of a file all of which was looked at, and of whose latent space a map can show a plane.

    Args:
        name: what the messages call it.

    Raises:
        CheckpointError: it is no such checkpoint, or cannot be read.
    """
    header = check(name, path)
    if not header.config.mappable:
        text = (
            "{name}: expected a latent space of 2 to {most} dimensions, of which a map can show a plane, and above 2 "
            "a decoder that begins with a Linear and is told no label; found {latent}."
        )
        raise CheckpointError(text, name=name, most=MAPPED, latent=header.config.latent)
    return header


def described(entry: Entry) -> dict[str, object]:
    """What a page that lets its viewer choose among models is told of one, beside its title."""
    header = entry.header
    return {
        "name": entry.name,
        "address": entry.address,
        "model": header.config.model,
        "beta": header.train.beta,
        "loss": header.train.loss,
        "family": family(header),
        "dataset": header.train.dataset,
        "latent": header.config.latent,
        "classes": header.data.classes,
        "seeds": _seeds(entry),
    }


def _seeds(entry: Entry) -> dict[str, list[float]]:
    """The figures of a shipped model and of the same trained from other seeds, by name, its own first; or nothing."""
    if entry.path.parent != CHECKPOINTS:
        return {}
    found = _all_seeds(_changed(CHECKPOINTS / SEEDS)).get(entry.name, {})
    own = {name: round(value, 6) for name, value in entry.header.metrics.items()}
    return found if {name: values[0] for name, values in found.items()} == own else {}  # another file of that name


@lru_cache(maxsize=1)
def _all_seeds(changed: int) -> dict[str, dict[str, list[float]]]:
    return json.loads((CHECKPOINTS / SEEDS).read_text(encoding="utf-8")) if changed else {}  # type: ignore[no-any-return]


# By folder and file: how the file was when it was looked at, and what was found in it.
_known: dict[Path, dict[Path, tuple[Stamp, Entry | CheckpointError]]] = {}


def current() -> tuple[dict[str, Entry], list[CheckpointError]]:
    """What `entries` finds now, or found within the last second if no folder has changed since: for every rerun."""
    found, errors = _current(_changed(CHECKPOINTS), _changed(RUNS), int(time.monotonic()))
    return dict(found), list(errors)


def forget() -> None:
    """A run was kept or deleted: `current` is to look again."""
    _current.cache_clear()


@lru_cache(maxsize=1)
def _current(_checkpoints: int, _runs: int, _second: int) -> tuple[dict[str, Entry], list[CheckpointError]]:
    return entries()


def shipped(folder: Path = CHECKPOINTS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """The checkpoints of a folder by name, the default first; and an error for each file that is none.

    Only headers are read: the browser checks the numbers.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda p: (p.stem != DEFAULT, p.stem))
    return _read(folder, {path.stem: path for path in paths}, "checkpoints")


def entries(runs: Path = RUNS) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """All that every viewer may choose: the shipped checkpoints, then the runs that were kept; and the errors."""
    found, errors = shipped()
    kept = sorted(runs.glob(f"*/{MODEL_FILE}"), key=_changed)
    trained, more = _read(runs, {path.parent.name: path for path in kept}, "runs", trained=True)
    return found | {name: entry for name, entry in trained.items() if name not in found}, errors + more


def _changed(path: Path) -> int:
    """When a file or the list of a folder's files last changed, nanoseconds since 1970; 0 where nobody can tell."""
    try:
        return path.stat().st_mtime_ns
    except OSError:  # deleted since it was listed, or in a folder that may not be looked into
        return 0


def comparable(found: Mapping[str, Entry]) -> dict[str, Entry]:
    """The models whose latent space is a plane: draws from a prior of more dimensions do not lie on one."""
    return {name: entry for name, entry in found.items() if entry.header.config.latent == 2}


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
    folder: Path, paths: Mapping[str, Path], route: str, trained: bool = False
) -> tuple[dict[str, Entry], list[CheckpointError]]:
    """What is in a folder's files; only those are opened that have changed since they were last looked at."""
    before, now = _known.get(folder, {}), {}
    found: dict[str, Entry] = {}
    errors: list[CheckpointError] = []
    for name, path in paths.items():
        looked_at, seen = None, before.get(path)
        with contextlib.suppress(OSError):  # whoever reads it hears why
            looked_at = stamp(path)
        try:
            entry = seen[1] if seen and seen[0] == looked_at else _entry(name, path, route, trained)
            if looked_at:
                now[path] = (looked_at, entry)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not path.is_symlink():
                continue  # deleted since it was listed
            text = "{name}: expected a checkpoint, found no readable file ({why})."
            entry = CheckpointError(text, name=name + SUFFIX, why=error.strerror)
        if isinstance(entry, Entry):
            found[name] = entry
        else:
            errors.append(entry)
    _known[folder] = now
    return found, errors


def _entry(name: str, path: Path, route: str, trained: bool) -> Entry | CheckpointError:
    """What is read of one file, or why it is no checkpoint.

    Raises:
        OSError: it cannot be read.
    """
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        text = "{name}: expected a file name in UTF-8, found another; rename the file."
        return CheckpointError(text, name=os.fsencode(name + SUFFIX).decode(errors="replace"))
    version = digest(path)
    try:
        with open(path, "rb") as file:
            header = read_header(name + SUFFIX, file, path.stat().st_size)
    except CheckpointError as error:
        return error
    return Entry(
        name,
        path,
        f"{route}/{quote(encoded, safe='')}{SUFFIX}?v={version}",
        header,
        trained,
        named=trained or bool(header.imported),
    )
