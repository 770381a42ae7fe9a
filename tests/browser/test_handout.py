"""The handout, opened from the disk by a Chromium that is offline: it does what the app does, and asks for nothing."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from explorer.catalogue import library
from explorer.export.__main__ import main
from explorer.export.handout import DIGITS, handout, read_models
from model.checkpoint import Checkpoint, load
from model.data import Split
from tests.browser.conftest import ANY, NARROW, PHONE, PROJECTOR, READY, Explore, decoded, drawn, grey_levels, in_full
from tests.browser.engines.engine import until_up
from tests.browser.test_axe import AXE, RUN, TALL
from tests.browser.test_i18n import CHINESE, TEXTS
from tests.conftest import CHECKPOINTS
from tests.explorer.test_export import HOSTILE, hostile_model
from tests.server import free_port

GREY = 1.01  # levels of 255
ROUNDED = 1.51  # the same of what the command writes: by less than a level, and then to a whole one
FEW = 500  # images
MODELS = ("vae-mnist-beta-1", "ae-mnist", "vae-mnist-beta-4", HOSTILE)  # in the order of the page
SITE = ("vae-mnist-baseline", "ae-mnist")


class HandedOut(Explore):
    """The page, as a test drives it: its policy allows no `eval`, by which Playwright waits for functions."""

    def __init__(self, page: Page, address: str) -> None:
        super().__init__(page, address)
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self.hear)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def open(self, query: str = "", model: str = MODELS[0], full: bool = True) -> "HandedOut":
        self.page.goto(self.address + (in_full(query) if full else query))
        self.wait(model)
        expect(self.plane).to_have_attribute("data-images", "true")
        return self

    def until(self, condition: str, argument: object = None) -> None:
        z = """document.querySelector('[data-testid="decoded-image"]').dataset.z.split(",").map(Number)"""
        tell = "new Promise(requestAnimationFrame)"
        again = f"for (let z = {z}; !({condition}); z = {z}) await {tell};"
        self.page.evaluate(f"async (argument) => {{ {again} }}", argument)

    def agrees(self, checkpoint: Checkpoint, grey: float = GREY) -> None:
        """The digit is the one that PyTorch decodes."""
        assert np.abs(self.pixels() - decoded(checkpoint.model, self.z()) * 255).max() <= grey


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handout")
    paths = [CHECKPOINTS / f"{name}.safetensors" for name in MODELS[:-1]]
    made = handout(read_models([*paths, hostile_model(folder)]), digits=FEW)
    path = folder / 'the class’s "explorer" & <all>.html'
    path.write_bytes(made.html)
    return path


@pytest.fixture
def handed_out(browser: Browser, file: Path) -> Iterator[HandedOut]:
    context = browser.new_context(viewport=PROJECTOR, offline=True, accept_downloads=True, locale="en-GB")
    page = HandedOut(context.new_page(), file.as_uri())
    yield page
    asked, errors = page.asked, page.errors
    context.close()
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob", "data"}
    assert [url for url in asked if url.startswith("file:")] == [url for url in asked if url.startswith(file.as_uri())]
    assert errors == []


def test_all_of_explore_without_a_server(handed_out: HandedOut, shipped: dict[str, Checkpoint]) -> None:
    page, model = handed_out.open().page, shipped[MODELS[0]]
    handed_out.agrees(model)
    handed_out.press(*handed_out.to_pixel(0, 0))
    page.mouse.move(*handed_out.to_pixel(-1, 0.5), steps=5)
    handed_out.until("Math.hypot(z[0] + 1, z[1] - 0.5) < 0.02")
    handed_out.agrees(model)
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    handed_out.until("z[0] > -0.96")
    handed_out.agrees(model)

    # Every dot that answers has its image, and so has each of the nearest.
    far = model.mu[:FEW].norm(dim=1).argmax().item()
    page.mouse.move(*handed_out.to_pixel(*model.mu[far].tolist()))
    card = page.get_by_test_id("hover-card")
    expect(card).to_have_attribute("data-index", str(far))
    assert grey_levels(card.locator("canvas").first).any()
    nearest = page.get_by_test_id("nearest").locator("button")
    shown = [int(button.get_attribute("data-index") or "") for button in nearest.all()]
    distance = (model.mu[:FEW] - torch.from_numpy(handed_out.z())).norm(dim=1)
    assert shown == distance.argsort()[:5].tolist()

    # What the second thread computes, of what it has asked the page for.
    page.get_by_test_id("show-both").click()
    expect(page.get_by_test_id("manifold")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("overlay").select_option("change")
    expect(page.get_by_test_id("field")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("tab-misfits").click()
    expect(page.get_by_test_id("misfits")).to_have_attribute("data-count", ANY)
    misfits = page.get_by_test_id("misfits").locator("button:visible").all()
    assert misfits
    assert all(int(button.get_attribute("data-index") or "") < FEW for button in misfits)
    page.get_by_test_id("tab-compress").click()
    page.get_by_test_id("tab-draw").click()
    pad = page.get_by_test_id("pad").bounding_box()
    assert pad is not None
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + 20)
    page.mouse.down()
    page.mouse.move(pad["x"] + pad["width"] / 2, pad["y"] + pad["height"] - 20, steps=4)
    page.mouse.up()
    expect(page.get_by_test_id("drawn-text")).to_contain_text("μ = ")
    page.get_by_test_id("tab-save").click()
    with page.expect_download() as saved:
        page.get_by_test_id("keep-csv").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + FEW
    with page.expect_download() as picture:
        page.get_by_test_id("keep-png").click()
    assert picture.value.suggested_filename == f"{MODELS[0]}-map.png"

    # A link to this place, in the same file.
    again = page.url
    assert "panel=save" in again
    handed_out.page.goto("about:blank")
    handed_out.page.goto(again)
    expect(page.get_by_test_id("panel-save")).to_be_visible()


def test_the_policy_lets_nothing_out(handed_out: HandedOut) -> None:
    page = handed_out.open().page
    refused = page.evaluate(
        """async () => {
            const refused = [];
            addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
            await fetch("https://example.org/").catch(() => {});
            new Image().src = "https://example.org/x.png";
            document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" }));
            document.body.insertAdjacentHTML("beforeend", "<i onclick='window.ran = 1'></i>");
            document.body.lastChild.click();
            while (refused.length < 4) await new Promise(requestAnimationFrame);
            return [refused.sort(), window.ran ?? null];
        }"""
    )
    assert refused == [["connect-src", "img-src", "script-src-attr", "script-src-elem"], None]
    handed_out.asked.clear()
    handed_out.errors.clear()  # what the console says of that


def test_a_models_name_and_figures_are_data(handed_out: HandedOut, file: Path) -> None:
    page = handed_out.open().page
    page.get_by_test_id("model").select_option(HOSTILE)
    plane = handed_out.plane
    expect(plane).to_have_attribute("data-checkpoint", HOSTILE)
    expect(plane).to_have_attribute("data-images", "true")
    handed_out.agrees(load(file.parent / f"{HOSTILE}.safetensors"))
    page.get_by_test_id("tab-image").click()
    assert page.evaluate("[document.images.length, typeof hostile]") == [0, "undefined"]
    expect(page.get_by_test_id("model")).to_have_value(HOSTILE)
    page.goto("about:blank")
    page.goto(f"{handed_out.address}?model={quote(HOSTILE + '<b>')}")
    expect(page.get_by_role("alert").filter(has_text="is not here")).to_contain_text(HOSTILE[:20])
    assert page.evaluate("[document.images.length, document.querySelectorAll('header b').length]") == [0, 0]


def test_two_models_under_one_pointer_and_the_language_goes_along(
    handed_out: HandedOut, shipped: dict[str, Checkpoint]
) -> None:
    page = handed_out.open("?z=1,1").page
    handed_out.until("z[0] === 1")
    page.get_by_role("link", name="Compare").click()
    images = {side: page.locator(f'[data-testid="decoded-image"][data-side="{side}"]') for side in "ab"}
    for side, name in (("a", "ae-mnist"), ("b", "vae-mnist-beta-1")):
        there = page.locator(f'{READY}[data-images="true"][data-side="{side}"]')
        expect(there).to_have_attribute("data-checkpoint", name)
        z, grey = drawn(images[side])
        assert np.abs(grey - decoded(shipped[name].model, z) * 255).max() <= GREY
    page.get_by_test_id("beta-b").press("ArrowRight")
    expect(page.locator(f'{READY}[data-side="b"]')).to_have_attribute("data-checkpoint", "vae-mnist-beta-4")
    expect(page).to_have_url(re.compile("b=vae-mnist-beta-4.*#compare$"))
    assert "z=1,1" not in page.url

    names = page.get_by_test_id("model-b").locator("option")
    expect(names).to_have_text(["AutoEncoder", "VAE, β = 1", "VAE, β = 4", "VAE"])
    page.get_by_test_id("language").select_option("zh-Hant")
    expect(names).to_have_text(["自動編碼器", "VAE，β = 1", "VAE，β = 4", "VAE"])
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page).to_have_title(f"{CHINESE['Compare']} · {CHINESE['Latent Space Explorer']}")
    page.get_by_role("link", name=CHINESE["Explore"], exact=True).click()
    handed_out.wait(MODELS[0])
    handed_out.until("z[0] === 1 && z[1] === 1")  # where it was left
    expect(handed_out.plane).to_have_attribute("data-images", "true")
    assert {text for text in page.evaluate(TEXTS) if CHINESE.get(text, text) != text} == set()
    expect(page).to_have_url(re.compile(r"lang=zh-Hant"))
    page.go_back()
    expect(page.get_by_test_id("compare")).to_be_visible()
    expect(page.locator(f'{READY}[data-side="b"]')).to_have_attribute("data-checkpoint", "vae-mnist-beta-4")
    page.reload()
    expect(page.get_by_test_id("compare")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")


def test_the_theme_is_the_readers_and_all_can_read_it(handed_out: HandedOut) -> None:
    page = handed_out.open("?overlay=votes").page
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) == "rgb(23, 22, 20)"
    head = page.get_by_role("banner")
    page.get_by_test_id("class-mode").click()
    expect(head).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    handed_out.plane.press("Escape")
    page.evaluate("document.fullscreenElement && document.exitFullscreen()")
    expect(head).to_be_visible()
    for place in ("", "#compare"):
        page.goto(f"{handed_out.address}?lang=zh-Hant{place}")
        page.reload()  # another hash alone is no other page
        expect(page.locator(f'{READY}[data-images="true"]').last).to_be_visible()
        page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))")  # it was pale
        page.evaluate(AXE)
        for size in (TALL, PHONE, NARROW):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            for theme in ("light", "dark") if size == TALL else ():
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                assert page.evaluate(RUN, ["body", "colours"]) == []
            assert page.evaluate(RUN, ["body", "else"]) == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site below another folder of a web host that knows nothing of it."""
    root, port = tmp_path_factory.mktemp("host"), free_port()
    below = root / "courses" / "ml 2026"
    arguments = [str(CHECKPOINTS / f"{name}.safetensors") for name in SITE]
    assert main([*arguments, "--site", str(below), "--digits", str(FEW)]) == 0
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as host:
        until_up(lambda: socket.create_connection(("127.0.0.1", port)).close(), lambda: host.poll() is None, "the host")
        yield f"http://127.0.0.1:{port}/courses/ml%202026/"
        host.terminate()


