"""What a bad line does, and a server that goes away: people are told, and the page goes on by itself."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, TimeoutError, ViewportSize, expect

from tests.browser.conftest import ANY, PHONE, PROJECTOR, READY, Explore, Open
from tests.explorer.training.waiting import wait
from tests.proxy import proxy
from tests.server import ROOT, free_port, serve
from tests.systems import kill

LOST = "The connection to the server is lost: trying again."
TABLET: ViewportSize = {"width": 820, "height": 1180}
FAST, SLOW, CRAWLING = -1, 1_000_000, 40_000  # bytes a second

# By page, what is not to come at the first time of asking, and what is there once all of it has come.
DROPPED = {
    "": ("vae-mnist.safetensors", "t10k-images", "inspector.js", "explore/view.js"),
    "compare": ("vae-mnist-beta-1.safetensors", "t10k-images", "compare/view.js"),
    "learn?screen=1": ("t10k-images", "learn/through.js", "learn/view.js", "vae-mnist.safetensors"),
    "train?replay=vae-mnist": ("vae-mnist.safetensors", "t10k-images", "plotly-basic", "train/view.js"),
}
WHOLE = {
    "": f'{READY}[data-images="true"]',
    "compare": f'{READY}[data-side="b"][data-images="true"]',
    "learn?screen=1": '[data-testid="lesson-figure"][data-ready="true"]',
    "train?replay=vae-mnist": f'{READY}[data-checkpoint="vae-mnist"]',
}


# Of the page's head, what we have it fetch beside Streamlit's files.
PRELOAD = r'<link href="([^"]+)" rel="(?:module)?preload"[^>]*>'


# Whether the page, scrolled to its end, leaves the line that tells of transfers a place of its own.
CLEAR = """() => {
    const main = document.querySelector(".stMain");
    main.scrollTop = main.scrollHeight;
    const { bottom } = document.querySelector(".lse-root > .lse").getBoundingClientRect();
    return bottom <= document.querySelector(".lse-page-transfers").getBoundingClientRect().top + 0.5;
}"""


def line(page: Page) -> Locator:
    """The line that tells of what is loaded, wherever it is shown."""
    return page.get_by_test_id("transfers").filter(visible=True)


def throttling(page: Page) -> Callable[[int], None]:
    """What gives the page's line another rate; of two sessions the slower one would count."""
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")

    def throttle(rate: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": rate, "uploadThroughput": FAST}
        client.send("Network.emulateNetworkConditions", conditions)

    return throttle


@pytest.mark.parametrize("path", sorted(DROPPED))
def test_what_does_not_come_at_first_is_asked_for_again(path: str, new_page: Open) -> None:
    explore = new_page()
    page = explore.page
    for name in DROPPED[path]:
        page.route(re.compile(re.escape(name)), lambda route: route.abort(), times=1)
    page.goto(f"{explore.address}/{path}")
    expect(page.locator(WHOLE[path])).to_be_visible()
    expect(line(page)).to_have_count(0)
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_a_pages_first_file_and_its_model_are_asked_for_in_its_language_until_they_come(new_page: Open) -> None:
    explore = new_page()
    page = explore.page
    page.route("**/vae-mnist.safetensors*", lambda route: route.abort())
    page.route("**/streamlit.js", lambda route: route.abort())
    page.goto(f"{explore.address}/?lang=zh-Hant")
    alert = page.get_by_role("alert").filter(has_text="請重新整理")
    expect(alert).to_be_visible()
    page.unroute("**/streamlit.js")
    expect(line(page)).to_have_text("與伺服器的連線中斷：正在重試。")
    expect(alert).to_have_count(0)
    page.unroute_all()
    page.context.set_offline(True)
    page.context.set_offline(False)  # the browser is told: no need to wait for the next turn
    expect(page.locator(WHOLE[""])).to_be_visible()
    explore.wait("vae-mnist")
    expect(line(page)).to_have_count(0)


def test_what_saves_a_film_is_asked_for_again(new_page: Open) -> None:
    explore = new_page().open("?panel=walk")
    page = explore.page
    expect(explore.plane).to_have_attribute("data-images", "true")
    page.get_by_test_id("walk-pair").click()
    expect(page.locator(".lse-walk")).to_have_attribute("data-ready", "true")
    page.route("**/vendor/gifenc.min.js", lambda route: route.abort(), times=1)
    with page.expect_download() as download:
        page.get_by_test_id("walk-gif").click()
    assert download.value.suggested_filename == "vae-mnist-walk.gif"


@pytest.mark.parametrize("loaded", [0, 500_000], ids=["no answer", "no more of it"])
def test_a_connection_on_which_nothing_comes_is_given_up(loaded: int, new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    silent = {"part=decoder": loaded}
    with proxy(explore.address, "/silent", silent) as address:
        page.goto(f"{address}/")
        wait(lambda: not silent, lambda: "the decoder is not asked for")
        expect(line(page)).to_have_text("Loading the decoder: 0.5 of 1.7 MB" if loaded else "Loading the decoder …")
        page.clock.fast_forward(15_000)
        expect(line(page)).to_contain_text("Loading the decoder")  # there are slow lines
        page.clock.fast_forward(16_000)
        expect(page.locator(WHOLE[""])).to_be_visible()
        expect(line(page)).to_have_count(0)


def test_an_order_that_is_not_answered_is_given_up(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    page.route("**/training/held/pause", lambda _route: None)  # is never answered
    explore.modules()
    with page.expect_request("**/training/held/pause"):
        page.evaluate(
            """async () => {
                const { sendOrder } = await import(new URL("assets/train/run-orders.js", document.baseURI));
                sendOrder("held", "pause", {}).then((problem) => (window.problem = problem));
            }"""
        )
    page.clock.fast_forward(31_000)
    page.wait_for_function("window.problem?.startsWith('The server could not be reached')")


def test_the_old_map_is_marked_until_the_new_model_is_here(new_page: Open) -> None:
    explore = new_page(once=True).open("?model=ae-mnist", "ae-mnist")
    expect(explore.plane).to_have_attribute("data-images", "true")
    throttle = throttling(explore.page)
    throttle(SLOW)
    explore.pick("vae-mnist")
    expect(explore.plane).to_have_attribute("aria-busy", "true")
    expect(explore.plane.get_by_test_id("transfers")).to_have_text(
        re.compile(r"^Loading VAE, large network: [01]\.\d of 1\.7 MB$")
    )
    expect(explore.plane).to_have_attribute("data-checkpoint", "ae-mnist")
    explore.press(*explore.centre())  # what is there goes on
    explore.page.mouse.up()
    throttle(FAST)
    explore.wait("vae-mnist")
    expect(explore.plane).not_to_have_attribute("aria-busy", "true")
    expect(line(explore.page)).to_have_count(0)


def test_the_old_map_of_a_pane_is_marked_until_the_new_model_is_here(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.goto(f"{explore.address}/compare")
    panes = {side: page.locator(f'[data-testid="latent-plane"][data-side="{side}"]') for side in ("a", "b")}
    for pane in panes.values():
        expect(pane).to_have_attribute("data-images", "true")
    throttle = throttling(page)
    throttle(CRAWLING)
    page.get_by_test_id("model-a").select_option("ae-mnist-mae")
    expect(panes["a"]).to_have_attribute("aria-busy", "true")
    expect(panes["b"]).not_to_have_attribute("aria-busy", "true")
    expect(panes["a"].get_by_test_id("transfers")).to_have_text(
        re.compile(r"^Loading AutoEncoder, absolute error: [\d.]+ of [\d.]+ MB$")
    )
    throttle(SLOW)
    expect(panes["a"]).to_have_attribute("data-checkpoint", "ae-mnist-mae")
    expect(panes["a"]).not_to_have_attribute("aria-busy", "true")
    digit = page.locator('[data-testid="decoded-image"][data-side="a"]')
    expect(digit).not_to_have_attribute("data-z", ANY)  # of another map than this
    throttle(FAST)
    expect(digit).to_have_attribute("data-z", ANY)


def test_maps_come_before_what_is_drawn_at_a_point(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    held: dict[str, Route] = {}  # by the name of a model and its part
    later = re.compile(r"/([\w-]+)\.safetensors.*part=(decoder|trace)")

    def hold(route: Route) -> None:
        found = later.search(route.request.url)
        assert found is not None
        held[" ".join(found.groups())] = route

    page.route(later, hold)
    page.goto(explore.address)
    expect(explore.plane).to_have_attribute("data-ready", "true")
    expect(line(page)).to_have_text("Loading the decoder …")
    explore.press(*explore.to_pixel(1, 1))
    page.mouse.move(*explore.to_pixel(1, -1))
    page.mouse.up()
    near = re.compile(r"z = \((1|0\.99|1\.0\d),\xa0−(1|0\.99|1\.0\d)\)")  # no line breaks within
    expect(page.get_by_test_id("coordinates")).to_have_text(near)
    expect(explore.image).not_to_have_attribute("data-z", ANY)
    held["vae-mnist decoder"].continue_()
    expect(explore.image).to_have_attribute("data-z", ANY)
    np.testing.assert_allclose(explore.z(), (1, -1), atol=0.02)

    page.goto(f"{explore.address}/compare")
    expect(page.locator(READY)).to_have_count(2)
    expect(line(page)).to_have_text(["Loading the decoder …"] * 2)
    expect(page.get_by_test_id("distance").first).to_have_text(re.compile(r"\d"))
    assert "vae-mnist-beta-1 decoder" not in held  # on a slow line each would wait for both
    with page.expect_request(lambda request: "vae-mnist-beta-1" in request.url and "part=decoder" in request.url):
        held["ae-mnist decoder"].continue_()
    expect(explore.image.first).to_have_attribute("data-z", ANY)
    held["vae-mnist-beta-1 decoder"].continue_()
    expect(explore.image.last).to_have_attribute("data-z", ANY)

    page.goto(f"{explore.address}/train?replay=ae-mnist-mse")
    expect(explore.plane).to_have_attribute("data-ready", "true")
    expect(line(page)).to_have_text("Loading ae-mnist-mse …")
    expect(page.get_by_test_id("replay-label")).to_have_text("")
    held["ae-mnist-mse trace"].continue_()
    expect(page.get_by_test_id("replay-label")).to_have_text("epoch 30 of 30")
    expect(line(page)).to_have_text("Loading the decoder …")
    held["ae-mnist-mse decoder"].continue_()
    expect(explore.image).to_have_attribute("data-z", ANY)
    expect(line(page)).to_have_count(0)


def test_after_a_restart_of_the_server_the_page_goes_on_by_itself(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    environment = {"EXPLORER_RUNS": str(tmp_path)}
    page = browser.new_page(viewport=PROJECTOR)
    page.route("**/worker/*", lambda route: route.continue_())  # never from the browser's cache
    with serve(port=port, environment=environment) as (address, pid):
        explore = Explore(page, address).open()
        expect(explore.plane).to_have_attribute("data-images", "true")
        kill(pid)
    page.get_by_test_id("tab-figure").click()
    expect(line(page)).to_have_text(LOST)
    for size in (TABLET, PHONE, PROJECTOR):  # at the end of the page it lies on nothing
        page.set_viewport_size(size)
        page.wait_for_function(CLEAR)
    expect(page.get_by_role("combobox", name="Model")).to_be_disabled()  # Streamlit has noticed, too
    expect(page.get_by_role("dialog")).to_have_count(0)
    explore.press(*explore.centre())
    page.mouse.move(explore.centre()[0] + 80, explore.centre()[1])
    page.mouse.up()
    explore.until("z[0] > 0.1")
    with serve(port=port, environment=environment):
        expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
        expect(line(page)).to_have_count(0)
        expect(page.locator(".lse").get_by_role("alert").filter(visible=True)).to_have_count(0)
    assert explore.errors == []
    page.close()


def test_no_pause_outlasts_another_answer_of_the_server(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    explore.modules()
    page.clock.pause_at(time.time() + 3600)
    asked: list[Route] = []

    def lost_at_first(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/core/csv.js?lost", lost_at_first)
    with page.expect_event("requestfailed"):
        page.evaluate(
            """async () => {
                const { fetchBytes } = await import(new URL("assets/core/fetch.js", document.baseURI));
                const address = (name) => new URL(`assets/core/csv.js?${name}`, document.baseURI);
                window.ask = (name) => fetchBytes(address(name), () => new Error("refused"));
                window.ask("lost").then(() => (window.over = true));
            }"""
        )
    page.evaluate("window.ask('there').then(() => {})")
    page.wait_for_function("window.over", polling=100)
    assert len(asked) == 2


# By event of the window or of the document, which bubbles to it: none of these pauses ends by the clock.
@pytest.mark.parametrize("event", ["focus", "lse-server-back", "online", "visibilitychange"])
def test_no_pause_outlasts_the_return_of_the_line_or_of_the_user(event: str, new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    explore.modules()
    page.clock.pause_at(time.time() + 3600)
    page.evaluate(
        """async () => {
            const { pause } = await import(new URL("assets/core/connection.js", document.baseURI));
            pause(4).then(() => (window.over = true));
        }"""
    )
    assert not page.evaluate("window.over")
    page.evaluate("event => document.dispatchEvent(new Event(event, { bubbles: true }))", event)
    page.wait_for_function("window.over", polling=100)


def test_the_servers_events_come_again_as_soon_as_the_line_is_back(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    page.route("**/training/events", lambda route: route.fulfill(status=502))
    page.goto(f"{explore.address}/train?where=server")
    expect(page.locator(".lse-lost")).to_be_visible()
    page.clock.pause_at(time.time() + 3600)  # no pause ends by the clock any more
    page.unroute_all()
    page.wait_for_function(
        """() => {
            window.dispatchEvent(new Event("online"));
            return document.querySelector(".lse-lost").hidden;
        }""",
        polling=500,
    )


def test_events_that_have_fallen_silent_are_asked_for_again(new_page: Open) -> None:
    explore = new_page(once=True)
    page = explore.page
    page.clock.install()
    silent = {"training/events": 0}
    with proxy(explore.address, "/silent", silent) as address:
        page.goto(f"{address}/train?where=server")
        wait(lambda: not silent, lambda: "the events are not asked for")  # from then on there is silence
        expect(page.locator('[data-testid="stage"]')).to_be_visible()
        expect(page.get_by_test_id("shelf")).not_to_contain_text("vae-mnist")
        page.clock.fast_forward(31_000)
        expect(page.get_by_test_id("shelf")).to_contain_text("vae-mnist")


# A browser without the flag `v` of regular expressions, which is what Streamlit's own files need most.
OLD_BROWSER = """() => {
    const check = (flags) => {
        if (String(flags).includes("v")) throw new SyntaxError("Invalid flags supplied to RegExp constructor");
    };
    RegExp = new Proxy(RegExp, {
        apply: (target, self, parts) => check(parts[1]) ?? Reflect.apply(target, self, parts),
        construct: (target, parts, self) => check(parts[1]) ?? Reflect.construct(target, parts, self),
    });
}"""
EMPTY = "() => !document.getElementById('root').firstChild"


def test_a_page_that_stays_empty_says_why_in_both_languages(browser: Browser, server: tuple[str, int]) -> None:
    page = browser.new_page(viewport=PROJECTOR)
    why = page.locator("#lse-why")
    page.goto(f"{server[0]}/learn")
    expect(page.locator(WHOLE["learn?screen=1"])).to_be_visible()
    assert why.count() == 0
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("index", "react-dom"):  # the first, and one that it imports
        page.route(re.compile(rf"/static/js/{name}\."), lambda route: route.fulfill(status=404))
        page.goto(f"{server[0]}/learn")
        expect(why).to_contain_text("did not come: reload.")
        expect(why).to_contain_text("請重新整理")
        assert page.evaluate(EMPTY)
        page.unroute_all()
    page.add_init_script(f"({OLD_BROWSER})()")
    page.goto(f"{server[0]}/learn")
    for version in ("Chrome or Edge 112", "Firefox 121", "Safari 17"):
        expect(why).to_contain_text(version)
        assert version in readme
    expect(why.locator("[lang=zh-Hant]")).to_contain_text("這個瀏覽器太舊")
    assert page.evaluate(EMPTY)
    page.context.close()


def _without_preloads(answer: bytes) -> bytes:
    """As long as before: these relations no browser knows."""
    return answer.replace(b'rel="modulepreload"', b'rel="not-preloaded"').replace(
        b'rel="preload" as', b'rel="without" as'
    )


def test_what_a_page_preloads_it_asks_for_without_that_too(new_page: Open) -> None:
    explore = new_page()
    page = explore.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with proxy(explore.address, "/told", change=_without_preloads) as address:
        for path, whole in WHOLE.items():
            sent = page.request.get(f"{explore.address}/{path}").text()
            preloaded = [unescape(name) for name in re.findall(PRELOAD, sent)]
            assert len(preloaded) > 20
            page.goto(f"{address}/{path}")
            expect(page.locator(whole)).to_be_visible()
            assert page.locator('link[rel="not-preloaded"]').count() > 20
            wanted = {f"{address}/{name}" for name in preloaded}
            with suppress(TimeoutError):  # the page is drawn before it has asked for all
                while wanted - set(asked):
                    page.wait_for_event("request", timeout=30_000)
            assert wanted - set(asked) == set(), path
            asked.clear()


def test_a_part_of_a_part_that_does_not_come_is_told_in_a_sentence(new_page: Open) -> None:
    explore = new_page()
    explore.page.route("**/panels/neighbours.js", lambda route: route.fulfill(status=404))
    explore.page.goto(explore.address)
    alert = explore.page.get_by_role("alert").filter(visible=True)
    expect(alert).to_have_text(
        "VAE, large network: This part of the page could not be fetched: check the connection to the server and reload."
    )
