"""A model of convolutions with a linear output, on every page: drawn as PyTorch draws it, its error told in no nats."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect

from explorer.export.handout import handout, read_models
from model import checkpoint, training
from model.checkpoint import Checkpoint
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.layers import Layer
from tests.browser.conftest import ANY, PROJECTOR, READY, Open, decoded, drawn, in_full
from tests.browser.test_convolutions import conv, lively, transpose
from tests.browser.test_inspector import GREY

CONFIG = ModelConfig(
    encoder=(conv(4, 3, 2, 1, 1), conv(6, 3, 2, 1, 1)),
    decoder=(294, Layer("reshape", (6, 7, 7)), transpose(8, 3, 2, 1, 0), Layer("upsample", (2,)), conv(1, 3, 1, 1, 1)),
    activation="relu", layer_norm=False, fourier=0, output="linear",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(few_digits: Split, test_digits: Split, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checkpoint]:
    """Nobody trained it: what is computed and said of it is the same."""
    model = lively(CONFIG)
    with torch.no_grad():
        model.encoder.mu.weight.mul_(20)  # else the map says that it has collapsed
    found = training.described(model, TrainConfig(loss="mse", epochs=1), few_digits, test_digits)
    path = tmp_path_factory.mktemp("convolutional") / "conv.safetensors"
    figures = {"mse": 0.0625, "mae": 0.1, "kl": 3.0, "knn_accuracy": 0.5}
    checkpoint.save(Checkpoint(**{**vars(found), "metrics": figures}), path)
    return path, found


def test_explore_and_compare_show_it(made: tuple[Path, Checkpoint], new_page: Open, test_digits: Split) -> None:
    path, found = made
    explore = new_page().open()
    page = explore.page
    explore.upload(path)
    explore.wait("conv")
    card = page.get_by_test_id("stSidebar")
    expect(card).to_contain_text("784–4×14×14–6×7×7–2–294–8×14×14–8×28×28–784 · relu")
    expect(card).to_contain_text("0.0625 squared error a pixel, test images")
    expect(card).not_to_contain_text("nats")

    explore.press(*explore.centre())
    page.mouse.move(explore.centre()[0] + 90, explore.centre()[1] - 60, steps=5)
    z, grey = drawn(explore.image)
    page.mouse.up()
    assert np.abs(grey - 255 * decoded(found.model, z)).max() <= GREY
    assert grey.std() > 5

    page.get_by_test_id("show-both").click()
    page.get_by_test_id("overlay").select_option("change")
    for layer in ("manifold", "field"):
        expect(page.get_by_test_id(layer)).to_have_attribute("data-ready", "true")
    page.get_by_test_id("overlay").select_option("")
    page.get_by_test_id("show-points").click()

    assert found.logvar is not None
    far = int(found.mu.norm(dim=1).argmax())
    page.mouse.click(*explore.to_pixel(*found.mu[far].tolist()))
    page.get_by_test_id("tab-image").click()
    chosen = int(explore.image_index() or -1)
    assert chosen >= 0
    copy = decoded(found.model, found.mu[chosen].numpy())
    assert np.abs(explore.pixels("chosen-reconstruction") - 255 * copy).max() <= GREY
    error = ((copy - test_digits.images[chosen].numpy()) ** 2).mean()
    expect(page.get_by_test_id("loss")).to_have_text(
        re.compile(rf"^{error:.4f}"[:-1] + r"\d squared error a pixel[\d.]+ nats KL$")
    )
    for panel in ("compress", "misfits", "draw", "neighbours"):
        page.get_by_test_id(f"tab-{panel}").click()
        expect(page.get_by_test_id(f"panel-{panel}")).to_be_visible()
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-pair").click()
    expect(page.locator(".lse-walk")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("tab-figure").click()
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("tab-save").click()
    expect(page.get_by_test_id("panel-save")).to_contain_text("μ, log σ², squared error a pixel and KL in nats")

    page.get_by_role("link", name="Compare").click()
    expect(page.locator(READY)).to_have_count(2)
    page.get_by_test_id("model-a").select_option("conv")
    expect(page.locator('[data-testid="latent-plane"][data-side="a"]')).to_have_attribute("data-checkpoint", "conv")
    side = page.locator('[data-testid="decoded-image"][data-side="a"]')
    expect(side).to_have_attribute("data-z", ANY)
    z, grey = drawn(side)
    assert np.abs(grey - 255 * decoded(found.model, z)).max() <= GREY
    expect(page.get_by_test_id("mse-a")).to_have_text("0.0625")
    expect(page.get_by_test_id("reconstruction-a")).to_have_text("–")


def test_the_handout_has_it(made: tuple[Path, Checkpoint], browser: Browser, tmp_path: Path) -> None:
    path, found = made
    (tmp_path / "conv.html").write_bytes(handout(read_models([path]), digits=200).html)
    context = browser.new_context(viewport=PROJECTOR, offline=True)
    page = context.new_page()
    page.goto((tmp_path / "conv.html").as_uri() + in_full(""))
    expect(page.locator(f'{READY}[data-checkpoint="conv"]')).to_be_visible()
    image = page.get_by_test_id("decoded-image")
    expect(image).to_have_attribute("data-z", ANY)
    expect(page.locator(".lse-widths")).to_have_text(" · 784–4×14×14–6×7×7–2–294–8×14×14–8×28×28–784 relu")
    z, grey = drawn(image)
    assert np.abs(grey - 255 * decoded(found.model, z)).max() <= GREY
    context.close()