def test_any_web_host_will_do(browser: Browser, site: str, shipped: dict[str, Checkpoint]) -> None:
    context = browser.new_context(viewport=PROJECTOR, locale="en-GB")
    explore = HandedOut(context.new_page(), site)
    page, (first, second) = explore.open(model=SITE[0]).page, SITE
    explore.agrees(shipped[first], ROUNDED)
    expect(page.get_by_test_id("model").locator("option")).to_have_text(["VAE", "AutoEncoder"])
    expect(page.get_by_test_id("about")).to_contain_text(f"{first} · MNIST")
    page.get_by_test_id("show-both").click()
    expect(page.get_by_test_id("manifold")).to_have_attribute("data-ready", "true")  # by the second thread
    page.get_by_test_id("model").select_option(second)
    explore.wait(second)
    expect(page).to_have_url(re.compile(f"model={second}"))
    page.reload()
    explore.wait(second)
    explore.agrees(shipped[second], ROUNDED)
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(READY)).to_have_count(2)
    assert {url for url in explore.asked if not url.startswith((site, "blob:", "data:"))} == set()
    names = {url.removeprefix(site) for url in explore.asked if url.startswith(f"{site}files/")}
    assert names
    assert all(re.fullmatch(r"files/[0-9a-f]{16}\.(js|css|bin)", name) for name in names)  # each may be kept for ever
    assert explore.errors == []
    context.close()


