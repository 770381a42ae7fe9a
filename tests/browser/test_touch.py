"""Fingers on the page: what scrolls it, what moves a slider."""

import re

import numpy as np
from playwright.sync_api import Locator, Page, ViewportSize, expect

from explorer.settings import FRONTEND
from tests.browser.conftest import PHONE, READY, Explore, Open, read_axes
from tests.browser.test_labels import COVERED

LANDSCAPE: ViewportSize = {"width": 844, "height": 390}
SCROLLED = "document.querySelector('.stMain').scrollTop"


class Finger:
    """One finger on a page."""

    def __init__(self, page: Page) -> None:
        self.client = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        self.client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def swipe(self, x: float, y: float, dx: float, dy: float) -> None:
        self.touch("touchStart", (x, y))
        for step in range(1, 11):
            self.touch("touchMove", (x + dx * step / 10, y + dy * step / 10))
        self.touch("touchEnd")


def _at(slider: Locator, part: float) -> tuple[float, float]:
    """The place of a part of a slider's length, on the screen."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    return box["x"] + part * box["width"], box["y"] + box["height"] / 2


def test_a_finger_that_scrolls_the_page_leaves_the_sliders_alone(new_page: Open) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True).open("?z=1,0.5&panel=figure")
    page = explore.page
    expect(explore.plane).to_have_attribute("data-images", "true")
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    finger = Finger(page)
    page.evaluate(
        """() => {
            window.told = [];
            for (const name of ["z1", "figure-n"]) {
                const slider = document.querySelector(`[data-testid="${name}"]`);
                for (const type of ["input", "change"]) slider.addEventListener(type, () => told.push(type));
            }
        }"""
    )
    for name in ("z1", "figure-n"):
        slider = page.get_by_test_id(name)
        before, at, scrolled = slider.input_value(), _at(slider, 0.2), page.evaluate(SCROLLED)
        away = -120 if scrolled < 60 else 120  # there is more of the page there
        finger.swipe(*at, 6, away)
        page.wait_for_function(f"before => Math.abs({SCROLLED} - before) > 40", arg=scrolled)
        assert slider.input_value() == before, name
        assert page.evaluate("window.told") == [], name
        page.evaluate(f"{SCROLLED} = 0")

    slider = page.get_by_test_id("z1")
    finger.swipe(*_at(slider, 0.2), 150, 8)
    page.wait_for_function("() => window.told.at(-1) === 'change'")
    dragged = float(slider.input_value())
    explore.until("Math.abs(z[0] - argument) < 0.01", dragged)
    x, y = _at(slider, 0.25)
    page.touchscreen.tap(x, y)
    page.wait_for_function(
        "before => document.querySelector('[data-testid=\"z1\"]').valueAsNumber < before - 1", arg=dragged
    )
    page.wait_for_function("() => window.told.at(-1) === 'change'")
    explore.until("Math.abs(z[0] - argument) < 0.01", float(slider.input_value()))
    page.wait_for_url(re.compile(rf"z={float(slider.input_value()):.3g}"))


# Safari's own event of a trackpad's pinch, which no other browser has.
PINCH = """(plane, [x, y, scales]) => {
    const tell = (type, scale) => plane.dispatchEvent(
        Object.assign(new Event(type, { cancelable: true }), { scale, clientX: x, clientY: y }));
    return [["gesturestart", 1], ...scales.map((scale) => ["gesturechange", scale]), ["gestureend", scales.at(-1)]]
        .map(([type, scale]) => tell(type, scale));
}"""


def test_the_map_follows_a_pinch_on_a_trackpad(explore: Explore) -> None:
    x, y = explore.centre()
    at = (x + 60, y - 40)
    page, before = explore.page, read_axes(explore.plane)

    def zoomed(factor: float) -> None:
        after = read_axes(explore.plane)
        np.testing.assert_allclose(after.scale / before.scale, factor, rtol=5e-3)
        np.testing.assert_allclose(after.to_latent(*at), before.to_latent(*at), atol=0.02)

    page.mouse.move(*at)
    page.keyboard.down("Control")  # as Chromium and Firefox tell it
    page.mouse.wheel(0, -100 * np.log(2))
    page.keyboard.up("Control")
    page.wait_for_url(re.compile("view="))
    zoomed(2)
    url = page.url
    assert explore.plane.evaluate(PINCH, [*at, [1.2, 1.5, 2]]) == [False] * 5  # the page itself is not zoomed
    page.wait_for_url(lambda now: now != url)
    zoomed(4)
    page.mouse.down()
    explore.plane.evaluate(PINCH, [*at, [3]])
    page.mouse.up()
    page.wait_for_url(re.compile("z=(?!0,0)"))
    zoomed(4)


def test_on_a_phone_no_button_covers_what_it_belongs_to(new_page: Open) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page = explore.page
    page.goto(f"{explore.address}/learn?screen=1")
    # Both edges at once, for what stands above may still come, and so may the style.
    page.wait_for_function("""() => {
        const box = (name) => document.querySelector(`.lse-code ${name}`)?.getBoundingClientRect();
        const code = box("code"), button = box(".lse-copy");
        return code && button?.height > 0 && button.bottom <= code.top + 1;
    }""")

    page.goto(f"{explore.address}/compare")
    expect(page.locator(READY)).to_have_count(2)
    expect(page.locator(".lse-names text")).to_have_count(20)
    assert page.evaluate(COVERED) == []
    for side in ("a", "b"):
        plane = page.locator(f'[data-testid="latent-plane"][data-side="{side}"]')
        whole = plane.bounding_box()
        assert whole is not None
        buttons = page.locator(f'section[data-side="{side}"] .lse-zoom button').all()
        boxes = [box for button in buttons if (box := button.bounding_box())]
        assert len(boxes) == 4
        assert all(min(box["width"], box["height"]) >= 38 for box in boxes)
        assert all(box["y"] >= whole["y"] + whole["height"] for box in boxes)


def test_every_slider_is_such_a_one() -> None:
    made = {
        path.relative_to(FRONTEND).as_posix()
        for path in FRONTEND.rglob("*.js")
        if "vendor" not in path.parts and 'type: "range"' in path.read_text(encoding="utf-8")
    }
    assert made == {"ui/slider.js"}


# By page, the map and the images that follow the point on it; on the lesson's screens more stands above them.
TOGETHER = {
    "": ("latent-plane", "decoded-image"),
    "compare": ("latent-plane", "decoded-image", "nearest-image"),
    "train?replay=vae-mnist": ("latent-plane", "decoded-image"),
    "learn?screen=1": ("lesson-map", "through-back"),
    "learn?screen=5": ("lesson-map", "holes-decoded"),
    "learn?screen=6": ("lesson-map", "vae-image"),
    "learn?screen=8": ("lesson-map", "lesson-sheet"),
}


def test_a_phone_on_its_side_shows_map_and_digit_together(new_page: Open) -> None:
    explore = new_page(viewport=LANDSCAPE, has_touch=True, is_mobile=True)
    page = explore.page
    for path, names in TOGETHER.items():
        page.goto(f"{explore.address}/{path}")
        figure = '[data-testid="lesson-figure"][data-ready="true"][data-step]'
        expect(page.locator(f"{READY}, {figure}").first).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
        for name in names:
            for node in page.locator(f'[data-testid="{name}"]:not([hidden] *)').all():  # other steps have others
                expect(node).to_be_in_viewport(ratio=0.995)  # of a pixel's part at an edge
        assert page.evaluate("document.documentElement.scrollWidth") <= LANDSCAPE["width"]
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
