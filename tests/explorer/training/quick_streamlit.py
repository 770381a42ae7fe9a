"""`streamlit` for an app whose runs are quick, see `quick_worker`, and which does not measure how long they take."""

from streamlit.web import cli

from explorer.training import estimate, manager

manager.manager = manager.Manager(worker="tests.explorer.training.quick_worker")
estimate.estimator._module = "tests.explorer.training.odd_estimate"

if __name__ == "__main__":
    cli.main()
