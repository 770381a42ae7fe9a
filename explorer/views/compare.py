"""Compare: two models side by side, an AutoEncoder and a VAE at first, under one pointer."""

__all__ = ["show"]

from explorer.ui import sidebar
from explorer.ui.components import compare_view


def show() -> None:
    """The page's script, which each rerun runs."""
    if entries := sidebar.all_entries():
        compare_view(key="compare", entries=entries)
