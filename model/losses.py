"""Losses of autoencoders, per image; in nats where the loss is a likelihood."""

__all__ = ["kl", "reconstruction"]

import torch.nn.functional as F
from torch import Tensor

from model.networks import sigmoid


def reconstruction(logits: Tensor, x: Tensor, loss: str, output: str = "sigmoid") -> Tensor:
    """How far the decoded images are from `x`, summed over the pixels of each image.

    - `bce`: binary cross-entropy −Σ x log x̂ + (1 − x) log(1 − x̂), nats; for binary pixels it is −log p(x|z) of a
      Bernoulli decoder (Kingma & Welling 2014, appendix C.1, arXiv:1312.6114), for real-valued ones the usual stand-in.
    - `mse`: squared error Σ (x̂ − x)²; its best constant answer is the mean.
    - `mae`: absolute error Σ |x̂ − x|; its best constant answer is the median.

    Args:
        logits: what the decoder gives, shape (…, pixels).
        x: images in [0, 1], shape (…, pixels).
        loss: one of `bce`, `mse`, `mae`.
        output: what follows: a sigmoid; or nothing, and then there is no `bce`.

    Returns:
        One number an image, shape (…).
    """
    logits = logits.float()  # under bfloat16 autocast a sum of 784 pixels would lose whole nats
    if loss == "bce" and output == "sigmoid":
        return F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)
    difference = (sigmoid(logits) if output == "sigmoid" else logits) - x
    if loss == "mse":
        return difference.square().sum(-1)
    if loss == "mae":
        return difference.abs().sum(-1)
    raise ValueError(f"loss must be one of bce, mse, mae, with a linear output mse or mae; found {loss!r}.")


def kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) ‖ N(0, I)) in nats: ½ Σ (mu² + σ² − 1 − log σ²), Kingma & Welling (2014), appendix B.

    Args:
        mu, logvar: shape (…, latent).

    Returns:
        One number ≥ 0 an image, shape (…).
    """
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(-1)
