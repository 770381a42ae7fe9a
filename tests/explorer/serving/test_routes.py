"""Routes of the running app: what is served, how it may be kept, and what is not."""

import gzip
import json
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load
from starlette.requests import Request

from explorer.catalogue import library
from explorer.serving import routes
from explorer.serving.addresses import (
    PLOTLY,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    assets_address,
    frontend,
    images_address,
    pca_address,
)
from explorer.serving.parts import PARTS, part
from explorer.settings import FRONTEND, LOCALES
from model import pca
from model.dataset import DATA_DIR, DATASETS, IDX_IMAGES
from model.files import digest
from tests.conftest import CHECKPOINTS
from tests.explorer.serving.conftest import App

FOR_EVER = "public, max-age=31536000, immutable"


def test_a_checkpoint_is_served_whole_as_it_is_and_kept_for_ever(app: App) -> None:
    entry = library.shipped()[0]["vae-mnist"]
    content, headers = app.get(entry.address)
    assert content == entry.path.read_bytes()
    assert headers["cache-control"] == FOR_EVER
    assert headers["content-encoding"] == "identity"
    for query in ("", "?v=0123456789abcdef"):  # none, or that of a file which has since changed
        assert app.get(f"checkpoints/vae-mnist.safetensors{query}")[1]["cache-control"] == "no-cache"


def test_parts_of_a_checkpoint_are_kept_for_ever_too(app: App) -> None:
    entry = library.shipped()[0]["ae-mnist"]
    for name in PARTS:
        content, headers = app.get(f"{entry.address}&part={name}")
        found, expected = load(content), load(part(entry.path, name).content)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[key], tensor) for key, tensor in expected.items())
        assert headers["cache-control"] == FOR_EVER
        assert headers["content-encoding"] == "identity"
        assert app.status(f"{entry.address}&part={name}", known=headers["etag"]) == 304
    assert app.get("checkpoints/ae-mnist.safetensors?part=trace")[1]["cache-control"] == "no-cache"
    for name in ("", "absent", "decoder.", "../encoder"):
        assert app.status(f"{entry.address}&part={name}") == 404


def test_pages_are_told_to_show_no_dialogs_of_streamlits(app: App) -> None:
    content, headers = app.get("_stcore/host-config")
    told = json.loads(content)
    assert told["blockErrorDialogs"] is True
    assert "allowedOrigins" in told  # and the rest as it was
    assert headers["content-type"] == "application/json"


def test_who_has_it_gets_no_body(app: App) -> None:
    name = "explore/view.js"
    for path in (
        f"assets/{name}",
        f"{assets_address()}/{name}",
        "checkpoints/vae-mnist.safetensors",
        "images/mnist",
        "locales/zh-Hant.json",
    ):
        tag = app.get(path)[1]["etag"]
        assert app.status(path, known=tag) == 304
        assert app.status(path, known=f'"another", {tag}') == 304
        assert app.status(path, known='W/"0123456789abcdef"') == 200


def test_for_who_has_it_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(_path: Path) -> bytes:
        raise AssertionError("it was read")

    monkeypatch.setattr(routes, "compressed", unread)
    monkeypatch.setattr(routes, "components", unread)
    for route, parameters, version in (
        (routes.asset, {"name": "core/i18n.js"}, frontend().version),
        (routes.locale, {"code": "zh-Hant"}, digest(LOCALES / "zh-Hant.json")),
        (routes.pca, {"dataset": "mnist"}, digest(DATA_DIR / "mnist" / TRAIN_IMAGES)),
    ):
        headers = [(b"accept-encoding", b"gzip"), (b"if-none-match", f'W/"{version}"'.encode())]
        asked = {"type": "http", "path_params": parameters, "query_string": b"", "headers": headers}
        assert route(Request(asked)).status_code == 304


def test_text_is_compressed_for_those_who_take_it(app: App) -> None:
    path = FRONTEND / PLOTLY
    content, headers = app.get(f"{assets_address()}/{PLOTLY}")
    assert headers["content-encoding"] == "gzip"
    assert len(content) < 0.45 * path.stat().st_size
    assert gzip.decompress(content) == path.read_bytes()
    plain, headers = app.get(f"{assets_address()}/{PLOTLY}", encoding="identity")
    assert plain == path.read_bytes()
    assert headers["content-encoding"] is None


@pytest.mark.parametrize("name", [name for name in frontend().files if name.endswith(".js")])
def test_modules_are_served_under_their_digest_and_without(name: str, app: App) -> None:
    for folder, caching in ((assets_address(), FOR_EVER), ("assets", "no-cache")):
        content, headers = app.get(f"{folder}/{name}")
        assert gzip.decompress(content) == (FRONTEND / name).read_bytes()
        assert headers["content-type"].startswith("text/javascript")
        assert headers["cache-control"] == caching


