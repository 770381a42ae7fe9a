"""The app's words: every text that a user sees passes `_`, which looks it up in the catalogue chosen."""

__all__ = ["_"]

from collections.abc import Mapping

# English is the key itself and needs no catalogue.
_CATALOGUE: Mapping[str, str] = {}


def _(text: str) -> str:
    """The text in the language chosen, or the English one where it has none."""
    return _CATALOGUE.get(text, text)
