"""The lesson in a handout, opened from the disk by a Chromium that is offline: each screen as in the app."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from explorer.export.handout import MOST_DIGITS, handout, read_models
from explorer.export.lesson import models_needed
from explorer.lesson.screens import SCREENS, notes
from explorer.lesson.source import source
from model.checkpoint import Checkpoint
from tests.browser.conftest import NARROW, PHONE, PROJECTOR, decoded
from tests.browser.test_axe import AXE, RUN, TALL
from tests.browser.test_handout import GREY, HandedOut
from tests.browser.test_i18n import CHINESE, TEXTS
from tests.browser.test_learn import Learn
from tests.explorer.test_export import HOSTILE, hostile_model


class Lesson(Learn):
    def __init__(self, handed_out: HandedOut) -> None:
        super().__init__(handed_out.page, handed_out.address)
        self.errors = handed_out.errors

    def open(self, name: str, query: str = "") -> "Lesson":
        number = [screen.name for screen in SCREENS].index(name) + 1
        self.page.goto("about:blank")  # another hash alone is no other page
        self.page.goto(f"{self.address}?screen={number}{query}#learn")
        self.wait(name)
        return self


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a model that the lesson does not show, and that would be markup and code, if anything took it for that."""
    folder = tmp_path_factory.mktemp("lesson")
    path, given = folder / "lesson.html", read_models([hostile_model(folder)])
    path.write_bytes(handout(given, MOST_DIGITS, lesson=models_needed(given)).html)
    return path


@pytest.fixture
def lesson(browser: Browser, file: Path) -> Iterator[Lesson]:
    context = browser.new_context(viewport=PROJECTOR, offline=True, locale="en-GB")
    handed_out = HandedOut(context.new_page(), file.as_uri())
    yield Lesson(handed_out)
    asked, errors = handed_out.asked, handed_out.errors
    context.close()
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob", "data", "about"}
    assert errors == []


def test_each_screen_and_what_its_steps_show(lesson: Lesson, shipped: dict[str, Checkpoint]) -> None:
    page = lesson.open("through").page
    for n, screen in enumerate(SCREENS, start=1):
        lesson.wait(screen.name)
        expect(page.locator(f".st-key-lesson_{n} button")).to_have_attribute("aria-current", "page")
        expect(page).to_have_title(re.compile(rf"^{n}\. .+ · Learn · Latent Space Explorer$"))
        for step in screen.steps:
            lesson.step(step)
        expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)
        if screen.name == "through":
            lesson.step("send")
            page.get_by_test_id("through-other").click()
            expect(lesson.figure()).to_have_attribute("data-z", re.compile(","))  # the encoder has come, too
            z = np.array((lesson.figure().get_attribute("data-z") or "").split(","), dtype=np.float32)
            assert np.abs(lesson.pixels("through-back") - 255 * decoded(shipped["ae-mnist"].model, z)).max() <= GREY
        if screen.name in ("training", "losses"):
            lesson.step("step" if screen.name == "training" else "twice")
            page.get_by_test_id("live-many").click()
            words = page.get_by_test_id("live-words").filter(visible=True)
            expect(words).to_have_text("It learns from 5,000 training digits: all that this page has.")
        if screen.name == "vae":
            page.get_by_test_id("vae-beta").press("End")
            page.get_by_test_id("live-many").click()
            expect(lesson.figure()).to_have_attribute(
                "data-step", re.compile("[1-9]")
            )  # from the weights of the model in the file
        if n < len(SCREENS):
            page.locator(".st-key-lesson_on button").click()
    assert page.evaluate("[document.images.length, typeof hostile]") == [0, "undefined"]


def test_all_around_a_figure(lesson: Lesson) -> None:
    page = lesson.open("vae", "&step=axes&teacher=1").read("axes").page
    screen = next(screen for screen in SCREENS if screen.name == "vae")

    # Its code, folded and coloured, and what a teacher is told.
    code = page.locator("details").filter(has_text=screen.sources[0])
    expect(code.locator("pre")).to_be_hidden()
    code.locator("summary").click()
    assert code.locator("pre code").inner_text() == source(screen.sources[0])
    expect(code.locator(".lse-keyword").first).to_have_text("def")
    code.get_by_role("button", name="Copy").click()
    expect(code.get_by_role("button", name="Copied")).to_be_visible()
    for_teachers = page.locator(".lse-notes")
    for_teachers.locator("summary").click()
    assert "What pupils get wrong" in notes(screen)
    expect(for_teachers).to_contain_text("What pupils get wrong")

    # A question, and a word.
    question = page.get_by_test_id("quiz").locator("fieldset").first
    question.locator('input[data-right="true"]').check()
    expect(question.locator('p[data-right="true"]')).to_be_visible()
    page.locator('a[href="#term-kl"]').focus()
    expect(page.get_by_role("tooltip")).to_contain_text("how far one distribution is from another")
    page.keyboard.press("Escape")

    # Keys, and Back; a link to a place; both other views and back.
    lesson.step("axes")
    page.locator("body").press("PageDown")
    lesson.read("draw")
    page.go_back()
    lesson.read("axes")
    lesson.go("normal")
    page.go_back()
    lesson.wait("vae").read("axes")
    page.get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-checkpoint", HOSTILE)
    expect(page.get_by_test_id("model")).to_have_count(0)  # it shows the one that was handed out
    page.go_back()
    lesson.wait("vae")
    lesson.go("generate")
    ways = page.get_by_test_id("onward").get_by_role("link")
    assert [words.split()[0] for words in ways.all_inner_texts()] == ["Look", "Compare", "Teach"]  # it has no Train
    ways.filter(has_text="Compare").click()
    expect(page.get_by_test_id("model-a")).to_be_visible()
    page.go_back()
    lesson.wait("generate")
    ways.filter(has_text="Teach").click()
    lesson.wait("through")
    expect(page.locator(".lse-notes")).to_be_attached()
    lesson.go("vae")

    page.get_by_test_id("language").select_option("zh-Hant")
    lesson.wait("vae")
    expect(page.locator(".st-key-lesson_next")).to_contain_text(CHINESE["Next"])
    expect(page.locator("h1")).to_have_text("VAE：每張影像一朵雲")
    page.evaluate("document.querySelectorAll('pre').forEach((code) => code.remove())")  # Python speaks English
    assert {text for text in page.evaluate(TEXTS) if CHINESE.get(text, text) != text} == set()
    page.get_by_role("link", name=CHINESE["Compare"], exact=True).click()
    expect(page.get_by_test_id("model-a").locator("option")).to_have_count(9)


def test_it_fits_and_all_can_read_it(lesson: Lesson) -> None:
    page = lesson.open("generate").page
    head = page.get_by_role("banner")
    page.get_by_test_id("class-mode").click()
    expect(head).to_be_hidden()
    page.keyboard.press("Escape")
    page.evaluate("document.fullscreenElement && document.exitFullscreen()")
    expect(head).to_be_visible()
    figure = page.get_by_test_id("lesson-figure").bounding_box()
    assert figure is not None
    assert figure["y"] + figure["height"] <= PROJECTOR["height"]
    page.evaluate(AXE)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size(TALL)
        assert page.evaluate(RUN, ["body", "colours"]) == []
    for size in (PHONE, NARROW):
        page.set_viewport_size(size)
        width = "Math.max(document.documentElement.scrollWidth, document.querySelector('.stMain').scrollWidth)"
        assert page.evaluate(width) <= size["width"]
        assert page.evaluate(RUN, ["body", "else"]) == []
