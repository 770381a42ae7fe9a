"""Give damaged checkpoints to both readers and print their verdicts as a table: python -m tests.fuzz 10000."""

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import Explore, launch
from tests.fuzz.cases import CASES
from tests.fuzz.damage import damaged
from tests.fuzz.verdicts import Verdicts, base, compare
from tests.server import serve

BATCH = 100  # files handed to the browser at once


def main() -> int:
    """Returns 0 if both readers agree on every file, and neither fails or hangs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many files")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    total = Verdicts()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve() as (address, _process),
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        content = base(Path(folder) / "base.safetensors")
        page = Explore(browser.new_page(), address).modules()
        names = (f"seed {arguments.seed}, file {i}" for i in range(arguments.count))
        named = zip(names, damaged(content, arguments.count, arguments.seed), strict=True)
        batch = {name: case(content) for name, case in CASES.items()}
        while batch:
            found = compare(content, batch, Path(folder), page.evaluate)
            total.table.update(found.table)
            total.wrong += found.wrong
            print(f"\r{total.table.total()} files", end="", file=sys.stderr, flush=True)
            batch = dict(itertools.islice(named, BATCH))
    print("\n".join(["", *total.wrong]))
    rows = {
        "accepted by both": lambda a, b: a == b == "accepted",
        "refused by both": lambda a, b: a == b == "refused",
        "accepted by Python alone": lambda a, b: (a, b) == ("accepted", "refused"),
        "accepted by the browser alone": lambda a, b: (a, b) == ("refused", "accepted"),
        "tracebacks": lambda a, b: "traceback" in (a, b),
        "hangs": lambda a, b: "hang" in (a, b),
    }
    for title, is_in in rows.items():
        print(f"{title:30} {sum(n for pair, n in total.table.items() if is_in(*pair)):6}")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
