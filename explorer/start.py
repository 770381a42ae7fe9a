"""`latent-explorer [option …]`: the app from wherever the packages lie, with the options of `streamlit run`."""

__all__ = ["main"]

import sys
from pathlib import Path

from streamlit.web import cli


def main() -> None:
    """Does not return."""
    cli.main(["run", str(Path(__file__).with_name("app.py")), *sys.argv[1:]], prog_name="streamlit")
