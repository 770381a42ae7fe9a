"""Routes of the running app: what is served, how it may be kept, and what is not."""

import gzip
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path

import pytest

from explorer import library, routes
from tests.conftest import CHECKPOINTS

FOR_EVER = "public, max-age=31536000, immutable"


class App:
    """Fetches as a browser would, without unpacking."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, encoding: str = "gzip") -> tuple[bytes, Message]:
        request = urllib.request.Request(f"{self.address}/{path}", headers={"Accept-Encoding": encoding})
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200


@pytest.fixture(scope="module")
def app(server: tuple[str, int]) -> App:
    return App(server[0])


def test_a_checkpoint_is_served_whole_as_it_is_and_kept_for_ever(app: App) -> None:
    entry = library.shipped()[0]["vae-mnist"]
    content, headers = app.get(entry.address)
    assert content == entry.path.read_bytes()
    assert headers["cache-control"] == FOR_EVER
    assert headers["content-encoding"] == "identity"
    for query in ("", "?v=0123456789abcdef"):  # none, or that of a file which has since changed
        assert app.get(f"checkpoints/vae-mnist.safetensors{query}")[1]["cache-control"] == "no-cache"


def test_text_is_compressed_for_those_who_take_it(app: App) -> None:
    path = routes.FRONTEND / routes.PLOTLY
    content, headers = app.get(f"{routes.assets_address()}/{path.name}")
    assert headers["content-encoding"] == "gzip"
    assert len(content) < 0.45 * path.stat().st_size
    assert gzip.decompress(content) == path.read_bytes()
    plain, headers = app.get(f"{routes.assets_address()}/{path.name}", encoding="identity")
    assert plain == path.read_bytes()
    assert headers["content-encoding"] is None


@pytest.mark.parametrize("path", sorted(routes.FRONTEND.glob("*.js")), ids=lambda path: path.name)
def test_modules_are_served_under_their_digest_and_without(path: Path, app: App) -> None:
    for folder, caching in ((routes.assets_address(), FOR_EVER), ("assets", "no-cache")):
        content, headers = app.get(f"{folder}/{path.name}")
        assert gzip.decompress(content) == path.read_bytes()
        assert headers["content-type"].startswith("text/javascript")
        assert headers["cache-control"] == caching


def test_an_old_digest_is_answered_but_not_kept(app: App) -> None:
    assert app.get("assets/0123456789abcdef/words.js")[1]["cache-control"] == "no-cache"


def test_the_test_images_are_the_data_sets_own(app: App) -> None:
    content, headers = app.get(str(routes.images_address("mnist")))
    archive = CHECKPOINTS.parent / "data" / "mnist" / routes.TEST_IMAGES
    assert content == archive.read_bytes()
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize(
    "path",
    [
        "assets/absent.js",
        "assets/..%2Fapp.py",
        "assets/x/..%2F..%2Fapp.py",
        "checkpoints/absent.safetensors",
        "checkpoints/..%2F..%2Frequirements.safetensors",
        "uploads/guess.safetensors",
        "images/absent",
        "images/..%2F..%2Fcheckpoints",
    ],
)
def test_nothing_else_is_served(path: str, app: App) -> None:
    assert app.status(path) in (400, 404)


def test_a_page_says_what_it_will_need(app: App) -> None:
    links = app.get("?model=ae-mnist")[1]["link"]
    assert "<checkpoints/ae-mnist.safetensors?v=" in links
    assert "/explorer.js>; rel=modulepreload" in links
    assert "<checkpoints/vae-mnist.safetensors?v=" in app.get("?model=nowhere")[1]["link"]
