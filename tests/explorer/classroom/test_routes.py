"""The routes of a class, over real HTTP: the stream of events, and what is refused to whom."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from explorer import identity

PLACE = json.dumps({"seat": "a", "page": "explore", "shown": {}}).encode()


def _order(address: str, action: str, body: bytes = PLACE, **headers: str) -> tuple[int, Any]:
    cookie = f"{identity.COOKIE}=viewer-viewer-viewer"
    sent = {"Content-Type": "application/json", "Cookie": cookie, "Accept-Language": "zh-TW", **headers}
    request = urllib.request.Request(f"{address}/class/{action}", data=body, headers=sent)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status), json.load(answer)
    except urllib.error.HTTPError as error:
        content = error.read()
        return error.code, json.loads(content) if content.startswith(b"{") else None


def test_a_page_first_learns_that_nobody_leads(server: tuple[str, int]) -> None:
    with urllib.request.urlopen(f"{server[0]}/class/events", timeout=30) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.readline() == b"event: standing\n"
        told = json.loads(stream.readline().removeprefix(b"data: "))
    assert told == {"seat": "", "page": None, "shown": None, "question": None}


@pytest.mark.parametrize("action", ["lead", "show", "ask", "leave"])
def test_who_has_not_entered_the_key_is_refused_in_a_sentence(action: str, server: tuple[str, int]) -> None:
    assert _order(server[0], action) == (403, {"problem": "輸入教師金鑰後，才能帶領全班。"})


def test_orders_that_are_none_are_refused(server: tuple[str, int]) -> None:
    address = server[0]
    assert _order(address, "lead", b"{")[0] == 400
    assert _order(address, "lead", b"[]")[0] == 400
    assert _order(address, "lead", b" " * 100_000)[0] == 413
    assert _order(address, "lead", PLACE, **{"Content-Type": "text/plain"})[0] == 415
    assert _order(address, "lead", Origin="http://evil.example")[0] == 403
    assert _order(address, "answer", b'{"number": 1, "answer": 0}') == (409, {"problem": "這個問題已經結束。"})
