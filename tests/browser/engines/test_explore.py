"""The Explore page in other engines than Chromium: the input, the panels, the files; numbers against PyTorch."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import READY, decoded, drawn, grey_levels, read_axes
from tests.browser.engines.engine import RIGHT, Engine, finger
from tests.browser.test_convolutions import CONFIGS, agree
from tests.browser.test_parity import POINTS, SCRIPT, TOLERANCE
from tests.conftest import CHECKPOINTS

GREY = 1.01  # levels of 255


class Explore:
    """The Explore page, as a test drives it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.plane = engine.at("latent-plane")
        self.image = engine.at("decoded-image")

    def wait(self, model: str) -> None:
        """Until a model's map is here, and its decoder, which follows."""
        there = f'{READY}[data-images="true"][data-checkpoint="{model}"]'
        self.engine.wait_for('document.querySelector(argument) && at("decoded-image").dataset.z', there)

    def z(self) -> np.ndarray:
        """The latent point shown, float32 (2,)."""
        return np.array(self.image.evaluate("(canvas) => canvas.dataset.z").split(","), dtype=np.float32)

    def until(self, condition: str, argument: object = None) -> None:
        """Wait for a JavaScript condition on the shown point `z`."""
        z = 'at("decoded-image").dataset.z.split(",").map(Number)'
        self.engine.wait_for(f"(() => {{ const z = {z}; return {condition}; }})()", argument)

    def until_at(self, px: float, py: float) -> None:
        """Wait for the point that is there on the page, as the numbers on the axes say."""
        where = read_axes(self.plane).to_latent(round(px), round(py)).tolist()
        self.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-2", where)

    def agrees(self, checkpoint: Checkpoint) -> None:
        """The pixels are those of PyTorch at the point shown."""
        z, grey = drawn(self.image)
        assert np.abs(grey - decoded(checkpoint.model, z) * 255).max() <= GREY

    def panel(self, name: str) -> None:
        self.engine.at(f"tab-{name}").click()
        self.engine.wait_for("at(argument)?.checkVisibility()", f"panel-{name}")


@pytest.fixture(scope="module")
def opened(browser_engine: Engine, address: str) -> Explore:
    """One page for all tests here."""
    browser_engine.open(f"{address}/?depth=expert")
    explore = Explore(browser_engine)
    explore.wait("vae-mnist")
    return explore


@pytest.fixture
def explore(engine: Engine, opened: Explore) -> Explore:
    return opened


@pytest.fixture(scope="module")
def vae(shipped: dict[str, Checkpoint]) -> Checkpoint:
    return shipped["vae-mnist"]


def test_the_point_goes_with_the_pointer(explore: Explore, vae: Checkpoint) -> None:
    engine = explore.engine
    x, y = explore.plane.place()
    engine.press(x, y)
    for step in range(1, 4):
        engine.move(x + 40 * step, y - 22 * step)
        explore.until_at(x + 40 * step, y - 22 * step)
        explore.agrees(vae)
    engine.release()
    shown = explore.z().tolist()
    engine.wait_for(
        'Math.abs(Number(new URLSearchParams(location.search).get("z")?.split(",")[0]) - argument) < 1e-3', shown[0]
    )
    engine.move(x - 40, y)  # let go: it stays
    for name, axis in (("z1", 0), ("z2", 1)):
        before = explore.z().tolist()
        at = engine.at(name).evaluate("(node) => (node.value - node.min) / (node.max - node.min)")
        engine.at(name).drag((at, 0.5), (0.4, 0.5), (0.25, 0.5))
        explore.until(f"z[{axis}] < -1 && z[{1 - axis}] === argument", before[1 - axis])
        explore.agrees(vae)
    engine.at("z1-number").fill("1.25")
    explore.until("z[0] === 1.25")
    explore.plane.focus()
    engine.keys(RIGHT)
    explore.until("z[0] > 1.25")
    explore.agrees(vae)


def test_the_wheel_zooms_about_the_pointer_and_leaves_the_point(explore: Explore) -> None:
    engine = explore.engine
    x, y = (round(v) for v in explore.plane.place(0.7, 0.4))
    before, axes = explore.z(), read_axes(explore.plane)
    engine.wheel(x, y, -400)
    engine.wait_for('location.search.includes("view=")')
    zoomed = read_axes(explore.plane)
    assert zoomed.scale[0] > 1.4 * axes.scale[0]
    np.testing.assert_allclose(zoomed.to_latent(x, y), axes.to_latent(x, y), atol=0.01)
    assert np.array_equal(explore.z(), before)
    explore.plane.focus()
    engine.keys("0")
    engine.wait_for('!location.search.includes("view=")')


def test_one_finger_drags_the_point_and_two_zoom(explore: Explore, vae: Checkpoint) -> None:
    engine = explore.engine
    if not engine.touches:
        pytest.skip("its driver has no fingers")
    x, y = explore.plane.place(0.4, 0.6)
    engine.press(x, y, "touch")
    engine.move(x + 60, y + 30, "touch")
    explore.until_at(x + 60, y + 30)
    explore.agrees(vae)
    engine.release("touch")
    before, scale = explore.z(), read_axes(explore.plane).scale[0]
    engine.perform([finger(x - 20, x - 80, y), finger(x + 20, x + 80, y)])
    engine.wait_for('location.search.includes("view=")')
    assert read_axes(explore.plane).scale[0] > 2 * scale
    assert np.array_equal(explore.z(), before)
    explore.plane.focus()
    engine.keys("0")
    engine.wait_for('!location.search.includes("view=")')


