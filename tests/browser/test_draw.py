"""The drawing pad: real strokes, real pictures; preprocessing against MNIST itself, encoding against PyTorch."""

import base64
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Route, expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import PHONE, Explore, Open, Viewers, decoded

GREY = 1.01  # levels of 255


@pytest.fixture(scope="module")
def vae(shipped: dict[str, Checkpoint]) -> Checkpoint:
    return shipped["vae-mnist"]


@pytest.fixture(scope="module")
def one_page(viewers: Viewers, server: tuple[str, int]) -> Iterator[Explore]:
    """A page for all tests here: to open one takes longer than any of them."""
    with viewers.lending(Explore) as lend:
        yield _open(lend(server[0]))


@pytest.fixture
def pad(one_page: Explore) -> Explore:
    """The pad, empty, the point in the middle."""
    one_page.page.get_by_test_id("tab-draw").click()
    one_page.page.get_by_test_id("pad-clear").click()
    expect(one_page.page.get_by_test_id("drawn-text")).to_have_text("")
    for axis in ("z1", "z2"):
        one_page.page.get_by_test_id(f"{axis}-number").fill("0")
    one_page.until("z[0] === 0 && z[1] === 0")
    return one_page


def _open(explore: Explore) -> Explore:
    explore.open("?panel=draw")
    expect(explore.plane).to_have_attribute("data-images", "true")
    return explore


@torch.no_grad()
def _encoded(vae: Checkpoint, grey: NDArray[np.float64]) -> NDArray[np.float32]:
    """What PyTorch's encoder makes of an image in grey levels, (784,): mu and logvar, (4,)."""
    parts = vae.model.encode(torch.from_numpy(grey / 255).float()[None])
    return torch.cat([part for part in parts if part is not None], dim=1)[0].numpy()


def _agrees(pad: Explore, vae: Checkpoint) -> NDArray[np.float64]:
    """The point is where PyTorch puts the image that the page says the encoder sees; returns that image, (28, 28)."""
    pad.until("Math.abs(z[0]) + Math.abs(z[1]) > 0")
    grey = pad.pixels("drawn-image")
    mu = _encoded(vae, grey)[:2]
    np.testing.assert_allclose(pad.z(), mu, atol=1e-3)
    assert np.abs(pad.pixels("drawn-reconstruction") - 255 * decoded(vae.model, mu)).max() <= GREY + 1
    return grey.reshape(28, 28)


def _like_mnist(image: NDArray[np.float64]) -> None:
    """The longer side of the ink is 20 pixels, its centre of mass in the middle, to within half a pixel."""
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    mass = image.sum()
    assert abs((image.sum(1) * np.arange(28)).sum() / mass - 14) <= 0.51
    assert abs((image.sum(0) * np.arange(28)).sum() / mass - 14) <= 0.51


def _circle(pad: Explore, touch: bool = False) -> None:
    box = pad.page.get_by_test_id("pad").bounding_box()
    assert box is not None
    x, y, radius = box["x"] + 0.4 * box["width"], box["y"] + 0.45 * box["height"], 0.25 * box["width"]
    points = [
        (x + 0.7 * radius * math.sin(math.tau * i / 24), y - radius * math.cos(math.tau * i / 24)) for i in range(25)
    ]
    if touch:
        client = pad.page.context.new_cdp_session(pad.page)
        for i, (px, py) in enumerate(points):
            kind = "touchStart" if i == 0 else "touchMove"
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py}]})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return
    pad.press(*points[0])
    for px, py in points[1:]:
        pad.page.mouse.move(px, py)
    pad.page.mouse.up()


def test_a_drawn_circle_is_a_zero(pad: Explore, vae: Checkpoint) -> None:
    page = pad.page
    _circle(pad)
    page.wait_for_function("document.querySelector('.lse-verdict strong').textContent === '0'")
    image = _agrees(pad, vae)
    _like_mnist(image)
    page.get_by_test_id("tab-image").click()
    expect(page.get_by_test_id("chosen-error")).to_contain_text("Your drawing")
    logvar = _encoded(vae, image.reshape(-1))[2:]
    sigma = page.get_by_test_id("posterior-numbers").inner_text().split("σ = (")[1].rstrip(")").split(",\u00a0")
    np.testing.assert_allclose([float(s) for s in sigma], np.exp(logvar / 2), atol=1e-3)
    expect(page.get_by_test_id("posterior")).to_be_visible()
    page.get_by_test_id("resample").click()
    page.get_by_test_id("tab-draw").click()
    page.get_by_test_id("pad-undo").click()
    expect(page.get_by_test_id("posterior")).to_be_hidden()
    assert pad.pixels("drawn-image").max() == 0


def test_a_finger_draws_and_the_page_stays(new_page: Open, vae: Checkpoint) -> None:
    pad = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    slow: list[Route] = []
    pad.page.route(re.compile("part=encoder"), lambda route: slow.append(route))
    _open(pad)
    pad.page.get_by_test_id("pad").scroll_into_view_if_needed()
    scrolled = pad.page.evaluate("document.querySelector('.stMain').scrollTop")
    _circle(pad, touch=True)
    expect(pad.page.get_by_test_id("drawn-text")).to_have_text("The encoder is on its way …")
    assert pad.pixels("drawn-image").max() > 0
    for route in slow:
        route.continue_()
    pad.page.wait_for_function("document.querySelector('.lse-verdict strong').textContent === '0'")
    _like_mnist(_agrees(pad, vae))
    assert pad.page.evaluate("document.querySelector('.stMain').scrollTop") == scrolled


