"""Which data sets there are: some by name, people's own pictures by their digest. Imports no torch."""

__all__ = [
    "DATA",
    "DATASETS",
    "DATA_DIR",
    "COLOUR",
    "DESCRIPTION",
    "GREY",
    "HALVES",
    "IDX_COLOUR",
    "IDX_IMAGES",
    "IDX_LABELS",
    "LONGEST",
    "MOST_CLASSES",
    "SIDES",
    "DataError",
    "Dataset",
    "counts",
    "find",
    "is_own",
]

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model import strict_json
from model.errors import UserError
from model.files import shipped

DATA = "EXPLORER_DATA"  # of the environment: the folder of data folders
# A path from elsewhere means the same in a child process, which starts in another folder.
DATA_DIR = Path(os.environ.get(DATA, shipped("model") / "data")).resolve()

# Images and labels, to learn from and to judge by.
HALVES = {
    True: ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    False: ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
DESCRIPTION = "data.json"  # in the folder of people's own pictures: what they are called, their size, how many
# First number of an IDX file: of bytes in one dimension, in three, and with the channels of colour in four.
IDX_LABELS, IDX_IMAGES, IDX_COLOUR = 2049, 2051, 2052
GREY, COLOUR = 1, 3  # channels of an image
SIDES = (8, 64)  # pixels of an image's height and width, from and to
MOST_CLASSES = 255
LONGEST = {"title": 80, "class": 60, "notes": 2000}  # characters


class DataError(UserError):
    """A data set that cannot be had or is damaged; the message says which file and what to do."""


@dataclass(frozen=True)
class Dataset:
    """Images, with one class each, or without classes.

    Attributes:
        title, notes: what people read of it; data, never markup.
        classes: their names by label; none where the images have no labels.
        shape: height and width of an image, pixels.
        channels: 1 of grey levels, or 3, of red, green and blue.
    """

    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int] = (28, 28)
    notes: str = ""
    channels: int = GREY

    def to_json(self) -> str:
        """What a checkpoint tells of it under `data`: its config has shape and channels already."""
        return json.dumps({"title": self.title, "classes": self.classes, "notes": self.notes})

    @classmethod
    def from_json(cls, text: str, shape: tuple[int, int], channels: int = GREY) -> "Dataset":
        """What `to_json` wrote; `readDataset` of `explorer/frontend/core/config.js` is its twin.

        Raises:
            ValueError: it is something else, or longer than it may be.
        """
        found = strict_json.loads(text)
        if not isinstance(found, dict) or found.keys() != {"title", "classes", "notes"}:
            raise ValueError("other keys")
        title, classes, notes = found["title"], found["classes"], found["notes"]
        if not isinstance(classes, list) or len(classes) > MOST_CLASSES:
            raise ValueError("no list of classes")
        texts = [("title", title), ("notes", notes), *(("class", name) for name in classes)]
        for kind, value in texts:
            if not isinstance(value, str) or not (kind == "notes" or value) or len(value) > LONGEST[kind]:
                raise ValueError(f"no {kind}")
        return cls(title, tuple(classes), shape, notes, channels)


DATASETS: Mapping[str, Dataset] = {
    "mnist": Dataset("MNIST", tuple("0123456789")),
    "fashion-mnist": Dataset(
        "Fashion-MNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
    ),
    "kmnist": Dataset("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
}


def is_own(name: object) -> bool:
    """Whether this is how people's own pictures are called: by a digest of them."""
    return isinstance(name, str) and bool(re.fullmatch("own-[0-9a-f]{16}", name))


def find(name: str, root: Path = DATA_DIR) -> Dataset:
    """A data set by name.

    Raises:
        DataError: these pictures are not here any more.
    """
    return DATASETS[name] if name in DATASETS else _described(name, root)[0]


def counts(name: str, root: Path = DATA_DIR) -> tuple[int, int]:
    """How many training and test images a data set has; raises as `find` does."""
    return (60_000, 10_000) if name in DATASETS else _described(name, root)[1]


def _described(name: str, root: Path) -> tuple[Dataset, tuple[int, int]]:
    try:
        found = strict_json.loads((root / name / DESCRIPTION).read_text(encoding="utf-8"))
        height, width = map(int, found["shape"])
        training, test = map(int, found["counts"])
        channels = COLOUR if found.get("channels", GREY) == COLOUR else GREY
        return Dataset.from_json(found["data"], (height, width), channels), (training, test)
    except (OSError, ValueError, LookupError, TypeError) as error:
        text = "{folder}: expected the pictures that this was trained on, found none: bring them once more."
        raise DataError(text, folder=root / name) from error
