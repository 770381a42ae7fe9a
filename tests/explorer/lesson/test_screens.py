"""The lesson's prose is whole in every language, and its source is the source that runs."""

import importlib
import inspect
import re
import textwrap

import pytest

from explorer import i18n
from explorer.lesson.screens import SCREENS, prose, title
from explorer.lesson.source import source
from explorer.settings import LESSON_TEXT


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_each_screen_has_its_prose_and_nothing_is_left_over(code: str) -> None:
    assert {path.stem for path in (LESSON_TEXT / code).iterdir()} == {screen.name for screen in SCREENS}
    with i18n.using_language(code):
        assert len({title(screen) for screen in SCREENS}) == len(SCREENS)
        for screen in SCREENS:
            assert prose(screen).startswith("# ")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_all_languages_have_the_same_formulas(screen: object) -> None:
    formulas = set()
    for code in i18n.LANGUAGES:
        with i18n.using_language(code):
            text = re.sub(r"\\text\{[^}]*\}", "", prose(screen))  # type: ignore[arg-type]
        found = re.findall(r"\$\$(.+?)\$\$", text.replace("，", ","), flags=re.DOTALL)
        formulas.add(tuple(re.sub(r"[.\s]|_\{\}", "", formula) for formula in found))
    assert len(formulas) == 1


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
