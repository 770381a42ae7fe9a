"""How many pages' scripts run at once: more would take turns at the interpreter's lock, at half as much CPU again."""

__all__ = ["turn"]

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 4  # some wait for the disk
PATIENCE = 5.0  # seconds: who has waited so long runs all the same, for others may hang

_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a place, and have it within. Not for what waits for other processes."""
    had = _places.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if had:
            _places.release()
