"""How long the browser takes to decode one point by a decoder of convolutions.

python -m tests.benchmarks.convolutions

Opens a page in Chromium that has the app's modules alone, and decodes 2,000 points each, by fused kernel, plain kernel
and plain JavaScript, with the usual small decoder (2 → 64 × 7 × 7 → 32 × 14 × 14 → 1 × 28 × 28) and Keras's example,
whose layers are twice as wide and high. Prints milliseconds: p50, p99 and the longest; and of encoding one image.
"""

import json

import numpy as np
from playwright.sync_api import sync_playwright

from model.config import ModelConfig, to_json
from model.layers import Layer
from tests.browser.conftest import KERNELS, Explore, launch
from tests.server import serve

ENCODER = (Layer("conv", (32,), 4, 2, (1, 1)), Layer("conv", (64,), 4, 2, (1, 1)))
START = (3136, Layer("reshape", (64, 7, 7)))
DECODERS = {
    "small": (*START, Layer("transpose", (32,), 4, 2, (1, 1)), Layer("transpose", (1,), 4, 2, (1, 1))),
    "Keras's": (
        *START,
        Layer("transpose", (64,), 3, 2, (0, 1)),
        Layer("transpose", (32,), 3, 2, (0, 1)),
        Layer("transpose", (1,), 3, 1, (1, 1)),
    ),
}

SCRIPT = """async ([config, name]) => {
    const load = (file) => import(new URL(`assets/core/${file}.js`, document.baseURI));
    const [{ Decoder, Encoder, weightShapes }, { normals }] = await Promise.all([load("network"), load("random")]);
    const address = new URL(`assets/core/${name}`, document.baseURI);
    const kernel = name ? await WebAssembly.compileStreaming(fetch(address)) : null;
    const sized = ([tensor, shape], seed) => [tensor, normals(shape.reduce((a, b) => a * b), seed).map((v) => v / 20)];
    const weights = new Map(weightShapes(config).map(sized));
    const decoder = new Decoder(config, weights, kernel), encoder = new Encoder(config, weights, kernel);
    const z = normals(4000, 1), out = new Float32Array(decoder.pixels), mu = new Float32Array(2);
    const timed = (act) => {
        const times = [];
        for (let i = 0; i < 2000; i++) {
            const begin = performance.now();
            act(z.subarray(2 * i, 2 * i + 2));
            times.push(performance.now() - begin);
        }
        return times;
    };
    return [timed((point) => decoder.decode(point, out)), timed(() => encoder.encode(out, mu, null))];
}"""


def main() -> None:
    with serve() as (address, _pid), sync_playwright() as playwright, launch(playwright) as browser:
        page = Explore(browser.new_page(), address).modules()
        for title, decoder in DECODERS.items():
            config = ModelConfig(
                model="ae", encoder=ENCODER, decoder=decoder, activation="relu", layer_norm=False, fourier=0
            )
            for kernel in KERNELS:
                found = page.evaluate(SCRIPT, [json.loads(to_json(config)), kernel])
                for what, times in zip(("decode", "encode"), found, strict=True):
                    p50, p99, most = np.quantile(times, (0.5, 0.99, 1))
                    by = kernel or "plain JavaScript"
                    print(f"{title:8} {by:18} {what}: p50 {p50:.2f} ms, p99 {p99:.2f}, longest {most:.2f}")


if __name__ == "__main__":
    main()
