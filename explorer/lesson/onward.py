"""Where the lesson leads on to, at its end: the app's other pages, and the notes for teachers."""

__all__ = ["onward"]

from html import escape

from explorer.i18n import _
from explorer.state import LANGUAGE_PARAMETER


def onward(language: str = "") -> str:
    """The ways as HTML; a page without a server keeps those of the views that it has, see `frontend/page-lesson.js`.

    Args:
        language: that somebody has chosen: a page that is opened anew would speak the browser's own.
    """
    ways = (
        ("explore", "./?model=vae-mnist", _("Look into a model in Explore"), _("neighbours, walks, your own drawing")),
        ("compare", "./compare", _("Compare an AutoEncoder and a VAE"), _("two maps under one pointer")),
        ("train", "./train", _("Train a network of your own"), _("pull at β while it learns")),
        ("learn", "./learn?screen=1&teacher=1", _("Teach the lesson"), _("each screen again, with notes at its end")),
    )
    chosen = f"{LANGUAGE_PARAMETER}={language}" if language else ""
    told = "".join(
        f'<li data-view="{view}"><a href="{escape(_with(address, chosen))}">{escape(name)}</a><br>{escape(what)}</li>'
        for view, address, name, what in ways
    )
    return f'<section class="lse-onward" data-testid="onward"><h2>{escape(_("And now?"))}</h2><ul>{told}</ul></section>'


def _with(address: str, parameter: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{parameter}" if parameter else address
