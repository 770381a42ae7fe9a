"""Frame interval and decode time while the point is dragged: plain, and with each layer, overlay and number of points.

python -m tests.benchmarks.drag [wheel, "4 x" …]

Runs all rows, or those whose names contain one of the words. Opens the shipped VAE in Chromium and drags the point
along a spiral, 200 pointer moves at 60 a second, after one unmeasured round, once for each row; "pan" moves the map so
with the other button, "wheel" zooms in and out about its middle; "4 x" has the page's processor four times as slow.
Prints the interval between animation frames, the time of each decode (p50, p99), how many different points were drawn,
what was sent to the server meanwhile (must be nothing), and the server's memory.

The rows "being computed" clear the map's tiles again and again, so that the worker computes and the page paints all the
time. The row of 1,000,000 synthetic points, normal clouds about the classes' centres, puts them into the map and into
the search for neighbours. Then come Compare's: two decoders under one pointer; and while the β slider steps up and down
all the time, so that models come from the browser's cache, which counts as sent, and 10,000 points glide. And that of
Train: a VAE trains on the page as fast as it can.
"""

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.conftest import PROJECTOR, Explore, launch
from tests.server import serve

MOVES = 200
RATE = 60  # moves a second
TURNS = 5
NOTCH = 60  # px of a turn of the wheel
NOTCHES = 25  # in, and as many out: to a ninth of the width and back
SLOW_CPU = 4


class Row(NamedTuple):
    """One measurement: what the address asks for, and a script to run once it is there."""

    name: str  # those of Compare begin with its name
    query: str = ""
    ready: str = ""  # test id of the layer to wait for
    prepare: str = ""
    motion: Literal["drag", "pan", "wheel"] = "drag"
    cpu: int = 1  # times as slow a processor, of CDP's Emulation.setCPUThrottlingRate


OWN = """const own = (file) =>  // the page's own instance of a module
    import(performance.getEntriesByType("resource").find((r) => r.name.endsWith("/" + file)).name);
"""

# The layer forgets its tiles whenever it is whole, and asks for them again.
AGAIN = f"""async () => {{
    {OWN}
    const {{ TileLayer }} = await own("tiles.js");
    const dropCovered = TileLayer.prototype.dropCovered;
    TileLayer.prototype.dropCovered = function () {{
        dropCovered.call(this);
        if (this.host.dataset.ready === "true") {{ this.cache.clear(); setTimeout(() => this.repaint()); }}
    }};
    for (const id of ["show-points", "show-both"]) document.querySelector(`[data-testid="${{id}}"]`).click();
}}"""

MILLION = f"""async () => {{
    {OWN}
    const {{ Inspector }} = await own("inspector.js");
    const {{ Neighbours }} = await own("knn.js");
    const {{ normals }} = await import(new URL("assets/core/random.js", document.baseURI));
    const follow = Inspector.prototype.follow;
    const inspector = await new Promise((resolve) => {{
        Inspector.prototype.follow = function (z) {{ resolve(this); return follow.call(this, z); }};
        document.body.dispatchEvent(new KeyboardEvent("keydown", {{ key: "ArrowRight", bubbles: true }}));
    }});
    Inspector.prototype.follow = follow;
    const count = 1_000_000, {{ plane, files: {{ cloud }} }} = inspector, {{ points }} = plane;
    const mu = normals(2 * count, 0), label = Uint8Array.from({{ length: count }}, (_x, i) => i % 10);
    for (let i = 0; i < 2 * count; i++) mu[i] = 0.4 * mu[i] + plane.marks.medians[2 * label[i >> 1] + (i & 1)];
    inspector.store.set({{ images: null }});  // there are none of synthetic points
    inspector.fields.model = {{ ...inspector.fields.model, mu, label }};
    inspector.fields.neighbours = new Neighbours(mu, 15);
    plane.setPoints({{ ...points, mu, label }});
    cloud.setLabels(label);
    cloud.setPositions(mu);
}}"""

STEPPING = """() => {
    const slider = document.querySelector('[data-testid="beta-b"]');
    let step = 0;
    setInterval(() => {
        slider.value = [0, 1, 2, 1][step++ % 4];
        slider.dispatchEvent(new Event("input"));
    }, 700);
}"""

TRAINING = """async () => {
    document.querySelector('[data-testid="here-play"]').click();
    const { dataset } = document.querySelector('[data-testid="latent-plane"]');
    while (!(dataset.step > 50)) await new Promise(requestAnimationFrame);
}"""

MAP_MOTIONS: tuple[Literal["pan", "wheel"], ...] = ("pan", "wheel")

ROWS = [
    Row("plain: 10,000 points"),
    Row("digits", "?show=digits", "manifold"),
    Row("digits and points", "?show=both", "manifold"),
    *(Row(f"overlay {name}", f"?overlay={name}", "field") for name in ("votes", "distance", "change", "sigma")),
    Row("image, posterior", "?image=61&panel=image"),
    Row("misfits", "?panel=misfits"),
    Row("all: both, change, training", "?show=both&overlay=change&training=1&image=61", "field"),
    Row("digits being computed", "?show=both", "manifold", AGAIN),
    Row("change being computed", "?show=both&overlay=change", "field", AGAIN),
    Row("70,000 points: training too", "?training=1"),
    Row("1,000,000 synthetic points", prepare=MILLION),
    Row("compare: two models", "compare"),
    Row("compare: same test image", "compare?match=image&sheet=box"),
    Row("compare: points gliding", "compare", prepare=STEPPING),
    Row("a VAE training on the page", "train?where=here", prepare=TRAINING),
    *(
        Row(f"{motion}: {name}", query, prepare=prepare, motion=motion)
        for motion in MAP_MOTIONS
        for name, query, prepare in (
            ("10,000 points", "", ""),
            ("70,000 points", "?training=1", ""),
            ("1,000,000 points", "", MILLION),
        )
    ),
    Row("drag: 10,000 points, 4 x", cpu=SLOW_CPU),
    *(Row(f"{motion}: 10,000 points, 4 x", motion=motion, cpu=SLOW_CPU) for motion in MAP_MOTIONS),
]

