"""Metrics against other ways to the same number."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from model import metrics
from model.checkpoint import Checkpoint, load
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


@torch.no_grad()
def test_the_elbo_is_that_of_a_sum_over_the_posterior(toy: AutoEncoder) -> None:
    x = torch.rand(30, 4)  # grey pixels, too
    mu, logvar = toy.encode(x)
    assert logvar is not None
    posterior = Normal(mu, torch.exp(0.5 * logvar))
    steps = torch.linspace(-6, 6, 121)  # in standard deviations
    weights = Independent(Normal(torch.zeros(2), 1.0), 1).log_prob(torch.cartesian_prod(steps, steps)).exp()
    z = posterior.mean[:, None] + posterior.stddev[:, None] * torch.cartesian_prod(steps, steps)
    nats = -Bernoulli(logits=toy.decoder(z), validate_args=False).log_prob(x[:, None]).sum(-1)
    expected = (nats @ weights).mean() / weights.sum()
    found = metrics.elbo(toy, x, samples=4000)
    assert found.reconstruction == pytest.approx(float(expected), abs=0.005)
    assert found.kl == pytest.approx(float(kl_divergence(posterior, Normal(0.0, 1.0)).sum(-1).mean()), rel=1e-5)
    assert found.elbo == -(found.reconstruction + found.kl)


@torch.no_grad()
def test_pixel_errors_are_those_of_numpy(toy: AutoEncoder) -> None:
    x = torch.rand(metrics.CHUNK + 7, 4)  # more than are taken at once
    decoded = 1 / (1 + np.exp(-toy.decoder(toy.encode(x)[0]).double().numpy()))
    difference = decoded - x.double().numpy()
    assert metrics.pixel_errors(toy, x) == pytest.approx(((difference**2).mean(), np.abs(difference).mean()), rel=1e-5)


@torch.no_grad()
def test_many_images_are_encoded_as_each_alone() -> None:
    model = build(ModelConfig(height=2, width=2, encoder=(8,), decoder=(8,), fourier=0)).eval()
    x = torch.rand(metrics.CHUNK + 7, 4)
    mu, logvar = metrics.encode(model, x)
    assert logvar is not None
    for i in (0, metrics.CHUNK - 1, metrics.CHUNK, len(x) - 1):
        for found, alone in zip((mu, logvar), model.encode(x[i : i + 1]), strict=True):
            torch.testing.assert_close(found[i : i + 1], alone)


@torch.no_grad()
def test_figures_of_a_conditional_model_are_of_images_with_their_own_labels() -> None:
    """As of images alone, one class at a time; more than are taken at once."""
    model = build(ModelConfig(height=2, width=2, encoder=(8,), decoder=(8,), fourier=2, conditional=True)).eval()
    y = torch.arange(metrics.CHUNK + 7) % 10
    x = torch.rand(len(y), 4)
    mu, logvar = metrics.encode(model, x, y)
    squared = 0.0
    for label in range(10):
        own = y == label
        alone = model.encode(x[own], y[own])
        torch.testing.assert_close(mu[own], alone[0])
        assert logvar is not None
        assert alone[1] is not None
        torch.testing.assert_close(logvar[own], alone[1])
        squared += float((model.decode(alone[0], y[own]) - x[own]).square().sum())
    assert metrics.pixel_errors(model, x, y)[0] == pytest.approx(squared / x.numel(), rel=1e-5)
    elbo = metrics.elbo(model, x[:16], labels=y, samples=2000).elbo
    assert metrics.iwae(model, x[:16].repeat(50, 1), labels=y[:16].repeat(50), samples=1) == pytest.approx(
        elbo, abs=0.05
    )
    assert metrics.elbo(model, x[:16], labels=9 - y, samples=2000).elbo != pytest.approx(elbo, abs=1e-3)


@pytest.mark.parametrize("name", ["vae-mnist", "vae-mnist-baseline", "vae-mnist-beta-0.25"])
def test_the_faster_products_change_no_fourth_digit(
    name: str, shipped: dict[str, Checkpoint], test_digits: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, x = shipped[name].model, test_digits.images[:100]
    found = {}
    for fast in (False, True):
        monkeypatch.setattr(metrics, "_halves", lambda fast=fast: fast)
        found[fast] = (metrics.iwae(model, x), metrics.elbo(model, x).elbo)
    assert found[True] == pytest.approx(found[False], rel=5e-5)
    assert found[True] != found[False]


def test_iwae_refuses_an_autoencoder() -> None:
    with pytest.raises(ValueError, match="iwae needs a VAE"):
        metrics.iwae(build(ModelConfig(model="ae", encoder=(4,), decoder=(4,))), torch.rand(2, 784))


@pytest.mark.parametrize(("train_count", "latent"), [(15, 2), (400, 1), (400, 3), (7000, 2)])
def test_knn_accuracy_is_that_of_a_plain_search(train_count: int, latent: int) -> None:
    """Few points, of whom all are asked how far the neighbours are, and more."""
    rng = np.random.default_rng(0)
    train, test = (rng.normal(size=(count, latent)).astype(np.float32) for count in (train_count, 2300))
    train_labels, test_labels = rng.integers(0, 4, train_count), rng.integers(0, 4, len(test))
    hits = 0
    for z, label in zip(test, test_labels, strict=True):
        nearest = np.argsort(((train - z) ** 2).sum(1))[:15]
        hits += int(np.bincount(train_labels[nearest], minlength=4).argmax() == label)
    points, truth = (torch.from_numpy(train), torch.from_numpy(train_labels)), torch.from_numpy(test_labels)
    found = metrics.knn_accuracy(*points, torch.from_numpy(test), truth)
    assert found == hits / len(test)


def test_figures_do_not_depend_on_the_global_seed(toy: AutoEncoder) -> None:
    x = torch.rand(8, 4)
    first = metrics.elbo(toy, x)
    torch.manual_seed(99)
    assert metrics.elbo(toy, x) == first


@pytest.mark.parametrize("itself", [False, True])
def test_nearest_distance_is_that_of_a_plain_search(itself: bool) -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1200, 2)).astype(np.float32)  # more than are taken at once
    z = points if itself else rng.normal(size=(700, 2)).astype(np.float32)
    expected = [np.delete(((points - p) ** 2).sum(1), [i] if itself else []).min() ** 0.5 for i, p in enumerate(z)]
    found = metrics.nearest_distance(torch.from_numpy(z), torch.from_numpy(points), itself)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_share_of_holes_where_it_can_be_worked_out() -> None:
    """Two rows of points, s apart along each, H from the other: a place is in no hole within s of a point. Over each
    row that is a band whose half height, √(s² − u²) at u ≤ s/2 from the nearest point, is s (π/6 + √3/4) on average."""
    s, rows, count = 0.1, 2.0, 101
    x = s * torch.arange(count)
    mu = torch.cat([torch.stack([x, torch.full_like(x, y)], dim=1) for y in (0.0, rows)])
    radius = metrics.hole_radius(mu)
    assert radius == pytest.approx(s, rel=1e-3)
    box = metrics.bounding_box(mu)
    assert box.low.tolist() == [0, 0]
    assert box.high.tolist() == pytest.approx([10, 2])
    z = box.uniform(40_000, torch.Generator().manual_seed(3))
    expected = 1 - 2 * s * (math.pi / 6 + math.sqrt(3) / 4) / rows
    assert metrics.hole_share(z, mu, radius) == pytest.approx(expected, abs=0.006)  # four standard errors


def test_half_of_the_prior_is_a_hole_where_half_the_plane_is_empty() -> None:
    axis = torch.arange(-60, 61) / 10
    grid = torch.cartesian_prod(axis, axis)
    mu = grid[grid[:, 0] <= 0]
    radius = metrics.hole_radius(mu)
    assert radius == pytest.approx(0.1, rel=1e-3)
    z = torch.randn((20_000, 2), generator=torch.Generator().manual_seed(4))
    edge = radius * (math.pi / 6 + math.sqrt(3) / 4)  # how far the last column keeps holes away, on average
    beyond = 0.5 * math.erfc(edge / math.sqrt(2))  # the normal distribution's mass to the right of that
    assert metrics.hole_share(z, mu, radius) == pytest.approx(beyond, abs=0.014)  # four standard errors


def test_the_radius_scales_with_the_cloud_and_the_share_does_not_change() -> None:
    mu, z = torch.randn(2000, 2), torch.randn(2000, 2)
    radius = metrics.hole_radius(mu)
    assert metrics.hole_radius(40 * mu) == pytest.approx(40 * radius, rel=1e-4)
    share = metrics.hole_share(z, mu, radius)
    assert metrics.hole_share(40 * z, 40 * mu, 40 * radius) == pytest.approx(share, abs=1e-3)
    # By definition 1 % of the points themselves have no other so near.
    assert (metrics.nearest_distance(mu, mu, itself=True) > radius).double().mean() == pytest.approx(0.01, abs=1e-3)


def test_realism_and_coverage_where_they_can_be_worked_out() -> None:
    dark, light = torch.full((3, 16), 0.2), torch.full((1, 16), 0.9)
    real = torch.cat([dark, light])
    assert metrics.realism_and_coverage(real, real) == pytest.approx((0, 0), abs=1e-6)
    samples = torch.full((5, 16), 0.3)  # all alike, each 0.1 from the dark ones and 0.6 from the light one
    assert metrics.realism_and_coverage(samples, real) == pytest.approx((0.1, (3 * 0.1 + 0.6) / 4))


def _plain_distance(z: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance to the nearest, (M,), and the square of each, by NumPy."""
    return np.concatenate([np.sqrt(((part[:, None] - points) ** 2).sum(-1).min(1)) for part in np.array_split(z, 40)])


