"""From nothing to the first digit and the first view of a page, beside a bare one-line Streamlit app: time, and bytes.

python -m tests.benchmarks.start [cold warm slow-line slow-cpu bytes] [--pages explore compare learn train] [--rounds 3]

Each visit has an empty browser cache; the browser itself is already running. "cold" starts a server for each visit and
counts from the start of its process. The others count from the navigation, to a server that others have visited: what a
pupil gets. "slow-line" has 1.5 Mbit/s, and 100 ms of delay before each answer; "slow-cpu" a page four times as slow.
Both are Chromium's own throttling: of the line for a page and its workers, of the processor for the page only.

Prints medians: when Streamlit's frame is there; the first digit, where a page has one; the first view, which is the map
or maps, or the lesson's figure; each from the beginning, after the frame, and as a multiple of the bare app's text (and
that of each round); and what had come over the wire by then, encoded as it came. "bytes" prints that by kind.
"""

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import Browser, CDPSession, sync_playwright

from tests.browser.conftest import PROJECTOR, launch
from tests.server import serve

BARE = 'import streamlit as st; st.write("ready")'
TIMEOUT = 240_000  # ms

SLOW_LINE: Mapping[str, object] = {
    "offline": False,
    "latency": 100,
    "downloadThroughput": 1.5e6 / 8,
    "uploadThroughput": 1.5e6 / 8,
}
SLOW_CPU = 4


BARE_PAGE, BYTES = "bare", "bytes"


class Row(NamedTuple):
    """One way to visit the pages."""

    rounds: int
    cold: bool = False
    line: Mapping[str, object] | None = None  # of CDP's Network.emulateNetworkConditions
    cpu: int = 1  # of CDP's Emulation.setCPUThrottlingRate


ROWS = {
    "cold": Row(7, cold=True),
    "warm": Row(5),
    "slow-line": Row(1, line=SLOW_LINE),
    "slow-cpu": Row(3, cpu=SLOW_CPU),
    BYTES: Row(1),
}
PAGES = {"explore": "", "compare": "compare", "learn": "learn", "train": "train"}
SHELL, DIGIT, VIEW = "shell", "digit", "view"

# What each page shows first: selectors, and how many of them there must be.
MARKS: dict[str, dict[str, tuple[str, int]]] = {
    BARE_PAGE: {VIEW: (".stMarkdown p", 1)},
    "explore": {
        DIGIT: ('[data-testid="decoded-image"][data-z]', 1),
        VIEW: ('[data-testid="latent-plane"][data-ready="true"]', 1),
    },
    "compare": {
        DIGIT: ('[data-testid="decoded-image"][data-z]', 2),
        VIEW: ('[data-testid="latent-plane"][data-ready="true"]', 2),
    },
    "learn": {VIEW: ('[data-testid="lesson-figure"][data-ready="true"]', 1)},
    "train": {VIEW: ('[data-testid="latent-plane"][data-ready="true"]', 1)},
}
FRAME = ('[data-testid="stAppViewContainer"]', 1)

# Looks at every frame, so that a time is that of the frame which showed the thing.
WATCH = """(marks) => {
    window.seen = {};
    const look = () => {
        for (const [name, [selector, count]] of Object.entries(marks)) {
            if (name in window.seen || document.querySelectorAll(selector).length < count) continue;
            window.seen[name] = (performance.timeOrigin + performance.now()) / 1000;
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""

# The first that fits; the order is that of the table.
KINDS = {
    "ours: checkpoints": r"/(checkpoints|runs|uploads)/",
    "ours: images, labels": r"/(images|labels|pca)/",
    "ours: vendor": r"/assets/.*/vendor/",
    "ours: modules, styles": r"/assets/",
    "ours: words, lesson": r"/(locales|lesson)/",
    "Streamlit: js": r"/static/js/",
    "Streamlit: css": r"/static/css/",
    "Streamlit: fonts": r"/static/media/",
    "others": "",
}


class Arrival(NamedTuple):
    """A piece of an answer."""

    at: float  # seconds since the epoch
    url: str
    size: int  # bytes, as they came over the wire


class Visit(NamedTuple):
    """What one visit saw: seconds from its beginning by mark, and what arrived."""

    begin: float  # seconds since the epoch
    seen: dict[str, float]
    arrivals: list[Arrival]

    def until(self, mark: str) -> Counter[str]:
        """Bytes by kind until a mark was there."""
        found: Counter[str] = Counter()
        for at, url, size in self.arrivals:
            if at <= self.begin + self.seen[mark]:
                found[next(kind for kind, pattern in KINDS.items() if re.search(pattern, url))] += size
        return found


def listen(session: CDPSession) -> list[Arrival]:
    """Note from now on what arrives for a page; not what its workers fetch, which begin when somebody asks for more."""
    arrivals: list[Arrival] = []
    urls: dict[str, str] = {}
    received: Counter[str] = Counter()
    clock = 0.0  # of the events, when the epoch began

    def sent(event: dict[str, Any]) -> None:
        nonlocal clock
        clock = event["wallTime"] - event["timestamp"]
        urls[event["requestId"]] = event["request"]["url"]

    def note(event: dict[str, Any], size: int) -> None:
        if size > 0 and event["requestId"] in urls:
            received[event["requestId"]] += size
            arrivals.append(Arrival(clock + event["timestamp"], urls[event["requestId"]], size))

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.dataReceived", lambda event: note(event, event["encodedDataLength"]))
    # The whole, with the headers.
    session.on(
        "Network.loadingFinished",
        lambda event: note(event, int(event["encodedDataLength"]) - received[event["requestId"]]),
    )
    session.send("Network.enable")
    return arrivals


def visit(browser: Browser, address: str, page_name: str, row: Row, begin: float | None = None) -> Visit:
    """Visit a page with an empty cache; `begin`: seconds since the epoch from which to count, else the navigation."""
    marks = {SHELL: FRAME, **MARKS[page_name]}
    context = browser.new_context(viewport=PROJECTOR)
    context.add_init_script(f"({WATCH})({json.dumps(marks)})")
    page = context.new_page()
    session = context.new_cdp_session(page)
    arrivals = listen(session)
    if row.line:
        session.send("Network.emulateNetworkConditions", dict(row.line))
    if row.cpu > 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": row.cpu})
    page.goto(f"{address}/{PAGES.get(page_name, '')}", wait_until="commit")
    page.wait_for_function("count => Object.keys(window.seen ?? {}).length === count", arg=len(marks), timeout=TIMEOUT)
    seen = page.evaluate("window.seen")
    if begin is None:
        begin = float(page.evaluate("performance.timeOrigin / 1000"))
    context.close()
    return Visit(begin, {name: at - begin for name, at in seen.items()}, arrivals)


@contextmanager
def visits(
    browser: Browser, scripts: Mapping[str, str], pages: Sequence[str], row: Row
) -> Iterator[Callable[[str], Visit]]:
    """Visits pages in a row's way; but for the cold one to servers that each page has been asked of before."""

    def cold(page: str) -> Visit:
        begin = time.time()
        with serve(scripts[page]) as (address, _pid):
            return visit(browser, address, page, row, begin)

    if row.cold:
        yield cold
        return
    with ExitStack() as stack:
        servers = {script: stack.enter_context(serve(script))[0] for script in {scripts[page] for page in pages}}
        for page in pages:
            visit(browser, servers[scripts[page]], page, ROWS["warm"])
        yield lambda page: visit(browser, servers[scripts[page]], page, row)


