"""Compare: two models side by side, an AutoEncoder and a VAE at first, under one pointer."""

from explorer import sidebar
from explorer.latent_canvas import comparison

if entries := sidebar.bring():
    comparison(key="compare", entries=entries)
