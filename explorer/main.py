"""The script behind the app: page list, sidebar with model picker, upload and card."""

import streamlit as st

from explorer import i18n
from explorer.i18n import _

i18n.init_language()
# No page_icon: an emoji or a symbol as icon would be fetched from somebody else's server.
st.set_page_config(page_title=_("Latent Space Explorer"), layout="wide")
pages = [
    st.Page("views/explore.py", title=_("Explore"), default=True),
    st.Page("views/compare.py", title=_("Compare"), url_path="compare"),
    st.Page("views/learn.py", title=_("Learn"), url_path="learn"),
    st.Page("views/train.py", title=_("Train"), url_path="train"),
]
st.navigation(pages).run()
