"""What the browser fetches besides Streamlit's own pages: frontend files, Plotly, checkpoints, test images."""

__all__ = ["PreloadMiddleware", "assets_address", "images_address", "plotly_address", "routes"]

import gzip
import hashlib
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import library
from model.config import DATASETS

FRONTEND = Path(__file__).with_name("frontend")
DATA = Path(__file__).resolve().parents[1] / "data"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


def frontend_digest() -> str:
    """One digest for all frontend files: modules import each other by relative address, so it stands in the path."""
    digests = "".join(library.digest(path) for path in sorted(FRONTEND.iterdir()))
    return hashlib.blake2b(digests.encode(), digest_size=8).hexdigest()


def assets_address() -> str:
    """The folder of the frontend files, relative to the app."""
    return f"assets/{frontend_digest()}"


@cache
def plotly_path() -> Path:
    """The browser library that the installed plotly package carries."""
    spec = find_spec("plotly")  # finds it without importing it
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed: run `pip install -r requirements.txt`.")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def plotly_address() -> str:
    return f"assets/plotly.min.js?v={library.digest(plotly_path())}"


def images_address(dataset: str) -> str | None:
    """The test images of a data set, if they are on this server: its own IDX file, which every browser can read."""
    path = DATA / dataset / TEST_IMAGES
    return f"images/{dataset}?v={library.digest(path)}" if path.exists() else None


@lru_cache(maxsize=64)
def _compressed(path: Path, _digest: str) -> bytes:
    # Level 1: a third of the time of the default for a tenth more bytes, and the first viewer waits for it.
    return gzip.compress(path.read_bytes(), compresslevel=1)


def compressed(path: Path) -> bytes:
    """A text file gzipped, remembered while it stays as it is."""
    return _compressed(path, library.digest(path))


def warm_up() -> None:
    """Compress Plotly beside the start of the server, before the first viewer asks for it."""
    threading.Thread(target=compressed, args=(plotly_path(),), daemon=True).start()


def _caching(digested: bool) -> str:
    return _FOR_EVER if digested else "no-cache"


def _text(request: Request, path: Path, digested: bool) -> Response:
    headers = {"Cache-Control": _caching(digested), "Vary": "Accept-Encoding"}
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(compressed(path), headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
    return Response(path.read_bytes(), headers=headers, media_type=kind)


def asset(request: Request) -> Response:
    """A frontend file, with the digest of all of them in the path or without."""
    name, found = request.path_params["name"], request.path_params.get("digest")
    if name == "plotly.min.js":
        return _text(request, plotly_path(), "v" in request.query_params)
    path = FRONTEND / name
    if path.parent != FRONTEND or not path.is_file():
        raise HTTPException(404)
    return _text(request, path, found == frontend_digest())


def _binary(path: Path, digested: bool) -> Response:
    # Weights do not compress: naming the encoding keeps Streamlit's gzip middleware from trying at every request.
    headers = {"Cache-Control": _caching(digested), "Content-Encoding": "identity"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def checkpoint(request: Request) -> Response:
    """A shipped checkpoint."""
    entry = library.shipped()[0].get(request.path_params["name"])
    if entry is None:
        raise HTTPException(404)
    return _binary(entry.path, "v" in request.query_params)


def upload(request: Request) -> Response:
    """An uploaded checkpoint, for those who know its address."""
    path = library.uploads.path(request.path_params["token"])
    if path is None:
        raise HTTPException(404)
    return _binary(path, "v" in request.query_params)


def images(request: Request) -> Response:
    """The test images, as the archive has them: already compressed, unpacked by the browser."""
    dataset = request.path_params["dataset"]
    path = DATA / dataset / TEST_IMAGES
    if dataset not in DATASETS or not path.exists():
        raise HTTPException(404)
    headers = {"Cache-Control": _caching("v" in request.query_params), "Content-Encoding": "gzip"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def routes() -> list[BaseRoute]:
    """All routes, for `st.App`."""
    return [
        Route("/assets/{digest}/{name}", asset),
        Route("/assets/{name}", asset),
        Route("/checkpoints/{name}.safetensors", checkpoint),
        Route("/uploads/{token}.safetensors", upload),
        Route("/images/{dataset}", images),
    ]


def preloads(query: Mapping[str, list[str]]) -> list[str]:
    """`Link` headers of a page: what it will need, so that the browser fetches it beside Streamlit's own files."""
    entries, _complaints = library.shipped()
    entry = entries.get(query.get("model", [""])[0]) or next(iter(entries.values()), None)
    modules = [f"<{assets_address()}/{path.name}>; rel=modulepreload" for path in sorted(FRONTEND.glob("*.js"))]
    model = [f"<{entry.address}>; rel=preload; as=fetch; crossorigin"] if entry else []
    return [*modules, *model, f"<{plotly_address()}>; rel=preload; as=script"]


class PreloadMiddleware:
    """Adds the preloads to Streamlit's HTML page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                    links = preloads(parse_qs(scope.get("query_string", b"").decode()))
                    message["headers"] = [*headers, (b"link", ", ".join(links).encode())]
            await send(message)

        await self.app(scope, receive, with_links)
