"""Waiting for what runs do, by looking at the state they are in."""

__all__ = ["alive", "epochs", "until", "wait"]

import time
from collections.abc import Callable
from pathlib import Path

from explorer.training.run import Run

PATIENCE = 240  # seconds, after which a test fails that would hang; the niced workers may be starved by other work
LOOK = 0.02  # seconds between two looks


def wait(condition: Callable[[], object], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(LOOK)


def until(run: Run, *statuses: str) -> None:
    wait(lambda: run.status in statuses, lambda: f"{run.name} is {run.status}, not {statuses}: {run.problem}")


def epochs(run: Run, count: int) -> None:
    wait(
        lambda: len(run.rows) >= count,
        lambda: f"{run.name} is {run.status} after {len(run.rows)} epochs: {run.problem}",
    )


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
