"""Train: start a run and watch the map form, or watch any model's run again."""

__all__ = ["show"]

import streamlit as st

from explorer import identity
from explorer.i18n import choose
from explorer.training.feed import model_summary
from explorer.training.manager import manager
from explorer.ui import train_form
from explorer.ui.components import train_view
from explorer.ui.duration import show_duration
from explorer.ui.invite import invite_button
from explorer.ui.markdown import error_text
from explorer.ui.own_uploads import own_uploads


def show() -> None:
    """The page's script, which each rerun runs."""
    viewer = identity.viewer(st.context.cookies)
    asked = train_form.draw(viewer)
    for error in manager.left_out():
        st.sidebar.warning(error_text(error))
    invite_button()
    choose()
    train_view(
        key="train",
        viewer_mark=identity.mark(viewer),
        key_is_set=identity.key_is_set(),
        is_instructor=identity.is_instructor(viewer),
        uploads=[model_summary(entry) for entry in own_uploads().values()],
    )
    if asked:
        show_duration(*asked, viewer)
