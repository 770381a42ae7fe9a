"""Explore: the map, the decoded digit, and the point between them."""

import streamlit as st

from explorer import sidebar
from explorer.latent_canvas import latent_canvas
from explorer.routes import images_address, plotly_address
from model.config import DATASETS

entry = sidebar.pick()
if entry is None:
    st.stop()
latent_canvas(
    key="explore",
    model=entry.name,
    checkpoint=entry.address,
    images=images_address(entry.header.train.dataset),
    plotly=plotly_address(),
    classes=DATASETS[entry.header.train.dataset].classes,
)