def cells(mark: str, rounds: list[Visit], bare: list[Visit]) -> str:
    """Of one mark: seconds, seconds after the shell, how many times the bare app's text (and the rounds' range)."""
    if mark not in rounds[0].seen:
        return f"{'–':>8}{'':25}"
    seconds = np.array([one.seen[mark] for one in rounds])
    after = np.median([one.seen[mark] - one.seen[SHELL] for one in rounds])
    ratios = seconds / [one.seen[VIEW] for one in bare]
    times = f"{np.median(ratios):.2f} ({ratios.min():.2f}–{ratios.max():.2f})"
    return f"{np.median(seconds):8.2f}{after:+8.2f}  {times:<15}"


def megabytes(mark: str, rounds: list[Visit]) -> str:
    """What came until a mark."""
    if mark not in rounds[0].seen:
        return f"{'–':>8}"
    return f"{np.median([one.until(mark).total() for one in rounds]) / 1e6:8.2f}"


def print_head() -> None:
    print(f"{'':<20}{'shell':>7}{'first digit':>16}{'':17}{'first view':>16}{'':17}{'MB until':>16}")
    columns = f"{'s':>8}{'+shell':>8}  {'times bare':<15}"
    print(f"{'':<20}{'s':>7}{columns}{columns}{DIGIT:>8}{VIEW:>8}")


def print_times(name: str, found: dict[str, list[Visit]]) -> None:
    """A line a page."""
    for page, rounds in found.items():
        shell = np.median([one.seen[SHELL] for one in rounds])
        times = "".join(cells(mark, rounds, found[BARE_PAGE]) for mark in (DIGIT, VIEW))
        sizes = "".join(megabytes(mark, rounds) for mark in (DIGIT, VIEW))
        print(f"{name:<10}{page:<10}{shell:7.2f}{times}{sizes}", flush=True)


def print_bytes(found: dict[str, list[Visit]]) -> None:
    """A line a kind, two columns a page: until its first digit, until its first view."""
    columns = [(page, mark, rounds[0]) for page, rounds in found.items() for mark in (DIGIT, VIEW)]
    columns = [(page, mark, one) for page, mark, one in columns if mark in one.seen]
    print("\nkB until".ljust(25) + "".join(f"{page + ',':>10}" for page, _mark, _one in columns))
    print(" " * 24 + "".join(f"{mark:>10}" for _page, mark, _one in columns))
    sizes = [one.until(mark) for _page, mark, one in columns]
    for kind in KINDS:
        print(f"{kind:<24}" + "".join(f"{size[kind] / 1000:10.0f}" for size in sizes))
    print(f"{'all':<24}" + "".join(f"{size.total() / 1000:10.0f}" for size in sizes))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.start", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"which of {', '.join(ROWS)}; all")
    parser.add_argument("--pages", nargs="+", choices=list(PAGES), default=list(PAGES), help="beside the bare app; all")
    parser.add_argument(
        "--rounds", type=int, help="visits of each page; 7 cold, 5 warm, 3 slow-cpu, 1 slow-line, bytes"
    )
    asked = parser.parse_args()
    if unknown := set(asked.rows) - ROWS.keys():
        parser.error(f"there is no row {', '.join(sorted(unknown))}: choose from {', '.join(ROWS)}")
    names = asked.rows or list(ROWS)
    pages = [BARE_PAGE, *asked.pages]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        scripts = dict.fromkeys(pages, "explorer/app.py") | {BARE_PAGE: str(bare)}
        if names != [BYTES]:
            print_head()
        for name in names:
            row = ROWS[name]
            found: dict[str, list[Visit]] = {page: [] for page in pages}
            with visits(browser, scripts, pages, row) as visit_page:
                for _ in range(asked.rounds or row.rounds):
                    for page in pages:
                        found[page].append(visit_page(page))
            if name == BYTES:
                print_bytes(found)
            else:
                print_times(name, found)


if __name__ == "__main__":
    main()
