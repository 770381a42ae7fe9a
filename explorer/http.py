"""What the routes that take something have in common: how much they read, and how they refuse."""

__all__ = ["json_object", "read_body", "read_order", "refusal"]

import json
from typing import Any

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


async def read_order(request: Request, most: int) -> bytes:
    """The same of a request that is to change something, from a page of ours.

    Raises:
        HTTPException: 415, it is no JSON; 413 as above.
    """
    # No page of another origin can send JSON here without asking first, and nobody answers that question.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415)
    return await read_body(request, most)


def json_object(body: bytes) -> dict[str, Any]:
    """What a request says in JSON.

    Raises:
        UserError: it is none, or no object.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UserError("Expected a JSON object, found something else.")
    return found


def refusal(request: Request, error: UserError, status: int) -> Response:
    """A sentence why not, in the language of the page that asks."""
    with using_language(request.headers.get("accept-language")):
        return JSONResponse({"problem": translate_error(error)}, status)
