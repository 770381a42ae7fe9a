"""The app below a deep base path, from a checkout of its own with odd names and broken files among its checkpoints."""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Browser, FilePayload, Request, Response, Route, expect

from tests.browser.conftest import PROJECTOR, READY, Explore, Viewers
from tests.browser.test_network import PRELOAD
from tests.browser.test_train import Train
from tests.proxy import proxy
from tests.server import QUICK, ROOT, serve
from tests.systems import dangling, nameable

BASE_PATH = "/a/b"
NAMES = nameable(
    ("50%25 off #2 模型 é", "a?b&c+d", "_b_ `c` $d$ ![x](x.png)", "*a* _b_ `c` $d$ :smile: ![x](x.png) <b>")
)
BROKEN = ("a_folder_", "__dangling__")
DIGITS = "9" * 5000


@pytest.fixture(scope="module")
def checkout(small_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the app needs, with the odd and the broken among its checkpoints."""
    found = tmp_path_factory.mktemp("checkout")
    for folder in ("explorer", "model", "checkpoints"):
        shutil.copytree(ROOT / folder, found / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NAMES:
        shutil.copy(small_checkpoint, found / "checkpoints" / f"{name}.safetensors")
    directory, link = (found / "checkpoints" / f"{name}.safetensors" for name in BROKEN)
    directory.mkdir()
    dangling(link)
    (found / "tmp").mkdir()
    return found


@pytest.fixture(scope="module")
def address(checkout: Path) -> Iterator[str]:
    environment = {"EXPLORER_DATA": str(ROOT / "data"), "TMPDIR": str(checkout / "tmp"), "PYTHONPATH": str(ROOT)}
    with serve(checkout=checkout, base_path=BASE_PATH, environment=environment, module=QUICK) as found:
        yield found[0]


@pytest.fixture
def another(viewers: Viewers, address: str) -> Iterator[Callable[[], Explore]]:
    """Opens pages of that app, each a viewer's own."""
    with viewers.lending(Explore) as lend:
        yield partial(lend, address)


@pytest.fixture
def based(another: Callable[[], Explore], address: str) -> Iterator[Explore]:
    """A new viewer's page of that app, nothing of which lies outside its base path."""
    explore = another()
    asked: list[str] = []
    failed: list[str] = []

    def note_request(request: Request) -> None:
        asked.append(request.url)

    def note_failure(answer: Response) -> None:
        if answer.status >= 400:
            failed.append(answer.url)

    explore.page.on("request", note_request)
    explore.page.on("response", note_failure)
    yield explore
    explore.page.remove_listener("request", note_request)
    explore.page.remove_listener("response", note_failure)
    assert [url for url in asked if not _inside(url, address)] == []
    assert failed == []


def _inside(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "blob:", "data:")) or url == address


def test_explore_and_compare_work_below_a_base_path_and_complain_once_of_each_broken_file(based: Explore) -> None:
    based.open()
    expect(based.plane).to_have_attribute("data-images", "true")
    _complains_of_the_broken(based)
    page = based.page
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(READY)).to_have_count(2)
    assert page.url.startswith(f"{based.address}/compare")
    _complains_of_the_broken(based)


def _complains_of_the_broken(based: Explore) -> None:
    expect(based.sidebar_alert()).to_have_count(len(BROKEN))
    for name in BROKEN:
        alert = based.sidebar_alert().filter(has_text=f"{name}.safetensors: expected a checkpoint, found no readable")
        expect(alert).to_have_count(1)


def test_the_lesson_works_below_a_base_path(based: Explore) -> None:
    page = based.page
    page.goto(f"{based.address}/learn?screen=4")
    expect(page.locator('[data-testid="lesson-figure"][data-screen="uses"][data-ready="true"]')).to_be_visible()


def test_events_and_orders_work_below_a_base_path(based: Explore) -> None:
    train = Train(based.page, based.address).open()
    train.start("below", epochs=500)
    train.epochs(1)
    train.page.route("**/training/below/discard", _signed_out, times=1)
    train.button("discard").click()
    expect(train.page.get_by_role("alert").filter(has_text="The server refused (200).")).to_be_visible()
    train.button("discard").click()
    expect(train.page.locator('[data-job="below"]')).to_have_count(0)


def test_addresses_beside_the_page_are_relative_to_it(address: str, based: Explore) -> None:
    links: list[str] = []
    for page in ("compare", *(f"?model={quote(name)}" for name in NAMES)):
        links += map(unescape, re.findall(PRELOAD, based.page.request.get(f"{address}/{page}").text()))
    assert len(set(links)) > 20
    for link in sorted(set(links)):
        found = based.page.request.get(f"{address}/{link}")
        assert found.status == 200, link
        assert not found.headers["content-type"].startswith("text/html"), link


