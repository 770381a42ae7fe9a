"""For whoever runs the server, on its machine: python -m explorer runs list | stop NAME | delete NAME."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from explorer.identity import OPERATOR
from explorer.training.operator import OrderRefused, Server, servers
from model.errors import UserError

ACTIONS: Mapping[str, str] = {"stop": "stop", "delete": "discard"}


def main(arguments: list[str] | None = None) -> int:
    """Carry out a command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m explorer", description=__doc__)
    runs = parser.add_subparsers(required=True).add_parser("runs", help="of all viewers, see EXPLORER_RUNS")
    actions = runs.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="print name, status and epochs of each")
    actions.add_parser("stop", help="end the training of a run, and keep it as it is").add_argument("name")
    actions.add_parser("delete", help="end a run, and delete its folder").add_argument("name")
    asked = parser.parse_args(arguments)
    running = servers()
    try:
        if asked.action == "list":
            _print_runs(running)
        else:
            _order(running, asked.name, ACTIONS[asked.action])
    except (UserError, OrderRefused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print_runs(running: list[Server]) -> None:
    found = [run for server in running for run in server.runs] if running else _runs_without_server()
    for run in found:
        problem = f"  {UserError.from_json(run['problem'])}" if run["problem"] else ""
        print(f"{run['name']:40} {run['status']:12} {run['epoch']}/{run['epochs']} epochs{problem}")


def _runs_without_server() -> list[Any]:
    from explorer.training.manager import manager  # here: it starts threads, and looks at the whole folder

    return [run.summary() for run in manager.runs()]


def _order(running: list[Server], name: str, action: str) -> None:
    """Have it done by the server that trains the run, or else by one that knows it, or where none runs by ourselves."""
    knowing = [server for server in running if any(run["name"] == name for run in server.runs)]
    knowing.sort(key=lambda server: not any(run["name"] == name and run["live"] for run in server.runs))
    if knowing:
        knowing[0].order(name, action)
        return
    from explorer.training.manager import manager

    if action != "discard":
        raise OrderRefused(f"No server trains {name} now: start one with `streamlit run explorer/app.py`.")
    manager.order(name, action, OPERATOR)


if __name__ == "__main__":
    sys.exit(main())