def test_it_trains_on_the_digits_that_it_has(browser: Browser, tmp_path: Path, test_digits: Split) -> None:
    path = tmp_path / "explorer.html"
    models = read_models([CHECKPOINTS / "vae-mnist-baseline.safetensors"])
    path.write_bytes(handout(models, training=1000).html)
    context = browser.new_context(viewport=PROJECTOR, offline=True, accept_downloads=True, locale="en-GB")
    handed_out = HandedOut(context.new_page(), path.as_uri())
    page = handed_out.open(model="vae-mnist-baseline").page
    page.get_by_role("link", name="Train", exact=True).click()
    watch = page.get_by_test_id("here-watch")
    expect(watch).to_have_text(
        "It learns from 1,000 training digits and is judged by 2,000 test digits: all that this page has."
    )
    images = page.get_by_test_id("here-images")
    assert images.locator("option").all_inner_texts() == ["500 images", "1,000 images"]
    expect(images).to_have_value("1000")
    expect(page.get_by_test_id("here-explore")).to_have_count(0)  # which the server would have to keep
    page.get_by_test_id("here-play").click()
    there = "Number(document.querySelector('[data-testid=\"latent-plane\"]').dataset.epochs) > 1"
    page.evaluate(f"async () => {{ while (!({there})) await new Promise(requestAnimationFrame); }}")
    page.get_by_test_id("story-learn").click()
    expect(images).to_have_value("1000")

    # What it has learned so far is a checkpoint like any other, of the test digits that are here.
    with page.expect_download() as saved:
        page.get_by_test_id("here-keep").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    kept = load(file)
    assert (len(kept.mu), len(kept.label)) == (DIGITS, DIGITS)
    assert torch.equal(kept.label.long(), test_digits.labels[:DIGITS])
    with torch.no_grad():
        mu, _logvar = kept.model.encode(test_digits.images[:DIGITS], None)
    assert (mu - kept.mu).abs().max() < 1e-3
    assert library.checked(file.name, file).metrics["knn_accuracy"] > 0.12
    box = page.get_by_role("navigation").bounding_box()
    assert box is not None
    assert box["y"] < 20  # at the top of every page
    page.get_by_role("link", name="Explore", exact=True).click()
    handed_out.wait("vae-mnist-baseline")
    assert handed_out.errors == []
    assert {url.partition(":")[0] for url in handed_out.asked} <= {"file", "blob", "data"}
    context.close()
