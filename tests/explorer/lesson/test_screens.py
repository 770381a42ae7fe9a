"""The lesson's prose is whole in every language, and its source is the source that runs."""

import importlib
import inspect
import re
import textwrap
from urllib.parse import parse_qs

import pytest

from explorer import i18n
from explorer.lesson.quiz import questions
from explorer.lesson.screens import SCREENS, glossary, notes, number_asked, prose, steps, title
from explorer.lesson.source import source
from explorer.settings import LESSON_NOTES, LESSON_QUIZ, LESSON_TEXT, ROOT


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_each_screen_has_its_prose_and_nothing_is_left_over(code: str) -> None:
    assert {path.stem for path in (LESSON_TEXT / code).iterdir()} == {screen.name for screen in SCREENS}
    with i18n.using_language(code):
        assert len({title(screen) for screen in SCREENS}) == len(SCREENS)
        for screen in SCREENS:
            assert prose(screen).startswith("# ")


def test_an_address_of_anything_asks_for_a_screen() -> None:
    for text in ("", "9" * 5000, "-9", "１", "1e9", "1.0", " 1", "\0�"):
        assert number_asked(text) == 1
    assert [number_asked(text) for text in ("0", "007", "999999999")] == [1, 7, len(SCREENS)]


@pytest.mark.parametrize(("code", "longest"), [("en", 130), ("zh-Hant", 320)])
def test_each_screen_has_short_notes_for_teachers(code: str, longest: int) -> None:
    assert {path.stem for path in (LESSON_NOTES / code).iterdir()} == {screen.name for screen in SCREENS}
    with i18n.using_language(code):
        told = [notes(screen) for screen in SCREENS]
    minutes = [
        int(found[1]) for found in (re.match(r"\*\*(\d+) ?(?:minutes\.|分鐘。)", text) for text in told) if found
    ]
    assert sum(minutes) == 45  # as docs/teaching.md has it
    assert len(minutes) == len(SCREENS)
    for text in told:
        assert len(text.split() if code == "en" else text) <= longest


def test_the_paths_for_teachers_lead_to_steps_that_there_are() -> None:
    text = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    queries = [parse_qs(query) for query in re.findall(r"/learn\?([^`)]*)", text)]
    assert {int(query["screen"][0]) for query in queries} == set(range(1, len(SCREENS) + 1))
    for query in queries:
        assert query["teacher"] == ["1"]
        assert query["step"][0] in SCREENS[int(query["screen"][0]) - 1].steps


def test_each_technical_word_is_explained_where_a_screen_has_it_first_in_every_language() -> None:
    linked: dict[str, list[list[str]]] = {}
    for code in i18n.LANGUAGES:
        with i18n.using_language(code):
            meanings = glossary()
            linked[code] = [re.findall(r"\]\(#term-([a-z-]+)\)", prose(screen)) for screen in SCREENS]
            told = "".join(step.text + step.folded for screen in SCREENS for step in steps(screen))
        names = [name for screen in linked[code] for name in screen]
        assert set(names) == set(meanings)
        assert all(len(screen) == len(set(screen)) for screen in linked[code]), "once a screen"
        assert not any('"' in meaning for meaning in meanings.values())  # it would end the link's title
        for name in names:
            assert f'(#term-{name} "{meanings[name]}")' in told
    english, *others = linked.values()
    for other in others:
        assert list(map(sorted, other)) == list(map(sorted, english))


def test_each_screen_has_questions_with_one_right_answer_the_same_in_every_language() -> None:
    found = []
    for code in i18n.LANGUAGES:
        assert {path.stem for path in (LESSON_QUIZ / code).iterdir()} == {screen.name for screen in SCREENS}
        with i18n.using_language(code):
            asked = [questions(screen) for screen in SCREENS]
        for question in (question for screen in asked for question in screen):
            assert len(set(question.answers)) == 3
            assert question.text.endswith(("?", "？"))
            assert question.reason.endswith((".", "。", "?"))
        found.append([[question.right for question in screen] for screen in asked])
    assert min(map(len, found[0])) >= 2
    assert {n for screen in found[0] for n in screen} == {0, 1, 2}  # its place does not tell
    assert all(places == found[0] for places in found)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_all_languages_have_the_same_formulas(screen: object) -> None:
    formulas = set()
    for code in i18n.LANGUAGES:
        with i18n.using_language(code):
            text = re.sub(r"\\text\{[^}]*\}", "", prose(screen))  # type: ignore[arg-type]
        found = re.findall(r"\$\$(.+?)\$\$", text.replace("，", ","), flags=re.DOTALL)
        formulas.add(tuple(re.sub(r"[.\s]|_\{\}", "", formula) for formula in found))
    assert len(formulas) == 1


def test_no_step_says_where_its_figure_stands() -> None:
    # Beside the prose on a wide screen, above it on a phone.
    for code, sides in (
        ("en", r"\b(above|below(?! that line)|at the (left|right)|under the figure)\b"),
        ("zh-Hant", "[上下]方|上面|下面|[左右]邊(?!開始)"),
    ):
        with i18n.using_language(code):
            assert [screen.name for screen in SCREENS if re.search(sides, prose(screen), re.IGNORECASE)] == []


@pytest.mark.parametrize("name", sorted({name for screen in SCREENS for name in screen.sources}))
def test_the_source_shown_is_the_source_that_runs(name: str) -> None:
    parts = name.split(".")
    found = importlib.import_module(".".join(parts[:2]))
    for part in parts[2:]:
        found = getattr(found, part)
    assert source(name) == textwrap.dedent(inspect.getsource(found))


def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match=r"losses.py has no absent"):
        source("model.losses.absent")
