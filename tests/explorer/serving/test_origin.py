"""Pages of other origins: what they may not ask of this server; and that the server itself asks nobody outside."""

import asyncio
import re
import socket
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from streamlit import config

from explorer.serving import origin
from explorer.serving.origin import OriginMiddleware
from tests.explorer.handshake import handshake
from tests.server import serve

Result = TypeVar("Result")

OWN = [
    ("school.example:8501", "http://school.example:8501"),
    ("School.example", "https://school.EXAMPLE"),
    ("school.example:443", "https://school.example"),  # as some proxies write it
    ("[::1]:8501", "http://[::1]:8501"),
    ("127.0.0.1:8501", "http://localhost:9000"),  # a proxy on the same machine
    ("school.example", None),  # not a browser
]
FOREIGN = [
    ("school.example:8501", "http://school.example:8502"),
    ("school.example:8501", "http://school.example"),
    ("school.example:8501", "http://localhost:8501"),
    ("127.0.0.1:8501", "http://evil.example:8501"),
    ("127.0.0.1:8501", "http://127.0.0.1.evil.example:8501"),
    ("127.0.0.1:8501", "http://evil.example@127.0.0.1:8501.evil.example"),
    ("127.0.0.1:8501", "http://[::1"),
    ("127.0.0.1:8501", "http://127.0.0.1:port"),
    ("127.0.0.1:8501", "null"),
    ("127.0.0.1:8501", ""),
    ("127.0.0.1:8501", "\xff"),
]


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: a browser that another test has open keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scene).result()


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that lets everybody in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("done")(scope, receive, send)


async def answer(method: str, host: str, from_page_at: str | None) -> Message:
    """The first message of the answer.

    Args:
        method: "WS" opens a WebSocket.
    """
    headers = [(b"host", host.encode())]
    if from_page_at is not None:
        headers.append((b"origin", from_page_at.encode("latin-1")))
    kind = "websocket" if method == "WS" else "http"
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nobody asks for the body")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": kind, "method": method, "path": "/training/x/stop", "headers": headers}
    await OriginMiddleware(inner)(scope, receive, send)
    return sent[0]


def let_in(message: Message) -> bool:
    return message["type"] == "websocket.accept" or message.get("status") == 200


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "WS"])
@pytest.mark.parametrize(("host", "from_page_at"), OWN)
def test_own_pages_may_ask_for_changes(method: str, host: str, from_page_at: str | None) -> None:
    assert let_in(run(answer(method, host, from_page_at)))


@pytest.mark.parametrize("method", ["DELETE", "POST", "PUT", "WS"])
@pytest.mark.parametrize(("host", "from_page_at"), FOREIGN)
def test_pages_of_another_origin_may_not(method: str, host: str, from_page_at: str) -> None:
    refused = run(answer(method, host, from_page_at))
    assert refused in [{"type": "websocket.close", "code": 1008, "reason": ""}] or refused["status"] == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_changes_nothing_is_answered_to_all(method: str) -> None:
    assert let_in(run(answer(method, "school.example", "http://evil.example")))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("browser.serverAddress", "map.example"),
        ("server.corsAllowedOrigins", ["https://map.example"]),
        ("server.enableCORS", False),
    ],
)
def test_who_runs_the_server_may_let_others_in(option: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Mapping[str, Any] = {option: value}
    original = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: found.get(name, original(name)))
    monkeypatch.setattr(config, "is_manually_set", lambda name: name in found)
    assert let_in(run(answer("WS", "10.0.0.2:8501", "https://map.example")))
    assert let_in(run(answer("WS", "10.0.0.2:8501", "https://evil.example"))) == (option == "server.enableCORS")


def test_the_first_refusal_is_told_in_a_line_that_says_what_to_do(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origin, "_told", False)
    for from_page_at in ("https://map.example\n" + "x" * 10_000, "https://evil.example"):
        run(answer("POST", "10.0.0.2:8501", from_page_at))
    (line,) = caplog.messages
    assert "corsAllowedOrigins" in line
    assert "https://map.example" in line
    assert "\n" not in line
    assert len(line) < 1000


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A server open to the network: its address, what it asked of others, what it printed."""
    folder = tmp_path_factory.mktemp("watched")
    record, log = folder / "asked", folder / "log"
    record.touch()
    environment = {"PYTHONPATH": str(Path(__file__).parent / "watched"), "WATCHED": str(record)}
    options = ("--server.address", "0.0.0.0", "--server.corsAllowedOrigins", "https://map.example")
    with serve(environment=environment, options=options, log=log) as (address, _pid):
        yield address, record, log


def test_a_start_asks_nobody_outside_and_tells_where_the_app_is(watched: tuple[str, Path, Path]) -> None:
    address, record, log = watched
    port = urlsplit(address).port
    text = log.read_text(encoding="utf-8")
    assert record.read_text(encoding="utf-8") == ""
    assert f"Local URL: http://localhost:{port}" in text
    assert re.search(rf"Network URL: http://[\d.]+:{port}\n", text)


@pytest.mark.parametrize(
    ("from_page_at", "status"), [("own", b"101"), ("http://evil.example", b"403"), ("https://map.example", b"101")]
)
def test_no_handshake_asks_anybody_outside(from_page_at: str, status: bytes, watched: tuple[str, Path, Path]) -> None:
    address, record, _log = watched
    with socket.create_connection((urlsplit(address).hostname or "", urlsplit(address).port or 0)) as connection:
        connection.sendall(handshake(address, address if from_page_at == "own" else from_page_at))
        assert connection.recv(4096).split(b" ")[1] == status
    assert record.read_text(encoding="utf-8") == ""
