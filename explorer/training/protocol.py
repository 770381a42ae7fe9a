"""What a worker and the server say to each other: a line of JSON each. Imports no torch."""

__all__ = [
    "MAX_LINE",
    "Epoch",
    "Order",
    "Problem",
    "Progress",
    "ProtocolError",
    "StatusChange",
    "Untrained",
    "WorkerEvent",
    "encode_event",
    "encode_order",
    "parse_event",
    "parse_order",
    "parse_row",
]

import dataclasses
import json
import sys
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from model.errors import UserError

LARGEST = sys.float_info.max
MAX_LINE = 32 * 2**20  # bytes; the largest images that a config allows take 12 MB an epoch


class ProtocolError(UserError):
    """A line that is none of these events or orders."""


@dataclass(frozen=True)
class Progress:
    """How many of the epoch's steps are done, and how many there are; of a run that is being measured, of images."""

    done: int
    steps: int


@dataclass(frozen=True)
class Epoch:
    """All that the page shows of an epoch.

    Attributes:
        row: its numbers, see `model.training.EpochReport.history`.
        wall: seconds, all in, pauses left out.
        trace: where the trace points are, float16 (points, latent), base64.
        strip, sheet: test images over their reconstructions, and decoded samples: PNG, base64.
    """

    row: dict[str, float]
    wall: float
    trace: str
    strip: str
    sheet: str


@dataclass(frozen=True)
class Untrained:
    """What the page shows of a run before its first epoch is over: as in `Epoch`, of its first weights."""

    trace: str
    strip: str
    sheet: str


@dataclass(frozen=True)
class StatusChange:
    """What the worker does now.

    `measuring`: the checkpoint is written and can be explored, its figures follow.
    `kept`: they are in it; no more is said.
    """

    status: Literal["training", "paused", "measuring", "kept"]


@dataclass(frozen=True)
class Problem:
    """Why it stopped before its end; it says no more."""

    error: UserError


WorkerEvent = Progress | Untrained | Epoch | StatusChange | Problem


@dataclass(frozen=True)
class Order:
    """What the worker is to do after the step that it is at.

    Attributes:
        values: for `set`, beta and lr from the next epoch on.
    """

    action: Literal["pause", "resume", "stop", "set"]
    values: dict[str, float] = field(default_factory=dict)


def encode_event(event: WorkerEvent) -> bytes:
    """An event as a line."""
    match event:
        case Problem(error):
            content: dict[str, Any] = {"event": "problem", "error": error.to_json()}
        case StatusChange(status):
            content = {"event": "status", "status": status}
        case Epoch() | Untrained() | Progress():
            content = {"event": type(event).__name__.lower(), **dataclasses.asdict(event)}
    return _line(content)


def parse_event(line: bytes) -> WorkerEvent:
    """The event that a worker's line tells of.

    Raises:
        ProtocolError: it is none.
    """
    try:
        found = json.loads(line)
        match found["event"]:
            case "progress":
                return Progress(_count(found["done"]), _count(found["steps"]))
            case "untrained":
                return Untrained(**_pictures(found))
            case "epoch":
                return Epoch(parse_row(found["row"]), _number(found["wall"]), **_pictures(found))
            case "status" if found["status"] in get_args(StatusChange.__annotations__["status"]):
                return StatusChange(found["status"])
            case "problem":
                return Problem(UserError.from_json(found["error"]))
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _odd(line) from error
    raise _odd(line)


def encode_order(order: Order) -> bytes:
    """An order as a line."""
    return _line(dataclasses.asdict(order))


def parse_order(line: bytes) -> Order:
    """The order that a line gives.

    Raises:
        ProtocolError: it is none.
    """
    try:
        found = json.loads(line)
        if found["action"] in get_args(Order.__annotations__["action"]):
            return Order(found["action"], {str(name): _number(value) for name, value in found["values"].items()})
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _odd(line) from error
    raise _odd(line)


def parse_row(value: object) -> dict[str, float]:
    """The numbers of an epoch.

    Raises:
        ValueError: it is something else, or one is not finite.
    """
    if not isinstance(value, dict) or not _count(value.get("epoch")):
        raise ValueError(f"expected an epoch's numbers, found {value!r:.60}")
    return {str(name): _number(number) for name, number in value.items()}


def _pictures(found: dict[str, Any]) -> dict[str, str]:
    return {name: _text(found[name]) for name in ("trace", "strip", "sheet")}


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _odd(line: bytes) -> ProtocolError:
    return ProtocolError("expected an event or an order, found {line}", line=f"{line!r:.60}")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
        raise ValueError(f"expected a finite number, found {value!r:.60}")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a whole number, found {value!r:.60}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {value!r:.60}")
    return value
