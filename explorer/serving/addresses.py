"""Where the browser finds what is served: addresses relative to the app, each with the digest of what is there now."""

__all__ = [
    "PLOTLY",
    "STYLES",
    "TEST_IMAGES",
    "TEST_LABELS",
    "TRAIN_IMAGES",
    "TRAIN_LABELS",
    "Frontend",
    "assets_address",
    "frontend",
    "images_address",
    "labels_address",
    "lesson_addresses",
    "pca_address",
    "pictures_address",
    "training_addresses",
]

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explorer.catalogue.library import Entry
from explorer.serving.parts import IMAGES
from explorer.settings import FRONTEND, LESSON_DATA
from model.dataset import DATA_DIR, GREY, HALVES
from model.files import digest_if_readable
from model.format import CARRIED

STYLES = ("ui/ui.css", "map/map.css", "panels/panels.css", "ui/sizes.css", "ui/forced.css")  # of every view
PLOTLY = "vendor/plotly-basic.min.js"  # see frontend/vendor/THIRD_PARTY.md
TRAIN_IMAGES, TRAIN_LABELS = HALVES[True]
TEST_IMAGES, TEST_LABELS = HALVES[False]


@dataclass(frozen=True)
class Frontend:
    """The frontend as it lies on the disk.

    Attributes:
        files: all of them by their address below its folder.
        version: one digest for all: modules import each other by relative address, so it stands in the path.
    """

    files: Mapping[str, Path]
    version: str


def frontend() -> Frontend:
    """The frontend as it is now, or was within the last second: a page asks for sixty files at once."""
    return _read_frontend(int(time.monotonic()))


@lru_cache(maxsize=1)
def _read_frontend(_second: int) -> Frontend:
    found = {}
    for folder, _folders, names in os.walk(FRONTEND):
        below = folder[len(str(FRONTEND)) + 1 :].replace(os.sep, "/")
        for name in names:
            path = Path(folder, name)
            if version := digest_if_readable(path):
                found[f"{below}/{name}" if below else name] = (path, version)
    found = dict(sorted(found.items()))
    digests = "".join(version for _path, version in found.values())
    files = {name: path for name, (path, _version) in found.items()}
    return Frontend(files, hashlib.blake2b(digests.encode(), digest_size=8).hexdigest())


def assets_address() -> str:
    """The folder of the frontend files, relative to the app."""
    return f"assets/{frontend().version}"


def images_address(dataset: str) -> str | None:
    """The test images of a data set, if they are on this server: its own IDX file, which every browser can read."""
    return _data_address("images", dataset, TEST_IMAGES)


def pictures_address(entry: Entry) -> str | None:
    """The test images of a model: those that it carries, else its data set's."""
    if CARRIED in entry.header.tensors:
        return f"{entry.address}&part={IMAGES}"
    return images_address(entry.header.train.dataset)


def labels_address(dataset: str) -> str | None:
    """The labels of the test images, likewise."""
    return _data_address("labels", dataset, TEST_LABELS)


def training_addresses(dataset: str) -> dict[str, str] | None:
    """Training images and their labels, if both are on this server: for who trains in the browser."""
    images = _data_address("training-images", dataset, TRAIN_IMAGES)
    labels = _data_address("training-labels", dataset, TRAIN_LABELS)
    return {"images": images, "labels": labels} if images and labels else None


def pca_address(dataset: str, channels: int = GREY) -> str | None:
    """The principal components of the training images, likewise; none of colour, whose many numbers take minutes."""
    return _data_address("pca", dataset, TRAIN_IMAGES) if channels == GREY else None


def lesson_addresses() -> dict[str, str]:
    """What was computed for the lesson, by name."""
    found = {path: digest_if_readable(path) for path in sorted(LESSON_DATA.glob("*.safetensors"))}
    return {path.stem: f"lesson/{path.name}?v={version}" for path, version in found.items() if version}


def _data_address(route: str, dataset: str, filename: str) -> str | None:
    version = digest_if_readable(DATA_DIR / dataset / filename)
    return f"{route}/{dataset}?v={version}" if version else None
