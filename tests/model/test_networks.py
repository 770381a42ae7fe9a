"""Networks: shapes, names, parameters, and the layer table."""

import pytest
import torch
from torch import nn

from model.config import ACTIVATIONS, ModelConfig
from model.format import weight_shapes
from model.networks import AutoEncoder, build
from model.summary import summary

CONFIGS = [
    ModelConfig(),
    ModelConfig(model="ae", encoder=(32,), decoder=(), fourier=0, layer_norm=False, activation="relu"),
    ModelConfig(latent=5, encoder=(), decoder=(16, 8, 4), fourier=3, activation="tanh"),
    ModelConfig(height=7, width=5, encoder=(9,), decoder=(9,), activation="silu"),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_shapes(config: ModelConfig) -> None:
    model = build(config)
    mu, logvar = model.encode(torch.rand(3, config.pixels))
    assert mu.shape == (3, config.latent)
    assert (logvar is not None) == (config.model == "vae")
    x_hat = model.decode(mu)
    assert x_hat.shape == (3, config.pixels)
    assert bool(((x_hat >= 0) & (x_hat <= 1)).all())


@pytest.mark.parametrize("config", CONFIGS)
def test_the_format_knows_every_weight(config: ModelConfig) -> None:
    assert weight_shapes(config) == {name: tuple(t.shape) for name, t in build(config).state_dict().items()}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_decoder_is_the_stack_it_says(activation: str) -> None:
    """Against the same network written out with torch's own modules."""
    decoder = build(ModelConfig(decoder=(16, 8), fourier=4, activation=activation)).decoder
    modules = {"relu": nn.ReLU(), "silu": nn.SiLU(), "gelu": nn.GELU(approximate="tanh"), "tanh": nn.Tanh()}
    activate = modules[activation]
    first, second = (nn.Linear(10, 16), nn.LayerNorm(16), activate), (nn.Linear(16, 8), nn.LayerNorm(8), activate)
    by_hand = nn.Sequential(*first, *second, nn.Linear(8, 784))
    by_hand.load_state_dict(
        dict(
            zip(
                by_hand.state_dict(),
                [t for name, t in decoder.state_dict().items() if name != "frequencies"],
                strict=True,
            )
        )
    )
    z = torch.randn(5, 2)
    assert decoder.frequencies is not None
    phase = z @ decoder.frequencies
    torch.testing.assert_close(decoder(z), by_hand(torch.cat([z, torch.sin(phase), torch.cos(phase)], 1)))


def test_a_draw_has_the_posteriors_mean_and_spread() -> None:
    model = build(ModelConfig())
    mu, logvar = torch.tensor([1.0, -2.0]), torch.tensor([0.0, -3.0])
    z = model.sample(mu, logvar, torch.randn(200_000, 2))
    torch.testing.assert_close(z.mean(0), mu, atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(0), logvar.exp(), atol=0.02, rtol=0.02)


def test_an_autoencoder_draws_its_code() -> None:
    mu = torch.randn(4, 2)
    assert build(ModelConfig(model="ae")).sample(mu, None, torch.randn(4, 2)) is mu


def test_summary_counts_what_torch_counts() -> None:
    model = build(ModelConfig())
    encoder, decoder = (sum(p.numel() for p in part.parameters()) for part in (model.encoder, model.decoder))
    text = summary(model.config)
    assert f"{encoder:,}" in text
    assert f"{decoder:,}" in text
    assert "(130,)" in text  # z and 64 sines and cosines


def test_gradients_pass_through_the_draw() -> None:
    model = build(ModelConfig())
    mu, logvar = model.encode(torch.rand(2, 784))
    model.decode(model.sample(mu, logvar, torch.randn(2, 2))).sum().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in model.parameters())


def test_bfloat16_leaves_the_latents_in_float32() -> None:
    model: AutoEncoder = build(ModelConfig())
    with torch.autocast("cpu", torch.bfloat16):
        mu, logvar = model.encode(torch.rand(2, 784))
    assert logvar is not None
    assert mu.dtype == logvar.dtype == torch.float32
