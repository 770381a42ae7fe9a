"""Compare: two models side by side, an AutoEncoder and a VAE at first, under one pointer."""

from explorer.ui import sidebar
from explorer.ui.components import compare_view

if entries := sidebar.all_entries():
    compare_view(key="compare", entries=entries)
