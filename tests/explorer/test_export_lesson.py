"""The lesson in a handout: what its prose becomes as HTML, and the models that it brings along."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from explorer.catalogue import library
from explorer.export.__main__ import main
from explorer.export.handout import read_models
from explorer.export.lesson import ASKED_FOR, models_needed, pages
from explorer.i18n import LANGUAGES, using_language
from explorer.lesson.screens import SCREENS, glossary, steps, title
from explorer.settings import FRONTEND
from tests.conftest import CHECKPOINTS

SHIPPED = library.shipped()[0]
MATH = re.compile(r"<math.*?</math>", re.DOTALL)


def texts(code: str) -> dict[str, str]:
    """The prose of the screens as HTML, without what is Python, by the screen's name."""
    found = {screen.name: page["html"] for screen, page in zip(SCREENS, pages(code, SHIPPED), strict=True)}
    return {name: re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL) for name, html in found.items()}


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_of_the_markup_is_left(code: str) -> None:
    for name, html in texts(code).items():
        assert not re.search(r"[$\\*`]|&lt;|\+\+\+|---|#term-[a-z-]+\)", html), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_formula_is_mathml(code: str) -> None:
    with using_language(code):
        told = {screen.name: steps(screen) for screen in SCREENS}
    written = {name: "".join(one.text + one.title + one.folded for one in some) for name, some in told.items()}
    for name, html in texts(code).items():
        prose = html.partition('<div class="st-key-lesson_end">')[0]
        made = MATH.findall(prose)
        assert len(made) == len(re.findall(r"\$\$.+?\$\$|\$.+?\$", written[name], re.DOTALL)), name
        for formula in made:
            root = ElementTree.fromstring(formula)
            tokens = [(node.tag.rpartition("}")[2], (node.text or "").strip()) for node in root.iter()]
            assert not {("mi", "~"), ("mi", ";"), ("mo", "\\{"), ("mi", "K"), ("mi", "B")} & set(tokens), formula


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_screen_has_all_its_parts(code: str) -> None:
    with using_language(code):
        meanings = set(glossary().values())
    shown = set()
    for screen, page in zip(SCREENS, pages(code, SHIPPED), strict=True):
        html = page["html"]
        with using_language(code):
            assert page["title"] == title(screen)
        assert re.findall(r'class="st-key-lesson_step_(\w+)"', html) == list(screen.steps)
        assert html.count('data-testid="quiz"') == html.count('class="lse-notes"') == html.count("<h1>") == 1
        listings = bool(screen.table) + len(screen.sources) + bool(screen.keras)
        assert html.count('data-testid="stCode"') == html.count('class="lse-copy"') == listings
        assert html.count('<span class="lse-keyword">') > 1
        shown |= set(re.findall(r'<a href="#term-[a-z-]+" title="([^"]+)">', html))
    assert len(shown) > 30
    assert {text.replace("&quot;", '"').replace("&amp;", "&") for text in shown} <= meanings


def test_it_brings_the_models_that_it_shows() -> None:
    given = read_models([CHECKPOINTS / "vae-mnist-beta-1.safetensors"])
    added = [entry.name for entry in models_needed(given)]
    assert "vae-mnist-beta-1" not in added
    declared = re.compile(r"^export const MODELS = .*", re.MULTILINE)
    modules = [(FRONTEND / "learn" / f"{screen.name}.js").read_text(encoding="utf-8") for screen in SCREENS]
    assert all(len(declared.findall(text)) == 1 for text in modules)
    names = {name for text in modules for name in re.findall('"([^"]+)"', declared.findall(text)[0])}
    assert {*added, "vae-mnist-beta-1"} == names
    assert ASKED_FOR.keys() <= names


def test_each_complaint_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "x.html")
    other = shutil.copy(CHECKPOINTS / "vae-mnist-baseline.safetensors", tmp_path / "ae-mnist.safetensors")
    assert main([str(other), "--lesson", "-o", out]) == 1
    said = capsys.readouterr().err
    assert said == "The lesson shows a model ae-mnist of its own: rename the file of that name.\n"
    with pytest.raises(SystemExit):
        main([str(other), "--lesson", "--digits", "2000", "-o", out])
    assert "--lesson searches among all 10000 test images: leave --digits out." in capsys.readouterr().err
    assert not Path(out).exists()
