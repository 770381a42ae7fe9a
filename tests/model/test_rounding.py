"""Rounded weights: whole numbers of steps, in half of float16's bits, and no image that anybody could tell apart."""

import pytest
import torch

from model.checkpoint import Checkpoint
from model.config import ModelConfig
from model.networks import AutoEncoder, build
from model.rounding import GREY, LEAST, Rounded, round_decoder, round_encoder


def fresh(**changes: object) -> AutoEncoder:
    torch.manual_seed(0)
    return build(ModelConfig(encoder=(64,), decoder=(64, 192), **changes)).eval()  # type: ignore[arg-type]


def with_weights(model: AutoEncoder, found: dict[str, Rounded]) -> AutoEncoder:
    other = build(model.config).eval()
    exact = {name: matrix.numbers.float() * matrix.steps[:, None] for name, matrix in found.items()}
    other.load_state_dict(model.state_dict() | exact)
    return other


def bits(matrix: Rounded) -> float:
    """Of a weight, as an ideal coder needs them that knows how often each number occurs."""
    _values, counts = matrix.numbers.unique(return_counts=True)
    share = counts / counts.sum()
    return float(-(share * share.log2()).sum())


@torch.no_grad()
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"model": "ae", "activation": "gelu"},
        {"layer_norm": True},
        {"fourier": 32},
        {"conditional": True},
        {"latent": 5},
    ],
)
def test_no_pixel_differs_by_a_grey_level(changes: dict[str, object]) -> None:
    model = fresh(**changes)
    mu = 2 * torch.randn(1_000, model.config.latent)
    found = round_decoder(model, mu)
    large = {
        name for name, weight in model.state_dict().items() if name.startswith("decoder.hidden") and weight.ndim == 2
    }
    large = {name for name in large if model.state_dict()[name].numel() >= LEAST}
    assert found.keys() == {*large, "decoder.logits.weight"}
    other, y = with_weights(model, found), torch.arange(4_000) % 10
    elsewhere = 5 * torch.rand(4_000, model.config.latent) - 2.5
    for z in (mu, elsewhere):
        assert (other.decode(z, y[: len(z)]) - model.decode(z, y[: len(z)])).abs().max() < GREY


@torch.no_grad()
def test_what_is_lost_of_one_weight_the_others_make_up_for(shipped: dict[str, Checkpoint]) -> None:
    model, mu = shipped["vae-mnist-baseline"].model, shipped["vae-mnist-baseline"].mu
    found = round_decoder(model, mu)
    assert all(bits(matrix) < 7 for matrix in found.values())
    nearest = {
        name: Rounded((model.state_dict()[name] / matrix.steps[:, None]).round().to(torch.int16), matrix.steps)
        for name, matrix in found.items()
    }
    made_up, plain = (
        (with_weights(model, matrices).decode(mu) - model.decode(mu)).abs().max() for matrices in (found, nearest)
    )
    assert made_up < plain / 5


@torch.no_grad()
def test_few_images_in_many_pixels_are_enough_for_an_encoder() -> None:
    """Ink of any hue on white paper: their pixels' products are nearly singular."""
    model, images = fresh(channels=3), torch.ones(200, 3, 28, 28)
    for image in images:
        y, x = torch.randint(0, 16, (2,)).tolist()
        image[:, y : y + 12, x : x + 12] = torch.rand(3, 1, 1)
    x, y = images.flatten(1), torch.zeros(200, dtype=torch.int64)
    found = round_encoder(model, x, y)
    assert found.keys() == {"encoder.hidden.0.linear.weight"}
    codes, exact = (of.encode(x)[0] for of in (with_weights(model, found), model))
    assert (codes - exact).abs().max() < 0.01 * exact.std()


def test_a_decoder_that_gives_no_numbers_is_left_as_it_is() -> None:
    model = fresh()
    model.state_dict()["decoder.logits.weight"].fill_(float("nan"))
    assert round_decoder(model, torch.randn(100, 2)) == {}
