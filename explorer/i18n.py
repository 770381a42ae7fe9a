"""The app's words: every text that a user sees passes `_`, which looks it up in the chosen language's catalogue."""

__all__ = [
    "LANGUAGES",
    "_",
    "choose",
    "init_language",
    "language",
    "translate_error",
    "using_language",
    "words_address",
]

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer import state
from explorer.settings import LOCALES
from model.errors import Translatable, UserError, without_folders
from model.files import digest_if_readable

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh-Hant": "繁體中文"}  # each in its own words

# Outside a page's script, in an answer to a request: the language of that request.
_requested: ContextVar[str | None] = ContextVar("requested", default=None)


def _(text: str) -> str:
    """The text in the language chosen, or the English one where it has none."""
    return _catalogue(language()).get(text, text)


def translate_error(error: Exception, show: Callable[[object], str] = str) -> str:
    """What an error says, in the language chosen where its sentence has a translation; no folders of the server.

    Args:
        show: how a value stands in the sentence that is neither words nor a number: a name, say, or what was found.
    """
    if not isinstance(error, UserError):
        return show(without_folders(error))

    def translated(value: object) -> object:
        if isinstance(value, Translatable):
            return _(value)
        if isinstance(value, Exception):
            return translate_error(value, show)
        value = without_folders(value)
        return value if isinstance(value, int | float) else show(value)

    values = {name: translated(value) for name, value in error.values.items()}
    return _(error.text).format(**values) if values else _(error.text)


def language() -> str:
    """The language of whoever is spoken to, one of `LANGUAGES`."""
    if requested := _requested.get():
        return requested
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH  # nobody's page
    return str(st.session_state.get(state.LANGUAGE, ENGLISH))


def nearest(wanted: str | None) -> str:
    """The language of ours that is nearest to what a browser asks for, a tag of BCP 47 such as zh-TW; else English."""
    return _ours(wanted or "") or ENGLISH


def _ours(wanted: str) -> str:
    """The language of ours that a tag of BCP 47 means, however it is written; empty where it is none."""
    spoken = re.split("[-_]", wanted.lower())[0]
    return next((code for code in LANGUAGES if code.split("-")[0] == spoken), "")


def init_language() -> None:
    """At a session's start: the language is the link's (`?lang=`), else the browser's own."""
    if state.LANGUAGE not in st.session_state:
        asked = _ours(st.query_params.get(state.LANGUAGE_PARAMETER, ""))
        st.session_state[state.LANGUAGE] = asked or nearest(st.context.locale)
        st.session_state[state.LANGUAGE_CHOSEN] = bool(asked)


def choose() -> None:
    """A list to choose the language from, at the end of the sidebar; each page calls it once its own part is drawn."""

    def chosen() -> None:
        st.session_state[state.LANGUAGE] = st.session_state[state.LANGUAGE_FIELD]
        st.session_state[state.LANGUAGE_CHOSEN] = True

    codes = list(LANGUAGES)
    st.sidebar.selectbox(
        "Language · 語言",  # for those who cannot read the rest of the page
        codes,
        index=codes.index(language()),
        format_func=LANGUAGES.__getitem__,
        key=state.LANGUAGE_FIELD,
        on_change=chosen,
    )


@contextmanager
def using_language(wanted: str | None) -> Iterator[None]:
    """Within, `_` speaks the language nearest to the one that a request asks for."""
    token = _requested.set(nearest((wanted or "").split(",")[0]))
    try:
        yield
    finally:
        _requested.reset(token)


def words_address() -> str | None:
    """Where the browser fetches the catalogue of the language chosen; None for English, which has none."""
    code = language()
    return f"locales/{code}.json?v={version}" if (version := _version(code)) else None


def _catalogue(code: str) -> Mapping[str, str]:
    return _read(code, version) if (version := _version(code)) else {}


def _version(code: str) -> str | None:
    """The digest of a language's catalogue; None for English, and where there is none that can be read."""
    return None if code == ENGLISH else digest_if_readable(LOCALES / f"{code}.json")


@lru_cache(maxsize=8)
def _read(code: str, _digest: str) -> Mapping[str, str]:
    found: dict[str, str] = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    return found
