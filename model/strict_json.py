"""JSON as both our readers take it: no key twice, no number beyond float64, no half of a character. Imports no torch.

`explorer/frontend/core/strict-json.js` is its twin.
"""

__all__ = ["loads"]

import json
import math
from typing import Any, NoReturn

MAX_DIGITS = 300  # of a whole number that stays one: all are below 1.8e308


def loads(text: str) -> Any:
    """The value that a JSON text holds; its numbers are finite, its texts can be written as UTF-8.

    Raises:
        ValueError: it is no JSON, or one that readers understand differently.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_int=_whole, parse_float=_finite, parse_constant=_refuse
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    text.encode()
    if "\\u" in text:  # the other way to half of a surrogate pair
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS and digits != "-0" else _finite(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond float64")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