def _dropped(route: Route) -> None:
    route.abort()


def _signed_out(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<!doctype html><p>Sign in</p>")


def test_a_page_whose_own_files_do_not_come_says_so(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PROJECTOR, locale="zh-TW")
    for answer, query, words in ((_dropped, "", "請重新整理"), (_signed_out, "?lang=en", "did not come: reload")):
        page.route("**/assets/*/streamlit.js", answer)
        page.goto(f"{address}/{query}")
        expect(page.get_by_role("alert").filter(has_text=words)).to_contain_text("/assets/")
        page.unroute_all()
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is_and_found_under_it(name: str, based: Explore) -> None:
    based.open(f"?model={quote(name)}", model=name)
    sidebar = based.page.get_by_test_id("stSidebar")
    # These are made alike: what tells them apart is the file's name.
    expect(sidebar.get_by_role("combobox", name="Model", exact=True)).to_have_value(re.compile(re.escape(f"({name})")))


def test_an_address_of_anything_opens_a_page(based: Explore) -> None:
    figure = based.page.locator('[data-testid="lesson-figure"][data-ready="true"]')
    for screen in (DIGITS, "%00%FF"):
        based.page.goto(f"{based.address}/learn?screen={screen}")
        expect(figure).to_have_attribute("data-screen", "through")
    based.open(f"?z={DIGITS[:300]},1e308&view=0,0,1e300&image={DIGITS}&hide={DIGITS}&lang=%FF&model=vae-mnist")
    assert np.abs(based.z()).max() < 1e9
    assert based.pixels().max() > 0


# Names of files that are refused: they are no Markdown.
REFUSED = ("![x](http://127.0.0.1:9/x.png)", "*a* _b_ `c` ``d`", "$x^2$ :smile: :red[a] www.a.example")


def test_an_upload_outlasts_a_cleaned_folder_and_a_reload_and_is_shown_to_nobody_else(
    checkout: Path, another: Callable[[], Explore], based: Explore, small_checkpoint: Path
) -> None:
    based.open()
    page = based.page
    for name in REFUSED:
        content: FilePayload = {
            "name": f"{name}.safetensors",
            "mimeType": "application/octet-stream",
            "buffer": b"not a model",
        }
        page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(content)
        alert = based.sidebar_alert().filter(has_text="The last good model stays.")
        expect(alert).to_contain_text(f"{name}.safetensors: expected a safetensors file, found")
        expect(alert.locator("img, em, a, h1, .katex")).to_have_count(0)
    based.upload(small_checkpoint)
    based.wait("small")

    shutil.rmtree(checkout / "tmp")
    (checkout / "tmp").mkdir()
    again = checkout / "again.safetensors"
    shutil.copy(small_checkpoint, again)
    based.upload(again)
    based.wait("again")
    page.reload()
    based.wait("again")
    assert based.sidebar_alert().filter(has_text="which is not here").count() == 0
    page.goto(f"{based.address}/train?replay=again")
    expect(page.locator(f'{READY}[data-checkpoint="again"]')).to_be_visible()
    other = another().open("?model=again")
    expect(other.sidebar_alert().filter(has_text="asks for the model again, which is not here")).to_be_visible()


def test_what_a_page_cannot_read_of_its_own_is_said_without_a_folder_of_the_server(
    checkout: Path, based: Explore
) -> None:
    page, prose = based.page, checkout / "explorer" / "lesson" / "text" / "en" / "uses.md"
    content = prose.read_bytes()
    prose.unlink()
    page.goto(f"{based.address}/learn")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("could not read or write a file (uses.md: No such file or directory)")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    prose.write_bytes(b"\xff")  # which nobody has foreseen
    page.reload()
    alert = page.get_by_test_id("stException")
    expect(alert).to_be_visible()
    expect(alert).not_to_contain_text(re.compile(r"Traceback|uses|/explorer/"))
    prose.write_bytes(content)
    page.reload()
    expect(page.locator('[data-testid="lesson-figure"][data-ready="true"]')).to_be_visible()


def test_a_proxy_may_know_the_app_by_another_path(browser: Browser, address: str, small_checkpoint: Path) -> None:
    with proxy(address, "/elsewhere") as found:
        explore = Explore(browser.new_page(viewport=PROJECTOR), found).open()
        expect(explore.plane).to_have_attribute("data-images", "true")
        explore.upload(small_checkpoint)
        explore.wait("small")
        for name in ("Compare", "Learn", "Train"):
            explore.page.get_by_role("link", name=name, exact=True).click()
            expect(explore.page.locator('[data-ready="true"]').first).to_be_visible()
        explore.page.get_by_test_id("where-server").click()
        expect(explore.page.get_by_test_id("shelf")).to_contain_text("vae-mnist")  # by the server's events
        explore.page.context.close()
        assert explore.errors == []
