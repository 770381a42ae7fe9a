"""What the Train page fetches: the stream of events, orders to a run, the newest decoder, the trace so far, classes."""

__all__ = ["training_routes"]

import gzip
import json
import zlib
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer import identity
from explorer.broadcast import event_stream
from explorer.http import json_object, read_order, refusal
from explorer.training.errors import Forbidden, RunError
from explorer.training.manager import manager
from explorer.training.run import Run
from model.config import to_json
from model.dataset import HALVES
from model.errors import UserError
from model.format import STATE_FILE

MAX_ORDER = 10_000  # bytes
NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}


async def events(_request: Request) -> Response:
    """All that happens to all runs, as server-sent events; first how things stand."""
    return event_stream(manager.broadcast, manager.feed.snapshot_events)


async def order(request: Request) -> Response:
    """An order to a run, from those who may give it: 204, or a sentence why not."""
    body = await read_order(request, MAX_ORDER)
    return await run_in_threadpool(_carry_out, request, body)  # which waits for disks and processes


def _carry_out(request: Request, body: bytes) -> Response:
    name, action = request.path_params["name"], request.path_params["action"]
    try:
        values = json_object(body)
    except UserError as error:
        return refusal(request, error, 400)
    try:
        manager.order(name, action, identity.viewer(request.cookies), values)
    except Forbidden as error:
        return refusal(request, error, 403)
    except UserError as error:
        return refusal(request, error, 409)
    return Response(status_code=204)


def decoder(request: Request) -> Response:
    """The kept decoder of the newest whole epoch, as safetensors; `__metadata__` says which epoch that is."""
    run = _run(request)
    prefix = ("average." if run.spec.train.ema else "model.") + "decoder."
    return _part(run, lambda name: name.partition(".")[2] if name.startswith(prefix) else "")


def trace(request: Request) -> Response:
    """Where the trace points were after each epoch so far, as safetensors: `trace`, float16 (epochs, points, 2)."""
    return _part(_run(request), lambda name: name if name == "trace" else "")


def labels(request: Request) -> Response:
    """The classes of the test pictures, where a run has pictures of its own: an IDX file."""
    run = _run(request)
    try:
        content = gzip.decompress((run.folder / run.spec.train.dataset / HALVES[False][1]).read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise HTTPException(404) from error
    return Response(content, headers=NO_STORE, media_type="application/octet-stream")


def _run(request: Request) -> Run:
    try:
        return manager.run(request.path_params["name"])
    except RunError as error:
        raise HTTPException(404) from error


def _part(run: Run, rename: Callable[[str], str]) -> Response:
    """Some tensors of a run's state: those to which `rename` gives a name."""
    from safetensors import SafetensorError, safe_open  # here: they bring NumPy, which exploring does without
    from safetensors.numpy import save

    path = run.folder / STATE_FILE
    try:
        with safe_open(path, framework="numpy") as state:
            history = json.loads((state.metadata() or {})["history"])
            names = [name for name in state.keys() if rename(name)]  # noqa: SIM118 - not a dict
            tensors = {rename(name): state.get_tensor(name) for name in names}
            content = save(tensors, {"config": to_json(run.spec.model), "epoch": str(len(history))})
    except (OSError, SafetensorError, KeyError) as error:
        raise HTTPException(404) from error  # no epoch is over yet
    return Response(content, headers=NO_STORE, media_type="application/octet-stream")


def training_routes() -> list[Route]:
    """All of them, for `st.App`."""
    return [
        Route("/training/events", events),
        Route("/training/{name}/decoder", decoder),
        Route("/training/{name}/trace", trace),
        Route("/training/{name}/labels", labels),
        Route("/training/{name}/{action}", order, methods=["POST"]),
    ]
