"""How fast training in the browser is, beside PyTorch on one thread.

python -m tests.benchmarks.browser_training [--epochs N]

The baseline (784–256–2–256–784, batch 100, 60,000 digits, Adam at 1e-3) in Chromium with each kernel, and by
`model.training` on one thread: an epoch of each in turn, so that what else the machine does disturbs all alike. Prints
of each the milliseconds a step and the seconds an epoch (wall time; of PyTorch processor time too), also as ratios to
PyTorch's, and the seconds of training to a test loss of 165 and of 155 nats. Plain JavaScript makes a few steps only.
At last the Train page trains for ten seconds, and what processor time the server took meanwhile is printed.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded

import psutil
import torch
from playwright.sync_api import Page, sync_playwright

from model import training
from model.config import PRESETS, ModelConfig, TrainConfig
from tests.browser.conftest import Explore, launch
from tests.server import serve

EPOCHS = 12
TARGETS = (165.0, 155.0)  # nats
KERNELS = {"SIMD, fused": "gemm-fused.wasm", "SIMD": "gemm.wasm"}
PLAIN_STEPS = 20
WATCHED = 10  # seconds
BASELINE = PRESETS["baseline"]

BEGIN = """async ({ config, settings, kernels, addresses }) => {
    const module = (name) => import(new URL(`assets/${name}.js`, document.baseURI));
    const { TrainingLoop } = await module("worker/training-loop");
    const { ArrivingImages, Images, loadLabels } = await module("core/images");
    const at = (address) => new URL(address, document.baseURI).href;
    const training = { images: new ArrivingImages(), label: await loadLabels(at("training-labels/mnist")) };
    await training.images.fetch(at("training-images/mnist"), () => {});
    const test = { images: await Images.load(at("images/mnist")), label: await loadLabels(at("labels/mnist")) };
    window.loops = {};
    for (const [name, file] of Object.entries(kernels)) {
        const kernel = file && await WebAssembly.compileStreaming(fetch(at(`assets/core/${file}`)));
        loops[name] = new TrainingLoop(config, 0, kernel || null, { training, test }, settings);
    }
}"""

# Seconds of so many steps, batches and noise included; then the loss of all test digits.
TRAIN = """({ name, steps, judge }) => {
    const loop = loops[name];
    const begin = performance.now();
    for (let i = 0; i < steps; i++) loop.step();
    const seconds = (performance.now() - begin) / 1000;
    if (!judge) return { seconds };
    let loss = 0;
    const { trainer, test: { images }, settings } = loop, block = 500;
    for (let first = 0; first < images.count; first += block) {
        loop.fill(images, block, (i) => first + i);
        trainer.epsilon.set(loop.epsilon.subarray(0, 2 * block));
        const { reconstruction, kl } = trainer.measure(block, settings);
        loss += (reconstruction + kl) * block / images.count;
    }
    return { seconds, loss };
}"""


def pytorch() -> Iterator[tuple[float, float, float]]:
    """Of each epoch: seconds of training, of processor time for all of it, and the test loss."""
    torch.set_num_threads(1)
    run = training.Run(ModelConfig(**BASELINE.model), TrainConfig(**{**BASELINE.train, "epochs": 100}))
    halves = training.split(run.config)
    while True:
        begin = time.process_time()
        report = run.run_epoch(*halves)
        yield report.seconds, time.process_time() - begin, report.test.total


def begin(page: Page) -> None:
    config = ModelConfig(**BASELINE.model)
    settings = {
        **{"model": "vae", "loss": "bce", "beta": 1, "noise": True, "lr": 1e-3, "batch": 100},
        "classes": [True] * 10,
        "images": 60_000,
    }
    page.evaluate(BEGIN, {"config": vars(config), "settings": settings, "kernels": {**KERNELS, "JavaScript": ""}})


def server_meanwhile(page: Page, address: str, pid: int) -> str:
    """What the server does while a page trains, and while it stands open."""
    server, plane = psutil.Process(pid), page.get_by_test_id("latent-plane")
    page.goto(f"{address}/train?where=here")
    page.get_by_test_id("here-play").click()
    page.wait_for_function("document.querySelector('[data-testid=latent-plane]')?.dataset.step > 50")

    def took() -> float:
        before = server.cpu_times()
        time.sleep(WATCHED)
        after = server.cpu_times()
        return after.user - before.user + after.system - before.system

    first, training, last = plane.get_attribute("data-step"), took(), plane.get_attribute("data-step")
    page.get_by_test_id("here-play").click()
    steps = int(last or 0) - int(first or 0)
    return (
        f"server, processor time while a page trained for {WATCHED} s ({steps} steps): {training:.2f} s; "
        f"while it paused for as long: {took():.2f} s"
    )


def reached(seconds: list[float], losses: list[float], target: float) -> str:
    for epoch, loss in enumerate(losses, start=1):
        if loss <= target:
            return f"{target:.0f} nats after {epoch} epochs, {sum(seconds[:epoch]):.1f} s"
    return f"{target:.0f} nats not within {len(losses)} epochs ({losses[-1]:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast training in the browser is.")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    epochs = parser.parse_args().epochs
    steps = 60_000 // TrainConfig(**BASELINE.train).batch
    seconds: dict[str, list[float]] = {"PyTorch, one thread": [], **{name: [] for name in KERNELS}}
    losses: dict[str, list[float]] = {name: [] for name in seconds}
    processor = []
    with serve() as (address, pid), sync_playwright() as playwright, launch(playwright) as browser:
        page = Explore(browser.new_page(), address).modules()
        begin(page)
        for _epoch, (wall, cpu, loss) in zip(range(epochs), pytorch(), strict=False):
            processor.append(cpu)
            seconds["PyTorch, one thread"].append(wall)
            losses["PyTorch, one thread"].append(loss)
            for name in KERNELS:
                found = page.evaluate(TRAIN, {"name": name, "steps": steps, "judge": True})
                seconds[name].append(found["seconds"])
                losses[name].append(found["loss"])
        plain = page.evaluate(TRAIN, {"name": "JavaScript", "steps": PLAIN_STEPS, "judge": False})["seconds"]
        meanwhile = server_meanwhile(page, address, pid)
    reference = seconds["PyTorch, one thread"]
    for name, found in seconds.items():
        ratios = [own / other for own, other in zip(found, reference, strict=True)]
        print(
            f"{name}: {1000 * min(found) / steps:.2f} ms a step at best; an epoch {statistics.median(found):.2f} s "
            f"({min(found):.2f} to {max(found):.2f}), {statistics.median(ratios):.2f} times PyTorch's "
            f"(best against best {min(found) / min(reference):.2f}); "
            + "; ".join(reached(found, losses[name], target) for target in TARGETS)
        )
    print(f"PyTorch, processor time an epoch, its test included: {statistics.median(processor):.2f} s")
    print(f"JavaScript: {1000 * plain / PLAIN_STEPS:.1f} ms a step")
    print(meanwhile)


if __name__ == "__main__":
    main()
