"""What trains in the browser: which images take part, what is told of the model meanwhile."""

import numpy as np
from playwright.sync_api import Page

from model.data import Split

# A loop over images that came in parts of odd sizes.
SCRIPT = """async () => {
    const module = (name) => import(new URL(`assets/${name}.js`, document.baseURI));
    const { TrainingLoop } = await module("worker/training-loop");
    const { TRACE_POINTS } = await module("core/checkpoint-layout");
    const { ArrivingImages, Images, loadLabels } = await module("core/images");
    const { Encoder, Decoder } = await module("core/network");
    const at = (address) => new URL(address, document.baseURI).href;

    const file = new Uint8Array(await (await fetch(at("training-images/mnist"))).arrayBuffer());
    const images = new ArrivingImages(), counts = [];
    for (let from = 0, size = 1; from < file.length; from += size, size = Math.min(size * 3, 5_000_000)) {
        images.take(file.subarray(from, from + size), from);
        counts.push([from + size, images.count]);
    }
    images.take(file.subarray(0, 20), 0);  // the line broke off, and all of it comes again
    const whole = await Images.load(at("training-images/mnist"));
    const same = whole.bytes.every((byte, i) => byte === images.bytes[i]);

    const training = { images, label: await loadLabels(at("training-labels/mnist")) };
    const test = { images: await Images.load(at("images/mnist")), label: await loadLabels(at("labels/mnist")) };
    const config = { model: "vae", height: 28, width: 28, latent: 2, encoder: [32], decoder: [32], activation: "relu",
        layer_norm: false, fourier: 0 };
    const settings = { model: "vae", loss: "bce", beta: 1, noise: true, lr: 1e-2, batch: 70, images: 3000,
        classes: Array.from({ length: 10 }, (_x, c) => c === 2 || c === 7) };
    const loop = new TrainingLoop(config, 3, null, { training, test }, settings);
    const seen = new Set(), first = loop.judge();
    let steps = 0;
    for (; loop.epochs < 1 - 1e-9; steps++) {
        loop.step();
        for (const i of loop.order.subarray(0, loop.at)) seen.add(i);
    }
    const last = loop.judge(), mu = loop.look();
    loop.change({ noise: false });
    loop.step();
    const still = loop.trainer.epsilon.subarray(0, 140).every((e) => e === 0);
    const judgedStill = loop.judge();
    loop.change({ classes: settings.classes.map(() => true), images: 60_000 });
    loop.step();

    const weights = loop.trainer.layers.tensors(loop.trainer.parameters, "vae");
    const encoder = new Encoder(config, weights), decoder = new Decoder(config, weights);
    let apart = 0;
    const now = loop.look(), x = new Float32Array(784), code = new Float32Array(2), points = now.subarray(0, 1400);
    const drawn = loop.trainer.draw(points);  // more than fit into one batch
    for (const i of [0, 1, 699, 1999]) {
        encoder.encode(test.images.get(i, x), code, null);
        apart = Math.max(apart, Math.abs(code[0] - now[2 * i]), Math.abs(code[1] - now[2 * i + 1]));
        if (i >= 700) continue;
        decoder.decode(points.subarray(2 * i, 2 * i + 2), x);
        for (let p = 0; p < 784; p++) apart = Math.max(apart, Math.abs(255 * x[p] - drawn[784 * i + p]) - 0.5);
    }
    return { same, counts, steps, part: loop.part, order: loop.order.length, seen: [...seen], first, last, still, apart,
        judgedStill, finite: mu.every(Number.isFinite) && mu.length === 2 * TRACE_POINTS };
}"""


