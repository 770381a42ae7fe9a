"""Connections of a socket that was bound as Streamlit binds its own: nothing waits in them."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.upstream.nodelay import send_at_once


async def accepted_option() -> int:
    """TCP_NODELAY of a connection that asyncio has accepted."""
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def look(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with socket.socket(socket.AF_INET) as listener:  # no protocol named: the kind that is forgotten
        listener.bind(("127.0.0.1", 0))
        async with await asyncio.start_server(look, sock=listener):
            _reader, writer = await asyncio.open_connection(*listener.getsockname())
            option = await found
            writer.close()
    return option


def test_an_accepted_connection_sends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)  # type: ignore[attr-defined]
    with ThreadPoolExecutor(1) as pool:  # a browser that another test has open keeps an event loop in this thread
        before = pool.submit(lambda: asyncio.run(accepted_option())).result()
        send_at_once()
        after = pool.submit(lambda: asyncio.run(accepted_option())).result()
    assert after == 1
    assert before == 0, "asyncio does so itself by now: explorer/upstream/nodelay.py may go"
