"""Streamlit's HTML page as it leaves the server: with a script, what to fetch beside it, its viewer's cookie."""

__all__ = ["PageMiddleware"]

import gzip
from functools import lru_cache
from hashlib import blake2b
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import identity
from explorer.serving.head import with_head
from explorer.serving.preload import preloads
from explorer.serving.routes import unless_known

_CONDITIONS = (b"if-none-match", b"if-modified-since")


class PageMiddleware:
    """Adds to Streamlit's HTML page a script, what to fetch beside it, and the cookie that tells viewers apart."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as `app` does, and add to the answer where it is a page."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        page = b""

        async def changed(message: Message) -> None:
            nonlocal page
            if message["type"] == "http.response.start" and _is_page(message):
                start.update(message)
            elif not start:
                await send(message)
            else:
                page += message.get("body", b"")
                if not message.get("more_body"):
                    # In a thread: it asks the disk, and a slow one would stop every page of every viewer.
                    answer = await run_in_threadpool(_answer, Request(scope), Headers(raw=start["headers"]), page)
                    await answer(scope, receive, send)

        await self.app(_unconditional(scope), receive, changed)


def _unconditional(scope: Scope) -> Scope:
    """The request, but not for what has changed: what Streamlit knows of a page is of the one without the script."""
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return scope
    return {**scope, "headers": [header for header in scope["headers"] if header[0] not in _CONDITIONS]}


def _is_page(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def _answer(request: Request, found: Headers, page: bytes) -> Response:
    """The page with all that is added; 304 to a browser that has it."""
    page = gzip.decompress(page) if found.get("content-encoding") == "gzip" else page
    page = with_head(page, _preloads(request))
    tag = f'W/"{blake2b(page, digest_size=8).hexdigest()}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag, "Vary": "Accept-Encoding"}
    answer = unless_known(request, headers, lambda: _whole(request, page, headers))
    for cookie in _new_cookies(request.headers.get("cookie", "")):
        answer.headers.append("Set-Cookie", cookie)
    return answer


def _whole(request: Request, page: bytes, headers: dict[str, str]) -> Response:
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(page), headers=headers | {"Content-Encoding": "gzip"}, media_type="text/html")
    return Response(page, headers=headers, media_type="text/html")


@lru_cache(maxsize=32)  # a few pages, each with some models
def _packed(page: bytes) -> bytes:
    return gzip.compress(page, mtime=0)


def _preloads(request: Request) -> list[str]:
    """What to fetch beside the page; nothing where that cannot be found out, or where nobody understands the query."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    try:
        return preloads(request.scope["path"], parse_qs(query), request.headers.get("user-agent", ""))
    except (OSError, ValueError):
        return []


def _new_cookies(header: str) -> list[str]:
    """`Set-Cookie` for a browser that has no name yet; nothing for one that has."""
    try:
        found = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        found = {}
    if identity.viewer(found):
        return []
    # Lax and not Strict: whoever comes by a link from elsewhere must not look like somebody new.
    return [f"{identity.COOKIE}={identity.new_viewer()}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"]
