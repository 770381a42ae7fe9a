"""Compare: two models side by side, an AutoEncoder and a VAE at first, under one pointer."""

__all__ = ["show"]

import streamlit as st

from explorer.catalogue import library
from explorer.i18n import _
from explorer.ui import sidebar
from explorer.ui.components import compare_view


def show() -> None:
    """The page's script, which each rerun runs."""
    entries = sidebar.all_entries()
    if shown := library.comparable(entries):
        others = {name: entry for name, entry in entries.items() if name not in shown}
        compare_view(key="compare", entries=shown, others=others)
    elif entries:
        st.info(_("Two models of two latent dimensions can be compared, and there is none here."))
