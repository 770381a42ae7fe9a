"""What a browser's tab says of a page, and a screen reader first: what it is about, then the app."""

__all__ = ["set_title"]

import streamlit as st

from explorer.i18n import _


def set_title(*about: str) -> None:
    """Call a page by what it is about, the narrowest first, in the language chosen; of two calls the last counts."""
    st.set_page_config(page_title=" · ".join([*about, _("Latent Space Explorer")]))
