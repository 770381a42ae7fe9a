"""The Train page's routes, over real HTTP: the stream of events, and orders that are refused."""

import asyncio
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from urllib.parse import urlparse

import pytest

from explorer import identity
from explorer.training.broadcast import WAITING, Hub
from tests.conftest import SHIPPED
from tests.server import serve


def _events(address: str) -> Iterator[tuple[str, object]]:
    """The server's events, as they come; ends with the stream."""
    with urllib.request.urlopen(f"{address}/training/events", timeout=30) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        event = ""
        for line in stream:
            text = line.decode().rstrip("\r\n")
            if text.startswith("event: "):
                event = text.removeprefix("event: ")
            elif text.startswith("data: "):
                yield event, json.loads(text.removeprefix("data: "))


def _order(address: str, path: str, cookie: str = "", kind: str = "application/json", body: bytes = b"{}") -> int:
    headers = {"Content-Type": kind, "Cookie": f"{identity.COOKIE}={cookie}"}
    request = urllib.request.Request(f"{address}/training/{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_watcher_first_learns_how_things_stand(server: tuple[str, int]) -> None:
    event, board = next(_events(server[0]))
    assert event == "board"
    assert isinstance(board, dict)
    assert {model["name"] for model in board["models"]} >= set(SHIPPED)
    assert all(model["address"].startswith("checkpoints/") for model in board["models"])


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("absent/pause", "application/json", b"{}", 409),
        ("absent/pause", "text/plain", b"{}", 415),
        ("absent/pause", "application/x-www-form-urlencoded", b"a=1", 415),
        ("absent/pause", "application/json", b"[]", 400),
        ("absent/pause", "application/json", b"{", 400),
        ("absent/pause", "application/json", b" " * 100_000, 413),
    ],
)
def test_a_bad_order_is_refused(path: str, kind: str, body: bytes, status: int, server: tuple[str, int]) -> None:
    assert _order(server[0], path, "viewer-viewer-viewer", kind, body) == status


def test_what_is_not_there_is_not_found(server: tuple[str, int]) -> None:
    for path in (
        "training/absent/decoder",
        "training/absent/trace",
        "training/..%2Fx/trace",
        "runs/vae-mnist.safetensors",
    ):
        with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
            urllib.request.urlopen(f"{server[0]}/{path}")


def test_a_browser_gets_its_name_once(server: tuple[str, int]) -> None:
    def get(cookie: str) -> SimpleCookie:
        connection = http.client.HTTPConnection(urlparse(server[0]).netloc)
        connection.request("GET", "/train", headers={"Accept": "text/html", "Cookie": cookie})
        return SimpleCookie(connection.getresponse().getheader("set-cookie", ""))

    given = get("")[identity.COOKIE]
    assert len(given.value) >= 20
    assert given["httponly"]
    assert given["samesite"] == "Lax"
    assert identity.COOKIE not in get(f"other=1; {identity.COOKIE}={given.value}")
    assert get("")[identity.COOKIE].value != given.value
    assert get(f"{identity.COOKIE}=<x>")[identity.COOKIE].value  # none that we gave


def test_the_server_ends_though_somebody_watches() -> None:
    with serve() as (address, _pid):
        stream = _events(address)
        next(stream)
        rest = threading.Thread(target=lambda: list(stream), daemon=True)
        rest.start()
        begin = time.monotonic()
    rest.join(10)
    assert not rest.is_alive()
    assert time.monotonic() - begin < 20, "it had to be waited for until the limit of `serve`"


def test_a_watcher_that_does_not_read_is_let_go_and_holds_nobody_up() -> None:
    async def scene() -> tuple[list[bytes], list[bytes]]:
        hub = Hub()
        quick, slow = hub.listen(lambda: [b"first"]), hub.listen(lambda: [b"first"])
        assert [await anext(quick), await anext(slow)] == [b"first", b"first"]
        got = []
        for i in range(WAITING + 5):
            await asyncio.to_thread(hub.publish, "n", i)
            got.append(await anext(quick))
        return got, [message async for message in slow]

    # In a thread of its own: Playwright, in the same session of tests, has a loop running in this one.
    with ThreadPoolExecutor() as pool:
        got, late = pool.submit(lambda: asyncio.run(scene())).result()
    assert got == [Hub.encode("n", i) for i in range(WAITING + 5)]
    assert late == got[:WAITING]
