"""How good a trained model is: ELBO, importance-weighted bound, reconstruction errors, k-NN accuracy; and as a
generator: how far its latents reach, how much of a sampling rule falls in holes, how real its samples look."""

__all__ = [
    "Box",
    "Terms",
    "bounding_box",
    "elbo",
    "encode",
    "evaluate",
    "hole_radius",
    "hole_share",
    "iwae",
    "knn_accuracy",
    "nearest_distance",
    "pixel_errors",
    "realism_and_coverage",
]

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from model.data import Split
from model.losses import kl, reconstruction
from model.networks import AutoEncoder, Decoder
from model.voters import NEIGHBOURS, voters

ELBO_SAMPLES = 16
IWAE_SAMPLES = 500
IWAE_IMAGES = 1000
HOLE_QUANTILE = 0.99
HOLE_SAMPLES = 20_000  # standard error of a share of 10 %: 0.2 %
REALISM_IMAGES = 1_000
NEAR = 100  # rows of distances to all points at once: they stay in the processor's cache
STRIP, PATCH = 1_000, 50  # latent points that are cut along one axis, and then along another
SCOUTS = 3_000  # points that say how far the neighbours may be

CHUNK = 2_500  # rows at once: bounds memory at about 100 MB of activations

# Called with how many images more have been decoded.
Decoded = Callable[[int], object]


def _unheard(_rows: int) -> None:
    """For who does not ask how far it is."""


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


@cache
def _halves() -> bool:
    """Whether the processor multiplies matrices of bfloat16 in half the time of float32."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def _logits(decoder: Decoder, z: Tensor, y: Tensor | None, draws: int) -> Tensor:
    """What the decoder makes of latent points, (…, latent) → (…, pixels), for a mean of so many draws an image.

    Of many, the products are in bfloat16 where that is faster: an ELBO or a bound changes by some 1e-5 of it. Those of
    the first layer, which is small, are not: a rounded z would be another image's.
    """
    if draws == 1 or z.device.type != "cpu" or not len(decoder.hidden) or not _halves():
        return decoder(z, y)
    h = decoder.hidden[0](decoder.features(z, y))
    with torch.autocast("cpu", torch.bfloat16):
        return decoder.logits(decoder.hidden[1:](h))


def _chunks(
    model: AutoEncoder, images: Tensor, labels: Tensor | None, size: int = CHUNK
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """The images a few at a time, on the model's device, with their labels where there are any."""
    for first in range(0, len(images), size):
        x = images[first : first + size].to(model.device)
        yield x, None if labels is None else labels[first : first + len(x)]