def test_an_old_digest_is_answered_but_not_kept(app: App) -> None:
    assert app.get("assets/0123456789abcdef/core/i18n.js")[1]["cache-control"] == "no-cache"


def test_the_test_images_are_the_data_sets_own(app: App) -> None:
    content, headers = app.get(str(images_address("mnist")))
    archive = CHECKPOINTS.parent / "data" / "mnist" / TEST_IMAGES
    assert content == archive.read_bytes()
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize(
    ("route", "filename"),
    [("labels", TEST_LABELS), ("training-images", TRAIN_IMAGES), ("training-labels", TRAIN_LABELS)],
)
def test_labels_and_training_images_are_the_data_sets_own(route: str, filename: str, app: App) -> None:
    archive = DATA_DIR / "mnist" / filename
    content, headers = app.get(f"{route}/mnist?v={digest(archive)}")
    assert content == archive.read_bytes()
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == FOR_EVER


def test_a_kernel_is_served_as_what_it_is(app: App) -> None:
    content, headers = app.get(f"{assets_address()}/core/gemm.wasm")
    assert gzip.decompress(content) == (FRONTEND / "core" / "gemm.wasm").read_bytes()
    assert headers["content-type"] == "application/wasm"


def test_principal_components_are_those_of_the_training_images(app: App) -> None:
    content, headers = app.get(str(pca_address("mnist")))
    found = load(content)
    assert {name: (str(t.dtype), t.shape) for name, t in found.items()} == {
        "mean": ("float32", (784,)),
        "components": ("float32", (2, 784)),
    }
    mean, components = pca.fit(pca.read(DATA_DIR / "mnist" / TRAIN_IMAGES))
    np.testing.assert_allclose(found["mean"], mean, atol=1e-7)
    np.testing.assert_allclose(found["components"], components, atol=1e-6)
    assert headers["cache-control"] == FOR_EVER
    assert headers["content-encoding"] == "identity"
    for query in ("", "?v=0123456789abcdef"):
        again, headers = app.get(f"pca/mnist{query}")
        assert again == content
        assert headers["cache-control"] == "no-cache"


class CountingLock:
    """A lock that tells how often it was asked for, before it lets anybody in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.asked.release()
        self.lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self.lock.release()


def test_what_is_asked_for_by_many_at_once_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(struct.pack(">4I", IDX_IMAGES, 5, 28, 28) + bytes(range(5)) * 784))
    lock = CountingLock()
    begun = []

    def slow(batches: Iterator[NDArray[np.uint8]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        begun.append(len(next(batches)))
        for _viewer in range(8):
            lock.asked.acquire()
        return np.zeros(784, np.float32), np.zeros((2, 784), np.float32)

    monkeypatch.setattr(pca, "fit", slow)
    monkeypatch.setattr(routes, "_fitting", lock)
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(routes.components, [path] * 8))
    assert begun == [5]
    assert len(answers) == 1


def test_a_data_set_that_is_not_here_has_no_address(app: App) -> None:
    assert pca_address("absent") is None
    for name in set(DATASETS) - {"mnist"}:
        present = pca_address(name) is not None
        assert app.status(f"pca/{name}") == (200 if present else 404)


@pytest.mark.parametrize(
    "path",
    [
        "assets/absent.js",
        "assets/core",
        "assets/..%2Fapp.py",
        "assets/core/..%2F..%2Fapp.py",
        "assets/x/..%2F..%2Fapp.py",
        "checkpoints/absent.safetensors",
        "checkpoints/..%2F..%2Frequirements.safetensors",
        "uploads/guess.safetensors",
        "images/absent",
        "images/..%2F..%2Fcheckpoints",
        "pca/absent",
        "training-images/absent",
        "training-labels/absent",
        "pca/..%2Fmnist",
    ],
)
def test_nothing_else_is_served(path: str, app: App) -> None:
    assert app.status(path) in (400, 404)


def test_a_code_is_of_an_address_and_of_nothing_else(app: App) -> None:
    content, headers = app.get("invitation?address=http://10.0.0.7:8501/?model=ae-mnist%26z=1,2", encoding="identity")
    assert content.startswith(b"<?xml")
    assert headers["content-type"].startswith("image/svg+xml")
    for query in ("", "?address=javascript:1", f"?address=http://{'x' * 1000}"):
        assert app.status(f"invitation{query}") == 404
