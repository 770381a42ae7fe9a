"""Give damaged checkpoints to both readers and print their verdicts as a table: python -m tests.fuzz 10000."""

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import Explore, launch
from tests.fuzz.cases import CASES, LAYERS
from tests.fuzz.damage import damaged
from tests.fuzz.verdicts import CONVOLUTIONAL, LINEAR, Verdicts, base, compare
from tests.server import serve

BATCH = 100  # files handed to the browser at once


def main() -> int:
    """Returns 0 if both readers agree on every file, and neither fails or hangs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many files, a third of them of a network of convolutions")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    total = Verdicts()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve() as (address, _process),
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        page = Explore(browser.new_page(), address).modules()
        for config, cases, count in (
            (LINEAR, CASES, arguments.count - arguments.count // 3),
            (CONVOLUTIONAL, LAYERS, arguments.count // 3),
        ):
            content = base(Path(folder) / "base.safetensors", config)
            names = (f"{next(iter(cases))}, seed {arguments.seed}, file {i}" for i in range(count))
            named = zip(names, damaged(content, count, arguments.seed), strict=True)
            batch = {name: case(content) for name, case in cases.items()}
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
