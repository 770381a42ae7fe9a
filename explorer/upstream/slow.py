"""Clients that are slow to take what is sent to them, or take nothing: how much waits for them, and for how long.

uvicorn has no limit to either: what a client has not taken it holds in memory, and a server that is told to end waits
for that client. Streamlit starts uvicorn, and hands on none of its settings.
"""

__all__ = ["PIECE", "PiecesMiddleware", "drop_stalled"]

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PIECE = 128 * 1024  # bytes handed to a connection at once: so much waits in memory for each client, twice at most
STALL_TIMEOUT = 45.0  # seconds in which a client takes nothing of what waits for it, until it is dropped
SHUTDOWN_TIMEOUT = 5.0  # seconds that a server which is told to end gives to the answers under way

_timers: WeakKeyDictionary[asyncio.Transport, asyncio.TimerHandle] = WeakKeyDictionary()


class PiecesMiddleware:
    """Hands on a long body piece by piece, each when the client has taken the one before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as `app` does."""

        async def in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] == "http.response.body" and len(body) > PIECE:
                whole, more = memoryview(body), message.get("more_body", False)
                for start in range(0, len(whole), PIECE):
                    part = bytes(whole[start : start + PIECE])
                    await send({**message, "body": part, "more_body": more or start + PIECE < len(whole)})
            else:
                await send(message)

        await self.app(scope, receive, in_pieces if scope["type"] == "http" else send)


def drop_stalled() -> None:
    """Drop clients that take nothing, from now on in this process."""
    _watch(FlowControl, lambda flow: flow._transport)
    _watch(WebSocketsSansIOProtocol, lambda protocol: protocol.transport)
    start, end = FlowControl.__init__, uvicorn.Server.shutdown

    def connected(self: FlowControl, transport: asyncio.Transport) -> None:
        start(self, transport)
        transport.set_write_buffer_limits(high=1)  # told of every byte that waits, not from 64 kB on

    async def shutdown(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        connections = self.server_state.connections
        timer = asyncio.get_running_loop().call_later(SHUTDOWN_TIMEOUT, _drop_all, connections)
        await end(self, sockets)
        timer.cancel()

    setattr(FlowControl, "__init__", connected)  # noqa: B010 - mypy lets nobody replace a method
    setattr(uvicorn.Server, "shutdown", shutdown)  # noqa: B010


def _watch(kind: type, transport: Callable[[Any], asyncio.Transport]) -> None:
    """Have a clock run while something waits for the client of a connection; `kind` is told when, by asyncio."""
    pause, resume = kind.pause_writing, kind.resume_writing  # type: ignore[attr-defined]

    def pause_writing(self: Any) -> None:
        pause(self)
        _wait(transport(self))

    def resume_writing(self: Any) -> None:
        resume(self)
        if timer := _timers.pop(transport(self), None):
            timer.cancel()

    setattr(kind, "pause_writing", pause_writing)  # noqa: B010
    setattr(kind, "resume_writing", resume_writing)  # noqa: B010


def _wait(transport: asyncio.Transport) -> None:
    waiting = transport.get_write_buffer_size()
    _timers[transport] = asyncio.get_running_loop().call_later(STALL_TIMEOUT, _look, transport, waiting)


def _look(transport: asyncio.Transport, before: int) -> None:
    """Drop a client for whom as much waits as before; wait on, where it has taken some."""
    waiting = transport.get_write_buffer_size()
    if 0 < waiting < before:
        _wait(transport)
    elif waiting:
        _drop(transport)


def _drop(transport: asyncio.Transport) -> None:
    # Without lingering: else the system would keep what it has taken of ours, megabytes, and offer it for minutes.
    with contextlib.suppress(OSError):  # closed meanwhile
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _drop_all(connections: Iterable[Any]) -> None:
    for connection in list(connections):
        _drop(connection.transport)
