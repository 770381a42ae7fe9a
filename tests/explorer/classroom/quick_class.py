"""The same `streamlit` as for quick runs, for an app that soon notices when a page which leads the class is gone."""

from streamlit.web import cli

import tests.explorer.training.quick_streamlit  # noqa: F401 - whose runs are quick
from explorer.classroom import session

session.PATIENCE = 5.0

if __name__ == "__main__":
    cli.main()
