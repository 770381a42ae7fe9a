"""What the routes that take something have in common: how much they read, and how they refuse."""

__all__ = ["read_body", "refusal"]

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer.i18n import translate_error, using_language
from model.errors import UserError


async def read_body(request: Request, most: int) -> bytes:
    """All that is sent with a request.

    Args:
        most: bytes that may be.

    Raises:
        HTTPException: 413, there is more; it is not read.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(413)
    return bytes(body)


def refusal(request: Request, error: UserError, status: int) -> Response:
    """A sentence why not, in the language of the page that asks."""
    with using_language(request.headers.get("accept-language")):
        return JSONResponse({"problem": translate_error(error)}, status)
