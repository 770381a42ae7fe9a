"""The page as it leaves the server: its cookie, and who waits for it."""

import asyncio
import re
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from explorer import identity
from explorer.serving import head, page
from explorer.serving.page import PageMiddleware

Result = TypeVar("Result")


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: a browser that another test has open keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scene).result()


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """An app of one page, known to whoever asks what has changed, and one other answer."""
    asked = Headers(scope=scope)
    known = "if-none-match" in asked or "if-modified-since" in asked
    page: Response = Response(status_code=304) if known else HTMLResponse("<head><script></script></head>")
    await (page if scope["path"] == "/" else PlainTextResponse("ok"))(scope, receive, send)


async def fetch(path: str, cookie: str = "", query: bytes = b"", known: str = "") -> list[tuple[str, str]]:
    """The headers of an answer that has come whole, and its status and body as if they were two more.

    Args:
        known: the entity tag of what the browser has.
    """
    headers = [(b"cookie", cookie.encode()), (b"accept", b"text/html,*/*;q=0.8")]
    if known:
        headers += [(b"if-none-match", known.encode()), (b"if-modified-since", b"Mon, 30 Nov 2026 00:00:00 GMT")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nobody asks for the body")

    async def send(message: Message) -> None:
        sent.append(message)

    await PageMiddleware(inner)(scope, receive, send)
    status = (":status", str(sent[0]["status"]))
    body = (":body", b"".join(message.get("body", b"") for message in sent[1:]).decode())
    return [status, body, *((name.decode(), value.decode()) for name, value in sent[0]["headers"])]


def test_a_page_that_waits_for_the_disk_holds_up_no_other_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()
    in_time = []

    def slow_disk(_path: str, _query: Mapping[str, list[str]], _browser: str) -> list[str]:
        asked.set()
        in_time.append(answered.wait(timeout=20))  # an end to it, where nobody else gets his turn
        return ['<link href="late">']

    monkeypatch.setattr(page, "preloads", slow_disk)

    async def both() -> list[tuple[str, str]]:
        waiting = asyncio.create_task(fetch("/"))
        while not asked.is_set():
            await asyncio.sleep(0)
        await fetch("/health")
        answered.set()
        return await waiting

    assert '<link href="late"><script>' in dict(run(both()))[":body"]
    assert in_time == [True]


def test_a_viewer_gets_a_name_with_the_first_page_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "preloads", lambda _path, _query, _browser: [])
    cookies = [value for name, value in run(fetch("/")) if name == "set-cookie"]
    assert len(cookies) == 1
    assert cookies[0].startswith(f"{identity.COOKIE}=")
    assert "set-cookie" not in dict(run(fetch("/", cookie=cookies[0].partition(";")[0])))
    assert "set-cookie" in dict(run(fetch("/", cookie='bro"ken; =')))
    assert "set-cookie" not in dict(run(fetch("/health")))


def test_who_has_the_page_with_all_that_is_added_gets_no_body_and_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "preloads", lambda _path, _query, _browser: [])
    whole = dict(run(fetch("/")))
    for streamlits in ('"1a0476f2f269103f"', 'W/"1a0476f2f269103f"'):
        assert dict(run(fetch("/", known=streamlits)))[":status"] == "200"
    known = dict(run(fetch("/", known=whole["etag"])))
    assert known[":status"] == "304"
    assert "set-cookie" in known


@pytest.mark.parametrize("error", [PermissionError("no"), ValueError("no such query")])
def test_a_page_comes_without_preloads_where_they_cannot_be_found_out(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_path: str, _query: Mapping[str, list[str]], _browser: str) -> list[str]:
        raise error

    monkeypatch.setattr(page, "preloads", failing)
    assert "<link" not in dict(run(fetch("/")))[":body"]
    assert "<link" not in dict(run(fetch("/", query=b"model=\xff")))[":body"]


def test_what_is_preloaded_takes_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """nginx as it comes allows 4 kB of headers, and answers 502 where there are more."""
    monkeypatch.setattr(page, "preloads", lambda _path, _query, _browser: ["<link>" * 1000])
    found = dict(run(fetch("/")))
    assert found[":body"].count("<link>") == 1000
    assert sum(len(name) + len(value) for name, value in found.items() if name != ":body") < 1000


def test_the_script_is_one_that_an_old_browser_can_read() -> None:
    source = Path(head.__file__).with_name("head.js").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
    assert re.findall(r"=>|`|\?\.|\.\.\.|\b(?:const|let|class|async|await|import|export)\b", code) == []
