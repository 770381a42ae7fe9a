"""Explore: the map, the decoded digit, and the point between them."""

from explorer.serving.addresses import images_address, pca_address
from explorer.ui import sidebar
from explorer.ui.components import latent_canvas
from model.config import DATASETS

if entry := sidebar.pick():
    latent_canvas(
        key="explore",
        model=entry.name,
        checkpoint=entry.address,
        images=images_address(entry.header.train.dataset),
        pca=pca_address(entry.header.train.dataset),
        classes=DATASETS[entry.header.train.dataset].classes,
    )
