"""The script that each rerun runs: the list of pages, and the one that is shown."""

import streamlit as st

from explorer import i18n
from explorer.i18n import _
from explorer.serving.turns import turn
from explorer.ui.title import set_title

i18n.init_language()
# No page_icon: an emoji or a symbol as icon would be fetched from somebody else's server.
st.set_page_config(layout="wide")


# Imported when first shown. A page has one name: its function's here, which is its address, and its view's folder in
# frontend/. Functions, for a file's path would be resolved on the disk by each rerun: a quarter of its time.
def explore() -> None:
    from explorer.views.explore import show

    with turn():
        show()


def compare() -> None:
    from explorer.views.compare import show

    with turn():
        show()


def learn() -> None:
    from explorer.views.learn import show

    with turn():
        show()


def train() -> None:
    from explorer.views.train import show

    show()


pages = [
    st.Page(explore, title=_("Explore"), default=True),
    st.Page(compare, title=_("Compare")),
    st.Page(learn, title=_("Learn")),
    st.Page(train, title=_("Train")),
]
page = st.navigation(pages)
set_title(page.title)
page.run()
