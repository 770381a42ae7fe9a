"""What the browser fetches besides Streamlit's own pages: frontend files, checkpoints, a data set's; and its cookie."""

__all__ = [
    "PageMiddleware",
    "assets_address",
    "images_address",
    "labels_address",
    "lesson_addresses",
    "pca_address",
    "routes",
]

import gzip
import hashlib
import os
import posixpath
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

import streamlit
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import identity
from explorer.catalogue import library
from explorer.settings import FRONTEND, LESSON_DATA, LOCALES
from model.config import DATA_DIR, DATASETS
from model.files import digest

PLOTLY = "vendor/plotly-gl2d.min.js"  # see frontend/vendor/THIRD_PARTY.md
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"
TRAIN_IMAGES = "train-images-idx3-ubyte.gz"

# Each page's view, by the end of its address; Explore's is that of all others.
VIEWS = {"/train": "train/view.js", "/compare": "compare/view.js", "/learn": "learn/view.js"}

# Weights do not compress: naming the encoding keeps Streamlit's gzip middleware from trying at every request.
UNCOMPRESSED = "identity"

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

_fitting = threading.Lock()


def frontend_files() -> dict[str, Path]:
    """All files of the frontend by their address below its folder, in a fixed order."""
    found = {}
    for folder, _folders, names in os.walk(FRONTEND):  # a third of rglob's time, and every request asks
        for name in names:
            path = Path(folder, name)
            found[path.relative_to(FRONTEND).as_posix()] = path
    return dict(sorted(found.items()))


def frontend_digest() -> str:
    """One digest for all frontend files: modules import each other by relative address, so it stands in the path."""
    digests = "".join(digest(path) for path in frontend_files().values())
    return hashlib.blake2b(digests.encode(), digest_size=8).hexdigest()


def assets_address() -> str:
    """The folder of the frontend files, relative to the app."""
    return f"assets/{frontend_digest()}"


def images_address(dataset: str) -> str | None:
    """The test images of a data set, if they are on this server: its own IDX file, which every browser can read."""
    return _data_address("images", dataset, TEST_IMAGES)


def labels_address(dataset: str) -> str | None:
    """The labels of the test images, likewise."""
    return _data_address("labels", dataset, TEST_LABELS)


def pca_address(dataset: str) -> str | None:
    """The principal components of the training images, likewise."""
    return _data_address("pca", dataset, TRAIN_IMAGES)


def lesson_addresses() -> dict[str, str]:
    """What was computed for the lesson, by name."""
    return {path.stem: f"lesson/{path.name}?v={digest(path)}" for path in sorted(LESSON_DATA.glob("*.safetensors"))}


def _data_address(route: str, dataset: str, filename: str) -> str | None:
    path = DATA_DIR / dataset / filename
    return f"{route}/{dataset}?v={digest(path)}" if path.exists() else None


@lru_cache(maxsize=64)
def _compressed(path: Path, _digest: str) -> bytes:
    # Level 1: a third of the time of the default for a tenth more bytes, and the first viewer waits for it.
    return gzip.compress(path.read_bytes(), compresslevel=1)


def compressed(path: Path) -> bytes:
    """A text file gzipped, remembered while it stays as it is."""
    return _compressed(path, digest(path))


def warm_up() -> None:
    """Beside the start of the server, before the first viewer asks: compress Plotly, take the checkpoints' digests."""
    threading.Thread(target=compressed, args=(FRONTEND / PLOTLY,), daemon=True).start()
    threading.Thread(target=library.entries, daemon=True).start()


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
    name = request.path_params["name"]
    found, _slash, below = name.partition("/")
    if digested := re.fullmatch("[0-9a-f]{16}", found) is not None:
        name = below
    path = frontend_files().get(name)
    if path is None:
        raise HTTPException(404)
    return _text(request, path, digested and found == frontend_digest())


class WholeFile(FileResponse):
    """Few large pieces: each piece is a hop between threads, and the 64 kB default needs 170 for a checkpoint."""

    chunk_size = 4 * 1024 * 1024  # bytes


def _file(request: Request, path: Path, encoding: str) -> Response:
    # Only under the digest that it has now: an address that has outlived its file must not be kept with the new one.
    digested = request.query_params.get("v") == digest(path)
    headers = {"Cache-Control": _caching(digested), "Content-Encoding": encoding}
    return WholeFile(path, headers=headers, media_type="application/octet-stream")


def checkpoint(request: Request) -> Response:
    """A shipped checkpoint, or that of a run that was kept."""
    entry = library.entries()[0].get(request.path_params["name"])
    if entry is None or entry.trained != request.url.path.startswith("/runs/"):
        raise HTTPException(404)
    return _file(request, entry.path, UNCOMPRESSED)


def upload(request: Request) -> Response:
    """An uploaded checkpoint, for those who know its address."""
    path = library.uploads.path(request.path_params["token"])
    if path is None:
        raise HTTPException(404)
    return _file(request, path, UNCOMPRESSED)


def locale(request: Request) -> Response:
    """The catalogue of a language."""
    return _from(LOCALES, f"{request.path_params['code']}.json", request)


def lesson_data(request: Request) -> Response:
    """What was computed for the lesson."""
    return _from(LESSON_DATA, request.path_params["name"], request)


def _from(folder: Path, name: str, request: Request) -> Response:
    """A file of a folder, and of no other; kept by the browser under the digest that it has now."""
    path = folder / name
    if path.parent != folder or not path.is_file():
        raise HTTPException(404)
    return _text(request, path, request.query_params.get("v") == digest(path))


