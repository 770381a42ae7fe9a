"""The models and the pictures that this viewer has uploaded, on whichever page, and after a reload."""

__all__ = ["own_pictures", "own_uploads", "uploads_owner"]

import streamlit as st

from explorer import identity, state
from explorer.catalogue.library import Entry
from explorer.catalogue.uploads import uploads
from explorer.training.own_pictures import OwnPictures, shelf


def own_pictures() -> OwnPictures | None:
    """What the viewer has brought to train on, last."""
    return shelf.of(identity.viewer(st.context.cookies))


def own_uploads() -> dict[str, Entry]:
    """By name, the oldest first."""
    return uploads.of(uploads_owner())


def uploads_owner() -> str:
    """Whose uploads are shown here: the viewer's; the session's, where the browser keeps no cookie."""
    if viewer := identity.viewer(st.context.cookies):
        return viewer
    return str(st.session_state.setdefault(state.NAMELESS_VIEWER, identity.new_viewer()))
