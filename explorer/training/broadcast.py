"""Server-sent events to all who watch: each event is encoded once, whatever the number of watchers."""

__all__ = ["Hub"]

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable

WAITING = 64  # events kept for a watcher that is slow; beyond that it is dropped, and its browser connects anew


class Hub:
    """Passes events from any thread to the watchers, who all wait in the server's event loop."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[bytes | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @staticmethod
    def encode(event: str, data: object) -> bytes:
        """One event as it goes over the line."""
        return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

    def publish(self, event: str, data: object) -> None:
        """Send to all who watch now; from any thread, and without waiting for anybody."""
        with self._lock:
            loop = self._loop if self._watchers else None
        if loop and not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, self.encode(event, data))

    def _deliver(self, message: bytes) -> None:
        for watcher in list(self._watchers):
            if watcher.qsize() < WAITING:
                watcher.put_nowait(message)
            else:
                self._watchers.discard(watcher)
                watcher.put_nowait(None)

    async def listen(self, first: Callable[[], Iterable[bytes]]) -> AsyncIterator[bytes]:
        """What a new watcher gets: how things stand, then every event.

        Args:
            first: gives the events that tell how things stand; asked once the watcher misses nothing any more.
        """
        watcher: asyncio.Queue[bytes | None] = asyncio.Queue()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._watchers.add(watcher)
        try:
            for standing in first():
                yield standing
            while (message := await watcher.get()) is not None:
                yield message
        finally:
            with self._lock:
                self._watchers.discard(watcher)