def images(request: Request) -> Response:
    """The test images, as the archive has them: already compressed, unpacked by the browser."""
    return _data(request, TEST_IMAGES)


def labels(request: Request) -> Response:
    """Their labels, likewise."""
    return _data(request, TEST_LABELS)


def _data(request: Request, filename: str) -> Response:
    return _file(request, _data_path(request, filename), "gzip")


def _data_path(request: Request, filename: str) -> Path:
    dataset = request.path_params["dataset"]
    path = DATA_DIR / dataset / filename
    if dataset not in DATASETS or not path.exists():
        raise HTTPException(404)
    return path


@lru_cache(maxsize=8)
def _components(path: Path, _digest: str) -> bytes:
    from safetensors.numpy import save  # here: NumPy takes longer to load than the rest of the routes

    from model import pca

    mean, components = pca.fit(pca.read(path))
    return save({"mean": mean, "components": components})


def components(path: Path) -> bytes:
    """Mean, float32 (784,), and two principal components, (2, 784), of a file of images: safetensors, remembered while
    the file stays as it is."""
    # Forty pupils may ask at once: the first has it computed, the others wait for that.
    with _fitting:
        return _components(path, digest(path))


def pca(request: Request) -> Response:
    """The principal components of the training images."""
    path = _data_path(request, TRAIN_IMAGES)
    digested = request.query_params.get("v") == digest(path)
    headers = {"Cache-Control": _caching(digested), "Content-Encoding": UNCOMPRESSED}
    return Response(components(path), headers=headers, media_type="application/octet-stream")


def routes() -> list[BaseRoute]:
    """All routes, for `st.App`."""
    return [
        Route("/assets/{name:path}", asset),
        Route("/checkpoints/{name}.safetensors", checkpoint),
        Route("/runs/{name}.safetensors", checkpoint),
        Route("/uploads/{token}.safetensors", upload),
        Route("/locales/{code}.json", locale),
        Route("/lesson/{name}", lesson_data),
        Route("/images/{dataset}", images),
        Route("/labels/{dataset}", labels),
        Route("/pca/{dataset}", pca),
    ]


@lru_cache(maxsize=1)
def component_chunks() -> list[str]:
    """Streamlit's own script files behind a component, which its page asks for only when it hears of one.

    Known by their names in the pinned version; where a later one has others, the page is a little later, no more.
    """
    folder = Path(streamlit.__file__).with_name("static") / "static" / "js"
    names = ("BidiComponent", "serialization", "recordbatch", "_arrayReduce")
    return [f"static/js/{path.name}" for name in names for path in folder.glob(f"{name}.*.js")]


@lru_cache(maxsize=8)
def modules_of(entry: str, _digest: str) -> list[str]:
    """A module of the frontend and all that it imports."""
    found = [entry]
    for name in found:  # grows while it is read
        text = (FRONTEND / name).read_text(encoding="utf-8")
        for other in re.findall(r'^(?:import|export) [^;]*? from "(\.[^"]+)";$', text, re.MULTILINE):
            address = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
            if address not in found:
                found.append(address)
    return found


def preloads(path: str, query: Mapping[str, list[str]]) -> list[str]:
    """`Link` headers of a page: what it will need, so that the browser fetches it beside Streamlit's own files."""
    view = next((script for end, script in VIEWS.items() if path.endswith(end)), "explore/view.js")
    assets = assets_address()  # asks the disk after every frontend file
    scripts = ["streamlit.js", *modules_of(view, frontend_digest())]
    modules = [f"<{assets}/{name}>; rel=modulepreload" for name in scripts]
    models = [f"<{address}>; rel=preload; as=fetch; crossorigin; fetchpriority=low" for address in _models(view, query)]
    chunks = [f"<{address}>; rel=modulepreload; crossorigin" for address in component_chunks()]
    return [*chunks, *modules, *models, f"<{assets}/{PLOTLY}>; rel=preload; as=script; fetchpriority=low"]


def _models(view: str, query: Mapping[str, list[str]]) -> list[str]:
    """Addresses of the checkpoints that a page shows first; none on Train, where most watch a run, and on Learn."""
    if view in ("train/view.js", "learn/view.js"):
        return []
    entries, _complaints = library.entries()
    if not entries:
        return []
    first, second = library.pair(entries)
    shown = {"a": first, "b": second} if view == "compare/view.js" else {"model": next(iter(entries))}
    return [entries.get(query.get(key, [""])[0], entries[default]).address for key, default in shown.items()]


def _cookie(header: str) -> list[str]:
    """`Set-Cookie` for a browser that has no name yet; nothing for one that has."""
    try:
        found = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        found = {}
    if identity.viewer(found):
        return []
    # Lax and not Strict: whoever comes by a link from elsewhere must not look like somebody new.
    return [f"{identity.COOKIE}={identity.new_viewer()}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"]


class PageMiddleware:
    """Adds to Streamlit's HTML page what to fetch beside it, and the cookie that tells viewers apart."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                    links = preloads(scope["path"], parse_qs(scope.get("query_string", b"").decode()))
                    sent = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
                    cookies = [(b"set-cookie", cookie.encode()) for cookie in _cookie(sent)]
                    message["headers"] = [*headers, (b"link", ", ".join(links).encode()), *cookies]
            await send(message)

        await self.app(scope, receive, with_headers)
