"""The catalogues: no text that a user sees is left out, no placeholder is lost, the language is the one asked for."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import i18n
from explorer.ui.setting_fields import FIELDS, TITLES
from model.errors import Phrase
from model.format import CheckpointError

ROOT = Path(i18n.__file__).parent
CODES = [code for code in i18n.LANGUAGES if code != i18n.ENGLISH]


def _python_texts(source: str) -> Iterator[str]:
    """The literals that are passed to `_`, and the sentences of complaints."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "text":
            yield from _literal(node.value)  # of a complaint that is raised in the next line
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in ("Phrase", "ConfigError", "CheckpointError"):
            yield from _literal(node.args[0])
        elif node.func.id == "_":
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                yield str(argument.value)
            else:  # `_(TITLES[name])`: those are asked for by name below
                assert isinstance(argument, ast.Subscript), ast.unparse(node)


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _javascript_texts(source: str) -> Iterator[str]:
    """The literals in the first argument of each call of `_`; a template would have no entry that it could find."""
    source = re.sub(r"/\*\*.*?\*/", "", source, flags=re.DOTALL)
    for call in re.finditer(r"(?<![\w.$])_\(", source):
        at, depth, found = call.end(), 0, 0
        while not (depth == 0 and source[at] in ",)"):
            if source[at] == '"':
                end = at + 1
                while source[end] != '"':
                    end += 2 if source[end] == "\\" else 1
                yield json.loads(source[at : end + 1])
                at, found = end, found + 1
            assert source[at] != "`", source[call.start() : at + 40]
            depth += (source[at] in "([{") - (source[at] in ")]}")
            at += 1
        assert found, source[call.start() : at]


def _all_texts() -> set[str]:
    texts = {FIELDS[name].metadata["help"] for name in TITLES} | set(TITLES.values())
    complaining = [ROOT.parent / "model" / name for name in ("config.py", "format.py")]
    own = [path for path in ROOT.rglob("*.py") if path.name != "i18n.py"]  # it looks up what others say
    for path in [*own, *complaining]:
        texts |= set(_python_texts(path.read_text(encoding="utf-8")))
    for path in ROOT.glob("frontend/**/*.js"):
        if not path.name.endswith(".min.js"):
            functions = path.read_text(encoding="utf-8").replace("export function _(", "")
            texts |= set(_javascript_texts(functions))
    return texts


def _catalogue(code: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((ROOT / "locales" / f"{code}.json").read_text(encoding="utf-8"))
    return found


def _placeholders(text: str) -> list[tuple[str, str | None]]:
    return sorted((name, form) for _literal, name, form, _kind in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("code", CODES)
def test_every_text_has_a_translation_and_none_is_left_over(code: str) -> None:
    texts = _all_texts()
    assert len(texts) > 400  # the scanners see
    assert texts - _catalogue(code).keys() == set()
    assert _catalogue(code).keys() - texts == set()


@pytest.mark.parametrize("code", CODES)
def test_placeholders_and_edges_stay(code: str) -> None:
    for text, translated in _catalogue(code).items():
        assert _placeholders(translated) == _placeholders(text), text
        assert translated.strip(), text
        assert translated.count("`") == text.count("`"), text
        assert translated.count("**") == text.count("**"), text


def test_a_chinese_text_has_chinese_punctuation() -> None:
    for translated in _catalogue("zh-Hant").values():
        outside = re.sub(r"\{[^}]*\}|`[^`]*`", "x", translated)
        assert not re.search(r"[\u3400-\u9fff][,:;?!()]|[,;?!][\u3400-\u9fff]", outside), translated


def test_the_scanners_find_what_is_there() -> None:
    assert list(_python_texts('x = _("a {b}").format(b=_("c"))')) == ["a {b}", "c"]
    assert list(_javascript_texts('f(_("a, \\"b\\"", { n: g(1) }), _(x ? "c" : "d"), other_("e"))')) == [
        'a, "b"',
        "c",
        "d",
    ]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("zh", "zh-Hant"), ("en-GB", "en"), ("fr", "en"), (None, "en")],
)
def test_the_nearest_language_to_the_browsers(wanted: str | None, code: str) -> None:
    assert i18n.nearest(wanted) == code


def test_a_complaint_is_told_in_the_language_chosen() -> None:
    error = CheckpointError(
        "{name}: expected a safetensors file, found {found}; choose another, or copy it again.",
        name="a{b}.safetensors",
        found=Phrase("one whose header cannot be read"),
    )
    assert str(error).startswith("a{b}.safetensors: expected a safetensors file, found one whose header")
    assert i18n.told(error) == str(error)
    with i18n.speaking("zh-Hant"):
        assert "a{b}.safetensors" in i18n.told(error)
        assert not re.search(r"expected|found|header", i18n.told(error))
    assert i18n.told(ValueError("as {it} is")) == "as {it} is"


def test_an_answer_to_a_request_speaks_its_language() -> None:
    with i18n.speaking("zh-TW,zh;q=0.9"):
        assert i18n._("Train") == "訓練"
        address = i18n.words_address()
    assert address is not None
    assert address.startswith("locales/zh-Hant.json?v=")
    assert i18n._("Train") == "Train"
    assert i18n.words_address() is None
