"""What is computed for the lesson: the steps are gradient descent, the measure of blur measures blur."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open

from model import lesson
from model.data import Split
from model.networks import build

DATA = Path(__file__).resolve().parents[2] / "explorer" / "lesson" / "data"


def _stored(name: str) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(DATA / f"{name}.safetensors", framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, dict(file.metadata())  # noqa: SIM118


def test_each_step_goes_against_the_gradient(train_digits: Split) -> None:
    steps = lesson.first_steps(train_digits, steps=2, seed=5)
    torch.manual_seed(5)
    model = build(lesson.STEP_CONFIG)
    weight = model.decoder.get_parameter("hidden.0.linear.weight")
    torch.testing.assert_close(steps.weight[0], weight.detach())
    picked = torch.randint(len(train_digits), (lesson.BATCH,), generator=torch.Generator().manual_seed(5))
    x = train_digits.images[picked]
    x_hat = model.decode(model.encode(x)[0])
    loss = F.binary_cross_entropy(x_hat, x, reduction="sum") / lesson.BATCH
    assert float(loss.detach()) == pytest.approx(float(steps.loss[0]), rel=1e-5)
    (gradient,) = torch.autograd.grad(loss, weight)
    torch.testing.assert_close(steps.weight[1], (weight - lesson.RATE * gradient).detach(), atol=1e-6, rtol=1e-4)
    assert (steps.x_hat[0] - 255 * x_hat[: lesson.SHOWN].detach()).abs().max() <= 0.51
    assert (steps.x[0] - 255 * x[: lesson.SHOWN]).abs().max() <= 0.51


def test_the_steps_shown_are_those_of_this_code(train_digits: Split) -> None:
    tensors, metadata = _stored("steps")
    assert float(metadata["rate"]) == lesson.RATE
    few = lesson.first_steps(train_digits, steps=3)
    torch.testing.assert_close(tensors["loss"][:3], few.loss, rtol=1e-3, atol=0.1)
    assert torch.equal(tensors["x"][:3], few.x)
    torch.testing.assert_close(tensors["weight"][:4], few.weight, rtol=1e-2, atol=1e-3)
    assert len(tensors["loss"]) == lesson.STEPS == len(tensors["weight"]) - 1
    assert tensors["loss"][-20:].mean() < 0.45 * tensors["loss"][0]


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
