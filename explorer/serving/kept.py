"""Models that trained on a viewer's page, kept among their uploads: as if they had dropped the file."""

__all__ = ["MOST", "kept_routes"]

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from explorer import identity
from explorer.catalogue.uploads import uploads
from explorer.http import read_body, refusal
from explorer.settings import SUFFIX
from model.format import CheckpointError

MOST = 20_000_000  # bytes: four million weights, and a few hundred epochs


async def keep(request: Request) -> Response:
    """The name under which it is kept, or a sentence why it is not."""
    viewer = identity.viewer(request.cookies)
    if not viewer:
        raise HTTPException(403)  # nobody could choose it
    content = await read_body(request, MOST)
    name = request.path_params["name"] + SUFFIX
    try:
        entry = await run_in_threadpool(uploads.add, name, content, viewer)  # which asks the disk
    except CheckpointError as error:
        return refusal(request, error, 409)
    return JSONResponse({"name": entry.name})


def kept_routes() -> list[Route]:
    """For `st.App`."""
    return [Route("/kept/{name}", keep, methods=["POST"])]
