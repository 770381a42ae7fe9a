"""Compare: two models side by side, an AutoEncoder and a VAE at first, under one pointer."""

from explorer.ui import sidebar
from explorer.ui.components import comparison

if entries := sidebar.bring():
    comparison(key="compare", entries=entries)
