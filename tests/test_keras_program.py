"""The Keras program that the lesson shows is a program, and computes what this project's own code computes."""

import importlib.util
from types import ModuleType

import numpy as np
import pytest
import torch

from explorer.settings import ROOT
from model import losses
from model.checkpoint import Checkpoint
from model.data import Split


@pytest.fixture(scope="module")
def program() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        spec = importlib.util.spec_from_file_location("vae_in_keras", ROOT / "docs" / "vae_in_keras.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


@torch.no_grad()
def test_with_the_baselines_weights_it_has_the_baselines_loss(
    program: ModuleType, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    ours, x = shipped["vae-mnist-baseline"].model, test_digits.images[:500]
    theirs = program.VAE()
    theirs(x)  # makes its layers
    state = ours.state_dict()
    names = ["encoder.hidden.0.linear", "encoder.mu", "encoder.logvar", "decoder.hidden.0.linear", "decoder.logits"]
    made = [theirs.hidden, theirs.mu, theirs.logvar, *theirs.decoder.layers]
    for layer, name in zip(made, names, strict=True):
        layer.set_weights([state[f"{name}.weight"].T.numpy(), state[f"{name}.bias"].numpy()])
    mu, logvar = ours.encode(x)
    h = theirs.hidden(x)
    np.testing.assert_allclose(theirs.mu(h).numpy(), mu.numpy(), atol=1e-4)
    assert logvar is not None
    np.testing.assert_allclose(program.kl(mu, logvar).numpy(), losses.kl(mu, logvar).numpy(), rtol=1e-5)
    logits = ours.decoder(mu)
    np.testing.assert_allclose(theirs.decoder(mu).numpy(), logits.numpy(), atol=1e-3)
    expected = losses.reconstruction(logits, x, "bce")
    np.testing.assert_allclose(program.reconstruction(x, logits).numpy(), expected.numpy(), rtol=1e-4)


def test_it_learns(program: ModuleType, few_digits: Split) -> None:
    x = few_digits.images[:1000].numpy()
    vae = program.VAE()
    vae.compile(optimizer="adam", loss=program.reconstruction)
    told = vae.fit(x, x, batch_size=100, epochs=3, verbose=0).history["loss"]
    assert 0.9 * told[0] > told[-1] > 0