def test_a_loop_sees_what_takes_part_and_tells_how_it_stands(modules: Page, train_digits: Split) -> None:
    found = modules.evaluate(SCRIPT)
    assert found["same"]
    for size, count in found["counts"]:
        assert count == min(max(size - 16, 0) // 784, 60_000)
    labels = train_digits.labels[:3000].numpy()
    [part] = np.nonzero((labels == 2) | (labels == 7))
    assert sorted(found["seen"]) == part.tolist()
    assert found["steps"] == -(-len(part) // 70)
    total = {name: sum(found[name].values()) for name in ("first", "last", "judgedStill")}
    assert 500 < total["first"] < 600  # 784 ln 2: it knows nothing yet
    assert total["last"] < 0.8 * total["first"]
    assert found["still"]
    assert total["judgedStill"] != total["last"]
    assert found["part"] == found["order"] == 60_000
    assert found["finite"]
    assert found["apart"] < 0.01  # grey levels, and latent units


# The same run in one go, and laid down half way and taken up by another; of digits that the kernel trains on.
TWICE = """async () => {
    const module = (name) => import(new URL(`assets/${name}.js`, document.baseURI));
    const { LocalRun } = await module("worker/local-run");
    const { loadKernel } = await module("core/gemm");
    const { ArrivingImages, Images, loadLabels } = await module("core/images");
    const at = (address) => new URL(address, document.baseURI).href;
    const kernel = await loadKernel();
    const all = { images: new ArrivingImages(), label: await loadLabels(at("training-labels/mnist")) };
    await all.images.fetch(at("training-images/mnist"), () => {});
    const test = { images: await Images.load(at("images/mnist")), label: await loadLabels(at("labels/mnist")) };
    const config = { model: "vae", height: 28, width: 28, latent: 2, encoder: [32], decoder: [32], activation: "gelu",
        layer_norm: false, fourier: 0 };
    const settings = { model: "vae", loss: "bce", beta: 1, noise: true, lr: 1e-2, batch: 100, images: 1000,
        classes: Array(10).fill(true) };
    const begin = () => new LocalRun(kernel, { training: all, test }, { config, seed: 5, settings });
    const steps = (run, count) => {
        for (let i = 0; i < count; i++) {
            run.step();
            run.judge();
            if (run.loop.steps % 10 === 0) run.record.close();  // not by the clock, which is another every time
        }
    };
    const whole = begin(), half = begin();
    steps(whole, 25);
    whole.loop.change({ beta: 4 });
    steps(whole, 25);
    steps(half, 25);
    half.loop.change({ beta: 4 });
    const kept = structuredClone(half.state({ playing: true, speed: Infinity }));
    const later = { ...all, images: new ArrivingImages() };
    const again = LocalRun.restore(kernel, { training: later, test }, kept);
    const early = again.step();  // its images are yet to come
    later.images = again.loop.training.images = all.images;
    steps(again, 25);
    const told = ({ loop, losses, record }) => ({ ...losses.state, ...loop.state, trace: record.trace,
        history: record.history.map(({ seconds, ...row }) => row) });
    const text = (run) => JSON.stringify(told(run), (_key, value) => (ArrayBuffer.isView(value) ? [...value] : value));
    const refused = (change) => {
        try {
            LocalRun.restore(kernel, { training: all, test }, { ...kept, ...change });
            return false;
        } catch {
            return true;
        }
    };
    const { loop, record, losses } = kept;
    return {
        same: text(whole) === text(again), early, steps: again.loop.steps, rows: again.record.history.length,
        moved: text(whole) !== text(half),
        refused: [
            { format: "latent-explorer-run/0" },
            { config: {} },
            { loop: undefined },
            { loop: { ...loop, means: loop.means.subarray(1) } },
            { loop: { ...loop, parameters: loop.parameters.map(() => NaN) } },
            { loop: { ...loop, order: [1e9] } },
            { record: { ...record, trace: [] } },
            { losses: { ...losses, train: { ...losses.train, points: ["?"] } } },
        ].map(refused),
    };
}"""


def test_a_run_that_is_laid_down_and_taken_up_goes_on_exactly(modules: Page) -> None:
    found = modules.evaluate(TWICE)
    assert found["same"]  # every loss, weight and place
    assert found["moved"]
    assert found["early"] is None
    assert (found["steps"], found["rows"]) == (50, 5)
    assert found["refused"] == [True] * 8
