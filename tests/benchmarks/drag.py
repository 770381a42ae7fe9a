"""Frame interval and decode time while the point is dragged through 10,000 test points.

python -m tests.benchmarks.drag

Opens the shipped VAE in Chromium and drags the point along a spiral, 200 pointer moves at 60 a second, after one
unmeasured round. Prints the interval between animation frames and the time of each decode (p50, p99), how many frames
showed a new point, what was sent to the server meanwhile (must be nothing), and the server's resident memory.
"""

import math
import time
from pathlib import Path
from typing import TypedDict

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.conftest import PROJECTOR, Explore, launch
from tests.server import serve

MOVES = 200
RATE = 60  # moves a second
TURNS = 5

RECORDER = """async () => {
    const module = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/network.js")).name;
    const { Network } = await import(module);  // the page's own instance
    const record = { frames: [], decodes: [], points: new Set(), on: false };
    const decode = Network.prototype.decode;
    Network.prototype.decode = function (z, out) {
        const begin = performance.now();
        decode.call(this, z, out);
        if (record.on) record.decodes.push(performance.now() - begin);
        return out;
    };
    const canvas = document.querySelector('[data-testid="decoded-image"]');
    let last = 0;
    const tick = (now) => {
        if (record.on && last) {
            record.frames.push(now - last);
            record.points.add(canvas.dataset.z);
        }
        last = now;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    window.record = record;
}"""


class Record(TypedDict):
    """What the page noted: milliseconds, and how many different points were drawn."""

    frames: list[float]
    decodes: list[float]
    points: int


def spiral(explore: Explore, moves: int) -> None:
    """Drag along a spiral out of the centre, in real time."""
    x, y = explore.centre()
    box = explore.plane.bounding_box()
    assert box is not None
    reach = 0.45 * min(box["width"], box["height"])
    begin = time.perf_counter()
    for i in range(moves):
        angle, radius = 2 * math.pi * TURNS * i / moves, reach * (i + 1) / moves
        explore.page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        time.sleep(max(0.0, begin + (i + 1) / RATE - time.perf_counter()))


def measure(explore: Explore) -> tuple[Record, int]:
    """The record of one drag, and the number of messages and requests meanwhile."""
    page = explore.page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.on("request", lambda request: sent.append(request))
    explore.open()
    page.wait_for_selector('[data-testid="latent-plane"][data-images="true"]')
    page.evaluate(RECORDER)
    explore.press(*explore.centre())
    spiral(explore, MOVES)
    sent.clear()
    page.evaluate("window.record.on = true")
    spiral(explore, MOVES)
    record: Record = page.evaluate(
        "() => { const r = window.record; r.on = false; return { ...r, points: r.points.size }; }"
    )
    messages = len(sent)
    page.mouse.up()
    return record, messages


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MB; NaN where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return math.nan
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def show(name: str, values: list[float]) -> None:
    p50, p99 = np.percentile(values, [50, 99])
    print(f"{name:<28}p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   max {max(values):6.2f} ms   n {len(values)}")


def main() -> None:
    with serve() as (address, pid), sync_playwright() as playwright, launch(playwright) as browser:
        record, messages = measure(Explore(browser.new_page(viewport=PROJECTOR), address))
        memory = resident_mb(pid)
    show("frame interval", record["frames"])
    show("decode", record["decodes"])
    print(f"{'different points drawn':<28}{record['points']} of {MOVES} moves")
    print(f"{'sent to the server':<28}{messages} messages and requests while moving")
    print(f"{'server, resident':<28}{memory:.0f} MB")


if __name__ == "__main__":
    main()
