"""What the browser fetches besides Streamlit's own pages: frontend files, checkpoints, a data set's.

Each answer is a plain function, so that Starlette runs it in a thread: all of them ask the disk.
"""

__all__ = ["compressed", "for_ever", "routes", "unless_known", "warm_up"]

import gzip
import io
import re
import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from explorer.catalogue import library
from explorer.catalogue.uploads import uploads
from explorer.serving.addresses import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    frontend,
)
from explorer.serving.parts import COUNT, FEW_IMAGES, IMAGES, PARTS, Part, few_images, part, pictures
from explorer.settings import LESSON_DATA, LOCALES
from explorer.upstream.slow import PIECE
from model.dataset import DATA_DIR, DATASETS, is_own
from model.files import digest
from model.safetensors_header import CheckpointError

# Weights do not compress: naming the encoding keeps Streamlit's gzip middleware from trying at every request.
UNCOMPRESSED = "identity"

MAX_INVITATION = 1_000  # characters: a code of more is too fine for a phone at the back of a room

_BYTES = "application/octet-stream"
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".wasm": "application/wasm",
}

_fitting = threading.Lock()  # held while principal components are computed


@lru_cache(maxsize=256)
def _compressed(path: Path, _digest: str) -> bytes:
    # The best, for it is done once: all that a first page needs, Streamlit's part and ours, takes a tenth of a second.
    return gzip.compress(path.read_bytes(), compresslevel=9)


def compressed(path: Path) -> bytes:
    """A text file gzipped, remembered while it stays as it is."""
    return _compressed(path, digest(path))


def warm_up() -> None:
    """Beside the start of the server, before the first viewer asks: take the checkpoints' digests."""
    threading.Thread(target=library.entries, daemon=True).start()


def _caching(asked: str | None, version: str) -> dict[str, str]:
    # Only under the digest that it has now: an address that has outlived its file must not be kept with the new one.
    return for_ever(version) if asked == version else {**for_ever(version), "Cache-Control": "no-cache"}


def for_ever(version: str) -> dict[str, str]:
    """Headers of what is never another under its address."""
    # A weak tag: compressed or not.
    return {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'W/"{version}"'}


def unless_known(request: Request, headers: dict[str, str], read: Callable[[], Response]) -> Response:
    """What is read, or 304 to a browser that has it (RFC 9110, 13.1.2): then nothing is read, packed or computed."""
    if headers["ETag"] not in request.headers.get("If-None-Match", ""):
        return read()
    kept = ("Cache-Control", "ETag", "Vary")
    return Response(status_code=304, headers={name: headers[name] for name in kept if name in headers})


def _text(request: Request, path: Path, caching: dict[str, str]) -> Response:
    headers = {**caching, "Vary": "Accept-Encoding"}
    return unless_known(request, headers, lambda: _read_text(request, path, headers))


