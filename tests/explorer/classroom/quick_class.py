"""`streamlit` for an app that soon notices when a page which leads the class is gone."""

from streamlit.web import cli

from explorer.classroom import session

session.PATIENCE = 5.0

if __name__ == "__main__":
    cli.main()
