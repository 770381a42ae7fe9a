"""A model of PyTorch's, dropped into the sidebar, is explored like one of ours; what is none changes nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from safetensors.torch import save_file
from torch import nn

from model.checkpoint import Checkpoint
from tests.browser.conftest import Open, drawn, read_axes

NAMES = {"encoder.hidden.0.linear": "fc1", "encoder.mu": "fc21", "encoder.logvar": "fc22"}
NAMES |= {"decoder.hidden.0.linear": "fc3", "decoder.logits": "fc4"}


@pytest.fixture
def tutorial(shipped: dict[str, Checkpoint]) -> dict[str, torch.Tensor]:
    """The state_dict of PyTorch's example of a VAE, with weights of a network of its shape that has been trained."""
    weights = shipped["vae-mnist-baseline"].model.state_dict()
    return {f"{NAMES[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": value for name, value in weights.items()}


def test_a_model_of_pytorchs_is_explored(tutorial: dict[str, torch.Tensor], new_page: Open, tmp_path: Path) -> None:
    # Saved by somebody whose pixels went from −1 to 1 and came out of a tanh.
    x = tutorial["fc1.weight"] / 2
    tutorial |= {"fc1.weight": x, "fc1.bias": tutorial["fc1.bias"] + x.sum(1)}
    tutorial |= {name: tutorial[name] / 2 for name in ("fc4.weight", "fc4.bias")}
    torch.save(tutorial, tmp_path / "mine.pt")
    save_file(tutorial, tmp_path / "again.safetensors")
    torch.save(nn.Linear(2, 2), tmp_path / "module.pt")
    explore = new_page().open()
    page = explore.page
    explore.upload(tmp_path / "mine.pt")
    explore.wait("mine")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("imported from")
    explore.press(*explore.centre())
    px, py = read_axes(explore.plane).to_pixel(1, -0.5)
    page.mouse.move(px, py)
    page.mouse.up()
    explore.until("Math.abs(z[0] - 1) < 0.05")
    z, grey = drawn(explore.image)
    hidden = torch.relu(nn.functional.linear(torch.from_numpy(z), tutorial["fc3.weight"], tutorial["fc3.bias"]))
    image = (torch.tanh(nn.functional.linear(hidden, tutorial["fc4.weight"], tutorial["fc4.bias"])) + 1) / 2
    assert np.abs(grey - 255 * image.numpy()).max() <= 1

    explore.upload(tmp_path / "again.safetensors")
    explore.wait("again")
    explore.upload(tmp_path / "module.pt")
    expect(explore.sidebar_alert()).to_contain_text("a whole module, pickled")
    expect(explore.sidebar_alert()).to_contain_text("The last good model stays.")
    explore.wait("again")
