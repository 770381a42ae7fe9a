"""What the pages of a class fetch: the stream of what it is shown and asked; orders of who leads, and answers."""

__all__ = ["classroom_routes"]

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from explorer import identity
from explorer.broadcast import event_stream
from explorer.classroom.place import ClassError
from explorer.classroom.session import Forbidden, LapsedError, classroom
from explorer.http import json_object, read_order, refusal
from model.errors import UserError

MAX_ORDER = 16_000  # bytes: a question with five pictures
_STATUS = {Forbidden: 403, LapsedError: 410, ClassError: 409}


async def events(request: Request) -> Response:
    """What the class is shown and asked, as server-sent events; first how things stand. `follow=1` for each change."""
    pages = classroom.followers if request.query_params.get("follow") == "1" else classroom.others
    return event_stream(pages, classroom.events)


async def order(request: Request) -> Response:
    """An order from the page that leads, or an answer: what the page is told then, or a sentence why not."""
    body = await read_order(request, MAX_ORDER)
    answer = await run_in_threadpool(_carry_out, request, body)  # the key may lie on a disk
    if request.path_params["action"] == "lead" and answer.status_code == 200:
        classroom.watch(asyncio.get_running_loop())
    return answer


def _carry_out(request: Request, body: bytes) -> Response:
    try:
        values = json_object(body)
        told = classroom.order(request.path_params["action"], identity.viewer(request.cookies), values)
    except ClassError as error:
        return refusal(request, error, _STATUS[type(error)])
    except UserError as error:
        return refusal(request, error, 400)
    return JSONResponse(told)


def classroom_routes() -> list[Route]:
    """All of them, for `st.App`."""
    return [Route("/class/events", events), Route("/class/{action}", order, methods=["POST"])]