def test_each_layer_comes(explore: Explore) -> None:
    engine = explore.engine
    explore.plane.focus()
    for field in ("votes", "distance", "change", "sigma"):
        engine.keys("o")
        engine.wait_for('at("overlay").value === argument && at("field").dataset.ready === "true"', field)
        engine.wait_for('at("overlay-key").dataset.field === argument && at("overlay-key").checkVisibility()', field)
    engine.keys("o", "m")
    engine.wait_for('at("overlay").value === "" && at("manifold").dataset.ready === "true"')
    engine.keys("m", "m")
    engine.wait_for('at("latent-plane").dataset.show === "points"')
    engine.keys("t")
    engine.wait_for('at("toggle-training").getAttribute("aria-pressed") === "true"')
    engine.keys("t")


def test_a_drawn_circle_is_a_zero(explore: Explore, vae: Checkpoint) -> None:
    explore.panel("draw")
    turns = [math.tau * i / 16 for i in range(17)]
    explore.engine.at("pad").drag(*[(0.4 + 0.17 * math.sin(turn), 0.45 - 0.25 * math.cos(turn)) for turn in turns])
    explore.engine.wait_for('document.querySelector(".lse-verdict strong").textContent === "0"')
    explore.engine.wait_for("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seen = torch.from_numpy(grey_levels(explore.engine.at("drawn-image")) / 255).float()
    with torch.no_grad():
        mu = vae.model.encode(seen[None])[0][0].tolist()
    explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-3", mu)  # the last stroke's is under way
    explore.agrees(vae)


def test_each_panel_has_its_picture(explore: Explore, test_digits: Split) -> None:
    engine = explore.engine
    explore.panel("neighbours")
    nearest = '[data-testid="nearest"] button[data-index]'
    engine.wait_for("document.querySelector(argument)", nearest)
    index = int(engine.evaluate("(selector) => document.querySelector(selector).dataset.index", nearest))
    explore.panel("image")
    explore.plane.focus()
    engine.keys("i")  # the nearest one
    engine.wait_for("at('chosen').dataset.index === argument", str(index))
    shown = grey_levels(engine.at("chosen-original"))
    assert np.array_equal(shown, np.round(test_digits.images[index].numpy() * 255))
    for name in ("compress", "misfits"):
        explore.panel(name)
        engine.wait_for(
            "[...at(argument).querySelectorAll('canvas')].some((node) => node.checkVisibility())", f"panel-{name}"
        )


def test_what_is_saved_is_what_was_shown(explore: Explore, vae: Checkpoint) -> None:
    engine = explore.engine
    explore.panel("walk")
    engine.at("walk-pair").click()
    engine.wait_for('document.querySelector(".lse-walk").dataset.ready === "true"')
    strips = np.vstack([grey_levels(engine.at(f"strip-{way}")).reshape(28, -1) for way in ("straight", "shortest")])
    engine.at("walk-png").click()
    with Image.open(saved := engine.saved("vae-mnist-walk.png")) as picture:
        assert np.array_equal(np.asarray(picture.convert("L"))[4::8, 4::8], strips)
    saved.unlink()
    engine.at("walk-gif").click()
    with Image.open(saved := engine.saved("vae-mnist-walk.gif")) as film:
        assert (film.size, getattr(film, "n_frames", 0)) == ((224, 224), 126)
        first = np.asarray(film.convert("L"))[4::8, 4::8]
        assert np.abs(first - strips[:28, :28].astype(int)).max() <= GREY
    saved.unlink()
    explore.panel("save")
    engine.at("keep-png").click()
    with Image.open(saved := engine.saved("vae-mnist-map.png")) as picture:
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 100
    saved.unlink()
    assert list(engine.downloads.iterdir()) == []


def test_a_model_is_brought(explore: Explore, shipped: dict[str, Checkpoint], tmp_path: Path) -> None:
    engine = explore.engine
    path = tmp_path / "brought.safetensors"
    path.write_bytes((CHECKPOINTS / "vae-mnist-baseline.safetensors").read_bytes())
    engine.set_file('[data-testid="stSidebar"] input[type=file]', path)
    explore.wait("brought")
    explore.agrees(shipped["vae-mnist-baseline"])


@torch.no_grad()
@pytest.mark.parametrize("name", ["vae-mnist", "cvae-mnist"])
def test_decoder_and_encoder_agree(
    name: str, explore: Explore, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    model = shipped[name].model
    z = np.random.default_rng(0).uniform(-4, 4, (POINTS, 2)).astype(np.float32)
    x, y = test_digits.images[:20], test_digits.labels[:POINTS]
    argument = {"model": name, "kernels": [""], "z": z.tolist(), "x": x.tolist(), "y": y.tolist()}
    if name == "vae-mnist":
        agree(CONFIGS["PyTorch"], explore.engine, ("gemm.wasm", ""))  # convolutions
    found = explore.engine.evaluate(SCRIPT, argument)
    expected = model.decode(torch.from_numpy(z), y).numpy()
    assert np.abs(np.array(found["images"]) - expected).max() <= TOLERANCE
    codes = torch.cat([part for part in model.encode(x, y[:20]) if part is not None], dim=1).numpy()
    np.testing.assert_allclose(np.array(found["codes"]), codes, rtol=1e-4, atol=1e-4)
