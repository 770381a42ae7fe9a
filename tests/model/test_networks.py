"""Networks: shapes, names, parameters, and the layer table."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from model.config import ACTIVATIONS, CLASSES, ModelConfig
from model.format import weight_shapes
from model.networks import AutoEncoder, build
from model.summary import summary

CONFIGS = [
    ModelConfig(),
    ModelConfig(model="ae", encoder=(32,), decoder=(), fourier=0, layer_norm=False, activation="relu"),
    ModelConfig(latent=5, encoder=(), decoder=(16, 8, 4), fourier=3, activation="tanh"),
    ModelConfig(height=7, width=5, encoder=(9,), decoder=(9,), activation="silu"),
    ModelConfig(encoder=(16,), decoder=(16,), fourier=3, conditional=True),
    ModelConfig(model="ae", encoder=(), decoder=(), fourier=0, conditional=True),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_shapes(config: ModelConfig) -> None:
    model = build(config)
    y = torch.tensor([0, 9, 3])
    mu, logvar = model.encode(torch.rand(3, config.pixels), y)
    assert mu.shape == (3, config.latent)
    assert (logvar is not None) == (config.model == "vae")
    x_hat = model.decode(mu, y)
    assert x_hat.shape == (3, config.pixels)
    assert bool(((x_hat >= 0) & (x_hat <= 1)).all())


@pytest.mark.parametrize("config", CONFIGS)
def test_the_format_knows_every_weight(config: ModelConfig) -> None:
    assert weight_shapes(config) == {name: tuple(t.shape) for name, t in build(config).state_dict().items()}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_decoder_is_the_stack_it_says(activation: str) -> None:
    """Against the same network written out with torch's own modules."""
    decoder = build(ModelConfig(decoder=(16, 8), fourier=4, activation=activation)).decoder
    modules = {
        "relu": nn.ReLU(),
        "leaky_relu": nn.LeakyReLU(0.01),
        "elu": nn.ELU(),
        "silu": nn.SiLU(),
        "gelu": nn.GELU(approximate="tanh"),
        "gelu_erf": nn.GELU(),
        "tanh": nn.Tanh(),
        "sigmoid": nn.Sigmoid(),
    }
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


@torch.no_grad()
def test_a_label_is_another_bias_of_the_first_layer() -> None:
    """For each of several draws at once, too."""
    config = ModelConfig(encoder=(16,), decoder=(12,), fourier=4, conditional=True)
    model, plain = build(config).eval(), build(replace(config, conditional=False)).eval()
    y, x, z = torch.tensor([3, 8, 3, 0, 1]), torch.rand(5, 784), torch.randn(7, 5, 2)
    codes, logits = model.encode(x, y)[0], model.decoder(z, y)
    weights = model.state_dict()
    for row, label in enumerate(y):
        own = dict(weights)
        for name in ("encoder.hidden.0.linear", "decoder.hidden.0.linear"):
            weight = weights[f"{name}.weight"]
            own[f"{name}.weight"] = weight[:, :-CLASSES]
            own[f"{name}.bias"] = weights[f"{name}.bias"] + weight[:, weight.shape[1] - CLASSES + label]
        plain.load_state_dict(own)
        torch.testing.assert_close(codes[row], plain.encode(x)[0][row], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(logits[:, row], plain.decoder(z)[:, row], atol=1e-5, rtol=1e-4)
    assert (model.decoder(z, 9 - y) - logits).abs().max() > 0.01


def test_a_conditional_model_without_labels_is_refused() -> None:
    model = build(ModelConfig(encoder=(4,), decoder=(4,), conditional=True))
    asks: list[Callable[[], object]] = [
        lambda: model.encode(torch.rand(2, 784)),
        lambda: model.decode(torch.rand(2, 2)),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="needs the labels"):
            ask()


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
    told = build(ModelConfig(conditional=True))
    assert f"{sum(p.numel() for p in told.encoder.parameters()):,}" in summary(told.config)
    assert summary(told.config).count("one-hot, beside the input") == 2


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
