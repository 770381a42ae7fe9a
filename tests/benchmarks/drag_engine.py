"""The intervals between animation frames while the point is dragged, in Firefox or WebKit.

python -m tests.benchmarks.drag_engine Firefox [--slow 4] [training …]

The rows of `tests.benchmarks.drag` that drag, or those whose names contain one of the words: the same spiral, which the
browser's driver paces. WebKitGTK paints without a GPU here, into a display that nobody sees: not what people have.

`--slow 4` gives the processes of the pages a quarter of one core, all of their threads together, where Chromium's
throttling slows a page's first thread alone. It needs Linux, root and a control group for the processor.
"""

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.__main__ import ENGINES
from tests.benchmarks.drag import MOVES, RATE, RECORDER, ROWS, START, STOP, TURNS, Record, Row
from tests.browser.conftest import READY
from tests.browser.engines.conftest import LAUNCH, SIZE
from tests.browser.engines.engine import Engine, moved
from tests.server import serve

CONTENT = (b"-contentproc", b"WebKitWebProcess")  # in the command lines of processes that run pages
GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD = 4000  # µs, of which the pages get a part


@contextmanager
def slowed(times: float) -> Iterator[None]:
    """All processes of pages run on so small a part of one core, until the end."""
    if times == 1:
        yield
        return
    group = GROUPS / f"latent-explorer-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        sys.exit(
            f"Expected {GROUPS} to be ours, found {error.strerror}: --slow needs root and control groups of version 1."
        )
    (group / "cpu.cfs_period_us").write_text(str(PERIOD), encoding="utf-8")
    (group / "cpu.cfs_quota_us").write_text(str(int(PERIOD / times)), encoding="utf-8")
    try:
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            if any(word in command.read_bytes() for word in CONTENT):
                (group / "cgroup.procs").write_text(command.parent.name, encoding="utf-8")
        yield
    finally:
        for pid in (group / "cgroup.procs").read_text(encoding="utf-8").split():
            (GROUPS / "cgroup.procs").write_text(pid, encoding="utf-8")
        group.rmdir()


def measure(engine: Engine, address: str, row: Row, slow: float) -> Record:
    engine.open(f"{address}/{row.query}")
    planes = 2 if row.name.startswith("compare") else 1
    engine.wait_for(f"document.querySelectorAll(argument).length === {planes}", f'{READY}[data-images="true"]')
    if row.ready:
        engine.wait_for("at(argument).dataset.ready === 'true'", row.ready)
    if row.prepare:
        engine.evaluate(row.prepare)
    engine.evaluate(RECORDER)
    plane = engine.at("latent-plane")
    (left, top), (x, y) = plane.place(0, 0), plane.place()
    reach = 0.9 * min(x - left, y - top)
    spiral = []
    for i in range(MOVES):
        angle, radius = 2 * math.pi * TURNS * i / MOVES, reach * (i + 1) / MOVES
        spiral.append(moved(x + radius * math.cos(angle), y + radius * math.sin(angle), 1000 / RATE))
    with slowed(slow):
        engine.press(x, y)
        engine.pointer(*spiral)
        engine.evaluate(START)
        engine.pointer(*spiral)
        record: Record = engine.evaluate(STOP)
        engine.release()
    return record


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.drag_engine", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("words", nargs="*", help="run only the rows whose names contain one of them")
    parser.add_argument("--slow", type=float, default=1, help="give the pages this part of one core: 4 is a quarter")
    asked = parser.parse_intermixed_args()
    dragged = [row for row in ROWS if row.motion == "drag" and row.cpu == 1]
    rows = [row for row in dragged if not asked.words or any(word in row.name for word in asked.words)]
    with (
        tempfile.TemporaryDirectory() as folder,
        serve() as (address, _pid),
        LAUNCH[asked.engine](Path(folder), SIZE) as engine,
    ):
        print(f"{engine.version:<30}{'frame interval, ms':>26}{'decode, ms':>18}")
        print(f"{'':<30}{'p50':>8}{'p99':>8}{'max':>10}{'p50':>10}{'p99':>8}   points drawn")
        for row in rows:
            record = measure(engine, address, row, asked.slow)
            frames = np.percentile(record["frames"], [50, 99, 100])
            decodes = np.percentile(record["decodes"], [50, 99])
            line = f"{row.name:<30}{frames[0]:8.2f}{frames[1]:8.2f}{frames[2]:10.2f}{decodes[0]:10.2f}{decodes[1]:8.2f}"
            print(f"{line}{record['points']:8} of {MOVES}", flush=True)


if __name__ == "__main__":
    main()
