"""Streamlit's own scripts and style sheets, compressed: a quarter of the bytes, most of what a first visit waits for.

Streamlit sends them as they are, lest it compress them anew at each request. Here that is done once a file.
"""

__all__ = ["StaticMiddleware"]

from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.serving.routes import compressed
from model.files import digest

_TYPES = {".js": "text/javascript", ".css": "text/css"}


class StaticMiddleware:
    """Answers for those files to whoever takes gzip; no route, for Streamlit allows nobody one below `static`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        folder = Path(st.__file__).with_name("static")
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        prefix = f"/{base}/" if base else "/"
        found = (path for path in folder.glob("static/*/*") if path.suffix in _TYPES)
        self.files = {prefix + path.relative_to(folder).as_posix(): path for path in found}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of the files, any other as `app` does."""
        path = self.files.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        headers = Headers(scope=scope) if path else {}
        if path is None or "gzip" not in headers.get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        # In a thread: it asks the disk.
        answer = await run_in_threadpool(_answer, path, headers.get("if-none-match", ""))
        await answer(scope, receive, send)


def _answer(path: Path, known: str) -> Response:
    """The file, or 304 to a browser that has it; for ever, as Streamlit says of it: its name changes with it."""
    tag = f'W/"{digest(path)}"'
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in known:
        return Response(status_code=304, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(compressed(path), headers=headers, media_type=_TYPES[path.suffix])
