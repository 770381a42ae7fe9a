"""Files that come as forms: on the disk, whole whatever the disk does, and no more of them than there is room for."""

import asyncio
import gc
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette import formparsers
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from explorer.upstream import spool
from explorer.upstream.spool import Spool, spool_to_disk

MEGABYTE = 1024 * 1024
CONTENT = bytes(range(256)) * (5 * MEGABYTE // 256)


class Full(io.BytesIO):
    """A file on a disk that has room for 2.5 MB, and takes them a part at a time."""

    def write(self, data: Any) -> int:
        room = 5 * MEGABYTE // 2 - self.tell()
        if room <= 0:
            raise OSError(28, "No space left on device")
        return super().write(data[: min(room, 300_000)])


def absent(**_options: object) -> io.BytesIO:
    raise OSError(2, "No such file or directory")


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the app, for the length of a test."""
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", Spool)  # put back afterwards
    spool_to_disk()


def received(content: bytes) -> bytes:
    """What is read of a file that comes as a form, as Streamlit reads it."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.safetensors"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"

    def parts() -> Iterator[Message]:
        for start in range(0, len(body), 65536):
            yield {"type": "http.request", "body": body[start : start + 65536], "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}

    coming = parts()

    async def receive() -> Message:
        return next(coming)

    async def read() -> bytes:
        scope = {
            "type": "http",
            "method": "PUT",
            "app": None,
            "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
        }
        async with Request(scope, receive).form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            return await file.read()

    with ThreadPoolExecutor(1) as pool:  # a browser that another test has open keeps an event loop in this one
        return pool.submit(asyncio.run, read()).result()


@pytest.mark.parametrize("size", [0, 1, MEGABYTE, MEGABYTE + 1, len(CONTENT)])
@pytest.mark.parametrize("disk", [None, Full, absent])
def test_a_file_comes_whole_whatever_the_disk_does(size: int, disk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if disk is not None:
        monkeypatch.setattr(spool.tempfile, "TemporaryFile", lambda **_options: disk())  # type: ignore[attr-defined]
    assert received(CONTENT[:size]) == CONTENT[:size]


def test_what_has_come_is_on_the_disk_and_not_in_memory() -> None:
    found = Spool(MEGABYTE)
    for start in range(0, len(CONTENT), 65536):
        found.write(CONTENT[start : start + 65536])
        assert found._memory.tell() <= MEGABYTE
    assert found.tell() == len(CONTENT)


def test_no_more_comes_at_once_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    monkeypatch.setattr(spool, "AT_ONCE", spool._coming + len(CONTENT))
    other = Spool(MEGABYTE)
    other.write(b"x")
    with pytest.raises(HTTPException, match="at once"):
        received(CONTENT)
    other.close()
    assert received(CONTENT) == CONTENT
    given_up = Spool(MEGABYTE)
    given_up.write(CONTENT)
    del given_up
    gc.collect()
    assert received(CONTENT) == CONTENT