@pytest.fixture(scope="module", params=["made now", *SHIPPED])
def judged(
    request: pytest.FixtureRequest,
    shipped: dict[str, Checkpoint],
    small_checkpoint: Path,
    few_digits: Split,
    train_digits: Split,
) -> tuple[Checkpoint, Split]:
    """A checkpoint and the images it was trained on: each shipped one, and one whose figures this very code made."""
    if request.param == "made now":
        return load(small_checkpoint), few_digits
    return shipped[request.param], train_digits


def _plain_rmse(images: torch.Tensor, real: torch.Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each image the distance to the nearest real one, and of each real one to the nearest image."""
    x, y = images.numpy(), real.numpy()
    squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
    to_real, to_images = (np.sqrt(np.maximum(squares.min(axis), 0).astype(float) / 784) for axis in (1, 0))
    return to_real, to_images


@pytest.fixture(scope="module")
def between_real(few_digits: Split, test_digits: Split) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same of the first 1,000 training digits, with which all of the checkpoints begin."""
    return _plain_rmse(few_digits.images[:1000], test_digits.images)


def test_stored_figures_of_a_generator_are_those_of_the_file(
    judged: tuple[Checkpoint, Split],
    few_digits: Split,
    test_digits: Split,
    between_real: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Estimated anew with other draws: within four or five standard errors."""
    checkpoint, train_digits = judged
    figures = checkpoint.metrics
    rng = np.random.default_rng(11)
    mu = checkpoint.mu.double().numpy()
    low, high = mu.min(0), mu.max(0)
    assert [figures["extent_1"], figures["extent_2"]] == pytest.approx(list(high - low), rel=1e-5)
    some = rng.choice(len(mu), 1500, replace=False)
    near = np.array([np.partition(((mu - mu[i]) ** 2).sum(1), 1)[1] ** 0.5 for i in some])
    assert (near > figures["hole_radius"]).mean() == pytest.approx(0.01, abs=0.011)
    draws = {"prior": rng.normal(size=(1500, 2)), "box": rng.uniform(low, high, size=(1500, 2))}
    assert torch.equal(train_digits.images[:1000], few_digits.images[:1000])
    nearest = {"real": between_real}
    for rule, z in draws.items():
        share = (_plain_distance(z, mu) > figures["hole_radius"]).mean()
        error = math.sqrt(figures[f"holes_{rule}"] * (1 - figures[f"holes_{rule}"]) / len(z))
        assert figures[f"holes_{rule}"] == pytest.approx(share, abs=4 * error + 0.003), rule
        with torch.no_grad():
            y = torch.from_numpy(rng.permutation(train_digits.labels)[:1000])
            nearest[rule] = _plain_rmse(
                checkpoint.model.decode(torch.from_numpy(z[:1000]).float(), y), test_digits.images
            )
    for rule, (to_real, to_drawn) in nearest.items():
        error = 0 if rule == "real" else 5 * math.sqrt(2) * to_real.std() / math.sqrt(len(to_real))
        assert figures[f"realism_{rule}"] == pytest.approx(to_real.mean(), abs=error + 1e-4), rule
        luck = {"real": 1e-4, "prior": 3e-3, "box": 0.01}[rule]  # few of a box's draws fall among the crowded classes
        assert figures[f"coverage_{rule}"] == pytest.approx(to_drawn.mean(), abs=luck), rule


@torch.no_grad()
def test_stored_figures_are_those_of_the_file(judged: tuple[Checkpoint, Split], test_digits: Split) -> None:
    """By the networks alone, torch.distributions and NumPy; with other draws, so within five standard errors. What the
    neighbours vote is held to a plain search above."""
    checkpoint, train_digits = judged
    figures, model, x, y = checkpoint.metrics, checkpoint.model, test_digits.images, test_digits.labels
    real = x.numpy()
    mu, logvar = model.encode(x, y)
    torch.testing.assert_close(checkpoint.mu, mu, atol=1e-3, rtol=1e-4)
    assert checkpoint.label.tolist() == test_digits.labels.tolist()

    difference = model.decode(mu, y).numpy() - real
    assert figures["mse"] == pytest.approx((difference**2).mean(), rel=1e-4)
    assert figures["mae"] == pytest.approx(np.abs(difference).mean(), rel=1e-4)

    train_mu = torch.cat(
        [
            model.encode(images, labels)[0]
            for images, labels in zip(train_digits.images.split(5000), train_digits.labels.split(5000), strict=True)
        ]
    )
    accuracy = metrics.knn_accuracy(train_mu, train_digits.labels, mu, test_digits.labels)
    assert figures["knn_accuracy"] == pytest.approx(accuracy, abs=5e-4)

    def nats(z: torch.Tensor) -> NDArray[np.float64]:
        """Binary cross-entropy of each image decoded at its z, (N,): −Σ x l − log(1 + eˡ) of the logits l."""
        logits = model.decoder(z, y[: len(z)]).numpy()
        return np.asarray((np.logaddexp(0, logits) - real[: len(z)] * logits).sum(1, dtype=np.float64))

    if logvar is None:
        assert figures["reconstruction"] == pytest.approx(nats(mu).mean(), rel=1e-4)
        return
    posterior, prior = Independent(Normal(mu, torch.exp(0.5 * logvar)), 1), Independent(Normal(torch.zeros(2), 1.0), 1)
    divergence = float(kl_divergence(posterior, prior.expand(posterior.batch_shape)).double().mean())
    assert figures["kl"] == pytest.approx(divergence, rel=1e-4)
    one, two = nats(posterior.sample()), nats(posterior.sample())
    error = math.sqrt(((one - two) ** 2).mean() / 2 * (1 / 2 + 1 / metrics.ELBO_SAMPLES) / len(x))
    assert figures["reconstruction"] == pytest.approx((one + two).mean() / 2, abs=5 * error)
    assert figures["elbo"] == pytest.approx(-figures["reconstruction"] - figures["kl"], rel=1e-6)
    # The bound rises with its draws (Burda et al. 2016, theorem 1): a few give less than the 500 of the stored one.
    first = Independent(Normal(mu[: metrics.IWAE_IMAGES], torch.exp(0.5 * logvar[: metrics.IWAE_IMAGES])), 1)
    weights = []
    for z in first.sample(torch.Size([8])):
        weights.append(prior.log_prob(z).numpy() - first.log_prob(z).numpy() - nats(z))
    bounds = np.array([np.logaddexp.reduce(weights[:k]).mean() - math.log(k) for k in (1, 8)])
    assert bounds[0] < bounds[1] < figures["iwae"]


@pytest.mark.parametrize(
    ("name", "elbo", "accuracy"), [("vae-mnist", -132.0, 0.89), ("vae-mnist-baseline", -155.0, 0.68)]
)
def test_shipped_models_are_as_good_as_promised(
    name: str, elbo: float, accuracy: float, shipped: dict[str, Checkpoint]
) -> None:
    assert shipped[name].metrics["elbo"] >= elbo
    assert shipped[name].metrics["knn_accuracy"] >= accuracy


def test_a_linear_output_has_no_figures_in_nats_but_its_kl(few_digits: Split) -> None:
    digits = Split(few_digits.images[:30], few_digits.labels[:30])
    figures = metrics.evaluate(build(ModelConfig(encoder=(4,), decoder=(4,), output="linear")), digits, digits)
    assert not {"reconstruction", "elbo", "iwae"} & figures.keys()
    assert {"mse", "kl"} <= figures.keys()


@pytest.mark.parametrize(
    ("kind", "images"), [("vae", metrics.ELBO_SAMPLES * 200 + metrics.IWAE_SAMPLES * 20), ("ae", 200)]
)
def test_evaluate_tells_how_far_it_is(
    kind: str, images: int, few_digits: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "HOLE_SAMPLES", 100)
    monkeypatch.setattr(metrics, "IWAE_IMAGES", 20)
    digits = Split(few_digits.images[:200], few_digits.labels[:200])
    network = build(ModelConfig(model=kind, encoder=(8,), decoder=(8,), fourier=0)).eval()
    told: list[tuple[int, int]] = []
    metrics.evaluate(network, digits, digits, lambda *now: told.append(now))
    assert {every for _done, every in told} == {images}
    assert [done for done, _every in told] == sorted({done for done, _every in told})
    assert told[-1] == (images, images)
