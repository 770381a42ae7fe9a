"""What a teacher's page shows, and what is asked, as it comes from a browser: checked before it goes to a class."""

__all__ = ["PAGES", "ClassError", "Place", "Question", "point", "read_change", "read_place", "read_question", "text"]

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import Translatable, UserError, quoted

# By page what its address may say, which is what is followed; language and class mode are each viewer's own.
_EXPLORE = (
    *("model", "z", "image", "hide", "view", "prior", "numerals", "training", "show", "overlay", "panel", "digit"),
    *("depth", "plane", "off"),
)
_COMPARE = ("a", "b", "on", "z", "match", "scale", "hide", "sheet", "seed", "digit", "view-a", "view-b")
_LEARN = (
    *("screen", "step", "image", "rate", "pair", "of", "find", "side", "order", "beta"),
    *("z", "epsilon", "hundred", "sample", "draws", "pixel"),
)
PAGES: Mapping[str, frozenset[str]] = {
    "explore": frozenset(_EXPLORE),
    "compare": frozenset(_COMPARE),
    "learn": frozenset(_LEARN),
    "train": frozenset(("where", "replay", "z")),
}
LONGEST = 200  # characters of a value, or of a question
LONGEST_PLACE = 1200  # of "off": a pair of numbers for each of up to 64 dimensions
LONGEST_CHOICE = 80  # characters of an answer to choose
CHOICES = (2, 5)
IMAGE = 28 * 28  # bytes of a picture, a grey level each
FAR = 1e9  # latent units, beyond which a point is none


class ClassError(UserError):
    """What a page sent cannot be used, or comes too late; the message says why."""


@dataclass(frozen=True)
class Place:
    """Attributes:
    page: one of `PAGES`.
    shown: what its address says, by the parameter's name.
    """

    page: str
    shown: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """What a class is asked.

    Attributes:
        kind: "place" is answered by a point of the map, "choice" by one of the choices.
        choices: texts; for "place" none.
        images: of the choices, in base64, where they are pictures; else none.
        model: on whose map a place is asked for.
    """

    kind: str
    text: str
    choices: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    model: str = ""


def text(value: object, most: int = LONGEST) -> str:
    """A line that somebody typed, or that stands in an address. It is shown as it is, and never read as markup.

    Raises:
        ClassError: it is none, or too long.
    """
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        found = quoted(value)
        raise ClassError("Expected one line of at most {most} characters, found {found}.", most=most, found=found)
    return value


def read_place(page: object, shown: object) -> Place:
    """Raises:
    ClassError: there is no such page, or it shows no such thing.
    """
    if not isinstance(page, str) or page not in PAGES:
        raise ClassError("Expected one of {known}, found {found}.", known=", ".join(PAGES), found=quoted(page))
    found = read_change(page, shown)
    return Place(page, {name: value for name, value in found.items() if value is not None})


def read_change(page: str, shown: object) -> dict[str, str | None]:
    """What is shown now by parameter; None: no longer.

    Raises:
        ClassError: as above.
    """
    if not isinstance(shown, dict) or not shown.keys() <= PAGES[page]:
        known = ", ".join(sorted(PAGES[page]))
        raise ClassError("Expected some of {known}, found {found}.", known=known, found=quoted(shown))
    most = {"off": LONGEST_PLACE}
    return {name: None if value is None else text(value, most.get(name, LONGEST)) for name, value in shown.items()}


def read_question(asked: Mapping[str, Any]) -> Question:
    """Raises:
    ClassError: it is none of the kinds, or says too much.
    """
    words = text(asked.get("text")).strip()
    if not words:
        raise ClassError("Write what the class is asked.")
    if asked.get("kind") == "place":
        return Question("place", words, model=text(asked.get("model")))
    choices, images = asked.get("choices"), asked.get("images", [])
    low, high = CHOICES
    if asked.get("kind") != "choice" or not isinstance(choices, list) or not low <= len(choices) <= high:
        raise ClassError("Expected {low} to {high} answers to choose from.", low=low, high=high)
    if not isinstance(images, list) or len(images) not in (0, len(choices)):
        raise ClassError("Expected a picture for each answer, or none.")
    names = tuple(text(choice, LONGEST_CHOICE).strip() for choice in choices)
    if not all(names) or len(set(names)) < len(names):
        raise ClassError("Each answer needs words of its own.")
    return Question("choice", words, names, tuple(map(_image, images)))


def _image(found: object) -> str:
    try:
        content = base64.b64decode(found, validate=True) if isinstance(found, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != IMAGE:
        raise ClassError("Expected a picture of {count} grey levels, found {found}.", count=IMAGE, found=quoted(found))
    return str(found)


def point(found: object) -> tuple[float, float]:
    """A latent point.

    Raises:
        ClassError: it is none.
    """
    numbers = found if isinstance(found, list) else []
    good = [x for x in numbers if isinstance(x, int | float) and math.isfinite(x) and abs(x) < FAR]
    if len(good) != 2 or len(numbers) != 2 or any(isinstance(x, bool) for x in good):
        expected = Translatable("a point of the map")
        raise ClassError("Expected {expected}, found {found}.", expected=expected, found=quoted(found))
    return round(float(good[0]), 4), round(float(good[1]), 4)
