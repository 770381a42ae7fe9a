"""What a page says where its script ends by a file that cannot be read or written."""

__all__ = ["show_file_error"]

import streamlit as st

from explorer.i18n import _
from explorer.ui.markdown import error_text


def show_file_error(error: Exception) -> bool:
    """For `st.App`, of an error that nobody has caught: one sentence in place of a traceback, where a file is to blame.

    Streamlit has put the traceback into the server's log by then.

    Returns:
        Whether it was, and the page says so.
    """
    if not isinstance(error, OSError):
        return False
    text = _("The server could not read or write a file ({why}). Tell whoever runs it, then reload the page.")
    st.error(text.format(why=error_text(error)))
    return True
