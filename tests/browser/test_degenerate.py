"""Models whose codes have no extent, or an odd one: they open, and the point can be moved."""

import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import Tensor

from model import checkpoint
from model.checkpoint import Checkpoint, compact
from model.config import ModelConfig, TrainConfig
from model.networks import build
from tests.browser.conftest import Explore

POINTS = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))
CODES = {
    "all at 0": 0 * POINTS,
    "all in one far place": 0 * POINTS + 5e6,
    "the first axis dead": POINTS * torch.tensor([0.0, 1.0]),
    "the second axis dead": POINTS * torch.tensor([3.0, 0.0]),
    "huge": 1e30 * POINTS,
    "the largest there are": torch.finfo(torch.float32).max * POINTS.clamp(-1, 1),
    "tiny": 1e-30 * POINTS,
}


def _autoencoder(path: Path, mu: Tensor, label: Tensor) -> Path:
    half = compact(mu[:200])
    made = Checkpoint(
        model=build(ModelConfig(model="ae", encoder=(8,), decoder=(8,), fourier=0)),
        train=TrainConfig(epochs=1),
        mu=mu,
        logvar=None,
        label=label,
        trace=mu[:50].clamp(-65504, 65504).half()[None],
        train_mu=half,
        train_label=None if half is None else label[:200].clone(),
    )
    checkpoint.save(made, path)
    return path


@pytest.mark.parametrize("name", sorted(CODES))
def test_an_autoencoder_of_odd_codes_opens(name: str, one_page: Explore, tmp_path: Path) -> None:
    label = (torch.arange(len(POINTS)) % 10).byte()
    file = name.replace(" ", "-")
    one_page.upload(_autoencoder(tmp_path / f"{file}.safetensors", CODES[name], label))
    one_page.wait(file)
    page = one_page.page
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)
    low, high = (float(page.get_by_test_id("z1").get_attribute(end) or "nan") for end in ("min", "max"))
    assert low < high
    assert max(-low, high) <= torch.finfo(torch.float32).max
    left, top = one_page.centre()
    seen = set()
    for dx, dy in ((-60, 40), (60, -40)):
        before = page.get_by_test_id("decoded-image").get_attribute("data-z")
        page.mouse.click(left + dx, top + dy)
        expect(page.get_by_test_id("decoded-image")).not_to_have_attribute("data-z", before or "")
        seen.add(tuple(one_page.z()))
    assert len(seen) == 2
    page.get_by_test_id("overlay").select_option("distance")
    expect(page.get_by_test_id("field")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("z1").press("End")  # of the slider
    page.get_by_test_id("z2").press("Home")
    one_page.until("z.every(Number.isFinite) && z[0] > argument", low + 0.9 * (high - low))
    assert not re.search("NaN|Infinity", page.locator(".lse").inner_text())


def test_no_point_of_a_map_lies_beyond_float32(one_page: Explore, tmp_path: Path) -> None:
    page = one_page.open().page
    label = (torch.arange(len(POINTS)) % 10).byte()
    one_page.upload(_autoencoder(tmp_path / "largest.safetensors", CODES["the largest there are"], label))
    one_page.wait("largest")
    page.get_by_role("link", name="Compare").click()
    page.get_by_test_id("model-a").select_option("largest")
    pane = page.locator('[data-testid="latent-plane"][data-side="a"][data-checkpoint="largest"][data-ready="true"]')
    expect(pane).to_be_visible()
    decoded = page.locator('[data-testid="decoded-image"][data-side="a"]')
    before = decoded.get_attribute("data-z")
    pane.click(position={"x": 3, "y": 60})
    expect(decoded).not_to_have_attribute("data-z", before or "")
    x, y = map(float, (decoded.get_attribute("data-z") or "").split(","))
    assert x == -torch.finfo(torch.float32).max
    assert abs(y) <= -x
    assert not re.search("NaN|Infinity", page.locator(".lse").inner_text())


def test_two_digits_to_walk_between_are_found_where_there_is_one_class(one_page: Explore, tmp_path: Path) -> None:
    one_page.open()
    one_page.upload(_autoencoder(tmp_path / "one-class.safetensors", POINTS, torch.full((len(POINTS),), 3).byte()))
    one_page.wait("one-class")
    one_page.plane.press("2")
    one_page.until("z[0] !== 0 || z[1] !== 0")  # at the first of them


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([0, 0, 0, 0], [-0.5, 0.5, -0.5, 0.5]),
        ([5e6, 5e6, 0, 0], [2.5e6, 7.5e6, -2.5e6, 2.5e6]),
        ([0, 0, -2, 2], [-0.02, 0.02, -2, 2]),
        ([-1e-30, 1e-30, 0, 0], [-0.5, 0.5, -0.5, 0.5]),
        ([-1e30, 1e30, -1e30, 1e30], [-1e30, 1e30, -1e30, 1e30]),
        ([-4, 4, -3, 5], [-4, 4, -3, 5]),
    ],
)
def test_a_box_has_room_on_both_axes(box: list[float], expected: list[float], modules: Page) -> None:
    found = modules.evaluate(
        """async ([minX, maxX, minY, maxY]) => {
            const { roomy } = await import(new URL("assets/core/stats.js", document.baseURI));
            const found = roomy({ minX, maxX, minY, maxY });
            return [found.minX, found.maxX, found.minY, found.maxY];
        }""",
        box,
    )
    assert found == pytest.approx(expected)
