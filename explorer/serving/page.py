"""Streamlit's HTML page as it leaves the server: with what to fetch beside it, and the cookie of its viewer."""

__all__ = ["PageMiddleware"]

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import identity
from explorer.serving.preload import preloads


class PageMiddleware:
    """Adds to Streamlit's HTML page what to fetch beside it, and the cookie that tells viewers apart."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as `app` does, and add to the answer where it is a page."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers, asked = MutableHeaders(scope=message), Headers(scope=scope)
                # A page that the browser has already comes back as 304, which has no type, and as a viewer without a
                # cookie where that was deleted meanwhile.
                known = message["status"] == 304 and "text/html" in asked.get("accept", "")
                if known or headers.get("content-type", "").startswith("text/html"):
                    # In a thread: it asks the disk, and a slow one would stop every page of every viewer.
                    if links := await run_in_threadpool(_preloads, scope):
                        headers.append("link", ", ".join(links))
                    for cookie in _new_cookies(asked.get("cookie", "")):
                        headers.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, with_headers)


def _preloads(scope: Scope) -> list[str]:
    """What to fetch beside the page; nothing where that cannot be found out, or where nobody understands the query."""
    try:
        return preloads(scope["path"], parse_qs(scope.get("query_string", b"").decode("latin-1")))
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
