"""The handout of a model that the server has, for who presses Save: made once for all who want it."""

__all__ = ["handout_address", "handout_routes"]

import hashlib
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.catalogue.uploads import uploads
from explorer.export.handout import handout
from explorer.serving.addresses import TEST_IMAGES, frontend
from explorer.serving.routes import UNCOMPRESSED, for_ever, unless_known
from explorer.settings import LOCALES, SUFFIX
from model.dataset import DATA_DIR
from model.errors import UserError
from model.files import digest_if_readable

_OWN = sorted(path for path in Path(__file__).parent.iterdir() if path.is_file())

_BYTES = "application/octet-stream"

_making = threading.Lock()


def handout_address(entry: Entry) -> str:
    """Where the browser fetches a model's handout, relative to the app; changes with all that is in it."""
    return f"{entry.address.rpartition(f'{SUFFIX}?v=')[0]}.html?v={_version(entry)}"


def _version(entry: Entry) -> str:
    read = [DATA_DIR / entry.header.train.dataset / TEST_IMAGES, *sorted(LOCALES.iterdir()), *_OWN]
    digests = [entry.address, frontend().version, *map(str, map(digest_if_readable, read))]
    return hashlib.blake2b(" ".join(digests).encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=4)
def _made(path: Path, name: str, version: str) -> bytes:
    return handout([Entry(name, path, "", library.checked(name, path))]).html


def _answer(request: Request, entry: Entry | None) -> Response:
    """A handout, to be saved under the model's name: it is no page of this server's."""
    if entry is None:
        raise HTTPException(404)
    try:
        version = _version(entry)
        headers = {
            **for_ever(version),
            "Content-Encoding": UNCOMPRESSED,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(entry.name, safe='')}.html",
        }
        if request.query_params.get("v") != version:
            headers["Cache-Control"] = "no-cache"
        # Bytes, not HTML: of that the app would make a page of its own (PageMiddleware).
        return unless_known(request, headers, lambda: Response(_content(entry, version), 200, headers, _BYTES))
    except (OSError, UserError) as error:
        raise HTTPException(404) from error  # gone or damaged by now


def _content(entry: Entry, version: str) -> bytes:
    # Forty pupils may ask at once: the first has it made, the others wait for that.
    with _making:
        return _made(entry.path, entry.name, version)


def _kept(trained: bool) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        entry = library.current()[0].get(request.path_params["name"])
        return _answer(request, entry if entry and entry.trained == trained else None)

    return answer


def _uploaded(request: Request) -> Response:
    return _answer(request, uploads.entry(request.path_params["token"]))


def handout_routes() -> list[Route]:
    """For `st.App`."""
    return [
        Route("/checkpoints/{name}.html", _kept(trained=False)),
        Route("/runs/{name}.html", _kept(trained=True)),
        Route("/uploads/{token}.html", _uploaded),
    ]
