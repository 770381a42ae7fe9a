"""Pages of other origins may look, as everybody may, and ask for no change: no order, no upload, no WebSocket."""

__all__ = ["OriginMiddleware"]

import ipaddress
import logging
from urllib.parse import SplitResult, urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import config

_SAFE = ("GET", "HEAD", "OPTIONS")  # they change nothing: RFC 9110, 9.2.1
_PORTS = {"http": 80, "https": 443}
_POLICY_VIOLATION = 1008  # of WebSockets: RFC 6455, 7.4.1

_logger = logging.getLogger(__name__)
_told = False  # one line is enough to mend a proxy by, and nobody fills the log


class OriginMiddleware:
    """Refuses pages of other origins before Streamlit sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as `app` does, or refuse it."""
        asks = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _SAFE)
        if not asks or _is_own(headers := Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        _tell(headers["origin"])
        if scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
        else:
            await PlainTextResponse("A page of another origin may not ask for this.", 403)(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    """Whether a page of this app asks, or no page at all; Streamlit's options may count others as the app's."""
    origin = headers.get("origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return True
    try:
        page = urlsplit(origin)
        asked = urlsplit(f"{page.scheme}://{headers.get('host', '')}")
        if not page.hostname:
            return False
        # The scheme may differ: before the app there may be a proxy that speaks TLS.
        same = (page.hostname, _port(page)) == (asked.hostname, _port(asked))
    except ValueError:  # no address at all
        return False
    return same or (_is_loopback(page.hostname) and _is_loopback(asked.hostname)) or page.hostname in _allowed()


def _port(address: SplitResult) -> int | None:
    return address.port or _PORTS.get(address.scheme)


def _is_loopback(hostname: str | None) -> bool:
    """Whether that is the machine itself, by whichever of its names."""
    try:
        return hostname == "localhost" or ipaddress.ip_address(hostname or "").is_loopback
    except ValueError:
        return False


def _allowed() -> set[str | None]:
    """The hosts that whoever runs the server counts as the app's."""
    found = {urlsplit(origin.strip()).hostname for origin in st.get_option("server.corsAllowedOrigins")}
    if config.is_manually_set("browser.serverAddress"):
        found.add(urlsplit(f"//{st.get_option('browser.serverAddress')}").hostname)
    return found


def _tell(origin: str) -> None:
    global _told
    if not _told:
        _told = True
        _logger.warning(
            "Refused what a page of another origin asked for, %.200r, and refuse such from now on without a word. "
            "If the app is reached by that address, through a proxy say, add it to server.corsAllowedOrigins.",
            origin,
        )
