"""Routes: what is served, how it may be kept, and what is not."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer import library, routes
from tests.conftest import CHECKPOINTS

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes.routes())) as client:
        yield client


def test_a_checkpoint_is_served_whole_and_kept_for_ever(client: TestClient) -> None:
    entry = library.shipped()[0]["vae-mnist"]
    answer = client.get(f"/{entry.address}")
    assert answer.content == entry.path.read_bytes()
    assert answer.headers["cache-control"] == FOR_EVER
    assert client.get("/checkpoints/vae-mnist.safetensors").headers["cache-control"] == "no-cache"


def test_plotly_is_the_installed_one_compressed(client: TestClient) -> None:
    answer = client.get(f"/{routes.plotly_address()}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == FOR_EVER
    assert int(answer.headers["content-length"]) < 0.4 * routes.plotly_path().stat().st_size
    assert answer.content == routes.plotly_path().read_bytes()
    plain = client.get(f"/{routes.plotly_address()}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", sorted(routes.FRONTEND.glob("*.js")), ids=lambda path: path.name)
def test_modules_are_served_under_their_digest_and_without(path: Path, client: TestClient) -> None:
    for folder, caching in ((routes.assets_address(), FOR_EVER), ("assets", "no-cache")):
        answer = client.get(f"/{folder}/{path.name}")
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["cache-control"] == caching


def test_an_old_digest_is_answered_but_not_kept(client: TestClient) -> None:
    assert client.get("/assets/0123456789abcdef/words.js").headers["cache-control"] == "no-cache"


def test_the_test_images_are_the_data_sets_own(client: TestClient) -> None:
    answer = client.get(f"/{routes.images_address('mnist')}")
    archive = CHECKPOINTS.parent / "data" / "mnist" / routes.TEST_IMAGES
    assert answer.content == gzip.decompress(archive.read_bytes())
    assert answer.headers["cache-control"] == FOR_EVER


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
        "images/..",
    ],
)
def test_nothing_else_is_served(path: str, client: TestClient) -> None:
    assert client.get(f"/{path}").status_code == 404


def test_pages_say_what_they_will_need() -> None:
    links = routes.preloads({"model": ["ae-mnist"]})
    assert any(link.startswith("<checkpoints/ae-mnist.safetensors?v=") for link in links)
    assert any("explorer.js>; rel=modulepreload" in link for link in links)
    unknown = routes.preloads({"model": ["nowhere"]})
    assert any(link.startswith("<checkpoints/vae-mnist.safetensors?v=") for link in unknown)
