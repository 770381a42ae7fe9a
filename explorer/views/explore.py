"""Explore: the map, the decoded digit, and the point between them."""

from explorer import sidebar
from explorer.latent_canvas import latent_canvas
from explorer.routes import images_address
from model.config import DATASETS

choice = sidebar.choose()
# The canvas before the sidebar: the browser fetches what an element needs when it hears of it; the digit comes first.
if entry := choice.chosen:
    latent_canvas(
        key="explore",
        model=entry.name,
        checkpoint=entry.address,
        images=images_address(entry.header.train.dataset),
        classes=DATASETS[entry.header.train.dataset].classes,
    )
sidebar.draw(choice)
