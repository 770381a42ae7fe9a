"""The page's second thread when something goes wrong: what fails is reported and dropped, the others go on."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Explore, Open

START = """(model) => {
    window.replies = [];
    window.worker = new Worker(new URL("assets/worker/worker.js", document.baseURI), { type: "module" });
    window.worker.onmessage = ({ data }) => window.replies.push(data);
    const address = new URL(`checkpoints/${model}.safetensors`, document.baseURI).href;
    window.worker.postMessage({ kind: "load", address, words: {} });
}"""
DRAWN = {"y": 0, "base": None, "turn": 0}
FIGURE = """window.worker.postMessage(
    { kind: 'figure', ticket: 7, z: Float32Array.from([0, 0, 1, 1]), drawn: { y: 0, base: null, turn: 0 } })"""

# Requests that no page sends, each of which makes its task throw somewhere else: at once, or after some work.
BROKEN: dict[str, dict[str, Any]] = {
    "walk": {"kind": "walk", "ticket": 1, "a": [0, 0], "b": [1, 1], "box": None},
    "tiles": {"kind": "tiles", "layer": "digits", "wishes": [{"level": 0, "side": 1, "tiles": [0, 0]}, None]},
    "scale": {"kind": "scale", "field": "change", "box": None},
    "table": {"kind": "table", "images": "images/absent"},
    "unknown": {"kind": "absent"},
}


@pytest.fixture
def worker(modules: Page) -> Iterator[Page]:
    """A page with a worker of its own in `window.worker`, and what it has said in `window.replies`."""
    modules.evaluate(START, "vae-mnist-baseline")
    yield modules
    modules.evaluate("window.worker.terminate()")


def _figure_comes(page: Page) -> None:
    page.evaluate(FIGURE)
    page.wait_for_function("window.replies.some(({ kind, images }) => kind === 'figure' && images.length === 2 * 784)")


@pytest.mark.parametrize("name", BROKEN)
def test_a_task_that_fails_is_reported_and_the_others_go_on(name: str, worker: Page) -> None:
    worker.evaluate("(request) => window.worker.postMessage(request)", BROKEN[name] | {"drawn": DRAWN})
    _figure_comes(worker)
    worker.wait_for_function("window.replies.some(({ kind }) => kind === 'error')")
    errors = worker.evaluate("window.replies.filter(({ kind }) => kind === 'error')")
    assert [error["request"]["kind"] for error in errors] == [BROKEN[name]["kind"]]
    assert re.fullmatch(r"[A-Z].*\.", errors[0]["error"]), "a sentence"


def test_a_model_that_could_not_be_fetched_is_fetched_again(modules: Page) -> None:
    address = re.compile("checkpoints/vae-mnist-baseline")
    modules.route(address, lambda route: _fail(route), times=1)
    modules.evaluate(START, "vae-mnist-baseline")
    modules.evaluate(FIGURE)
    modules.wait_for_function("window.replies.some(({ kind }) => kind === 'error')")
    assert "The model is no longer on the server" in modules.evaluate(
        "window.replies.find(({ kind }) => kind === 'error').error"
    )
    _figure_comes(modules)
    modules.evaluate("window.worker.terminate()")


# On the page, requests of one kind ask for what cannot be computed, until `broken` is false; of the misfits, of which
# nothing is asked but that they be found, the reply is given here.
BREAK = """const post = Worker.prototype.postMessage;
window.broken = true;
Worker.prototype.postMessage = function (request) {
    const { kind, ticket, drawn } = request;
    const data = { kind: "error", request, error: "Nothing was found." };
    if (kind !== "$KIND" || !window.broken) post.call(this, request);
    else if (kind === "misfits") this.dispatchEvent(new MessageEvent("message", { data }));
    else post.call(this, { kind, ticket, drawn, images: "absent" });
};"""


def _open_with_broken(explore: Explore, kind: str) -> Page:
    with explore.page.add_init_script(BREAK.replace("$KIND", kind)):
        return explore.open(f"?panel={'save' if kind == 'table' else kind}").page


def test_a_walk_that_fails_says_so_and_can_be_asked_for_again(new_page: Open) -> None:
    page = _open_with_broken(new_page(), "walk")
    page.get_by_test_id("walk-pair").click()
    expect(page.get_by_test_id("walk-status")).to_have_text("This walk could not be computed: set A or B again.")
    expect(page.get_by_role("alert").filter(has_text="Something went wrong")).to_be_visible()
    page.get_by_test_id("tab-figure").click()
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    page.evaluate("window.broken = false")
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-a").click()
    expect(page.locator(".lse-walk")).to_have_attribute("data-ready", "true")


def test_misfits_and_a_figure_that_fail_are_computed_when_their_panel_is_opened_again(new_page: Open) -> None:
    explore = new_page()
    for panel, done in (("misfits", "data-count"), ("figure", "data-ready")):
        page = _open_with_broken(explore, panel)
        expect(page.get_by_test_id(f"panel-{panel}")).to_contain_text("could not be computed")
        page.evaluate("window.broken = false")
        page.get_by_test_id("tab-image").click()
        page.get_by_test_id(f"tab-{panel}").click()
        expect(page.get_by_test_id(panel)).to_have_attribute(done, re.compile(r"\d+|true"))


def test_a_table_that_fails_can_be_asked_for_again(new_page: Open) -> None:
    explore = new_page()
    page = _open_with_broken(explore, "table")
    expect(explore.plane).to_have_attribute("data-images", "true")
    page.get_by_test_id("keep-csv").click()
    expect(page.get_by_role("alert").filter(has_text="not on the server")).to_be_visible()
    expect(page.get_by_test_id("keep-csv")).to_be_enabled()
    expect(page.get_by_test_id("keep-status")).to_have_text("")


def test_a_second_thread_that_does_not_start_is_told_and_tried_again(new_page: Open) -> None:
    explore = new_page()
    explore.page.route("**/worker/worker.js*", lambda route: _fail(route), times=2)  # and when it is asked why
    page = explore.open("?panel=figure").page
    expect(page.get_by_role("alert").filter(has_text="second thread could not be started")).to_be_visible()
    page.get_by_test_id("tab-image").click()
    page.get_by_test_id("tab-figure").click()
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")


def _fail(route: Route) -> None:
    route.fulfill(status=500, body="")
