"""The lesson for a page without Streamlit: its prose as HTML and MathML, and the models that its figures show."""

__all__ = ["ASKED_FOR", "files_needed", "models_needed", "pages"]

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.i18n import _, using_language
from explorer.lesson.listing import listings
from explorer.lesson.onward import onward
from explorer.lesson.quiz import quiz
from explorer.lesson.screens import SCREENS, Screen, Step, notes, short_title, steps, title
from explorer.settings import CHECKPOINTS, FRONTEND
from model.errors import UserError

# What a figure asks for of a model, besides its map and its decoder.
ASKED_FOR = {"ae-mnist": ("encoder",), "vae-mnist-baseline": ("encoder", "trace"), "vae-mnist": ("encoder",)}

# What `latex2mathml` takes for something else: a relation for a letter, a brace for a word, a function for a product.
_MENDED = (
    ("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
    (r">\{<", ">{<"),
    (r">\}<", ">}<"),
    ("<mi>;</mi>", '<mo separator="true">;</mo>'),
    ("negativethinmathspace", "-0.167em"),
    ("<mi>log</mi>", '<mi>log</mi><mspace width="0.167em" />'),
)
_WORD = re.compile(r'<mrow>((?:<mi mathvariant="normal">\w</mi>){2,})</mrow>')  # letter by letter, and so set


def _needed(what: str) -> list[str]:
    """What the screens' figures ask for, as their modules declare it, each once."""
    declared = re.compile(rf"^export const {what} = (\[.*?\]);", re.MULTILINE)
    texts = ((FRONTEND / "learn" / f"{screen.name}.js").read_text(encoding="utf-8") for screen in SCREENS)
    return list(dict.fromkeys(name for text in texts for names in declared.findall(text) for name in json.loads(names)))


def files_needed() -> list[str]:
    """What was computed for the lesson, by name."""
    return _needed("FILES")


def models_needed(given: Sequence[Entry]) -> list[Entry]:
    """The shipped models that the figures show and some others do not have among them.

    Raises:
        UserError: one of those has the name of one that is needed, and is another; or the app lacks one.
    """
    found, _errors = library.shipped()
    by_name = {entry.name: entry for entry in given}
    missing = []
    for name in _needed("MODELS"):
        if name not in found:
            text = "The lesson needs the model {name}, which is not in {folder}."
            raise UserError(text, name=name, folder=str(CHECKPOINTS))
        if name not in by_name:
            missing.append(found[name])
        elif by_name[name].path.read_bytes() != found[name].path.read_bytes():
            raise UserError("The lesson shows a model {name} of its own: rename the file of that name.", name=name)
    return missing


def pages(code: str, models: Mapping[str, Entry]) -> list[dict[str, str]]:
    """What each screen says in a language, as HTML: its title, a word for it, its prose.

    Args:
        models: that the page has, by name.
    """
    with using_language(code):
        return [
            {
                "title": title(screen),
                "short": short_title(screen),
                "html": _screen(screen, models),
            }
            for screen in SCREENS
        ]


def _screen(screen: Screen, models: Mapping[str, Entry]) -> str:
    """Under the names that Streamlit gives the same parts: learn.css and streamlit-lesson.js go by those."""
    told = steps(screen)
    hints = {told[0].name: ("lse-hint lse-scroll", _("Scroll on")), told[-1].name: ("lse-hint", _("Check yourself"))}
    table = models.get(screen.table)
    code = "".join(
        _folded(_markdown.renderInline(name), html)
        for name, html in listings(screen, table.header.config if table else None)
    )
    end = onward() if screen is SCREENS[-1] else ""
    teachers = _folded(escape(_("For teachers")), _markdown.render(notes(screen)))
    return (
        f'<div class="stElementContainer"><h1>{escape(title(screen))}</h1></div>'
        f"{''.join(_step(step, hints.get(step.name)) for step in told)}"
        f'<div class="st-key-lesson_end">{quiz(screen)}{code}<div class="lse-notes">{teachers}</div>{end}</div>'
    )


def _step(step: Step, hint: tuple[str, str] | None) -> str:
    html = _markdown.render(step.text)
    if step.folded:
        html += _folded(_markdown.renderInline(step.title), _markdown.render(step.folded))
    if hint:
        style, words = hint
        html += f'<div class="stElementContainer"><p class="{style}">↓ {escape(words)}</p></div>'
    return f'<div data-testid="stLayoutWrapper"><div class="st-key-lesson_step_{step.name}">{html}</div></div>'


def _folded(heading: str, html: str) -> str:
    """What can be opened, both as HTML."""
    return f'<div class="stExpander"><details><summary>{heading}</summary>{html}</details></div>'


def _mathml(latex: str, how: Mapping[str, bool]) -> str:
    html = convert(latex, display="block" if how["display_mode"] else "inline")
    if how["display_mode"]:
        html = html.replace("<math ", '<math tabindex="0" ', 1)  # without a mouse arrow keys scroll a long one
    for found, meant in _MENDED:
        html = html.replace(found, meant)
    return _WORD.sub(lambda word: f"<mi>{re.sub('<.*?>', '', word[1])}</mi>", html)


_markdown = MarkdownIt("commonmark", {"html": False})
_markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=_mathml)
