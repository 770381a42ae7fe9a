"""Server-sent events to all who watch: each event is encoded once, whatever the number of watchers."""

__all__ = ["Broadcast", "event_stream"]

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

WAITING = 64  # events kept for a watcher that is slow; beyond that it is dropped, and its browser connects anew

Watcher = asyncio.Queue[bytes | None]
Snapshot = Callable[[Callable[[], None]], Iterable[bytes]]  # see `Broadcast.listen`


class Broadcast:
    """Passes events from any thread to the watchers, who all wait in the server's event loop."""

    def __init__(self) -> None:
        self._arrived: set[Watcher] = set()
        self._watchers: set[Watcher] = set()  # those who know how things stand, and get all that follows
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @staticmethod
    def encode(event: str, data: Mapping[str, object]) -> bytes:
        """One event as it goes over the line."""
        return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

    @property
    def watched(self) -> bool:
        """Whether there is anybody to publish for."""
        return bool(self._arrived)

    @property
    def watching(self) -> int:
        """How many pages watch."""
        return len(self._watchers)

    def publish(self, event: str, data: Mapping[str, object]) -> None:
        """Send to all who watch now; from any thread, and without waiting for anybody."""
        if self.watched:
            self._in_loop(self._deliver, self.encode(event, data))

    def _in_loop(self, act: Callable[..., None], *arguments: object) -> None:
        with self._lock:
            loop = self._loop
        if loop:
            with contextlib.suppress(RuntimeError):  # closed: the server ends
                loop.call_soon_threadsafe(act, *arguments)

    def _deliver(self, message: bytes) -> None:
        for watcher in list(self._watchers):
            if watcher.qsize() < WAITING:
                watcher.put_nowait(message)
            else:
                self._watchers.discard(watcher)
                watcher.put_nowait(None)

    async def listen(self, snapshot: Snapshot) -> AsyncIterator[bytes]:
        """What a new watcher gets: how things stand, then every event.

        Args:
            snapshot: gives the events that tell how things stand, in a thread, so it may read from a disk. It calls
                its argument at the instant for which they hold, at which nobody publishes: what is published later
                comes after them, and nothing from before.
        """
        watcher: Watcher = asyncio.Queue()

        def admit() -> None:
            if watcher in self._arrived:  # and has not left meanwhile
                self._watchers.add(watcher)

        with self._lock:
            self._loop = asyncio.get_running_loop()
        self._arrived.add(watcher)
        try:
            for message in await run_in_threadpool(snapshot, lambda: self._in_loop(admit)):
                yield message
            while (event := await watcher.get()) is not None:
                yield event
        finally:
            self._arrived.discard(watcher)
            self._watchers.discard(watcher)


def event_stream(broadcast: Broadcast, snapshot: Snapshot) -> Response:
    """All that is published from now on, as server-sent events; first how things stand."""
    from sse_starlette import EventSourceResponse, ServerSentEvent  # here: exploring starts the sooner without

    def ping() -> ServerSentEvent:
        """An event, not the comment that is usual: a page's script hears of it, and knows that the line still holds."""
        return ServerSentEvent(event="ping", data="{}")

    # Naming the encoding keeps Streamlit's gzip middleware from holding events back.
    headers = {"Content-Encoding": "identity"}
    return EventSourceResponse(broadcast.listen(snapshot), headers=headers, ping_message_factory=ping)