@torch.no_grad()
def encode(model: AutoEncoder, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """`mu` and `logvar` (None for an AutoEncoder) of all images, on the CPU, float32 (N, latent).

    labels: of the images, (N,), here and below: only a conditional model needs them.
    """
    parts = [model.encode(x, y) for x, y in _chunks(model, images, labels)]
    mu = torch.cat([m.float().cpu() for m, _ in parts])
    logvars = [v.float().cpu() for _, v in parts if v is not None]
    return mu, torch.cat(logvars) if logvars else None


@torch.no_grad()
def elbo(
    model: AutoEncoder,
    images: Tensor,
    labels: Tensor | None = None,
    samples: int = ELBO_SAMPLES,
    loss: str = "bce",
    seed: int = 0,
    decoded: Decoded = _unheard,
) -> Terms:
    """Mean reconstruction and KL per image, the expectation over q(z|x) taken with `samples` draws an image.

    Args:
        images: (N, pixels) in [0, 1], real-valued: nothing is binarised.
        samples: draws of z for each image; an AutoEncoder has nothing to draw and takes one.
        loss: which reconstruction; with `bce` the figures are nats and the bound is the usual one.
        seed: of the draws, so that the same model gives the same figures.
    """
    generator = _generator(model, seed)
    rec = div = 0.0
    for x, y in _chunks(model, images, labels):
        mu, logvar = model.encode(x, y)
        draws = samples if logvar is not None else 1
        for _ in range(draws):
            z = model.sample(mu, logvar, _noise(mu, generator))
            rec += (
                reconstruction(_logits(model.decoder, z, y, draws), x, loss, model.config.output).sum().item() / draws
            )
            decoded(len(x))
        if logvar is not None:
            div += kl(mu, logvar).sum().item()
    return Terms(rec / len(images), div / len(images))


@torch.no_grad()
def iwae(
    model: AutoEncoder,
    images: Tensor,
    labels: Tensor | None = None,
    samples: int = IWAE_SAMPLES,
    seed: int = 0,
    decoded: Decoded = _unheard,
) -> float:
    """Importance-weighted bound on log p(x), of a conditional model log p(x|y), nats per image:
    log 1/K Σ p(x|z) p(z) / q(z|x).

    Burda, Grosse & Salakhutdinov (2016), eq. 8, arXiv:1509.00519. Rises to log p(x) as `samples` grows, and is never
    below the ELBO in expectation. Needs a VAE.
    """
    generator = _generator(model, seed)
    total = 0.0
    for x, y in _chunks(model, images, labels, max(1, CHUNK // samples)):
        mu, logvar = model.encode(x, y)
        if logvar is None:
            raise ValueError("iwae needs a VAE: an AutoEncoder has no posterior to draw from.")
        noise = torch.randn((samples, *mu.shape), device=mu.device, generator=generator)
        z = model.sample(mu, logvar, noise)
        log_likelihood = -reconstruction(_logits(model.decoder, z, y, samples), x, "bce")
        log_prior = -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)
        log_posterior = -0.5 * (noise.square() + math.log(2 * math.pi) + logvar).sum(-1)
        weights = log_likelihood + log_prior - log_posterior
        total += (torch.logsumexp(weights, dim=0) - math.log(samples)).sum().item()
        decoded(samples * len(x))
    return total / len(images)


@torch.no_grad()
def pixel_errors(model: AutoEncoder, images: Tensor, labels: Tensor | None = None) -> tuple[float, float]:
    """Mean squared and mean absolute error per pixel of the images decoded from their `mu`; pixels in [0, 1]."""
    squared = absolute = 0.0
    for x, y in _chunks(model, images, labels):
        difference = model.decode(model.encode(x, y)[0], y) - x
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
    classes, k = int(torch.maximum(train_labels.max(), test_labels.max())) + 1, min(k, len(train_z))
    hits = 0
    for rows in _patches(test_z):
        z = test_z[rows]
        near = _box_of_neighbours(z, train_z, k)
        nearest = near[_distances(z, train_z[near]).topk(k, largest=False, sorted=False).indices]
        votes = F.one_hot(train_labels[nearest], classes).sum(dim=1)
        hits += int((votes.argmax(dim=1) == test_labels[rows]).sum())
    return hits / len(test_labels)


def _patches(z: Tensor) -> list[Tensor]:
    """The rows of latent points, (N, latent), in groups of a few that lie close together."""
    strips = z[:, 0].argsort().split(STRIP)
    return [rows for strip in strips for rows in strip[z[strip, -1].argsort()].split(PATCH)]


def _box_of_neighbours(z: Tensor, points: Tensor, k: int) -> Tensor:
    """The rows of those points, (N, latent), among which the k nearest of all z are: a few, where z lie together."""
    # Those of some of the points are no nearer than those of all.
    some = points[:: max(1, min(len(points) // SCOUTS, len(points) // k))]
    reach = _distances(z, some).topk(k, largest=False).values.amax()
    return ((points >= z.amin(dim=0) - reach) & (points <= z.amax(dim=0) + reach)).all(dim=1).nonzero()[:, 0]


def _distances(z: Tensor, points: Tensor) -> Tensor:
    """Euclidean distances of latent points, (M, latent) and (N, latent): shape (M, N)."""
    # Differences, not |a|² + |b|² − 2ab: that loses the small distances that decide who is nearest.
    return torch.cdist(z, points, compute_mode="donot_use_mm_for_euclid_dist")


@dataclass(frozen=True)
class Box:
    """A box in latent space: its lowest and highest corner, each (latent,)."""

    low: Tensor
    high: Tensor

    def uniform(self, count: int, generator: torch.Generator) -> Tensor:
        """Points drawn evenly from it, (count, latent)."""
        return self.low + (self.high - self.low) * torch.rand((count, len(self.low)), generator=generator)


def bounding_box(mu: Tensor) -> Box:
    """The smallest box that holds all latent points `mu`, (N, latent)."""
    return Box(mu.amin(dim=0), mu.amax(dim=0))


def nearest_distance(z: Tensor, points: Tensor, itself: bool = False) -> Tensor:
    """Euclidean distance min_i |z − points_i| of latent points z, (M, d), to the nearest of others, (N, d); shape (M,).

    With `itself`, z are the points, and none counts as its own neighbour.
    """
    found = []
    columns = points.T.contiguous()
    for first in range(0, len(z), NEAR):
        chunk = z[first : first + NEAR]
        # Axis by axis, five times faster than torch.cdist for two of them.
        squared = sum((chunk[:, axis : axis + 1] - column).square_() for axis, column in enumerate(columns))
        assert isinstance(squared, Tensor)  # there is at least one axis
        if itself:
            squared.diagonal(first).fill_(math.inf)
        found.append(squared.amin(dim=1).sqrt())
    return torch.cat(found)


def hole_radius(mu: Tensor) -> float:
    """r = Q₀.₉₉ { min_{j≠i} |mu_i − mu_j| : i }: 99 of 100 encoded images have another one nearer than this.

    Args:
        mu: encoded images, (N ≥ 2, latent).

    Returns:
        A distance in latent units. It grows and shrinks with the cloud, so that an AutoEncoder's, which may be a
        hundred units across, and a VAE's are judged alike.
    """
    return float(nearest_distance(mu, mu, itself=True).quantile(HOLE_QUANTILE))


def hole_share(z: Tensor, mu: Tensor, radius: float) -> float:
    """Share of a distribution's mass that falls in holes: P[ min_i |z − mu_i| > r ], estimated from draws of it.

    A hole is where no encoded image is within `radius`, see `hole_radius`.

    Args:
        z: draws, (M, latent): of N(0, I), the prior; or even ones from the cloud's bounding box.
        mu: encoded images, (N, latent).

    Returns:
        From 0 to 1.
    """
    return float((nearest_distance(z, mu) > radius).double().mean())


def realism_and_coverage(images: Tensor, real: Tensor) -> tuple[float, float]:
    """How far images are from looking real, and how far real images are from being among them; lower is better.

    Realism is 1/M Σ_m min_i RMSE(x̂_m, x_i), RMSE = √(1/P Σ_p (x̂_mp − x_ip)²). It asks neither for sharpness, for a
    blurred image is nearer to all, nor for variety. Coverage is the other way round, 1/N Σ_i min_m RMSE(x̂_m, x_i): a
    generator that never draws a 3 leaves every real 3 far from all it draws. Judge both beside the sheet of samples.

    Args:
        images: (M, P), pixels in [0, 1].
        real: (N, P), likewise.
    """
    rmse = torch.cdist(images, real) / math.sqrt(images.shape[1])
    return float(rmse.amin(dim=1).mean()), float(rmse.amin(dim=0).mean())


@torch.no_grad()
def _as_generator(model: AutoEncoder, mu: Tensor, train: Split, test: Split) -> dict[str, float]:
    """The figures of `evaluate` that ask what comes out of the decoder at points nobody encoded."""
    generator = torch.Generator().manual_seed(0)
    box, radius = bounding_box(mu), hole_radius(mu)
    rules = {
        "prior": torch.randn((HOLE_SAMPLES, mu.shape[1]), generator=generator),
        "box": box.uniform(HOLE_SAMPLES, generator),
    }
    figures = {f"extent_{i + 1}": float(side) for i, side in enumerate((box.high - box.low)[:2])}
    figures["hole_radius"] = radius
    real, labels = test.images.cpu(), train.labels[:REALISM_IMAGES]
    count = len(labels)  # of each rule as many as there are training images to compare with: coverage rises with it
    for name, z in rules.items():
        figures[f"holes_{name}"] = hole_share(z, mu, radius)
        # Of a conditional model as often each class as it is among the training images.
        drawn = model.decode(z[:count].to(model.device), labels).float().cpu()
        figures[f"realism_{name}"], figures[f"coverage_{name}"] = realism_and_coverage(drawn, real)
    drawn = train.images[:count].cpu()
    figures["realism_real"], figures["coverage_real"] = realism_and_coverage(drawn, real)
    return figures


def evaluate(
    model: AutoEncoder, train: Split, test: Split, progress: Callable[[int, int], object] = lambda _done, _all: None
) -> dict[str, float]:
    """The figures that a checkpoint carries; all over the test images unless said otherwise.

    A conditional model is told their labels: its ELBO is of p(x|y), and its draws have the first training labels.

    - `reconstruction`: binary cross-entropy, nats per image (a VAE: 16 samples; an AutoEncoder: its code). A linear
      output has none, and with it neither an ELBO nor a bound.
    - `mse`, `mae`: per pixel, decoded from `mu`.
    - `knn_accuracy`: 15 neighbours among the training means; not of images without classes. `knn_neighbours`: how many
      voted, where there are too few for 15, see `voters`.
    - for a VAE also `elbo` and `kl` (nats per image, 16 samples) and `iwae` (500 samples, first 1,000 images).
    - `extent_1`, `extent_2`: sides of the test means' bounding box along the first two axes, latent units.
    - `hole_radius`, and `holes_prior`, `holes_box`: the share of N(0, I), and of the bounding box, that falls in
      holes between the test means (20,000 draws each, see `hole_share`).
    - `realism_prior`, `realism_box`, `coverage_prior`, `coverage_box`: 1,000 decoded draws of each, or as many as there
      are training images, against all test images, see `realism_and_coverage`; `realism_real`, `coverage_real`: as many
      of the first training images.

    `progress` is called now and then with how much is done, and of how much: images decoded, which take the most time.
    """
    train_mu, _ = encode(model, train.images, labels=train.labels)
    test_mu, test_logvar = encode(model, test.images, labels=test.labels)
    few, done = test.images[:IWAE_IMAGES], 0
    likelihood = model.config.output == "sigmoid"
    every = len(test) if test_logvar is None else ELBO_SAMPLES * len(test) + likelihood * IWAE_SAMPLES * len(few)

    def decoded(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, every)

    loss = "bce" if likelihood else "mse"
    terms = elbo(model, test.images, labels=test.labels, loss=loss, decoded=decoded)
    mse, mae = pixel_errors(model, test.images, test.labels)
    figures = {"reconstruction": terms.reconstruction} if likelihood else {}
    figures |= {
        "mse": mse,
        "mae": mae,
    }
    if train.labels.any():
        k = voters(len(train))
        figures["knn_accuracy"] = knn_accuracy(train_mu, train.labels, test_mu, test.labels, k)
        if k != NEIGHBOURS:
            figures["knn_neighbours"] = k
    if test_logvar is not None:
        figures["kl"] = terms.kl
    if test_logvar is not None and likelihood:
        figures |= {"elbo": terms.elbo, "iwae": iwae(model, few, labels=test.labels, decoded=decoded)}
    return figures | _as_generator(model, test_mu, train, test)
