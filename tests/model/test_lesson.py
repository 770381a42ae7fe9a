"""What is computed for the lesson: a step is gradient descent, the measure of blur measures blur."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open

from model import lesson
from model.config import ModelConfig
from model.data import Split
from model.networks import build

DATA = Path(__file__).resolve().parents[2] / "explorer" / "lesson" / "data"


def _stored(name: str) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(DATA / f"{name}.safetensors", framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, dict(file.metadata())  # noqa: SIM118


def test_a_step_is_plain_gradient_descent(train_digits: Split) -> None:
    x, rate = train_digits.images[:50], 0.01
    torch.manual_seed(5)
    model = build(ModelConfig(model="ae", encoder=(32,), decoder=(32,), layer_norm=False, fourier=0))
    twin = deepcopy(model)
    optimizer = torch.optim.SGD(twin.parameters(), lr=rate)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy(twin.decode(twin.encode(x)[0]), x, reduction="sum") / len(x)
        loss.backward()
        optimizer.step()
        losses.append(lesson.step(model, x, rate))
        assert losses[-1] == pytest.approx(loss.item(), rel=1e-5)
    assert losses[2] < losses[1] < losses[0]
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-4)


def test_sharpness_is_lost_by_blurring_and_not_by_shifting() -> None:
    image = torch.zeros(1, 12, 12)
    image[0, 3:9, 4:8] = 1
    sharp = float(lesson.sharpness(image.flatten(1)))
    assert sharp == 2 * (6 + 4)  # the length of its outline
    assert float(lesson.sharpness(image.roll(2, dims=2).flatten(1))) == sharp
    assert float(lesson.sharpness(0.5 * image.flatten(1))) == sharp / 2
    stripes = (torch.arange(12) % 2).float().expand(1, 12, 12)
    blurred = F.avg_pool2d(stripes[None], 3, stride=1, padding=1)
    assert lesson.sharpness(blurred.flatten(1)) < 0.6 * lesson.sharpness(stripes.flatten(1))


def test_an_edge_is_as_wide_as_its_ramp() -> None:
    ramp = (torch.arange(12).float() / 4).clamp(max=1).expand(1, 12, 12).flatten(1)  # from 0 to 1 in 4 pixels
    assert lesson.edge_width(ramp).tolist() == [4]
    assert lesson.edge_width(lesson.upscaled(ramp, 2)).tolist() == pytest.approx([8], rel=0.01)


def test_enlarging_adds_nothing(test_digits: Split) -> None:
    small = test_digits.images[:20]
    large = lesson.upscaled(small, 2)
    assert large.shape == (20, 56 * 56)
    again = F.avg_pool2d(large.view(-1, 1, 56, 56), 2).flatten(1)
    assert float((again - small).abs().mean()) < 0.03
    assert torch.equal(lesson.upscaled(small, 1), small)


def test_the_resolutions_figures_belong_to_their_images() -> None:
    tensors, metadata = _stored("resolution")
    figures = json.loads(metadata["figures"])
    assert set(figures) == {f"{kind}_{side}" for kind in ("rmse", "sharpness", "edge") for side in (28, 56)}
    for side in (28, 56):
        x, x_hat = (tensors[f"{name}_{side}"].float() / 255 for name in ("x", "x_hat"))
        share = float((lesson.sharpness(x_hat) / lesson.sharpness(x)).mean())
        assert figures[f"sharpness_{side}"] == pytest.approx(share, abs=0.15)  # eight images of ten thousand
        assert figures[f"edge_{side}"] == pytest.approx(float(lesson.edge_width(x_hat).median()), rel=0.3)
        assert figures[f"rmse_{side}"] == pytest.approx(float((x - x_hat).square().mean().sqrt()), abs=0.06)
    torch.testing.assert_close(lesson.upscaled(tensors["x_28"].float(), 2), tensors["x_56"].float(), atol=1.0, rtol=0)
