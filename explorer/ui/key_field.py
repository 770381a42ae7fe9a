"""The field for the instructor's key, wherever something takes it."""

__all__ = ["key_field"]

import streamlit as st

from explorer import identity, state
from explorer.i18n import _
from explorer.ui.markdown import error_text


def key_field(viewer: str) -> None:
    """Ask for the key; the page runs anew once it was the right one."""
    problem = ""
    if typed := st.session_state.get(state.INSTRUCTOR_KEY_FIELD):
        del st.session_state[state.INSTRUCTOR_KEY_FIELD]  # kept nowhere
        try:
            if identity.admit(viewer, st.context.ip_address or "", typed):
                st.rerun()
            problem = _("That is not the key of this server: ask whoever started it.")
        except identity.TooManyKeysError as error:
            problem = error_text(error)
    st.text_input(_("Instructor's key"), type="password", key=state.INSTRUCTOR_KEY_FIELD, autocomplete="off")
    if problem:
        st.error(problem)
