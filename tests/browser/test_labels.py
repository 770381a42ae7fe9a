"""Where the classes' names stand on a map: none on another, each at its own; those that do not fit are left out."""

import itertools

import numpy as np
from playwright.sync_api import Page

from explorer.settings import CHECKPOINTS
from model.checkpoint import Checkpoint

# Names of each shipped model at home in maps of several sizes; of one that is untrained, and of some that are wanted in
# one place or on a line. How far apart the pairs of each are: below 0 on an axis they overlap on it.
PLACES = """async (models) => {
    const get = (path) => import(new URL(`assets/${path}`, document.baseURI));
    const [{ apart }, { Viewport }, { classPlaces }, { loadCodes }, stats] = await Promise.all([
        "map/label-places.js", "map/viewport.js", "core/class-places.js", "core/checkpoint.js", "core/stats.js",
    ].map(get));
    const wanted = [], fixed = [];
    const sizes = [[15, 27], [14, 22], [10, 19], [84, 22], [9, 16]];
    const add = (places, size, marks = []) => {
        const [width, height] = sizes[size];
        wanted.push(places.map(({ x, y }) => ({ x, y, width, height })));
        fixed.push(marks.map(({ x, y }) => ({ x, y, width: 16, height: 14 })));
    };
    for (const name of models) {
        const { mu, label, config } = await loadCodes(new URL(`checkpoints/${name}.safetensors`, document.baseURI));
        const prior = config.model === "vae", classes = Array.from({ length: 10 }, (_x, c) => String(c));
        const places = classPlaces({ mu, label, classes });
        const maps = [[760, 640], [600, 400], [106, 106], [370, 372], [172, 176]]; // the third and last: on a phone
        for (const [i, [width, height]] of maps.entries()) {
            const viewport = new Viewport({ width, height });
            viewport.box = stats.roomy(stats.frameOf(mu, prior));
            viewport.view = viewport.home();
            const at = (c) => viewport.toPixel(places[2 * c], places[2 * c + 1]);
            const named = [...classes.keys()].filter((c) => places[2 * c] === places[2 * c]);
            add(named.map(at), i, prior ? [3, 2, 1].map((sigma) => viewport.toPixel(0, sigma)) : []);
        }
    }
    for (let size = 0; size < sizes.length; size++) {
        add(Array.from({ length: 10 }, () => ({ x: 5, y: 5 })), size);
        add(Array.from({ length: 10 }, (_x, c) => ({ x: 100 + 3 * Math.sin(c), y: 100 + 4 * Math.cos(7 * c) })), size);
        add(Array.from({ length: 10 }, (_x, c) => ({ x: 6 * c, y: 50 })), size);
    }
    add([{ x: 0, y: 0 }, { x: 40, y: 0 }, { x: 30, y: 60 }], 0);
    return { wanted, fixed, found: wanted.map((labels, i) => apart(labels, fixed[i])) };
}"""

# Of a page's maps, the pairs of names of which one lies on the other as they are written.
COVERED = """() => [...document.querySelectorAll(".lse-names")].flatMap((names) => {
    const boxes = [...names.children].filter((node) => node.checkVisibility()).map((node) => {
        const { e: x, f: y } = node.transform.baseVal.consolidate().matrix;
        return { x, y, width: node.getComputedTextLength(), height: parseFloat(getComputedStyle(node).fontSize) };
    });
    const meet = (a, b, axis, size) => Math.abs(a[axis] - b[axis]) < (a[size] + b[size]) / 2;
    const on = (a, b) => meet(a, b, "x", "width") && meet(a, b, "y", "height");
    return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => on(a, b)).map((b) => [a, b]));
})"""


NAMED = """async (models) => {
    const get = (path) => import(new URL(`assets/${path}`, document.baseURI));
    const [{ classPlaces }, { loadCodes }] = await Promise.all(
        ["core/class-places.js", "core/checkpoint.js"].map(get));
    const classes = Array.from({ length: 10 }, (_x, c) => String(c)), found = {};
    for (const name of models) {
        const { mu, label } = await loadCodes(new URL(`checkpoints/${name}.safetensors`, document.baseURI));
        const begin = performance.now();
        found[name] = [...classPlaces({ mu, label, classes })].map((value) => (value === value ? value : null));
        console.log(name, performance.now() - begin);
    }
    found.few = [...classPlaces({ mu: new Float32Array(20), label: new Uint8Array(10).fill(3), classes })]
        .map((value) => (value === value ? value : null));
    return found;
}"""


def test_a_name_stands_where_its_class_does(modules: Page, shipped: dict[str, Checkpoint]) -> None:
    found = modules.evaluate(NAMED, list(shipped))
    assert found.pop("few") == [None] * 6 + [0, 0] + [None] * 12
    assert found.pop("cvae-mnist") == [None] * 20  # all classes lie mixed: no place is anybody's
    moved = set()
    for name, places in found.items():
        mu, label = shipped[name].mu.numpy(), shipped[name].label.numpy()
        for c, place in enumerate(np.array(places).reshape(10, 2)):
            nearest = np.argsort(((mu - place) ** 2).sum(1))[:50]
            assert (label[nearest] == c).mean() >= 0.5, (name, c)
            if np.abs(place - np.median(mu[label == c], axis=0)).max() > 0.01:
                moved.add((name, c))
    assert ("vae-mnist", 4) in moved  # its median lies among the 7s: 1 of the 50 nearest is a 4
    assert len(moved) < 10  # of 80


def test_no_name_lies_on_another(modules: Page) -> None:
    models = sorted(path.stem for path in CHECKPOINTS.glob("*.safetensors"))
    told = modules.evaluate(PLACES, models)
    assert len(told["wanted"]) == 5 * len(models) + 16
    for wanted, fixed, found in zip(told["wanted"], told["fixed"], told["found"], strict=True):
        standing = [(label, at) for label, at in zip(wanted, found, strict=True) if at]
        for label, at in standing:
            assert np.hypot(at["x"] - label["x"], at["y"] - label["y"]) <= 0.75 * label["height"]
        labels = [{**label, **at} for label, at in standing]
        for a, b in [*itertools.combinations(labels, 2), *itertools.product(labels, fixed)]:
            aside = abs(a["x"] - b["x"]) - (a["width"] + b["width"]) / 2
            above = abs(a["y"] - b["y"]) - (a["height"] + b["height"]) / 2
            assert max(aside, above) > 2.9
    alone = told["found"][-1]  # with room they stay where they are wanted
    assert alone == [{"x": 0, "y": 0}, {"x": 40, "y": 0}, {"x": 30, "y": 60}]
    heap = told["found"][-16]
    assert heap[0] == {"x": 5, "y": 5}
    assert sum(at is not None for at in heap) <= 3  # of ten in one place
    shown = {
        name: [sum(at is not None for at in told["found"][5 * i + n]) for n in range(5)]
        for i, name in enumerate(models)
    }
    for name in ("vae-mnist", "vae-mnist-beta-1"):
        large, _middle, smallest, _long, small = shown[name]
        assert large == 10
        assert small >= 7
        assert smallest >= 4
