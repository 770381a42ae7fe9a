"""How good a trained model is: ELBO, importance-weighted bound, reconstruction errors, k-NN accuracy."""

__all__ = ["Terms", "elbo", "encode", "evaluate", "iwae", "knn_accuracy", "pixel_errors"]

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model.data import Split
from model.losses import kl, reconstruction
from model.networks import AutoEncoder

ELBO_SAMPLES = 16
IWAE_SAMPLES = 500
IWAE_IMAGES = 1000
NEIGHBOURS = 15

CHUNK = 2_500  # rows at once: bounds memory at about 100 MB of activations


@dataclass(frozen=True)
class Terms:
    """The two terms of a loss, per image: reconstruction (nats for `bce`, else summed error) and KL (nats).

    For an AutoEncoder `kl` is 0, and the ELBO means nothing.
    """

    reconstruction: float
    kl: float

    @property
    def total(self) -> float:
        return self.reconstruction + self.kl

    @property
    def elbo(self) -> float:
        """−reconstruction − KL, Kingma & Welling (2014), eq. 3, arXiv:1312.6114."""
        return -self.total


def _generator(model: AutoEncoder, seed: int) -> torch.Generator:
    return torch.Generator(model.device).manual_seed(seed)


def _noise(mu: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(mu.shape, device=mu.device, generator=generator)


@torch.no_grad()
def encode(model: AutoEncoder, images: Tensor) -> tuple[Tensor, Tensor | None]:
    """`mu` and `logvar` (None for an AutoEncoder) of all images, on the CPU, float32 (N, latent)."""
    parts = [model.encode(chunk.to(model.device)) for chunk in images.split(CHUNK)]
    mu = torch.cat([m.float().cpu() for m, _ in parts])
    logvars = [v.float().cpu() for _, v in parts if v is not None]
    return mu, torch.cat(logvars) if logvars else None


@torch.no_grad()
def elbo(model: AutoEncoder, images: Tensor, samples: int = ELBO_SAMPLES, loss: str = "bce", seed: int = 0) -> Terms:
    """Mean reconstruction and KL per image, the expectation over q(z|x) taken with `samples` draws an image.

    Args:
        images: (N, pixels) in [0, 1], real-valued: nothing is binarised.
        samples: draws of z for each image; an AutoEncoder has nothing to draw and takes one.
        loss: which reconstruction; with `bce` the figures are nats and the bound is the usual one.
        seed: of the draws, so that the same model gives the same figures.
    """
    generator = _generator(model, seed)
    rec = div = 0.0
    for chunk in images.split(CHUNK):
        x = chunk.to(model.device)
        mu, logvar = model.encode(x)
        draws = samples if logvar is not None else 1
        for _ in range(draws):
            z = model.sample(mu, logvar, _noise(mu, generator))
            rec += reconstruction(model.decoder(z), x, loss).sum().item() / draws
        if logvar is not None:
            div += kl(mu, logvar).sum().item()
    return Terms(rec / len(images), div / len(images))


@torch.no_grad()
def iwae(model: AutoEncoder, images: Tensor, samples: int = IWAE_SAMPLES, seed: int = 0) -> float:
    """Importance-weighted bound on log p(x), nats per image: log 1/K Σ p(x|z) p(z) / q(z|x).

    Burda, Grosse & Salakhutdinov (2016), eq. 8, arXiv:1509.00519. Rises to log p(x) as `samples` grows, and is never
    below the ELBO in expectation. Needs a VAE.
    """
    generator = _generator(model, seed)
    total = 0.0
    for chunk in images.split(max(1, CHUNK // samples)):
        x = chunk.to(model.device)
        mu, logvar = model.encode(x)
        if logvar is None:
            raise ValueError("iwae needs a VAE: an AutoEncoder has no posterior to draw from.")
        noise = torch.randn((samples, *mu.shape), device=mu.device, generator=generator)
        z = model.sample(mu, logvar, noise)
        log_likelihood = -reconstruction(model.decoder(z), x, "bce")
        log_prior = -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)
        log_posterior = -0.5 * (noise.square() + math.log(2 * math.pi) + logvar).sum(-1)
        weights = log_likelihood + log_prior - log_posterior
        total += (torch.logsumexp(weights, dim=0) - math.log(samples)).sum().item()
    return total / len(images)


@torch.no_grad()
def pixel_errors(model: AutoEncoder, images: Tensor) -> tuple[float, float]:
    """Mean squared and mean absolute error per pixel of the images decoded from their `mu`; pixels in [0, 1]."""
    squared = absolute = 0.0
    for chunk in images.split(CHUNK):
        x = chunk.to(model.device)
        difference = model.decode(model.encode(x)[0]) - x
        squared += difference.square().sum().item()
        absolute += difference.abs().sum().item()
    return squared / images.numel(), absolute / images.numel()


def knn_accuracy(
    train_z: Tensor, train_labels: Tensor, test_z: Tensor, test_labels: Tensor, k: int = NEIGHBOURS
) -> float:
    """Share of test points whose k nearest training points (Euclidean) vote for their label; a tie takes the lower one.

    Args:
        train_z, test_z: latent points, (N, latent) and (M, latent).
        train_labels, test_labels: int64, (N,) and (M,).
    """
    classes = int(torch.maximum(train_labels.max(), test_labels.max())) + 1
    hits = 0
    for z, labels in zip(test_z.split(CHUNK // 5), test_labels.split(CHUNK // 5), strict=True):
        # Differences, not |a|² + |b|² − 2ab: that loses the small distances that decide who is nearest.
        distance = torch.cdist(z, train_z, compute_mode="donot_use_mm_for_euclid_dist")
        nearest = distance.topk(k, largest=False, sorted=False).indices
        votes = F.one_hot(train_labels[nearest], classes).sum(dim=1)
        hits += int((votes.argmax(dim=1) == labels).sum())
    return hits / len(test_labels)


def evaluate(model: AutoEncoder, train: Split, test: Split, *, train_mu: Tensor | None = None) -> dict[str, float]:
    """The figures that a checkpoint carries; all over the test images unless said otherwise.

    - `reconstruction`: binary cross-entropy, nats per image (a VAE: 16 samples; an AutoEncoder: its code).
    - `mse`, `mae`: per pixel, decoded from `mu`.
    - `knn_accuracy`: 15 neighbours among the training means.
    - for a VAE also `elbo` and `kl` (nats per image, 16 samples) and `iwae` (500 samples, first 1,000 images).

    `train_mu`, the training means, float32 (N, latent), are computed unless the caller has them already.
    """
    if train_mu is None:
        train_mu, _ = encode(model, train.images)
    test_mu, test_logvar = encode(model, test.images)
    terms = elbo(model, test.images)
    mse, mae = pixel_errors(model, test.images)
    figures = {
        "reconstruction": terms.reconstruction,
        "mse": mse,
        "mae": mae,
        "knn_accuracy": knn_accuracy(train_mu, train.labels, test_mu, test.labels),
    }
    if test_logvar is not None:
        figures |= {"elbo": terms.elbo, "kl": terms.kl, "iwae": iwae(model, test.images[:IWAE_IMAGES])}
    return figures
