"""Explore: the map, the decoded digit, and the point between them."""

__all__ = ["show"]

from explorer.export.routes import handout_address
from explorer.serving.addresses import pca_address, pictures_address
from explorer.ui import sidebar
from explorer.ui.components import explore_view


def show() -> None:
    """The page's script, which each rerun runs."""
    if chosen := sidebar.chosen_entry():
        entry, title = chosen
        explore_view(
            key="explore",
            model=entry.name,
            title=title,
            checkpoint=entry.address,
            images=pictures_address(entry),
            pca=pca_address(entry.header.train.dataset, entry.header.config.channels),
            handout=handout_address(entry),
            classes=entry.header.data.classes,
            on_model=sidebar.choose_model,
        )