def test_a_test_digit_can_be_loaded_and_drawn_on(pad: Explore, vae: Checkpoint, test_digits: Split) -> None:
    page = pad.page
    page.get_by_test_id("tab-neighbours").click()
    chosen = page.get_by_test_id("nearest").locator("button").first
    index = int(chosen.get_attribute("data-index") or "-1")
    chosen.click()
    pad.until("z[0] !== 0")
    page.get_by_test_id("tab-draw").click()
    page.get_by_test_id("pad-load").click()
    page.wait_for_function("document.querySelector('[data-testid=\"drawn-text\"]').textContent !== ''")
    image = _agrees(pad, vae)
    assert np.abs(image.reshape(-1) / 255 - test_digits.images[index].numpy()).mean() < 0.03
    before = pad.z()
    box = page.get_by_test_id("pad").bounding_box()
    assert box is not None
    pad.press(box["x"] + 10, box["y"] + 20)
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + 30, steps=4)
    page.mouse.up()
    pad.until("z[0] !== argument", float(before[0]))
    _agrees(pad, vae)
    page.get_by_test_id("pad-undo").click()
    pad.until("Math.abs(z[0] - argument) < 1e-6", float(before[0]))
    page.get_by_test_id("pad-clear").click()
    expect(page.get_by_test_id("drawn-text")).to_have_text("")


DROP = """(target, base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "zero.png", { type: "image/png" }));
    for (const kind of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true }));
}"""


@pytest.mark.parametrize("paper", ["white", "black"])
def test_a_picture_is_opened_on_white_paper_and_dropped_on_black(
    paper: str, pad: Explore, vae: Checkpoint, test_digits: Split, tmp_path: Path
) -> None:
    grey = np.round(test_digits.images[3].reshape(28, 28).numpy() * 255).astype(np.uint8)  # a 0
    large = Image.fromarray(255 - grey if paper == "white" else grey).resize((420, 420))
    picture = Image.new("RGB", (900, 600), "white" if paper == "white" else "black")
    picture.paste(large.convert("RGB"), (350, 90))
    path = tmp_path / "zero.png"
    picture.save(path)
    if paper == "white":
        pad.page.get_by_test_id("pad-file").set_input_files(path)
    else:
        pad.page.locator(".lse-draw").evaluate(DROP, base64.b64encode(path.read_bytes()).decode())
    pad.page.wait_for_function("document.querySelector('.lse-verdict strong').textContent === '0'")
    _like_mnist(_agrees(pad, vae))


def test_what_is_no_picture_gets_one_sentence(pad: Explore, tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture at all", encoding="utf-8")
    pad.page.get_by_test_id("pad-file").set_input_files(path)
    text = pad.page.get_by_test_id("drawn-text")
    expect(text).to_have_text("Expected a picture, a PNG or JPEG say, found notes.png: choose another file.")
    blank = tmp_path / "blank.png"
    Image.new("L", (50, 50), "white").save(blank)
    pad.page.get_by_test_id("pad-file").set_input_files(blank)
    expect(text).to_have_text("Expected something drawn, found blank.png all of one colour: choose another picture.")
    assert pad.z().tolist() == [0, 0]


PASTE = """async (pictures) => {
    const pad = document.querySelector('[data-testid="drawn-text"]');
    const canvas = document.querySelector('[data-testid="decoded-image"]');
    const found = [];
    for (const base64 of pictures) {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "digit.png", { type: "image/png" }));
        const before = canvas.dataset.z;
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        while (canvas.dataset.z === before) await new Promise(requestAnimationFrame);
        found.push(canvas.dataset.z.split(",").map(Number));
    }
    return found;
}"""


def _base64_png(image: Image.Image) -> str:
    with io.BytesIO() as file:
        image.save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()


def test_enlarged_and_shifted_digits_come_back_to_their_places(
    pad: Explore, vae: Checkpoint, test_digits: Split
) -> None:
    """At least 90 of 100 within 0.25 latent units of where the digit itself is."""
    rng = np.random.default_rng(0)
    pictures = []
    for image in test_digits.images[:100]:
        grey = np.round(image.reshape(28, 28).numpy() * 255).astype(np.uint8)
        side = int(rng.integers(140, 260))
        page = Image.new("L", (300, 300))
        large = Image.fromarray(grey).resize((side, side), Image.Resampling.BILINEAR)
        page.paste(large, (int(rng.integers(0, 300 - side)), int(rng.integers(0, 300 - side))))
        pictures.append(_base64_png(page))
    found = np.array(pad.page.evaluate(PASTE, pictures))
    distance = np.linalg.norm(found - vae.mu[:100].numpy(), axis=1)
    assert (distance <= 0.25).sum() >= 90
