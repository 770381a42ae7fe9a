"""What is added to the head of Streamlit's page: what to fetch beside it, and a script that says why it stays empty."""

__all__ = ["with_head"]

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from explorer.i18n import LANGUAGES, _, using_language

_SCRIPT = Path(__file__).with_name("head.js")
_MARK = b"<script"  # the first of the page's own


def with_head(page: bytes, preloads: Sequence[str]) -> bytes:
    """The page with both before its own scripts.

    Args:
        preloads: see `explorer.serving.preload`.
    """
    before, mark, after = page.partition(_MARK)
    links = "".join(preloads).encode()
    return b"".join((before, links, b"<script>", _script(), b"</script>", mark, after)) if mark else page


@lru_cache(maxsize=1)
def _script() -> bytes:
    words = {}
    for code in LANGUAGES:
        with using_language(code):
            # The versions are the README's, too.
            words[code] = {
                "old": _(
                    "This browser is too old for this page, which needs Chrome or Edge 112, Firefox 121 or Safari 17, "
                    "or a newer one: update the browser, or open the page in another."
                ),
                "missing": _(
                    "This page's own files did not come: reload. If that does not help, tell whoever runs the server; "
                    "a proxy between may not pass on all addresses."
                ),
            }
    return _SCRIPT.read_text(encoding="utf-8").replace("WORDS", json.dumps(words)).encode()
