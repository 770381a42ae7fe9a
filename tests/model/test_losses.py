"""Losses against torch's own distributions and reductions."""

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence

from model.losses import kl, reconstruction


@pytest.mark.parametrize("latent", [1, 2, 7])
def test_kl_is_that_of_torch_distributions(latent: int) -> None:
    mu, logvar = 3 * torch.randn(50, latent), 2 * torch.randn(50, latent)
    expected = kl_divergence(Normal(mu, torch.exp(0.5 * logvar)), Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(kl(mu, logvar), expected)


def test_kl_of_the_prior_with_itself_is_zero() -> None:
    assert kl(torch.zeros(3, 2), torch.zeros(3, 2)).tolist() == [0, 0, 0]


def test_bce_is_a_bernoulli_likelihood_on_binary_pixels() -> None:
    logits, x = 5 * torch.randn(20, 784), torch.randint(0, 2, (20, 784)).float()
    expected = -Bernoulli(logits=logits).log_prob(x).sum(-1)
    torch.testing.assert_close(reconstruction(logits, x, "bce"), expected)


def test_bce_stays_finite_at_any_logit() -> None:
    logits = torch.tensor([[1e4, -1e4]])
    assert reconstruction(logits, torch.tensor([[0.0, 1.0]]), "bce").isfinite().all()


@pytest.mark.parametrize(("loss", "oracle"), [("mse", F.mse_loss), ("mae", F.l1_loss)])
def test_errors_sum_over_pixels(loss: str, oracle: type) -> None:
    logits, x = torch.randn(20, 784), torch.rand(20, 784)
    expected = oracle(torch.sigmoid(logits), x, reduction="none").sum(-1)
    torch.testing.assert_close(reconstruction(logits, x, loss), expected)


def test_linear_pixels_are_compared_as_they_are() -> None:
    pixels, x = torch.randn(20, 784), torch.rand(20, 784)
    torch.testing.assert_close(reconstruction(pixels, x, "mse", "linear"), (pixels - x).square().sum(-1))
    with pytest.raises(ValueError, match="with a linear output mse or mae; found 'bce'"):
        reconstruction(pixels, x, "bce", "linear")


def test_one_image_broadcasts_over_many_draws() -> None:
    logits, x = torch.randn(5, 20, 784), torch.rand(20, 784)
    each = torch.stack([reconstruction(draw, x, "bce") for draw in logits])
    torch.testing.assert_close(reconstruction(logits, x, "bce"), each)


def test_bfloat16_logits_are_summed_in_float32() -> None:
    logits, x = torch.randn(20, 784).bfloat16(), torch.rand(20, 784)
    assert reconstruction(logits, x, "bce").dtype == torch.float32


def test_an_unknown_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="mse or mae; found 'l1'"):
        reconstruction(torch.zeros(1, 1), torch.zeros(1, 1), "l1")
