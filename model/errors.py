"""Errors that reach people: a sentence, its values apart from its words, so that it is translated when it is shown."""

__all__ = ["Translatable", "UserError", "hide_folders", "quoted", "shown", "without_folders"]

import os
import re
import reprlib
from pathlib import Path
from typing import Any

SHOWN = 60  # characters of what was found
_REPR = reprlib.Repr()
_REPR.maxlist = _REPR.maxtuple = 20  # of hidden layers, say


class Translatable(str):
    """A value of a `UserError` that is words itself, to be translated like them."""


def shown(text: str) -> str:
    """A text that was found, as it can stand in a sentence: short, and without line breaks and halves of characters."""
    if len(text) > SHOWN:
        text = f"{text[:SHOWN]}…"
    return text if text.isprintable() else repr(text)


def quoted(value: object) -> str:
    """A value that was found, as it would stand in source, with the same care."""
    return shown(_REPR.repr(value))


# Of absolute paths within a text: in quotation marks, and without.
_FOLDERS = re.compile(
    r"""(?<=['"])(?:[A-Za-z]:)?[\\/][^'"\n]*[\\/]"""  # with spaces
    r"""|(?<![\w.:\\/])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'"]+[\\/])+"""
)


def hide_folders(text: str) -> str:
    """A text that was not written for people, a log's line say: of each absolute path in it, the last part."""
    return _FOLDERS.sub("", text)


def without_folders(value: object) -> object:
    """A value as it may be told to those who use the server: which folders that has is nobody's business.

    Of a path its own name; of an error that is no sentence of ours, what it says of which file.
    """
    if isinstance(value, Path):
        return value.name
    if isinstance(value, UserError) or not isinstance(value, Exception):
        return value
    if isinstance(value, OSError) and value.strerror:
        return ": ".join(filter(None, [os.path.basename(str(value.filename or "")), value.strerror]))
    return hide_folders(str(value))


class UserError(ValueError):
    """What was expected, what was found, what to do. `str()` gives the English sentence, which UTF-8 can encode.

    Paths stand in it whole, for the command line and the log; wherever else it goes, `without_folders`.

    Attributes:
        text: the sentence with plain placeholders, such as `expected {expected}, found {found}`.
        values: what belongs into them; a `Translatable` or another `UserError` is words, too.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        values = {name: _encodable(value) for name, value in values.items()}
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values

    def to_json(self) -> dict[str, Any]:
        """`{text, values}` for another process, a file or a page, without folders; words among the values likewise."""
        return {"text": self.text, "values": {name: _value_to_json(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, found: object) -> "UserError":
        """What `to_json` gave, of whichever class it was.

        Raises:
            ValueError: it is something else.
        """
        if not isinstance(found, dict) or not isinstance(found.get("text"), str):
            raise ValueError(f"expected a sentence and its values, found {found!r:.60}")
        values = found.get("values", {})
        try:
            return cls(found["text"], **{name: _value_from_json(value) for name, value in values.items()})
        except (LookupError, AttributeError, TypeError) as error:
            raise ValueError(f"expected values for {found['text']!r:.60}, found {values!r:.60}") from error


def _encodable(value: object) -> object:
    """Bytes of a file's name that are no UTF-8 come as halves of characters, which cannot be written anywhere."""
    if isinstance(value, UserError | Translatable) or not isinstance(value, str | Path):
        return value
    text = str(value).encode(errors="backslashreplace").decode()
    return Path(text) if isinstance(value, Path) else text


def _value_to_json(value: object) -> object:
    if isinstance(value, UserError):
        return value.to_json()
    if isinstance(value, Translatable):
        return UserError(value).to_json()
    return value if isinstance(value, int) else str(without_folders(value))  # a float as it reads: JSON has no NaN


def _value_from_json(value: object) -> object:
    return UserError.from_json(value) if isinstance(value, dict) else value
