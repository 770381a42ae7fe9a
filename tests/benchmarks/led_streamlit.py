"""`streamlit` for an app to which the benchmark's viewer is the instructor."""

from streamlit.web import cli

from explorer import identity
from tests.benchmarks.classroom import KEY, VIEWER

if __name__ == "__main__":
    assert identity.admit(VIEWER, "", KEY)
    cli.main()
