"""Streamlit's own files in a third of the bytes, which are most of what a first visit waits for on a slow line.

Streamlit sends its scripts and style sheets as they are, lest it compress them anew at each request: here that is done
once a file. And its font of icons has 4,000 of them, of which it uses 77.
"""

__all__ = ["StaticMiddleware"]

from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.serving.routes import compressed, for_ever, unless_known
from explorer.settings import FRONTEND
from model.files import digest

_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_TEXT = (".js", ".css")
_FEW_ICONS = FRONTEND / "vendor" / "material-symbols.woff2"  # see THIRD_PARTY.md there


class StaticMiddleware:
    """Answers for those files to whoever takes gzip; no route, for Streamlit allows nobody one below `static`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        folder = Path(st.__file__).with_name("static")
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        prefix = f"/{base}/" if base else "/"
        found = {path: path for path in folder.glob("static/*/*") if path.suffix in _TEXT}
        found |= dict.fromkeys(folder.glob("static/media/MaterialSymbols-Rounded.*.woff2"), _FEW_ICONS)
        self.files = {prefix + path.relative_to(folder).as_posix(): sent for path, sent in found.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of the files, any other as `app` does."""
        path = self.files.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if path is None or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        # In a thread: it asks the disk.
        answer = await run_in_threadpool(_answer, Request(scope), path)
        await answer(scope, receive, send)


def _answer(request: Request, path: Path) -> Response:
    """The file, or 304 to a browser that has it; for ever, as Streamlit says of it: its name changes with it."""
    headers = {**for_ever(digest(path)), "Vary": "Accept-Encoding"}
    return unless_known(request, headers, lambda: _read(path, headers))


def _read(path: Path, headers: dict[str, str]) -> Response:
    if path.suffix in _TEXT:
        return Response(
            compressed(path), headers=headers | {"Content-Encoding": "gzip"}, media_type=_TYPES[path.suffix]
        )
    return Response(path.read_bytes(), headers=headers, media_type=_TYPES[path.suffix])
