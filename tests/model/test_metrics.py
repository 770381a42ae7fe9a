"""Metrics against other ways to the same number."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal

from model import metrics
from model.checkpoint import Checkpoint
from model.config import ModelConfig
from model.data import Split
from model.networks import AutoEncoder, build
from tests.conftest import SHIPPED


@pytest.fixture(scope="module")
def toy() -> AutoEncoder:
    """A model of 2×2 images, small enough to integrate over its latent space."""
    torch.manual_seed(1)
    return build(ModelConfig(height=2, width=2, encoder=(8,), decoder=(8,), fourier=0, layer_norm=False)).eval()


def _log_evidence(model: AutoEncoder, x: torch.Tensor) -> torch.Tensor:
    """log p(x) of binary images, by summing p(x|z) p(z) over a fine grid of z."""
    axis = torch.linspace(-6, 6, 241)
    z = torch.cartesian_prod(axis, axis)
    prior = Independent(Normal(torch.zeros(2), 1.0), 1).log_prob(z)
    likelihood = Bernoulli(logits=model.decoder(z)).log_prob(x[:, None]).sum(-1)
    return torch.logsumexp(likelihood + prior, dim=1) + 2 * math.log(float(axis[1] - axis[0]))


@torch.no_grad()
def test_iwae_rises_from_the_elbo_to_the_evidence(toy: AutoEncoder) -> None:
    x = torch.randint(0, 2, (16, 4)).float()
    evidence = float(_log_evidence(toy, x).mean())
    elbo = metrics.elbo(toy, x, samples=2000).elbo
    one, many = (metrics.iwae(toy, x.repeat(50, 1), samples=k) for k in (1, 500))
    assert one == pytest.approx(elbo, abs=0.05)
    assert elbo < many
    assert many == pytest.approx(evidence, abs=0.01)


def test_iwae_refuses_an_autoencoder() -> None:
    with pytest.raises(ValueError, match="iwae needs a VAE"):
        metrics.iwae(build(ModelConfig(model="ae", encoder=(4,), decoder=(4,))), torch.rand(2, 784))


@torch.no_grad()
def test_knn_accuracy_is_that_of_a_plain_search() -> None:
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(400, 2)).astype(np.float32), rng.normal(size=(60, 2)).astype(np.float32)
    train_labels, test_labels = rng.integers(0, 4, 400), rng.integers(0, 4, 60)
    hits = 0
    for z, label in zip(test, test_labels, strict=True):
        nearest = np.argsort(((train - z) ** 2).sum(1))[:15]
        hits += int(np.bincount(train_labels[nearest], minlength=4).argmax() == label)
    points, truth = (torch.from_numpy(train), torch.from_numpy(train_labels)), torch.from_numpy(test_labels)
    found = metrics.knn_accuracy(*points, torch.from_numpy(test), truth)
    assert found == hits / 60


def test_figures_do_not_depend_on_the_global_seed(toy: AutoEncoder) -> None:
    x = torch.rand(8, 4)
    first = metrics.elbo(toy, x)
    torch.manual_seed(99)
    assert metrics.elbo(toy, x) == first


@pytest.mark.parametrize("name", SHIPPED)
def test_stored_figures_are_those_of_the_file(
    name: str, shipped: dict[str, Checkpoint], train_digits: Split, test_digits: Split
) -> None:
    checkpoint = shipped[name]
    images = Split(test_digits.images[: metrics.IWAE_IMAGES], test_digits.labels[: metrics.IWAE_IMAGES])
    terms = metrics.elbo(checkpoint.model, test_digits.images)
    mse, mae = metrics.pixel_errors(checkpoint.model, test_digits.images)
    expected = {"reconstruction": terms.reconstruction, "mse": mse, "mae": mae}
    if checkpoint.logvar is not None:
        expected |= {"elbo": terms.elbo, "kl": terms.kl}
        assert checkpoint.metrics["iwae"] >= metrics.elbo(checkpoint.model, images.images).elbo
    for key, value in expected.items():
        assert checkpoint.metrics[key] == pytest.approx(value, rel=1e-4), key
    train_mu, _ = metrics.encode(checkpoint.model, train_digits.images)
    accuracy = metrics.knn_accuracy(train_mu, train_digits.labels, checkpoint.mu, test_digits.labels)
    assert checkpoint.metrics["knn_accuracy"] == pytest.approx(accuracy, abs=5e-4)
    mu, _ = metrics.encode(checkpoint.model, test_digits.images)
    torch.testing.assert_close(checkpoint.mu, mu, atol=1e-3, rtol=1e-4)
    assert checkpoint.label.tolist() == test_digits.labels.tolist()


@pytest.mark.parametrize(
    ("name", "elbo", "accuracy"), [("vae-mnist", -132.0, 0.89), ("vae-mnist-baseline", -155.0, 0.68)]
)
def test_shipped_models_are_as_good_as_promised(
    name: str, elbo: float, accuracy: float, shipped: dict[str, Checkpoint]
) -> None:
    assert shipped[name].metrics["elbo"] >= elbo
    assert shipped[name].metrics["knn_accuracy"] >= accuracy
