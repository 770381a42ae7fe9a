"""Class mode, on every page: big type, nothing but the page, the whole screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

# The smallest type that is seen, px; in a drawing as large as that is drawn.
SMALLEST = """() => {
    const texts = document.createTreeWalker(document.querySelector(".stMain"), NodeFilter.SHOW_TEXT), sizes = [];
    while (texts.nextNode()) {
        const { data, parentElement: parent } = texts.currentNode, range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const unseen = parent.closest(".lse-hidden, style, dialog:not([open])");
        if (!data.trim() || unseen || !range.getClientRects().length) continue;
        sizes.push(parseFloat(getComputedStyle(parent).fontSize));
    }
    return Math.round(10 * Math.min(...sizes)) / 10;
}"""
WIDER = "() => { const main = document.querySelector('.stMain'); return main.scrollWidth - main.clientWidth; }"
HIGHER = WIDER.replace("Width", "Height")
WHOLE_SCREEN = "() => document.fullscreenElement === document.documentElement"


@pytest.mark.parametrize("path", ["", "compare", "train?where=here", "train?where=server"])
def test_type_is_big_and_the_screen_is_whole_while_somebody_asks_for_it(path: str, new_page: Open) -> None:
    viewer = new_page()
    page, plane = viewer.page, viewer.plane.first
    sidebar, button = page.get_by_test_id("stSidebar"), page.get_by_test_id("class-mode")
    page.goto(f"{viewer.address}/{path}")
    expect(plane).to_have_attribute("data-ready", "true")
    assert page.evaluate(SMALLEST) >= 14
    plane.focus()
    page.keyboard.press("f")
    expect(sidebar).to_be_hidden()
    page.wait_for_function(WHOLE_SCREEN)
    assert "class=1" in page.url
    assert page.evaluate(SMALLEST) >= 18
    assert page.evaluate(WIDER) <= 0
    if path == "train?where=here":
        assert page.evaluate(HIGHER) <= 0
    button.click()
    page.wait_for_function("() => !document.fullscreenElement")
    expect(sidebar).to_be_visible()
    button.click()
    page.wait_for_function(WHOLE_SCREEN)
    page.evaluate("() => document.exitFullscreen()")  # as the browser does at Esc, of which the page hears nothing
    expect(sidebar).to_be_visible()
    assert "class=1" not in page.url
