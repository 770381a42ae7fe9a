"""Whoever runs the server may order any run: by a file that only they can read, in the folder of the runs."""

__all__ = ["OrderRefused", "Server", "announced", "servers"]

import contextlib
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from explorer import identity
from explorer.settings import RUNS

PATTERN = ".server-{}.json"  # by process
TIMEOUT = 30  # seconds for an answer of a server that is busy
_ANYWHERE = ("", "0.0.0.0", "::", "None")  # of `server.address`: then it answers on the loopback, too


class OrderRefused(Exception):
    """A server did not carry out an order; the message is its sentence."""


@asynccontextmanager
async def announced(_app: object) -> AsyncIterator[None]:
    """While this server runs, a file in the folder of the runs says where it is, and by which name it obeys.

    A lifespan for `st.App`. A folder that cannot be written holds no runs to be ordered either.
    """
    path = RUNS / PATTERN.format(os.getpid())
    with contextlib.suppress(OSError):
        RUNS.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"address": _own_address(), "name": identity.OPERATOR}, file)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _own_address() -> str:
    host = str(st.get_option("server.address"))
    host = "127.0.0.1" if host in _ANYWHERE else f"[{host}]" if ":" in host else host
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{base}".rstrip("/")


@dataclass(frozen=True)
class Server:
    """A server that runs now, seen from another process of whoever runs it.

    Attributes:
        address: without a slash at its end.
        name: the viewer whom it obeys.
        runs: `RunSummary` of each.
    """

    address: str
    name: str
    runs: list[dict[str, Any]]

    def order(self, run: str, action: str) -> None:
        """See `Manager.order`.

        Raises:
            OrderRefused: it cannot be done as the run now stands.
            OSError: the server is gone.
        """
        try:
            _ask(f"{self.address}/training/{quote(run, safe='')}/{action}", self.name, b"{}").close()
        except urllib.error.HTTPError as error:
            with error:
                raise OrderRefused(json.load(error)["problem"]) from error


def servers(folder: Path = RUNS) -> list[Server]:
    """Those that run now with this folder of runs, as far as the caller may order them."""
    found = []
    for path in folder.glob(PATTERN.format("*")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            found.append(Server(**told, runs=_runs(**told)))
        except (OSError, ValueError):  # it was killed and left its file behind, or belongs to somebody else
            continue
    return found


def _runs(address: str, name: str) -> list[dict[str, Any]]:
    """How things stand, by the first event of the stream that pages watch."""
    with _ask(f"{address}/training/events", name) as stream:
        data = next(line for line in stream if line.startswith(b"data:"))
    return list(json.loads(data.removeprefix(b"data:"))["runs"])


def _ask(address: str, name: str, body: bytes | None = None) -> Any:
    headers = {"Cookie": f"{identity.COOKIE}={name}", "Content-Type": "application/json"}
    # The server is this machine's, whatever name its certificate bears.
    context = ssl._create_unverified_context()
    return urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=TIMEOUT, context=context)
