"""The catalogues: no text that a user sees is left out, no placeholder is lost, the language is the one asked for."""

import ast
import errno
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from explorer import i18n
from explorer.training.run import Status
from explorer.ui.setting_fields import FIELDS, TITLES
from model.config import PRESETS
from model.errors import Translatable, UserError
from model.format import CheckpointError

ROOT = Path(i18n.__file__).parent
# Calls that give on what stands elsewhere.
NOT_LITERAL = {
    "UserError(value)",
    "UserError(found)",
    "Translatable(run.status)",  # the words of `Status`, see below
}
CODES = [code for code in i18n.LANGUAGES if code != i18n.ENGLISH]


def _python_texts(source: str) -> Iterator[str]:
    """The literals that are passed to `_`."""
    for call in _calls(ast.parse(source), {"_"}):
        argument = call.args[0]
        if isinstance(argument, ast.Constant):
            yield str(argument.value)
        else:  # `_(TITLES[name])`: those are asked for by name below
            assert isinstance(argument, ast.Subscript), ast.unparse(call)


def _error_texts(source: str, classes: set[str]) -> Iterator[str]:
    """The sentences of errors that reach people, and the words among their values."""
    tree = ast.parse(source)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        names: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target, value in _assigned(node.targets[0], node.value):
                    names.setdefault(target, []).append(value)
        for call in _calls(function, classes):
            if (argument := call.args[0]) and isinstance(argument, ast.Name) and argument.id in names:
                for value in names[argument.id]:
                    yield from _literals(value, call)
            else:
                yield from _literals(argument, call)
    for call in _calls(
        ast.Module([node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)], []), classes
    ):
        yield from _literals(call.args[0], call)


def _calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield node


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from (
            (name.id, part) for name, part in zip(target.elts, value.elts, strict=True) if isinstance(name, ast.Name)
        )


def _literals(node: ast.expr, call: ast.Call) -> Iterator[str]:
    """The text, or either of two; anything else could not be looked up."""
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body, call)
        yield from _literals(node.orelse, call)
    elif ast.unparse(call) not in NOT_LITERAL:
        assert isinstance(node, ast.Constant), ast.unparse(call)
        assert isinstance(node.value, str), ast.unparse(call)
        yield node.value


def _error_classes(sources: list[str]) -> set[str]:
    """`UserError`, all that derive from it, and `Translatable`."""
    found = {"UserError"}
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found | {"Translatable"}


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
    for path in ROOT.rglob("*.py"):
        if path.name != "i18n.py":  # it looks up what others say
            texts |= set(_python_texts(path.read_text(encoding="utf-8")))
    texts |= _all_error_texts() | set(get_args(Status)) | set(PRESETS)
    for path in ROOT.glob("frontend/**/*.js"):
        if not path.name.endswith(".min.js"):
            functions = path.read_text(encoding="utf-8").replace("export function _(", "")
            texts |= set(_javascript_texts(functions))
    return texts


def _all_error_texts() -> set[str]:
    paths = [*(ROOT.parent / "model").rglob("*.py"), *ROOT.rglob("*.py")]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    classes = _error_classes(sources)
    assert classes >= {"ConfigError", "CheckpointError", "DataError", "DivergedError", "FileError", "Forbidden"}
    return {text for source in sources for text in _error_texts(source, classes)}


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


def test_the_placeholders_of_errors_are_plain_for_the_page_fills_them_in_too() -> None:
    for text in _all_error_texts():
        assert [form for _name, form in _placeholders(text) if form] == [], text
        assert all(name.isidentifier() for name, _form in _placeholders(text)), text


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
    [("zh_TW", "zh-Hant"), ("ZH-hant-HK", "zh-Hant"), ("zh", "zh-Hant"), ("en-GB", "en"), ("fr", "en"), (None, "en")],
)
def test_the_nearest_language_to_the_browsers(wanted: str | None, code: str) -> None:
    assert i18n.nearest(wanted) == code


def test_a_complaint_is_told_in_the_language_chosen() -> None:
    error = CheckpointError(
        "{name}: expected a safetensors file, found {found}; choose another, or copy it again.",
        name="a{b}.safetensors",
        found=Translatable("one whose header cannot be read"),
    )
    assert str(error).startswith("a{b}.safetensors: expected a safetensors file, found one whose header")
    assert i18n.translate_error(error) == str(error)
    with i18n.using_language("zh-Hant"):
        assert "a{b}.safetensors" in i18n.translate_error(error)
        assert not re.search(r"expected|found|header", i18n.translate_error(error))
    assert i18n.translate_error(ValueError("as {it} is")) == "as {it} is"


def test_an_error_keeps_its_words_apart_on_its_way_through_another_process() -> None:
    inner = UserError("expected MD5 {expected}, found {found}", expected="a", found="b")
    cure = Translatable("delete it, and it is downloaded again")
    error = UserError("{path} is damaged: {what}; {cure}.", path=Path("x"), what=inner, cure=cure)
    received = UserError.from_json(json.loads(json.dumps(error.to_json())))
    assert str(received) == str(error)
    with i18n.using_language("zh-Hant"):
        assert i18n.translate_error(received) == i18n.translate_error(error)
        assert i18n.translate_error(received) == "x 已損壞：MD5 應為 a，但它是 b；請刪除它，之後會重新下載。"


def test_no_sentence_for_viewers_names_a_folder_of_the_server() -> None:
    path = Path("/srv/the class/runs/my-run")
    inner = UserError("found {path}", path=path)
    values: dict[str, object] = {
        "{path} is damaged: {what}; {cure}.": path,
        "os": FileNotFoundError(errno.ENOENT, "No such file", str(path)),
        "other": RuntimeError(f"cannot open {str(path)!r} nor /srv/runs/my-run: odd"),
        "inner": inner,
    }
    for value in values.values():
        error = UserError("{value}", value=value)
        assert "/srv/" in str(error)
        told = i18n.translate_error(error)
        assert "my-run" in told
        assert not re.search("srv|the class|runs", told)
        assert str(UserError.from_json(error.to_json())) == told
    assert i18n.translate_error(FileNotFoundError(errno.ENOENT, "No such file", str(path))) == "my-run: No such file"
    assert i18n.translate_error(UserError("{name}", name="a/b/c")) == "a/b/c"  # whoever said so may read it


def test_the_scanner_of_errors_sees_texts_and_refuses_what_could_not_be_looked_up() -> None:
    source = """
class OwnError(UserError): ...
def f(x, y):
    text, z = "a {b}", y
    raise OwnError(text, b=Translatable("c" if x else "d"))
"""
    classes = _error_classes(["class OwnError(UserError): ..."])
    assert set(_error_texts(source, classes)) == {"a {b}", "c", "d"}
    with pytest.raises(AssertionError, match="OwnError"):
        list(_error_texts(source.replace('"a {b}"', 'f"a {y}"'), classes))


def test_an_answer_to_a_request_speaks_its_language() -> None:
    with i18n.using_language("zh-TW,zh;q=0.9"):
        assert i18n._("Train") == "訓練"
        address = i18n.words_address()
    assert address is not None
    assert address.startswith("locales/zh-Hant.json?v=")
    assert i18n._("Train") == "Train"
    assert i18n.words_address() is None
