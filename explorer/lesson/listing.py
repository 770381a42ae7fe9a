"""The code behind a screen's figure as HTML: what runs, and the layers of the model that it shows."""

__all__ = ["listings"]

from collections.abc import Iterator
from html import escape

from explorer.i18n import _
from explorer.lesson.highlight import highlight
from explorer.lesson.screens import Screen
from explorer.lesson.source import source
from explorer.settings import SHIPPED
from model.config import ModelConfig
from model.summary import summary


def listings(screen: Screen, table: ModelConfig | None) -> Iterator[tuple[str, str]]:
    """What can be opened under a screen: its title, Markdown, and what is then seen.

    Args:
        table: the settings of the model whose layers are shown, where it is there.
    """
    if table:
        yield f"`python -m model show {screen.table}`", _listing(escape(summary(table)))
    for name in screen.sources:
        yield f"`{name}`", _listing(highlight(source(name)))
    if screen.keras:
        text = (SHIPPED / screen.keras).read_text(encoding="utf-8")
        yield _("The same in Keras 3: {path}").format(path=f"`{screen.keras}`"), _listing(highlight(text))


def _listing(html: str) -> str:
    """A text in type of one width, which can be copied; not Streamlit's, which costs each browser 1.6 MB."""
    # The rest is in learn.css and streamlit-lesson.js. The tab stop: without a mouse arrow keys scroll a long line.
    return (
        f'<div class="lse-code"><button type="button" class="lse-copy">{escape(_("Copy"))}</button>'
        f'<pre data-testid="stCode" tabindex="0"><code>{html}</code></pre></div>'
    )
