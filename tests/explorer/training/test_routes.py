"""The Train page's routes, over real HTTP: the stream of events, and orders that are refused."""

import contextlib
import http.client
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlparse

import pytest

from explorer import identity
from explorer.settings import MODEL_FILE
from tests.conftest import SHIPPED
from tests.server import serve

T = TypeVar("T")


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
    event, snapshot = next(_events(server[0]))
    assert event == "snapshot"
    assert isinstance(snapshot, dict)
    assert {model["name"] for model in snapshot["models"]} >= set(SHIPPED)
    assert all(model["address"].startswith("checkpoints/") for model in snapshot["models"])


def test_a_disk_that_does_not_answer_holds_up_no_other_request(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes among the files")
    with serve(environment={"EXPLORER_RUNS": str(tmp_path)}) as (address, _pid), ThreadPoolExecutor() as pool:
        (tmp_path / "slow").mkdir()
        slow = tmp_path / "slow" / MODEL_FILE
        os.mkfifo(slow)  # a file whose reader waits for a writer, and for what that one writes
        first = pool.submit(next, _events(address))

        def let_go() -> bool:
            if writer := _writer(slow):
                os.close(writer)
            return first.done()

        writer = _wait(lambda: _writer(slow))  # the server reads it now
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30) as answer:
                assert answer.status == 200
            assert not first.done()
        finally:
            os.close(writer)
            _wait(let_go)  # each time that it is read
        event, snapshot = first.result()
        assert event == "snapshot"
        assert isinstance(snapshot, dict)
        assert {model["name"] for model in snapshot["models"]} >= set(SHIPPED)


def _writer(fifo: Path) -> int | None:
    """Open it for writing, if somebody reads it."""
    if sys.platform != "win32":  # which has none
        with contextlib.suppress(OSError):
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    return None


def _wait(condition: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_refusal_is_in_the_language_that_the_browser_asks_for(server: tuple[str, int]) -> None:
    headers = {"Content-Type": "application/json", "Accept-Language": "zh-TW,zh;q=0.9"}
    request = urllib.request.Request(f"{server[0]}/training/absent/pause", data=b"{}", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request)
    assert json.load(refusal.value) == {"problem": "已經沒有名為 absent 的訓練：它已被刪除。"}


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
    rest.join(10)  # `serve` itself fails where the server does not end
    assert not rest.is_alive()
