"""A class that follows its teacher, in real browsers: one who leads, one who has just come, one who was elsewhere."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from explorer.settings import INSTRUCTOR_KEY
from tests.browser.conftest import ANY, TITLES, Explore, Viewers, grey_levels
from tests.browser.test_axe import AXE, RUN
from tests.server import serve

KEY = "chalk and talk"
STEPPING = '[class*="st-key-lesson_step_"][aria-current="step"]'

Join = Callable[..., Explore]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(environment={INSTRUCTOR_KEY: KEY}, module="tests.explorer.classroom.quick_class") as found:
        yield found[0]


@pytest.fixture
def join(viewers: Viewers, address: str) -> Iterator[Join]:
    """Opens Explore, each time as another viewer."""
    with viewers.lending(Explore) as lend:
        yield partial(lend, address)


def lead(teacher: Explore) -> None:
    """Enter the key where a teacher finds its field, and lead."""
    page = teacher.open(full=False).page
    page.get_by_role("button", name="Invite the class").click()
    page.get_by_text("Teachers: lead the class from here").click()
    field = page.get_by_label("Instructor's key")
    field.fill(KEY)
    field.press("Enter")
    press(teacher, "lead")
    is_told(teacher, "You lead")


def press(viewer: Explore, button: str) -> None:
    viewer.page.get_by_test_id(f"class-{button}").click()


def is_told(viewer: Explore, text: str) -> None:
    expect(viewer.page.get_by_test_id("class-status")).to_contain_text(text)


def is_where(pupil: Explore, teacher: Explore) -> None:
    """Both show the same point; of its numbers as many digits as an address has."""
    is_drawn(teacher)
    z = teacher.image.first.get_attribute("data-z")
    assert z is not None
    near = "Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-4 * (1 + Math.hypot(...argument))"
    pupil.until(near, [float(number) for number in z.split(",")])


def is_drawn(viewer: Explore) -> None:
    """What was pressed has come to the screen."""
    viewer.page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def asked(page: Page, name: str, value: str | None) -> None:
    """Wait until the address says so."""
    page.wait_for_function(
        "([name, value]) => new URLSearchParams(location.search).get(name) === value", arg=[name, value]
    )


def test_a_class_follows_its_teacher(join: Join) -> None:
    teacher, pupil, other = join(), join(), join()
    lead(teacher)
    pupil.open(full=False)
    is_told(pupil, "You follow the teacher")  # by itself: nothing there was the pupil's own
    other.open("?z=1,1&hide=3", full=False)
    is_told(other, "The teacher leads the class")  # came for a place, and is asked
    expect(other.page.get_by_test_id("class-lead")).to_be_hidden()
    x, y = teacher.centre()
    teacher.press(x + 40, y + 30)
    teacher.page.mouse.move(x + 80, y - 60)
    is_where(pupil, teacher)  # while the pointer is still down
    teacher.page.mouse.up()
    teacher.page.get_by_test_id("depth-expert").click()
    asked(pupil.page, "depth", "expert")
    expect(pupil.page.get_by_test_id("overlay")).to_be_visible()
    teacher.page.get_by_test_id("overlay").select_option("votes")
    teacher.page.get_by_test_id("tab-misfits").click()
    teacher.page.get_by_role("button", name="Zoom in").click()
    for name in ("overlay", "panel", "view"):
        asked(pupil.page, name, teacher.page.evaluate("(n) => new URLSearchParams(location.search).get(n)", name))
    expect(pupil.page.get_by_test_id("panel-misfits")).to_be_visible()
    assert other.z().tolist() == [1, 1]  # nothing was taken from whoever was not asked
    press(other, "follow")
    is_where(other, teacher)
    asked(other.page, "hide", None)

    teacher.pick("ae-mnist")
    for viewer in (teacher, pupil, other):
        viewer.wait("ae-mnist")
    for follower in (pupil, other):
        is_where(follower, teacher)
    chosen = pupil.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Model", exact=True)
    expect(chosen).to_have_value(TITLES["ae-mnist"])

    pupil.press(x - 50, y - 40)  # a touch of one's own
    pupil.page.mouse.up()
    is_told(pupil, "You are on your own")
    is_drawn(pupil)
    own = pupil.z().tolist()
    teacher.press(x + 20, y + 90)
    teacher.page.mouse.up()
    is_where(other, teacher)
    assert pupil.z().tolist() == own
    pupil.page.reload()
    pupil.wait("ae-mnist")
    is_told(pupil, "You are on your own")  # is remembered
    press(pupil, "follow")
    is_where(pupil, teacher)
    teacher.page.get_by_role("button", name="Invite the class").click()
    expect(teacher.page.get_by_test_id("invite")).to_have_text(re.compile(r":\d+/?$"))  # who comes will be led there
    teacher.page.keyboard.press("Escape")
    press(teacher, "stop")
    is_told(pupil, "The teacher leads no more")
    is_where(pupil, teacher)
    expect(pupil.page.get_by_test_id("class-follow")).to_be_hidden()


def test_a_class_follows_from_page_to_page(join: Join) -> None:
    teacher, pupil = join(), join()
    lead(teacher)
    pupil.open(full=False)
    is_told(pupil, "You follow the teacher")
    teacher.page.get_by_role("link", name="Compare", exact=True).click()
    teacher.page.get_by_test_id("model-b").select_option("vae-mnist")
    expect(pupil.page.get_by_test_id("model-b")).to_have_value("vae-mnist")
    plane = teacher.plane.first
    plane.focus()
    for _step in range(3):
        plane.press("Shift+ArrowRight")
    teacher.page.get_by_test_id("class-5").first.click()
    asked(pupil.page, "hide", "5")
    is_where(pupil, teacher)
    ticks = [viewer.page.locator(".lse-ticks").first for viewer in (teacher, pupil)]
    whole = ticks[1].text_content()
    teacher.page.get_by_role("button", name="Zoom in").first.click()
    expect(ticks[1]).not_to_have_text(whole or "")
    expect(ticks[1]).to_have_text(ticks[0].text_content() or "")

    teacher.page.get_by_role("link", name="Learn", exact=True).click()
    figure = '[data-testid="lesson-figure"][data-ready="true"]'
    expect(pupil.page.locator(figure)).to_be_visible()
    teacher.page.locator(figure).wait_for()
    teacher.page.get_by_role("button", name="Next →").first.click()
    expect(pupil.page.locator(f'{figure}[data-screen="training"]')).to_be_visible()
    expect(teacher.page.locator(f'{figure}[data-screen="training"]')).to_be_visible()
    teacher.page.keyboard.press("PageDown")
    step = teacher.page.locator(f"{figure}[data-step]")
    teacher.page.wait_for_function("() => new URLSearchParams(location.search).has('step')")
    expect(pupil.page.locator(figure)).to_have_attribute("data-step", step.get_attribute("data-step") or "")
    for name in ("phases", "rate"):
        teacher.page.keyboard.press("PageDown")
        expect(teacher.page.locator(figure)).to_have_attribute("data-step", name)
    rate = teacher.page.locator('[data-testid^="rate-"][aria-pressed="false"]').first
    pressed = rate.get_attribute("data-testid")
    rate.click()
    expect(pupil.page.get_by_test_id(pressed or "")).to_have_attribute("aria-pressed", "true")

    teacher.page.get_by_role("link", name="Train", exact=True).click()
    teacher.page.get_by_test_id("where-server").click()
    expect(pupil.page.get_by_test_id("where-server")).to_have_attribute("aria-selected", "true")
    teacher.page.get_by_test_id("source").select_option("ae-mnist")
    expect(pupil.plane).to_have_attribute("data-checkpoint", "ae-mnist")
    x, y = teacher.centre()
    teacher.press(x + 30, y + 40)
    teacher.page.mouse.up()
    is_where(pupil, teacher)
    teacher.page.get_by_role("link", name="Explore", exact=True).click()
    pupil.wait("vae-mnist")
    is_told(pupil, "You follow the teacher")
    press(teacher, "stop")


def test_one_page_leads_and_all_are_told_when_it_is_gone(join: Join) -> None:
    teacher, second, pupil = join(), join(), join()
    lead(teacher)
    pupil.open(full=False)
    is_told(pupil, "You follow the teacher")
    lead(second)
    is_told(teacher, "Another page leads the class now.")
    press(teacher, "follow")  # who may lead may follow, too
    x, y = second.centre()
    second.press(x + 70, y + 70)
    second.page.mouse.up()
    for follower in (teacher, pupil):
        is_where(follower, second)
    second.page.reload()
    second.wait("vae-mnist")
    is_told(second, "You lead")  # goes on
    is_told(pupil, "You follow the teacher")
    second.page.goto("about:blank")  # its tab is closed
    is_told(pupil, "The teacher leads no more: you stay where you are")
    expect(pupil.plane).to_be_visible()
    teacher.plane.press("ArrowLeft")
    press(teacher, "lead")
    is_told(pupil, "You follow the teacher")  # as before


def judge(viewer: Explore) -> None:
    """What axe-core finds in the bar, and in what it has opened: nothing."""
    page = viewer.page
    page.evaluate(AXE)
    found: list[str] = []
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        expect(page.locator(".stApp")).to_have_css("color-scheme", theme)
        found += page.evaluate(RUN, [".lse-class", "all" if theme == "dark" else "colours"])
    assert found == []


def ask(teacher: Explore, kind: str, text: str = "", choices: tuple[str, ...] = ()) -> None:
    page = teacher.page
    press(teacher, "ask")
    page.get_by_test_id(f"ask-{kind}").click()
    if text:
        page.get_by_test_id("ask-text").fill(text)
    for i, choice in enumerate(choices):
        page.get_by_test_id(f"ask-choice-{i}").fill(choice)
    page.get_by_test_id("ask-send").click()


def test_a_class_answers_without_names(join: Join) -> None:
    teacher, pupil, other = join(), join(), join()
    lead(teacher)
    pupil.open(full=False)
    other.open("?z=1,1", full=False)
    is_told(pupil, "You follow the teacher")
    is_told(other, "The teacher leads the class")
    question, answers = (teacher.page.get_by_test_id(name) for name in ("question", "question-state"))

    ask(teacher, "place")
    expect(pupil.page.get_by_test_id("question")).to_have_text("Press where you expect a 3.")
    for viewer in (teacher, pupil, other):  # no map answers it: not the dots' colours, nor names, nor what is decoded
        expect(viewer.page.locator(".lse-cloud").first).not_to_have_css("filter", "none")
        for telling in (viewer.page.get_by_test_id("class-3"), viewer.page.locator(".lse-names"), viewer.image.first):
            expect(telling).to_be_hidden()
    x, y = pupil.centre()
    for viewer, dx in ((pupil, -100), (pupil, 60), (other, 90)):  # one changes its mind
        viewer.press(x + dx, y + 50)
        viewer.page.mouse.up()
        expect(viewer.page.get_by_test_id("question-state")).to_contain_text("Answered")
    is_told(pupil, "You follow the teacher")  # an answer is no way of one's own
    is_drawn(other)
    marks = teacher.page.get_by_test_id("answer-marks")
    expect(marks).to_have_attribute("data-count", "2")
    places = marks.locator("path").last.get_attribute("d") or ""
    at = np.array([part.split("h")[0].split() for part in places.split("M")[1:]], dtype=float)
    corner = teacher.plane.evaluate(
        "(p) => [p.getBoundingClientRect().x + p.clientLeft, p.getBoundingClientRect().y + p.clientTop]"
    )
    shown = np.array([teacher.to_latent(*(one + corner)) for one in at])
    expected = np.array([pupil.z(), other.z()])
    np.testing.assert_allclose(shown[shown[:, 0].argsort()], expected[expected[:, 0].argsort()], atol=0.03)
    press(teacher, "reveal")
    expect(teacher.page.get_by_test_id("class-3")).to_be_visible()
    expect(marks).to_have_attribute("data-count", "2")
    expect(pupil.page.get_by_test_id("class-3")).to_be_hidden()  # who looks at the teacher's may still change an answer

    ask(teacher, "poll", "What does β weigh?", ("<b>KL</b>", "nothing"))
    expect(question).to_have_text("What does β weigh?")
    expect(marks).to_have_attribute("data-count", "0")  # the next question clears them
    for viewer in (pupil, other):
        expect(viewer.page.get_by_test_id("class-3")).to_be_visible()
        viewer.page.get_by_test_id("choice-0").click()
        expect(viewer.page.get_by_test_id("question-state")).to_contain_text("Answered")
    pupil.page.get_by_test_id("choice-1").click()
    for i, text in enumerate(("<b>KL</b>1", "nothing1")):  # as it was typed, and no markup
        expect(teacher.page.get_by_test_id(f"choice-{i}")).to_have_text(text)
    expect(answers).to_have_text("Answers: 2")
    for viewer in (teacher, pupil):
        judge(viewer)
    is_where(pupil, teacher)  # whose point is the teacher's again
    ask(teacher, "poll", "Alone?", ("one",))
    expect(teacher.page.get_by_test_id("ask-problem")).to_have_text("Expected 2 to 5 answers to choose from.")
    judge(teacher)
    teacher.page.keyboard.press("Escape")

    teacher.page.get_by_role("link", name="Compare", exact=True).click()
    expect(teacher.image).to_have_count(2)
    for image in teacher.image.all():
        expect(image).to_have_attribute("data-z", ANY)
    ask(teacher, "pair")
    for viewer in (teacher, pupil, other):  # asked wherever they are
        expect(viewer.page.locator('[data-testid^="choice-"] canvas')).to_have_count(2)
    drawn = [grey_levels(teacher.page.get_by_test_id(f"choice-{i}").locator("canvas")) for i in (0, 1)]
    assert min(one.max() for one in drawn) > 0
    assert (drawn[0] != drawn[1]).any()
    press(teacher, "reveal")
    expect(teacher.page.locator(".lse-true")).to_have_count(1)
    press(teacher, "end")
    for viewer in (pupil, other):
        expect(viewer.page.get_by_test_id("question")).to_be_hidden()
    assert len(other.page.evaluate("Object.keys(localStorage).filter((name) => name.includes('class'))")) == 0
    press(teacher, "stop")
