"""Uploads stay in memory while they come: where the disk is full, the page that looks at them says so in a sentence.

Beyond a megabyte Starlette would write them to the folder for temporary files, and where that fails the browser is told
of a network error. Streamlit holds every upload in memory from there on, and limits its size.
"""

__all__ = ["spool_in_memory"]

import sys

from starlette.formparsers import MultiPartParser


def spool_in_memory() -> None:
    """Set it for all forms that this process reads from now on."""
    MultiPartParser.spool_max_size = sys.maxsize