# Notes how long each decode takes.
DECODES = """async () => {
    const module = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/network.js")).name;
    const { Decoder } = await import(module);  // the page's own instance
    const { record } = window, decode = Decoder.prototype.decode;
    Decoder.prototype.decode = function (z, out) {
        const begin = performance.now();
        decode.call(this, z, out);
        if (record.on) record.decodes.push(performance.now() - begin);
        return out;
    };
}"""
# How far apart frames are, and which points are drawn in them.
FRAMES = """() => {
    const record = window.record = { frames: [], decodes: [], points: new Set(), on: false };
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
}"""
RECORDER = f"async () => {{ ({FRAMES})(); await ({DECODES})(); }}"

START = "() => { Object.assign(window.record, { frames: [], decodes: [], points: new Set(), on: true }); }"
STOP = "() => { const r = window.record; r.on = false; return { ...r, points: r.points.size }; }"


class Record(TypedDict):
    """What the page noted: milliseconds, and how many different points were drawn."""

    frames: list[float]
    decodes: list[float]
    points: int


def middle(explore: Explore) -> tuple[float, float, float, float]:
    """Centre and size of the map, or of the left one of two."""
    box = explore.plane.first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"], box["height"]


def spiral(explore: Explore, moves: int) -> None:
    """Drag along a spiral out of the centre, in real time."""
    x, y, width, height = middle(explore)
    reach = 0.45 * min(width, height)
    begin = time.perf_counter()
    for i in range(moves):
        angle, radius = 2 * math.pi * TURNS * i / moves, reach * (i + 1) / moves
        explore.page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        time.sleep(max(0.0, begin + (i + 1) / RATE - time.perf_counter()))


def zoom_in_and_out(explore: Explore, moves: int) -> None:
    """Turn the wheel over the middle of the map, in real time."""
    begin = time.perf_counter()
    for i in range(moves):
        explore.page.mouse.wheel(0, -NOTCH if i // NOTCHES % 2 == 0 else NOTCH)
        time.sleep(max(0.0, begin + (i + 1) / RATE - time.perf_counter()))


def move(explore: Explore, row: Row) -> None:
    """What is measured."""
    if row.motion == "wheel":
        zoom_in_and_out(explore, MOVES)
    else:
        spiral(explore, MOVES)


def ready(explore: Explore, row: Row) -> None:
    """Open the page as the row asks, press the pointer in the middle of the map, and move once, unmeasured."""
    page = explore.page
    page.goto(f"{explore.address}/{row.query}")
    for n in range(2 if row.name.startswith("compare") else 1):
        there = '[data-testid="latent-plane"][data-ready="true"][data-images="true"]'
        page.locator(there).nth(n).wait_for()
    if row.ready:
        page.wait_for_selector(f'[data-testid="{row.ready}"][data-ready="true"]')
    if row.prepare:
        page.evaluate(row.prepare)
    page.evaluate(RECORDER)
    if row.cpu > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": row.cpu})
    page.mouse.move(*middle(explore)[:2])
    if row.motion != "wheel":
        page.mouse.down(button="right" if row.motion == "pan" else "left")
    move(explore, row)


def recorded(explore: Explore, drag: Callable[[], object]) -> Record:
    """What a page that is ready notes during a drag."""
    page = explore.page
    page.evaluate(START)
    drag()
    record: Record = page.evaluate(STOP)
    return record


def measure(explore: Explore, row: Row) -> tuple[Record, int]:
    """The record of one drag, and the number of messages and requests meanwhile."""
    page = explore.page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.on("request", lambda request: sent.append(request))
    ready(explore, row)
    sent.clear()
    record = recorded(explore, lambda: move(explore, row))
    messages = len(sent)
    page.close()
    return record, messages


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MB; NaN where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return math.nan
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.drag", description=__doc__)
    parser.add_argument("words", nargs="*", help="run only the rows whose names contain one of them")
    words = parser.parse_args().words
    rows = [row for row in ROWS if not words or any(word in row.name for word in words)]
    if not rows:
        parser.error(f"no row has such a name; there are: {', '.join(row.name for row in ROWS)}")
    print(f"{'':<30}{'frame interval, ms':>26}{'decode, ms':>18}")
    print(f"{'':<30}{'p50':>8}{'p99':>8}{'max':>10}{'p50':>10}{'p99':>8}   points drawn   sent")
    with serve() as (address, pid), sync_playwright() as playwright, launch(playwright) as browser:
        for row in rows:
            record, messages = measure(Explore(browser.new_page(viewport=PROJECTOR), address), row)
            frames = np.percentile(record["frames"], [50, 99, 100])
            line = f"{row.name:<30}{frames[0]:8.2f}{frames[1]:8.2f}{frames[2]:10.2f}"
            if row.motion == "drag":
                decodes = np.percentile(record["decodes"], [50, 99])
                line += f"{decodes[0]:10.2f}{decodes[1]:8.2f}{record['points']:8} of {MOVES}"
            else:
                line += f"{'–':>10}{'–':>8}{'–':>15}"
            print(f"{line}{messages:7}", flush=True)
        print(f"server, resident: {resident_mb(pid):.0f} MB")


if __name__ == "__main__":
    main()
