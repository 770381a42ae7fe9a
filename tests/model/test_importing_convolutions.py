"""Networks of convolutions that others have trained: what is imported computes what their own modules compute."""

import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import model as public
from model.__main__ import main
from model.config import ModelConfig
from model.data import Split
from model.importing.convert import convert
from model.importing.fit import Guess
from model.layers import Layer
from model.networks import AutoEncoder, build
from model.safetensors_header import CheckpointError
from tests.model.test_importing import assert_same, few_training_digits, imported

__all__ = ["few_training_digits"]  # a fixture that all here use

STEPS, BATCH = 300, 40


@pytest.fixture(autouse=True)
def pupils(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has learned for a second redraws a little better than the mean: enough to be told from what it is not."""
    monkeypatch.setattr("model.importing.fit.CLEAR", 1.0)
    monkeypatch.setattr("model.importing.fit.BLIND", 1.0)


class Images(nn.Module):
    """An encoder and a decoder that see images as images."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder(x.view(-1, 1, 28, 28)).flatten(1)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z).flatten(1)


class Codes(nn.Module):
    """A model of ours, without the log-variances."""

    model: AutoEncoder

    def __init__(self, model: AutoEncoder) -> None:
        super().__init__()
        self.model = model

    def encode(self, x: Tensor) -> Tensor:
        return self.model.encode(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return self.model.decode(z)


def taught(model: Any, split: Split, ends: tuple[float, float] = (0, 1)) -> Any:
    """A second's steps of squared error on `mu` alone."""
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for rows in torch.randperm(len(split)).repeat(8)[: BATCH * STEPS].split(BATCH):
        x = ends[0] + (ends[1] - ends[0]) * split.images[rows]
        loss = F.mse_loss(model.decode(model.encode(x)[:, :2]), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def strided() -> Images:
    """Strides down, transposes with output_padding up, BatchNorm: as in most tutorials."""
    return Images(
        nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.Tanh(), nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16),
            nn.Tanh(), nn.Flatten(), nn.Linear(784, 2),
        ),
        nn.Sequential(
            nn.Linear(2, 784), nn.Tanh(), nn.Unflatten(1, (16, 7, 7)), nn.ConvTranspose2d(16, 8, 3, 2, 1, 1),
            nn.BatchNorm2d(8), nn.Tanh(), nn.ConvTranspose2d(8, 1, 3, 2, 1, 1), nn.Sigmoid(),
        ),
    )  # fmt: skip


def upsampled() -> Images:
    """MaxPool down, nearest neighbours up; mu and logvar side by side; a linear output of standardized pixels."""
    return Images(
        nn.Sequential(
            nn.Conv2d(1, 8, 3, 1, 1), nn.GELU(), nn.MaxPool2d(2), nn.Conv2d(8, 12, 3, 1, 1), nn.GELU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(588, 4),
        ),
        nn.Sequential(
            nn.Linear(2, 16), nn.GELU(), nn.Linear(16, 588), nn.GELU(), nn.Unflatten(1, (12, 7, 7)),
            nn.Upsample(None, 2), nn.Conv2d(12, 8, 3, 1, 1), nn.GELU(), nn.Upsample(None, 2), nn.Conv2d(8, 1, 5, 1, 2),
        ),
    )  # fmt: skip


def pointed() -> Images:
    """No Linear at all: the latent point is an image of one pixel. No bias, as before a norm."""
    return Images(
        nn.Sequential(nn.Conv2d(1, 8, 4, 4), nn.Tanh(), nn.Conv2d(8, 2, 7)),
        nn.Sequential(
            nn.Unflatten(1, (2, 1, 1)), nn.ConvTranspose2d(2, 16, 7, bias=False), nn.Tanh(),
            nn.ConvTranspose2d(16, 16, 3, 1, 1, bias=False), nn.Tanh(), nn.ConvTranspose2d(16, 1, 4, 4), nn.Tanh(),
        ),
    )  # fmt: skip


KINDS: dict[str, tuple[Callable[[], Images], tuple[float, float]]] = {
    "strides and BatchNorm": (strided, (0, 1)),
    "pooling and upsampling, standardized": (upsampled, (-0.1307 / 0.3081, 0.8693 / 0.3081)),
    "from a point, pixels -1 to 1": (pointed, (-1, 1)),
}


@pytest.fixture(scope="module")
def pupil(few_digits: Split) -> Callable[[str], Images]:
    """What has been taught of a kind, once."""

    @cache
    def found(kind: str) -> Any:
        make, ends = KINDS[kind]
        torch.manual_seed(0)
        return taught(make(), few_digits, ends)

    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_weights_do_not_say_is_found_out(
    kind: str, pupil: Callable[[str], Images], test_digits: Split, tmp_path: Path
) -> None:
    model, (_make, ends) = pupil(kind), KINDS[kind]
    torch.save(model.state_dict(), tmp_path / "net.pt")
    x = test_digits.images[:300]
    made = imported(tmp_path, tmp_path / "net.pt")
    assert made.config.convolutional
    assert_same(made, model, x, ends[0] + (ends[1] - ends[0]) * x, ends=ends)
    assert_same(public.wrap(model.encoder, model.decoder), model, x, ends[0] + (ends[1] - ends[0]) * x, ends=ends)


def test_strides_and_paddings_can_be_said(
    pupil: Callable[[str], Images], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(pupil("strides and BatchNorm").state_dict(), tmp_path / "net.pt")
    encoder = "encoder=encoder.0:2:1,encoder.3:2:{} mu=encoder.7"
    decoder = "decoder=decoder.0,decoder.3:2:1:1,decoder.6:2:1:1"
    said = imported(tmp_path, tmp_path / "net.pt", map=f"{encoder.format(1)} {decoder}")
    assert said.config == imported(tmp_path, tmp_path / "net.pt").config
    command = ["import", str(tmp_path / "net.pt"), "--out", str(tmp_path / "no.safetensors"), "--map"]
    for wrong, words in {
        "2": "Expected convolutions that lead from an image",
        "x": "Expected NAME:STRIDE:PADDING",
    }.items():
        capsys.readouterr()
        assert main([*command, *encoder.format(wrong).split(), decoder]) == 2
        assert words in capsys.readouterr().err


def test_keras_s_own_example(few_digits: Split, test_digits: Split, tmp_path: Path) -> None:
    """Its convolutional VAE, narrower: encoder and decoder as .keras, whose config says the strides. Images have their
    channels last there, and strides of 2 pad behind only."""
    os.environ["KERAS_BACKEND"] = "torch"
    keras = pytest.importorskip("keras")
    conv, transpose = (partial(Layer, kind) for kind in ("conv", "transpose"))
    torch.manual_seed(0)
    twin = build(
        ModelConfig(
            encoder=(conv((8,), 3, 2, (0, 1)), conv((12,), 3, 2, (0, 1)), 16),
            decoder=(588, Layer("reshape", (12, 7, 7)), transpose((12,), 3, 2, (0, 1)), transpose((8,), 3, 2, (0, 1)),
                     transpose((1,), 3, 1, (1, 1))),
            activation="relu", layer_norm=False, fourier=0,
        )
    )  # fmt: skip
    taught(Codes(twin), few_digits)
    layers = keras.layers
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, 3, activation="relu", strides=2, padding="same")(image)
    x = layers.Conv2D(12, 3, activation="relu", strides=2, padding="same")(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(
        image, [layers.Dense(2, name="z_mean")(x), layers.Dense(2, name="z_log_var")(x)], name="encoder"
    )
    point = keras.Input((2,))
    x = layers.Reshape((7, 7, 12))(layers.Dense(588, activation="relu")(point))
    x = layers.Conv2DTranspose(12, 3, activation="relu", strides=2, padding="same")(x)
    x = layers.Conv2DTranspose(8, 3, activation="relu", strides=2, padding="same")(x)
    decoder = keras.Model(point, layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")(x), name="decoder")
    for own, stack in ((encoder, twin.encoder), (decoder, twin.decoder)):
        own.set_weights([_channels_last(name, tensor) for name, tensor in stack.state_dict().items()])
        own.save(tmp_path / f"{own.name}.keras")
    digits = test_digits.images[:100]
    z = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    codes = [torch.from_numpy(part) for part in encoder.predict(digits.view(-1, 28, 28, 1).numpy(), verbose=0)]
    drawn = torch.from_numpy(decoder.predict(z, verbose=0)).flatten(1)
    made = imported(tmp_path, *(tmp_path / f"{name}.keras" for name in ("encoder", "decoder")), activation="relu")
    assert made.config == twin.config
    with torch.no_grad():
        for found, expected in zip(made.model.encode(digits), codes, strict=True):
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
        assert (made.model.decode(torch.from_numpy(z)) - drawn).abs().max() <= 1e-5


def _channels_last(name: str, tensor: Tensor) -> Any:
    """A tensor of the twin's as Keras has it."""
    if tensor.ndim == 4:
        return tensor.permute(2, 3, 1, 0).numpy()
    if name == "hidden.2.linear.weight":  # of the encoder: after Flatten
        tensor = tensor.view(-1, 12, 7, 7).permute(0, 2, 3, 1).flatten(1)
    elif name.startswith("hidden.0.linear"):  # of the decoder: before Reshape
        tensor = tensor.view(12, 7, 7, -1).permute(1, 2, 0, 3).reshape(588, -1).squeeze(1 if "bias" in name else ())
    return tensor.T.numpy() if tensor.ndim == 2 else tensor.numpy()


def test_what_is_not_computed_is_refused_in_a_sentence(few_digits: Split, tmp_path: Path) -> None:
    model = strided()
    good = model.state_dict()
    grouped = nn.Sequential(nn.ConvTranspose2d(16, 8, 3, 2, 1, 1, groups=2))
    with pytest.raises(
        CheckpointError,
        match=r"dilation, found 0 \(ConvTranspose2d: kernel size 3×3, .* groups 2,",
    ):
        public.wrap(model.encoder, grouped)
    for name, change, words in (
        ("long", {"encoder.0.weight": torch.rand(8, 1, 3, 5)}, "square kernels"),
        ("group", {name: good[name] for name in good if "running" not in name}, "no norm but BatchNorm"),
        (
            "odd",
            good | {"decoder.0.weight": torch.rand(800, 2), "decoder.0.bias": torch.rand(800)},
            "lead from an image",
        ),
    ):
        torch.save(good | change if name == "long" else change, tmp_path / f"{name}.pt")
        with pytest.raises(CheckpointError, match=words):
            _convert(tmp_path / f"{name}.pt")
    behind = Images(
        nn.Sequential(nn.Conv2d(1, 8, 4, 4), nn.ReLU(), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(),
                      nn.Flatten(), nn.Linear(392, 2)),
        nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid()),
    )  # fmt: skip
    torch.save(taught(behind, few_digits).state_dict(), tmp_path / "behind.pt")
    with pytest.raises(CheckpointError, match="BatchNorm before the activation where a convolution follows"):
        _convert(tmp_path / "behind.pt")


def _convert(path: Path) -> None:
    convert([path], "mnist", {}, Guess())
