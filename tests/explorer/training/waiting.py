"""Waiting for what runs do, by looking at the state they are in."""

__all__ = ["alive", "epochs", "until", "wait"]

import subprocess
import sys
import time
from collections.abc import Callable

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
    """Whether a process is there and has not ended, by the system's own list."""
    listing = ["tasklist", "/FI", f"PID eq {pid}"] if sys.platform == "win32" else ["ps", "-o", "stat=", "-p", str(pid)]
    listed = subprocess.run(listing, capture_output=True, text=True, errors="replace", check=False).stdout
    return str(pid) in listed if sys.platform == "win32" else bool(listed.strip()) and not listed.startswith("Z")
