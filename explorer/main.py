"""The script that each rerun runs: the list of pages, and the one that is shown."""

import streamlit as st

from explorer import i18n
from explorer.i18n import _

i18n.init_language()
# No page_icon: an emoji or a symbol as icon would be fetched from somebody else's server.
st.set_page_config(page_title=_("Latent Space Explorer"), layout="wide")
# A page has one name: its script's here, its address's, and its view's folder in frontend/.
pages = [
    st.Page("views/explore.py", title=_("Explore"), default=True),
    st.Page("views/compare.py", title=_("Compare")),
    st.Page("views/learn.py", title=_("Learn")),
    st.Page("views/train.py", title=_("Train")),
]
st.navigation(pages).run()
