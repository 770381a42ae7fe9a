"""The app below a deep base path, from a checkout of its own with odd names and broken files among its checkpoints."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import PROJECTOR, READY, Explore
from tests.browser.test_train import Train
from tests.server import ROOT, serve

BASE_PATH = "/a/b"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the app needs."""
    found = tmp_path_factory.mktemp("checkout")
    for folder in ("explorer", "model", ".streamlit", "checkpoints"):
        shutil.copytree(ROOT / folder, found / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return found


@pytest.fixture(scope="module")
def address(checkout: Path) -> Iterator[str]:
    with serve(checkout=checkout, base_path=BASE_PATH, environment={"EXPLORER_DATA": str(ROOT / "data")}) as found:
        yield found[0]


@pytest.fixture
def based(browser: Browser, address: str) -> Iterator[Explore]:
    """A page of that app, nothing of which lies outside its base path."""
    page = browser.new_page(viewport=PROJECTOR)
    explore = Explore(page, address)
    strays: list[str] = []
    page.on("request", lambda request: None if _inside(request.url, address) else strays.append(request.url))
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    yield explore
    page.close()
    assert explore.errors == []
    assert strays == []
    assert [url for url in failed if "/_stcore/" not in url] == []  # where Streamlit looks for its own


def _inside(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "blob:", "data:")) or url == address


def test_explore_and_compare_work_below_a_base_path(based: Explore) -> None:
    based.open()
    expect(based.plane).to_have_attribute("data-images", "true")
    page = based.page
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(READY)).to_have_count(2)
    assert page.url.startswith(f"{based.address}/compare")


def test_an_upload_works_below_a_base_path(based: Explore, small_checkpoint: Path) -> None:
    based.open()
    based.upload(small_checkpoint)
    based.wait("small")


def test_the_lesson_works_below_a_base_path(based: Explore) -> None:
    page = based.page
    page.goto(f"{based.address}/learn?screen=4")
    expect(page.locator('[data-testid="lesson-figure"][data-screen="uses"][data-ready="true"]')).to_be_visible()


def test_events_and_orders_work_below_a_base_path(based: Explore) -> None:
    train = Train(based.page, based.address).open()
    train.start("below", epochs=500)
    train.epochs(1)
    train.button("discard").click()
    expect(train.page.locator('[data-job="below"]')).to_have_count(0)


def test_addresses_beside_the_page_are_relative_to_it(address: str, based: Explore) -> None:
    answer = based.page.request.get(f"{address}/compare")
    for link in re.findall("<([^>]+)>", answer.headers["link"]):
        found = based.page.request.get(f"{address}/{link}")
        assert found.status == 200, link
        assert not found.headers["content-type"].startswith("text/html"), link


def _dropped(route: Route) -> None:
    route.abort()


def _signed_out(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<!doctype html><p>Sign in</p>")


@pytest.mark.parametrize("answer", [_dropped, _signed_out])
def test_a_page_whose_own_files_do_not_come_says_so(
    answer: Callable[[Route], None], browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport=PROJECTOR, locale="zh-TW")
    page.route("**/assets/*/streamlit.js", answer)
    page.goto(address)
    expect(page.get_by_role("alert").filter(has_text="請重新載入")).to_contain_text("/assets/")
    page.close()
