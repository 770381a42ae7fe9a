"""The app's words: every text that a user sees passes `_`, which looks it up in the chosen language's catalogue."""

__all__ = ["LANGUAGES", "_", "choose", "language", "settle", "speaking", "told", "words_address"]

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer import state
from explorer.settings import LOCALES
from model.errors import Complaint, Phrase
from model.files import digest

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh-Hant": "繁體中文"}  # each in its own words

# What speaks outside a page's script: an answer to a request.
_speaking: ContextVar[str | None] = ContextVar("speaking", default=None)


def _(text: str) -> str:
    """The text in the language chosen, or the English one where it has none."""
    return _catalogue(language()).get(text, text)


def told(error: Exception) -> str:
    """What an error says, in the language chosen where its sentence has a translation."""
    if not isinstance(error, Complaint):
        return str(error)

    def said(value: object) -> object:
        return told(value) if isinstance(value, Exception) else _(value) if isinstance(value, Phrase) else value

    values = {name: said(value) for name, value in error.values.items()}
    return _(error.text).format(**values) if values else _(error.text)


def language() -> str:
    """The language of whoever is spoken to, one of `LANGUAGES`."""
    if spoken := _speaking.get():
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH  # nobody's page
    return str(st.session_state.get(state.LANGUAGE, ENGLISH))


def nearest(wanted: str | None) -> str:
    """The language of ours that is nearest to what a browser asks for, a tag of BCP 47 such as zh-TW."""
    if wanted in LANGUAGES:
        return str(wanted)
    return "zh-Hant" if (wanted or "").lower().startswith("zh") else ENGLISH


def settle() -> None:
    """At a session's start: the language is the link's (`?lang=`), else the browser's own."""
    if state.LANGUAGE not in st.session_state:
        asked = st.query_params.get(state.LANGUAGE_PARAMETER)
        st.session_state[state.LANGUAGE] = asked if asked in LANGUAGES else nearest(st.context.locale)
        st.session_state[state.LANGUAGE_CHOSEN] = asked in LANGUAGES


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
def speaking(wanted: str | None) -> Iterator[None]:
    """Within, `_` speaks the language nearest to the one that a request asks for."""
    token = _speaking.set(nearest((wanted or "").split(",")[0]))
    try:
        yield
    finally:
        _speaking.reset(token)


def words_address() -> str | None:
    """Where the browser fetches the catalogue of the language chosen; None for English, which needs none."""
    code = language()
    return None if code == ENGLISH else f"locales/{code}.json?v={digest(LOCALES / f'{code}.json')}"


def _catalogue(code: str) -> Mapping[str, str]:
    return {} if code == ENGLISH else _read(code, digest(LOCALES / f"{code}.json"))


@lru_cache(maxsize=8)
def _read(code: str, _digest: str) -> Mapping[str, str]:
    found: dict[str, str] = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    return found
