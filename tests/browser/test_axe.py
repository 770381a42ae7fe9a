"""What axe-core finds on every page, screen and panel, in both themes and both sizes: nothing."""

import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from explorer.lesson.screens import SCREENS, title
from tests.browser.conftest import PHONE, PROJECTOR, Viewers
from tests.browser.test_inspector import PANELS

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# As wide as a projector, and so tall that nothing has to be scrolled to: of what lies below an edge axe does not judge
# the colours.
TALL: ViewportSize = {"width": PROJECTOR["width"], "height": 1600}

# What is found in a part of the page, and what to do about it: of its colours, the same in all sizes, or of all else,
# the same in both themes; or of all at once, which costs hardly more than either.
Rules = Literal["colours", "else", "all"]
RUN = """async ([part, which]) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const rules = [...axe.getRules(tags).map(({ ruleId }) => ruleId), "heading-order"];
    const values = rules.filter((rule) => which === "all" || (rule === "color-contrast") === (which === "colours"));
    const { violations } = await axe.run(part, { runOnly: { type: "rule", values }, resultTypes: ["violations"] });
    const told = ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`);
    return violations.flatMap(told);
}"""


class Judged:
    """A page of the app, as axe sees it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.found: set[str] = set()
        self.themes: list[Literal["light", "dark"]] = ["light", "dark"]  # the one that is there, and the other
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.page.evaluate(AXE)

    def looks(self) -> Iterator[Rules]:
        """Makes the page look otherwise, one way after the other; yields what is to be judged."""
        self.page.set_viewport_size(PHONE)
        yield "else"
        self.page.set_viewport_size(TALL)
        yield "all"
        self.turn()
        yield "colours"

    def turn(self) -> None:
        """From light to dark, or back."""
        self.themes.reverse()
        self.page.emulate_media(color_scheme=self.themes[0])
        expect(self.page.locator(".stApp")).to_have_css("color-scheme", self.themes[0])

    def judge(self, rules: Rules, part: str = "body") -> None:
        self.found |= set(self.page.evaluate(RUN, [part, rules]))

    def judge_looks(self) -> None:
        expect(self.page.locator("h1")).to_have_count(1)
        for rules in self.looks():
            self.judge(rules)


@pytest.fixture
def judged(viewers: Viewers, server: tuple[str, int]) -> Iterator[Callable[[str], Judged]]:
    """Opens a page on which nothing moves by itself; axe finds nothing until the test is over."""
    with viewers.lending(Judged) as lend:
        pages: list[Judged] = []

        def make(path: str) -> Judged:
            pages.append(page := lend(server[0], reduced_motion="reduce"))
            page.open(path)
            return page

        yield make
        assert sorted(set().union(*(page.found for page in pages))) == []


Open = Callable[[str], Judged]


def test_explore_and_its_panels(judged: Open) -> None:
    look = judged("?image=12&hide=3")
    expect(look.page.locator('[data-testid="latent-plane"][data-images="true"]')).to_be_visible()
    look.judge_looks()
    explore = judged("?image=12&hide=3&depth=expert")
    page = explore.page
    expect(page.locator('[data-testid="latent-plane"][data-images="true"]')).to_be_visible()
    page.get_by_test_id("tab-misfits").click()
    expect(page.get_by_test_id("misfits")).to_have_attribute("data-count", re.compile("."))
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-pair").click()
    expect(page.locator('.lse-walk[data-ready="true"]')).to_be_visible()  # measured by a thread
    expect(page).to_have_title("Explore · Latent Space Explorer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    for rules in explore.looks():
        explore.judge(rules)
        if rules == "all":
            rules = "colours"  # the panels have nothing here that a phone has not
        for panel in PANELS:
            page.get_by_test_id(f"tab-{panel}").click()
            explore.judge(rules, ".lse-panels")
        page.get_by_role("button", name="Keys", exact=True).click()
        explore.judge(rules, '[data-testid="keys"]')
        page.keyboard.press("Escape")
    page.get_by_test_id("overlay").select_option("distance")
    explore.judge("colours", ".lse-plane")


def test_compare_and_train(judged: Open) -> None:
    compare = judged("compare?sheet=prior&seed=1&hide=3")
    for side in ("a", "b"):
        there = f'[data-testid="latent-plane"][data-side="{side}"][data-images="true"]'
        expect(compare.page.locator(there)).to_be_visible()
    expect(compare.page).to_have_title("Compare · Latent Space Explorer")
    compare.judge_looks()
    train = judged("train?replay=vae-mnist")
    expect(train.page.locator('[data-testid="latent-plane"][data-ready="true"]')).to_be_visible()
    expect(train.page.get_by_test_id("loss-curves").locator("svg").first).to_be_visible()
    expect(train.page).to_have_title("Train · Latent Space Explorer")
    train.judge_looks()
    pupil = judged("train?where=here")
    here = pupil.page
    plane, play = here.get_by_test_id("latent-plane"), here.get_by_test_id("here-play")
    expect(plane).to_have_attribute("data-images", "true")
    here.get_by_test_id("story-learn").click()
    expect(plane).not_to_have_attribute("data-step", "0")
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false")
    pupil.judge_looks()


NAMES = "nodes => nodes.map((node) => node.dataset.steps)"


def test_the_lesson(judged: Open) -> None:
    lesson = judged("learn?screen=1")
    page = lesson.page
    for number, screen in enumerate(SCREENS, start=1):
        if number > 1:
            for _past in ("the last step", "the questions"):
                page.keyboard.press("PageDown")  # no button, on which a tooltip would come slowly
        figure = f'[data-testid="lesson-figure"][data-screen="{screen.name}"][data-ready="true"]'
        expect(page.locator(figure)).to_be_visible()
        expect(page).to_have_title(f"{number}. {title(screen)} · Learn · Latent Space Explorer")
        parts: set[str] = set()
        for n, step in enumerate(screen.steps):
            if n:
                page.keyboard.press("PageDown")
            expect(page.locator(figure)).to_have_attribute("data-step", step)
            if parts != (parts := set(page.locator("[data-steps]:visible").evaluate_all(NAMES))) or n == 0:
                if n == 0:
                    lesson.judge_looks()
                    page.set_viewport_size(PHONE)
                    expect(page.locator(figure)).to_have_attribute("data-step", step)
                else:  # another figure: all else is the same, and a phone has all there is of it, in sight
                    lesson.judge("all", '[data-testid="lesson-figure"]')
                    lesson.turn()
                    lesson.judge("colours", '[data-testid="lesson-figure"]')
