"""What the Train page fetches: the stream of events, orders to a run, the newest decoder, the trace so far."""

__all__ = ["training_routes"]

import json
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from explorer import identity
from explorer.i18n import speaking
from explorer.training.manager import Forbidden, Job, JobError, manager
from model.config import to_json
from model.format import STATE_FILE

MAX_ORDER = 10_000  # bytes
NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}


async def events(_request: Request) -> Response:
    """All that happens to all runs, as server-sent events; first how things stand."""
    from sse_starlette import EventSourceResponse  # here: exploring needs none of it, and starts the sooner

    # Naming the encoding keeps Streamlit's gzip middleware from holding events back.
    return EventSourceResponse(manager.hub.listen(manager.standing), headers={"Content-Encoding": "identity"})


async def order(request: Request) -> Response:
    """An order to a run, from those who may give it: 204, or a sentence why not."""
    # No page of another origin can send JSON here without asking first, and nobody answers that question.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_ORDER:
            raise HTTPException(413)
    try:
        values = json.loads(body)
        if not isinstance(values, dict):
            raise ValueError("not an object")
    except ValueError:
        return JSONResponse({"problem": "Expected a JSON object, found something else."}, 400)
    name, action = request.path_params["name"], request.path_params["action"]
    viewer = identity.viewer(request.cookies)
    try:
        with speaking(request.headers.get("accept-language")):
            await run_in_threadpool(manager.order, name, action, viewer, values)
    except Forbidden as error:
        return JSONResponse({"problem": str(error)}, 403)
    except JobError as error:
        return JSONResponse({"problem": str(error)}, 409)
    return Response(status_code=204)


def decoder(request: Request) -> Response:
    """The kept decoder of the newest whole epoch, as safetensors; `__metadata__` says which epoch that is."""
    job = _job(request)
    prefix = ("average." if job.spec.train.ema else "model.") + "decoder."
    return _part(job, lambda name: name.partition(".")[2] if name.startswith(prefix) else "")


def trace(request: Request) -> Response:
    """Where the trace points were after each epoch so far, as safetensors: `trace`, float16 (epochs, points, 2)."""
    return _part(_job(request), lambda name: name if name == "trace" else "")


def _job(request: Request) -> Job:
    try:
        return manager.job(request.path_params["name"])
    except JobError as error:
        raise HTTPException(404) from error


def _part(job: Job, rename: Callable[[str], str]) -> Response:
    """Some tensors of a run's state: those to which `rename` gives a name."""
    from safetensors import SafetensorError, safe_open  # here: they bring NumPy, which exploring does without
    from safetensors.numpy import save

    path = job.folder / STATE_FILE
    try:
        with safe_open(path, framework="numpy") as state:
            history = json.loads((state.metadata() or {})["history"])
            names = [name for name in state.keys() if rename(name)]  # noqa: SIM118 - not a dict
            tensors = {rename(name): state.get_tensor(name) for name in names}
            content = save(tensors, {"config": to_json(job.spec.model), "epoch": str(len(history))})
    except (OSError, SafetensorError, KeyError) as error:
        raise HTTPException(404) from error  # no epoch is over yet
    return Response(content, headers=NO_STORE, media_type="application/octet-stream")


def training_routes() -> list[BaseRoute]:
    """All of them, for `st.App`."""
    return [
        Route("/training/events", events),
        Route("/training/{name}/decoder", decoder),
        Route("/training/{name}/trace", trace),
        Route("/training/{name}/{action}", order, methods=["POST"]),
    ]
