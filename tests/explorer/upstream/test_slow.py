"""Clients that never read: how much is held for them, when they are dropped, and that nobody waits for them."""

import asyncio
import socket
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from explorer.serving.routes import WholeFile
from explorer.upstream import slow
from explorer.upstream.slow import PIECE, PiecesMiddleware, drop_stalled
from tests.explorer.handshake import handshake
from tests.server import serve

KINDS = ("body", "events", "websocket")
PATIENCE = 20  # seconds, after which a test has failed
WHOLE = bytes(200 * PIECE)


async def much() -> AsyncIterator[bytes]:
    """More than a system takes for a client that does not read."""
    for _ in range(500):
        yield bytes(PIECE)


async def body(_request: Request) -> Response:
    return StreamingResponse(much())


async def whole(_request: Request) -> Response:
    return Response(WHOLE)


async def events(_request: Request) -> Response:
    return EventSourceResponse(much())


async def messages(websocket: WebSocket) -> None:
    await websocket.accept()
    async for message in much():
        await websocket.send_bytes(message)


@pytest.fixture
def drops(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the app, for the length of a test, and sooner."""
    for kind, names in {
        FlowControl: ("__init__", "pause_writing", "resume_writing"),
        WebSocketsSansIOProtocol: ("pause_writing", "resume_writing"),
        uvicorn.Server: ("shutdown",),
    }.items():
        for name in names:
            monkeypatch.setattr(kind, name, getattr(kind, name))  # put back afterwards
    drop_stalled()


@contextmanager
def server() -> Iterator[tuple[str, uvicorn.Server, threading.Thread]]:
    """A server that has all kinds of answers; its address, itself, and the thread in which it runs."""
    routes = [Route("/body", body), Route("/events", events), Route("/whole", whole)]
    app = Starlette(routes=[*routes, WebSocketRoute("/_stcore/stream", messages)])
    found = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=found.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield address, found, thread
        found.should_exit = found.force_exit = True
        thread.join(PATIENCE)


@contextmanager
def client(address: str, kind: str) -> Iterator[socket.socket]:
    """One that asks, and reads nothing beyond the first byte."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect((urlsplit(address).hostname, urlsplit(address).port))
        asked = f"GET /{kind} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode()
        connection.sendall(handshake(address, address) if kind == "websocket" else asked)
        connection.recv(1)
        yield connection


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_takes_nothing_is_dropped(kind: str, drops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "STALL_TIMEOUT", 0.2)
    with server() as (address, found, _thread), client(address, kind):
        until(lambda: not found.server_state.connections and not found.server_state.tasks)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_told_to_end_does_not_wait_for_one(
    kind: str, drops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "SHUTDOWN_TIMEOUT", 0.2)
    with server() as (address, found, thread), client(address, kind):
        until(
            lambda: any(connection.transport.get_write_buffer_size() for connection in found.server_state.connections)
        )
        found.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_one_that_reads_gets_all(drops: None) -> None:
    with server() as (address, _found, _thread), urllib.request.urlopen(f"{address}/whole") as answer:
        assert answer.read() == WHOLE


def test_the_app_ends_while_a_client_reads_nothing() -> None:
    with ExitStack() as clients, serve() as (address, _process):
        clients.enter_context(client(address, "checkpoints/vae-mnist.safetensors"))


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
@pytest.mark.parametrize("more", [False, True])
def test_a_long_body_goes_in_pieces(size: int, more: bool) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    sent: list[Message] = []

    async def app(_scope: object, _receive: object, send: Callable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": content[:size], "more_body": more})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody asks for the body")

    with ThreadPoolExecutor(1) as pool:  # a browser that another test has open keeps an event loop in this one
        pool.submit(lambda: asyncio.run(PiecesMiddleware(app)({"type": "http"}, receive, send))).result()
    pieces = [message["body"] for message in sent[1:]]
    assert b"".join(pieces) == content[:size]
    assert max(map(len, pieces)) <= PIECE
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * (len(pieces) - 1) + [more]


def test_a_file_is_read_as_it_is_sent() -> None:
    assert WholeFile.chunk_size <= PIECE
