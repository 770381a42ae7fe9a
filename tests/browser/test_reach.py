"""What one reaches with a finger, on a page made four times as large, and in colours forced on all pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, PALETTE, PHONE, WIDTH, Explore, Open

PATHS = ("", "?depth=expert", "compare?sheet=prior", "learn?screen=5", "train?replay=vae-mnist", "train?where=here")
SMALLEST = 24  # px, of what can be pressed: WCAG 2.2, 2.5.8

LOW = """(lowest) => [...document.querySelectorAll(":is(.lse-here, .lse-places) :is(button, select, .lse-noise)")]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < lowest)
    .map((node) => node.outerHTML)"""

# A word within a sentence is as high as its line, which the guideline leaves out.
SMALL = """(smallest) => [...document.querySelectorAll(`button, a[href]:not(p a, li a), input, select, [tabindex="0"]`)]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled)
    .map((node) => ({ node, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && Math.min(box.width, box.height) < smallest)
    .map(({ node, box }) => `${box.width} × ${box.height}: ${node.outerHTML}`)"""


def _open(explore: Explore, path: str) -> Page:
    explore.page.goto(f"{explore.address}/{path}")
    ready = '[data-testid="latent-plane"][data-ready="true"], [data-testid="lesson-map"][data-ready="true"]'
    explore.page.locator(ready).first.wait_for()
    return explore.page


def test_a_finger_has_the_buttons_and_finds_them(new_page: Open) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    for path in PATHS:
        page = _open(explore, path)
        assert page.evaluate(SMALL, SMALLEST) == [], path
        assert page.evaluate(LOW, 38) == [], path
        if path.startswith("learn"):
            continue
        for name in ("Show the whole map", "Zoom in", "Zoom out", "Drag moves the map; press again to drag the point"):
            expect(page.get_by_role("button", name=name).first).to_be_visible()
        if not path.startswith("train"):
            page.get_by_role("button", name="Keys", exact=True).tap()
            expect(page.get_by_test_id("keys")).to_be_visible()
    for _ in range(3):  # to what is in sight: the sidebar is not
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.stSidebar')") is None
    page.get_by_test_id("where-server").tap()  # whose form has words of help
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(page.get_by_role("button", name="Help").first).to_be_visible()
    # Once it is as wide as it gets.
    page.wait_for_function(f"(smallest) => ({SMALL})(smallest).length === 0", arg=SMALLEST)


def test_at_400_percent_the_wheel_scrolls_and_nothing_lies_beside_the_page(new_page: Open) -> None:
    explore = new_page(viewport=NARROW)
    for path in PATHS:
        page = _open(explore, path)
        assert page.evaluate(WIDTH) <= NARROW["width"], path
        if path.startswith("compare"):  # an explanation has the width of the page
            explanation = page.get_by_test_id("scores").locator("tbody th").first.bounding_box()
            assert explanation is not None
            assert explanation["width"] > 0.8 * NARROW["width"]
        plane = page.locator(".lse-plane").first
        plane.scroll_into_view_if_needed()
        box = plane.bounding_box()
        assert box is not None
        assert box["height"] < NARROW["height"], "something beside it to scroll by"
        centre = (box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, NARROW["height"] - 20))
        page.mouse.move(*centre)
        if not path:
            page.keyboard.down("Control")
            page.mouse.wheel(0, -200)
            page.keyboard.up("Control")
            page.wait_for_url("**view=**")
        page.mouse.wheel(0, 40)
        scrolled = "(top) => document.querySelector('.lse-plane').getBoundingClientRect().top < top"
        page.wait_for_function(scrolled, arg=box["y"])


@pytest.fixture
def forced(new_page: Open) -> Iterator[Explore]:
    """Explore, in a reader's own colours: white on black."""
    explore = new_page()
    explore.page.emulate_media(forced_colors="active", color_scheme="dark")
    yield explore.open("?image=12&hide=3")
    explore.page.emulate_media(forced_colors="none")


def test_forced_colours_leave_legend_bars_and_what_is_pressed(forced: Explore) -> None:
    page = forced.page

    def style(selector: str, name: str) -> str:
        found: str = page.locator(selector).first.evaluate("(node, name) => getComputedStyle(node)[name]", name)
        return found

    colour = "rgb({}, {}, {})".format(*bytes.fromhex(PALETTE[0]))
    assert style('[data-testid="class-0"] i', "backgroundColor") == colour
    assert style('[data-testid="class-3"] i', "boxShadow") != "none"
    assert style('[data-testid="votes"] i', "backgroundColor") == colour
    for pressed, other in (("show-points", "show-digits"), ("toggle-prior", "toggle-training")):
        grounds = {style(f'[data-testid="{name}"]', "backgroundColor") for name in (pressed, other)}
        assert len(grounds) == 2
    chosen, other = (style(f'[data-testid="tab-{name}"]', "backgroundColor") for name in ("neighbours", "draw"))
    assert chosen != other
    _open(forced, "train?where=here")
    grounds = {style(f'[data-testid="where-{where}"]', "backgroundColor") for where in ("here", "server")}
    assert len(grounds) == 2
    lines = {
        (
            style(f".lse-here-key span:nth-child({n}) i", "borderTopColor"),
            style(f".lse-here-key span:nth-child({n}) i", "borderTopStyle"),
        )
        for n in (1, 2)
    }
    assert lines == {("rgb(255, 169, 14)", "dotted"), ("rgb(63, 144, 218)", "solid")}
    link = page.get_by_test_id("stSidebarNavLink").first
    link.focus()
    page.keyboard.press("Shift+Tab")  # to what Streamlit shows to a mouse only
    expect(page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")).to_be_focused()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    assert style('[data-testid="stSidebarNavLink"]', "outlineStyle") == "solid"
    forced.open()
    page.get_by_test_id("show-digits").click()  # in ink of the text's colour
    page.wait_for_function("""() => {
        const canvas = document.querySelector('[data-testid="manifold"] canvas');
        if (!canvas) return false;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((level, i) => i % 4 === 0 && level === 255);
    }""")
