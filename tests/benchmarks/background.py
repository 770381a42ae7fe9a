"""How long the page's second thread takes for what it computes: digits and overlays under the map, figure, walk, table.

python -m tests.benchmarks.background [model …]

Asks the thread, in Chromium, for what Explore's map asks for at 1366×768: 28 × 20 digits, 72 × 56 samples of each
overlay of 12 px, the manifold figure of 20 × 20, a walk's shortest path with its grid, and the table of all test
images. Prints the milliseconds to the last answer, the least of three; a walk's second path finds its grid made.
"""

import argparse

from playwright.sync_api import sync_playwright

from tests.browser.conftest import Explore, launch
from tests.server import serve

TIMES = 3
MODELS = ("vae-mnist", "vae-mnist-baseline")

MEASURE = """async ({ model, times }) => {
    const at = (path) => new URL(path, document.baseURI).href;
    const grid = (side, columns, rows) => ({
        level: side === 1 ? -2 : -4, side,
        tiles: Int32Array.from({ length: 2 * columns * rows }, (_x, n) =>
            n % 2 ? Math.floor(n / 2 / columns) - rows / 2 : (n >> 1) % columns - columns / 2),
    });
    const tiles = (layer, ...size) => ({ kind: "tiles", layer, wishes: [grid(...size)] });
    const box = { minX: -4, maxX: 4, minY: -4, maxY: 4 };
    const requests = {
        "digits": tiles("digits", 1, 28, 20),
        "overlay change": tiles("change", 4, 18, 14),
        "overlay votes": tiles("votes", 16, 5, 4),
        "figure": { kind: "figure", ticket: 1, z: Float32Array.from({ length: 800 }, (_x, n) => (n % 40) / 10 - 2) },
        "walk": { kind: "walk", ticket: 1, a: [-2, -1], b: [2, 1], box },
        "table": { kind: "table", images: at("images/mnist") },
    };
    const over = {  // whether an answer is the last one; `so`: how much has come
        tiles: ({ tiles }, { wishes }, so) => (so.far += tiles.length) === wishes[0].tiles.length,
        figure: ({ images }, { z }, so) => (so.far += images.length / 784) === z.length / 2,
        walk: ({ done }) => done === 1,
        table: ({ text }) => Boolean(text),
    };
    const worker = new Worker(at("assets/worker/worker.js"), { type: "module" });
    worker.postMessage({ kind: "load", address: at(`checkpoints/${model}.safetensors`), words: {} });
    const answered = (request) => new Promise((resolve, reject) => {
        const so = { far: 0 }, begin = performance.now();
        worker.onmessage = ({ data }) => {
            if (data.kind === "error") reject(data.error);
            if (data.kind === request.kind && over[data.kind](data, request, so)) resolve(performance.now() - begin);
        };
        worker.postMessage(request);
    });
    await answered(requests.figure);  // the model is there
    const found = {};
    for (const [name, request] of Object.entries(requests)) {
        const all = [];
        for (let n = 0; n < times; n++) all.push(await answered(request));
        found[name] = Math.min(...all);
        if (name === "walk") found["walk, the first"] = all[0];
    }
    worker.terminate();
    return found;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.background", description=__doc__)
    parser.add_argument("models", nargs="*", default=MODELS, help="names of shipped models")
    models = parser.parse_args().models
    with serve() as (address, _pid), sync_playwright() as playwright, launch(playwright) as browser:
        page = browser.new_page()
        Explore(page, address).open()
        for model in models:
            found = page.evaluate(MEASURE, {"model": model, "times": TIMES})
            print(model, *(f"{name} {ms:.0f} ms" for name, ms in found.items()), sep="\n  ")


if __name__ == "__main__":
    main()
