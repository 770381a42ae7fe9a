"""Learn: the lesson, an idea a screen: what it is, a live figure of it, and the code behind it."""

__all__ = ["show"]

from html import escape
from typing import Literal

import streamlit as st

from explorer import state
from explorer.catalogue import library
from explorer.i18n import _, choose, language
from explorer.lesson.listing import listings
from explorer.lesson.onward import onward
from explorer.lesson.quiz import quiz
from explorer.lesson.screens import SCREENS, notes, number_asked, short_title, steps, title, within
from explorer.ui.components import learn_view
from explorer.ui.invite import invite_button
from explorer.ui.title import set_title


def _go_to(number: int) -> None:
    st.session_state[state.SCREEN] = within(number)


def show() -> None:
    """The page's script, which each rerun runs."""
    if state.SCREEN not in st.session_state:
        _go_to(number_asked(st.query_params.get(state.SCREEN_PARAMETER, "")))
    number: int = st.session_state[state.SCREEN]
    screen = SCREENS[number - 1]
    set_title(f"{number}. {title(screen)}", _("Learn"))

    with st.container(horizontal=True, vertical_alignment="center", key="lesson_bar"):
        st.button(f"← **{_('Back')}**", key="lesson_back", disabled=number == 1, on_click=_go_to, args=(number - 1,))
        for n, other in enumerate(SCREENS, start=1):
            here = n == number
            kind: Literal["primary", "tertiary"] = "primary" if here else "tertiary"
            tooltip = None if here else title(other)
            label = f"{n} **{short_title(other)}**"
            st.button(label, key=f"lesson_{n}", type=kind, help=tooltip, on_click=_go_to, args=(n,))
        st.button(
            f"**{_('Next')}** →",
            key="lesson_next",
            disabled=number == len(SCREENS),
            on_click=_go_to,
            args=(number + 1,),
        )
    invite_button()
    choose()
    left, right = st.columns([2, 3], gap="medium")
    with right, st.container(key="lesson_view"):
        entries, _errors = library.current()
        learn_view(key="lesson", number=number, count=len(SCREENS), screen=screen, entries=entries)
    with left:
        st.title(title(screen), anchor=False)
        told = steps(screen)
        for step in told:
            with st.container(key=f"lesson_step_{step.name}"):
                st.markdown(step.text)
                if step.folded:
                    with st.expander(step.title):
                        st.markdown(step.folded)
                if step is told[0]:
                    st.html(f'<p class="lse-hint lse-scroll">↓ {escape(_("Scroll on"))}</p>')
                elif step is told[-1]:
                    st.html(f'<p class="lse-hint">↓ {escape(_("Check yourself"))}</p>')
        with st.container(key="lesson_end"):
            st.html(quiz(screen))
            table = entries.get(screen.table)
            for name, html in listings(screen, table.header.config if table else None):
                with st.expander(name):
                    st.html(html)
            if st.query_params.get(state.TEACHER_PARAMETER) == "1":
                with st.expander(_("For teachers")):
                    st.markdown(notes(screen))
            if number < len(SCREENS):
                name = _("Next: {title} →").format(title=title(SCREENS[number]))
                st.button(name, key="lesson_on", on_click=_go_to, args=(number + 1,))
            else:
                st.html(onward(language() if st.session_state[state.LANGUAGE_CHOSEN] else ""))
