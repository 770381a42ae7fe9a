"""No error dialogs of Streamlit's: in English, they cover the page and stop it, and speak to those who wrote an app.

Where the server is away a page of ours goes on, and says so itself; what else they tell stands in the log.
"""

__all__ = ["DialogsMiddleware"]

import json

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CONFIG = "/_stcore/host-config"  # what Streamlit tells each page of how it is embedded


class DialogsMiddleware:
    """Tells each page to show none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as `app` does, but for that."""
        if scope["type"] != "http" or not scope["path"].endswith(_CONFIG):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def changed(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if start["status"] == 200:
                body = json.dumps({**json.loads(body), "blockErrorDialogs": True}).encode()
                MutableHeaders(scope=start)["content-length"] = str(len(body))
            await send(start)
            await send({**message, "body": body})

        await self.app(scope, receive, changed)
