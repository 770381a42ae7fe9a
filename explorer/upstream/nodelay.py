"""No waiting between two packets of an answer: TCP_NODELAY on every connection.

asyncio sets it on sockets that say they are TCP (`proto`), and those that come from the socket which Streamlit binds
itself say nothing. Then the second packet of each answer on a kept connection waits for the browser's acknowledgement
of the first: 40 ms on Linux, for each of sixty files. To go when Streamlit or uvicorn does so itself:
https://github.com/Kludex/uvicorn/issues/3149
"""

__all__ = ["send_at_once"]

import asyncio.base_events
import contextlib
import socket


def send_at_once() -> None:
    """Set it on all connections that asyncio accepts from now on in this process."""
    setattr(asyncio.base_events, "_set_nodelay", _set_nodelay)  # noqa: B010 - it is private, and mypy knows no such name


def _set_nodelay(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # a socket of another kind has no such option
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
