"""The handout: how soon its first digit is there, and its frames while the point is dragged, beside the app's.

python -m tests.benchmarks.handout [MODEL …]

Writes the file of each shipped model (by default the largest, and one of the smaller), opens it from the disk in an
offline Chromium, ten times, and prints its size, and the time from the navigation on until the first decoded digit is
drawn (median, worst). Then it drags the point along a spiral as `tests.benchmarks.drag` does: in the file, and in the
app.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from explorer.export.handout import handout, read_models
from explorer.export.weights import rounded_weights
from tests.benchmarks.drag import FRAMES, MOVES, Record, middle, recorded, spiral
from tests.browser.conftest import PROJECTOR, Explore, launch
from tests.conftest import CHECKPOINTS
from tests.server import serve

OPENINGS = 10

FIRST = """
const see = () => {
    const drawn = document.querySelector('[data-testid="decoded-image"]')?.dataset.z;
    if (drawn) window.first = performance.now();
    else requestAnimationFrame(see);
};
requestAnimationFrame(see);
"""


def first_digit(browser: Browser, file: Path) -> list[float]:
    """Milliseconds of each opening."""
    times = []
    for _opening in range(OPENINGS):
        page = browser.new_context(viewport=PROJECTOR, offline=True).new_page()
        page.add_init_script(FIRST)
        page.goto(file.as_uri())
        page.locator('[data-testid="decoded-image"][data-z]').wait_for()
        times.append(float(page.evaluate("window.first")))
        page.context.close()
    return sorted(times)


def dragged(browser: Browser, address: str) -> Record:
    """What a page notes while its point is dragged, after one unmeasured round."""
    page = browser.new_page(viewport=PROJECTOR)
    explore = Explore(page, address)
    page.goto(address)
    page.locator('[data-testid="latent-plane"][data-images="true"]').wait_for()
    page.evaluate(FRAMES)
    page.mouse.move(*middle(explore)[:2])
    page.mouse.down()
    spiral(explore, MOVES)
    record = recorded(explore, lambda: spiral(explore, MOVES))
    page.close()
    return record


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.handout", description=__doc__)
    parser.add_argument("models", nargs="*", default=["vae-mnist", "vae-mnist-beta-1"])
    names = parser.parse_args().models
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        pages = {}
        for name in names:
            file = Path(folder) / f"{name}.html"
            file.write_bytes(handout(read_models([CHECKPOINTS / f"{name}.safetensors"]), rounded=rounded_weights).html)
            times = first_digit(browser, file)
            size, median = file.stat().st_size / 1e6, statistics.median(times)
            print(f"{name}: {size:.2f} MB, first digit after {median:.0f} ms, at worst {times[-1]:.0f}", flush=True)
            pages[f"handout of {name}"] = file.as_uri()
        with serve() as (address, _pid):
            for where, at in {**pages, "app": address}.items():
                record = dragged(browser, at)
                frames = np.percentile(record["frames"], [50, 99, 100])
                text = ", ".join(f"{value:.1f}" for value in frames)
                print(f"{where}: frames of {text} ms (p50, p99, max), {record['points']} points of {MOVES} drawn")


if __name__ == "__main__":
    main()
