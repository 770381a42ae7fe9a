"""The numbers on the map's axes, at every size of the cloud and every zoom; what the map does not fetch for them."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import READY, Explore, Open, read_axes

# Axes on a plane in whose middle a latent point lies: each axis' numbers with their places, the radii.
AXES = """async ([size, x, y, width]) => {
    const own = (name) => import(new URL(`assets/map/${name}.js`, document.baseURI));
    const { Axes } = await own("axes"), { Viewport } = await own("viewport");
    const viewport = new Viewport({ width: size[0], height: size[1] });
    viewport.view = { x, y, width };
    const axes = new Axes(viewport);
    axes.place();
    const read = (axis) => (text) => [text.textContent, Number(text.getAttribute(axis))];
    const numbers = (axis) => [...axes.numbers[axis].children].map(read(axis));
    return [numbers("x"), numbers("y"), axes.circles.map((circle) => Number(circle.getAttribute("r")))];
}"""

SCALES = [1e-7, 3e-3, 0.11, 1.0, 8.0, 23.7, 999.0, 4e5, 3e9]


@pytest.mark.parametrize("size", [(700, 500), (180, 150)], ids=str)
@pytest.mark.parametrize("width", SCALES)
@pytest.mark.parametrize("away", [0.0, 0.4, -731.3], ids=["home", "near", "far"])
def test_numbers_stand_where_they_say_and_are_round(
    modules: Page, size: tuple[int, int], width: float, away: float
) -> None:
    x, y = away * width, -0.7 * away * width
    across, down, _radii = modules.evaluate(AXES, [size, x, y, width])
    unit = size[0] / width
    for numbers, length, sign, centre in ((across, size[0], 1, x), (down, size[1], -1, y)):
        texts = [text for text, _place in numbers]
        values = np.array([float(text.replace("−", "-")) for text in texts])
        places = np.array([place for _text, place in numbers])
        assert 2 <= len(set(texts)) == len(texts) <= length / 25
        room = [3.5 * len(text) if sign > 0 else 7 for text in texts]  # half of what a number takes, px
        assert ((places >= room) & (places <= length - np.array(room))).all()  # none is cut
        np.testing.assert_allclose(length / 2 + sign * (values - centre) * unit, places, atol=0.02)
        step = np.abs(np.diff(values)).min()
        assert re.fullmatch(r"[125]e[+-]\d+", f"{step:.0e}")
        np.testing.assert_allclose(values / step, np.rint(values / step), atol=1e-6)


def test_the_priors_circles_are_to_scale(modules: Page) -> None:
    _across, _down, radii = modules.evaluate(AXES, [[700, 500], 0.3, 0.1, 8.0])
    np.testing.assert_allclose(radii, np.array([3, 2, 1]) * 700 / 8)


def test_axes_follow_what_the_wheel_shows(explore: Explore) -> None:
    at = np.rint(explore.to_pixel(0.75, -0.5))  # the platform's pointers have whole pixels
    point = explore.to_latent(*at)
    before = read_axes(explore.plane)
    explore.page.mouse.move(*at)
    explore.page.mouse.wheel(0, -600)
    explore.page.wait_for_function("new URLSearchParams(location.search).has('view')")
    assert read_axes(explore.plane).scale[0] > 1.5 * before.scale[0]
    np.testing.assert_allclose(explore.to_pixel(*point), at, atol=0.1)


def test_no_page_fetches_a_library_for_its_map(new_page: Open) -> None:
    explore = new_page(once=True)
    asked: list[str] = []
    explore.page.on("request", lambda request: asked.append(request.url))
    for path, view in (("", "explore"), ("compare", "compare"), ("learn", "learn")):
        explore.page.goto(f"{explore.address}/{path}")
        explore.page.locator('[data-ready="true"]' if path == "learn" else READY).first.wait_for()
        assert any(f"/{view}/view.js" in address for address in asked)
    assert not [address for address in asked if "/vendor/" in address]