def _read_text(request: Request, path: Path, headers: dict[str, str]) -> Response:
    kind = _TYPES.get(path.suffix, _BYTES)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(compressed(path), headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
    return Response(path.read_bytes(), headers=headers, media_type=kind)


def asset(request: Request) -> Response:
    """A frontend file, with the digest of all of them in the path or without."""
    name, asked = request.path_params["name"], None
    first, _slash, below = name.partition("/")
    if re.fullmatch("[0-9a-f]{16}", first):
        name, asked = below, first
    found = frontend()
    if name not in found.files:
        raise HTTPException(404)
    return _text(request, found.files[name], _caching(asked, found.version))


class WholeFile(FileResponse):
    """Read as it is sent: each piece is a hop between threads, and the default of 64 kB needs twice as many."""

    chunk_size = PIECE


class PartResponse(Response):
    """Holds the part while it is sent: see `Part`."""

    def __init__(self, sent: Part, headers: dict[str, str]) -> None:
        super().__init__(sent.content, headers=headers, media_type=_BYTES)
        self.sent = sent


def _file(request: Request, path: Path, encoding: str) -> Response:
    headers = _headers(request, path, encoding)
    return unless_known(request, headers, lambda: WholeFile(path, headers=headers, media_type=_BYTES))


def _bytes(request: Request, path: Path, encoding: str, make: Callable[[], bytes]) -> Response:
    """What is made of a file, under the digest of that."""
    headers = _headers(request, path, encoding)
    return unless_known(request, headers, lambda: Response(make(), headers=headers, media_type=_BYTES))


def _headers(request: Request, path: Path, encoding: str) -> dict[str, str]:
    return {**_caching(request.query_params.get("v"), digest(path)), "Content-Encoding": encoding}


def checkpoint(request: Request) -> Response:
    """A shipped checkpoint."""
    return _checkpoint(request, trained=False)


def trained(request: Request) -> Response:
    """The checkpoint of a run that was kept."""
    return _checkpoint(request, trained=True)


def _checkpoint(request: Request, trained: bool) -> Response:
    entry = library.current()[0].get(request.path_params["name"])
    if entry is None or entry.trained != trained:
        raise HTTPException(404)
    return _whole_or_part(request, entry.path)


def upload(request: Request) -> Response:
    """An uploaded checkpoint, for those who know its address."""
    entry = uploads.entry(request.path_params["token"])
    if entry is None:
        raise HTTPException(404)
    return _whole_or_part(request, entry.path)


def _whole_or_part(request: Request, path: Path) -> Response:
    """A checkpoint file, or the part of it that is asked for."""
    name = request.query_params.get("part")
    if name is None:
        return _file(request, path, UNCOMPRESSED)
    if name in (IMAGES, FEW_IMAGES):
        return _bytes(request, path, "gzip", lambda: pictures(path, COUNT if name == FEW_IMAGES else None))
    if name not in PARTS:
        raise HTTPException(404)
    headers = _headers(request, path, UNCOMPRESSED)
    return unless_known(request, headers, lambda: PartResponse(part(path, name), headers))


def locale(request: Request) -> Response:
    """The catalogue of a language."""
    return _from(LOCALES, f"{request.path_params['code']}.json", request)


def lesson_data(request: Request) -> Response:
    """What was computed for the lesson."""
    return _from(LESSON_DATA, request.path_params["name"], request)


def _from(folder: Path, name: str, request: Request) -> Response:
    """A file of a folder, and of no other; kept by the browser under the digest that it has now."""
    path = folder / name
    if path.parent != folder:
        raise HTTPException(404)
    return _text(request, path, _caching(request.query_params.get("v"), digest(path)))


def images(request: Request) -> Response:
    """The test images, as the archive has them: already compressed, unpacked by the browser; or the first of them."""
    if request.query_params.get("part") != FEW_IMAGES:
        return _data(request, TEST_IMAGES)
    path = _data_path(request, TEST_IMAGES)
    return _bytes(request, path, "gzip", lambda: few_images(path))


def labels(request: Request) -> Response:
    """Their labels, likewise."""
    return _data(request, TEST_LABELS)


def training_images(request: Request) -> Response:
    """The training images, as the archive has them: for who trains in the browser."""
    return _data(request, TRAIN_IMAGES)


def training_labels(request: Request) -> Response:
    """Their labels, likewise."""
    return _data(request, TRAIN_LABELS)


def _data(request: Request, filename: str) -> Response:
    return _file(request, _data_path(request, filename), "gzip")


def _data_path(request: Request, filename: str, own: bool = False) -> Path:
    """A file of a data set; of people's own only where that is asked for."""
    dataset = request.path_params["dataset"]
    if dataset not in DATASETS and not (own and is_own(dataset)):
        raise HTTPException(404)
    return DATA_DIR / dataset / filename


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
    path = _data_path(request, TRAIN_IMAGES, own=True)
    try:
        return _bytes(request, path, UNCOMPRESSED, lambda: components(path))
    except ValueError as error:  # in colour, which nobody is told to ask for
        raise HTTPException(404) from error


def invitation(request: Request) -> Response:
    """The code of an address of this app, to be photographed: SVG."""
    import segno  # here: most pages are never shown a code

    address = request.query_params.get("address", "")
    if not re.match(r"https?://", address) or len(address) > MAX_INVITATION:
        raise HTTPException(404)
    code = io.BytesIO()
    segno.make(address, error="m", micro=False).save(code, kind="svg", omitsize=True, border=2, light="#fff")
    return Response(code.getvalue(), media_type="image/svg+xml")


def _or_absent(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The same answer, or 404 where its file is gone or damaged by now: the page says what that means for it."""

    @wraps(answer)
    def answer_or_404(request: Request) -> Response:
        try:
            return answer(request)
        except (OSError, CheckpointError) as error:
            raise HTTPException(404) from error

    return answer_or_404


def routes() -> list[Route]:
    """All routes, for `st.App`."""
    found = {
        "/assets/{name:path}": asset,
        "/checkpoints/{name}.safetensors": checkpoint,
        "/runs/{name}.safetensors": trained,
        "/uploads/{token}.safetensors": upload,
        "/locales/{code}.json": locale,
        "/lesson/{name}": lesson_data,
        "/images/{dataset}": images,
        "/labels/{dataset}": labels,
        "/training-images/{dataset}": training_images,
        "/training-labels/{dataset}": training_labels,
        "/pca/{dataset}": pca,
        "/invitation": invitation,
    }
    return [Route(path, _or_absent(answer)) for path, answer in found.items()]
