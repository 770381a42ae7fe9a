"""Streamlit's font of icons, less those that nobody shows: all that are named anywhere are there."""

import re
from pathlib import Path

import streamlit
from playwright.sync_api import Page, expect

from explorer.settings import ROOT
from tests.browser.conftest import Open

STATIC = Path(streamlit.__file__).with_name("static")
FONT = next(STATIC.glob("static/media/MaterialSymbols-Rounded.*.woff2")).relative_to(STATIC).as_posix()
IMAGE = "star_filled"  # Streamlit shows that one as an image

# An icon is a ligature as wide as it is high; where the font has none, its name's letters stand there.
WIDTHS = """async ([address, names]) => {
    const font = await new FontFace("icons", `url(${address})`).load();
    document.fonts.add(font);
    return names.map((name) => {
        const node = document.body.appendChild(document.createElement("span"));
        node.style = "position: absolute; font: 100px icons; font-feature-settings: 'liga'";
        node.textContent = name;
        return Math.round(node.getBoundingClientRect().width);
    });
}"""


def named() -> set[str]:
    """The icons that Streamlit's scripts name, and what we write."""
    files = [*STATIC.glob("static/js/*.js"), *(ROOT / "explorer").rglob("*.py"), *(ROOT / "explorer").rglob("*.md")]
    return set(re.findall(r":material/(\w+):", "".join(path.read_text(encoding="utf-8") for path in files))) - {IMAGE}


def test_the_font_has_each_icon_that_is_named(modules: Page) -> None:
    names = sorted(named())
    widths = modules.evaluate(WIDTHS, [FONT, [*names, "zz"]])
    assert dict(zip(names, widths, strict=False)) == dict.fromkeys(names, 100)
    assert widths[-1] != 100, "a name that is no icon is told apart"


def test_a_page_fetches_no_more_than_that(new_page: Open) -> None:
    explore = new_page(once=True)
    with explore.page.expect_response(f"**/{FONT}") as answer:
        explore.open()
    assert len(answer.value.body()) < 20_000
    explore.page.get_by_test_id("stSidebarHeader").hover()
    icon = explore.page.get_by_test_id("stSidebarCollapseButton").get_by_test_id("stIconMaterial")
    expect(icon).to_have_text("keyboard_double_arrow_left")
    assert icon.evaluate("node => node.scrollWidth === node.clientWidth")
