"""How long a training run will take on this machine, from steps that are really taken."""

__all__ = ["Costs", "estimate", "measure", "scale", "seconds"]

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from model import metrics
from model.config import CLASSES, ModelConfig, TrainConfig
from model.data import Split
from model.estimate import MNIST, Estimate
from model.training import Run, best_device, on_device

WARM_UP = 1  # calls not counted: the first one allocates
LONG_ENOUGH = 0.06  # seconds of calls that are averaged
ROUNDS = 3  # of which the quickest counts: whatever else the machine does now, it will not do all the time
SAMPLE = 500  # test images evaluated, and scaled up
FEW = 5  # images for the importance-weighted bound, which takes 500 draws of each


@dataclass(frozen=True)
class Costs:
    """Seconds of the parts of a run.

    Attributes:
        step: of training, one batch.
        evaluate: the loss of one test image after an epoch.
        save: to write the run's state, after each epoch.
        encode, vote: one image's code, and its nearest neighbours' vote among all training codes.
        distance: from one point to its nearest among the test images' codes.
        compare: two images, pixel by pixel.
        elbo, iwae: one image's bounds at the end; 0 for an AutoEncoder, which has none.
    """

    step: float
    evaluate: float
    encode: float
    vote: float
    distance: float
    compare: float
    elbo: float = 0.0
    iwae: float = 0.0
    save: float = 0.0


def estimate(
    model: ModelConfig, config: TrainConfig, images: tuple[int, int] = MNIST, device: torch.device | None = None
) -> Estimate:
    """Take a few steps of just this model and batch, on noise, and scale them to an epoch.

    Args:
        images: how many there are to learn from, and to judge by.
        device: where the run will compute; the fastest by default.
    """
    return scale(measure(model, config, images, device or best_device()), config.batch, images)


def scale(costs: Costs, batch: int, images: tuple[int, int] = MNIST) -> Estimate:
    """From the parts to an epoch of all training images, and to the figures of `model.metrics.evaluate`."""
    training, test = images
    steps = -(-training // batch)
    finishing = (training + test) * costs.encode + test * costs.vote
    # Holes of prior and box and their radius; realism and coverage of three sets of images, against all test images.
    finishing += (2 * metrics.HOLE_SAMPLES + test) * costs.distance
    finishing += 3 * min(metrics.REALISM_IMAGES, training) * test * costs.compare
    finishing += test * costs.elbo + min(metrics.IWAE_IMAGES, test) * costs.iwae
    return Estimate(steps * costs.step + test * costs.evaluate + costs.save, finishing)


def measure(model: ModelConfig, config: TrainConfig, images: tuple[int, int], device: torch.device) -> Costs:
    """The costs of this model and batch, on noise."""
    training, test = images
    run = Run(model, config, device)
    generator = torch.Generator(device).manual_seed(0)
    x = torch.rand((config.batch, model.pixels), device=device, generator=generator)
    kept = run.kept.eval()
    noise = torch.rand((SAMPLE, model.pixels), device=device)
    sample = on_device(Split(noise, torch.arange(SAMPLE) % 10), device)
    timed = partial(seconds, clock=partial(_finished, device))
    y = torch.arange(config.batch, device=device) % CLASSES
    step = timed(lambda: run._step(x, y, 0.0, config.beta, generator, 0))
    pixels, classes = sample.images, sample.labels
    evaluate = timed(lambda: metrics.elbo(kept, pixels, classes, samples=1, loss=config.loss)) / SAMPLE
    with tempfile.TemporaryDirectory() as folder:
        save = timed(lambda: run.save(Path(folder)))

    kept, sample = kept.cpu(), on_device(sample, torch.device("cpu"))  # where the figures at the end are computed
    z = torch.randn(max(training, SAMPLE), model.latent)
    labels = torch.arange(len(z)) % 10
    few, vae = sample.images[:FEW], model.model == "vae"
    return Costs(
        step=step,
        evaluate=evaluate,
        encode=timed(lambda: metrics.encode(kept, sample.images, classes)) / SAMPLE,
        vote=timed(lambda: metrics.knn_accuracy(z, labels, z[:SAMPLE], labels[:SAMPLE])) / SAMPLE,
        distance=timed(lambda: metrics.nearest_distance(z[:SAMPLE], z[:test])) / SAMPLE,
        compare=timed(lambda: metrics.realism_and_coverage(sample.images, sample.images)) / SAMPLE**2,
        elbo=timed(lambda: metrics.elbo(kept, sample.images, classes)) / SAMPLE if vae else 0.0,
        iwae=timed(lambda: metrics.iwae(kept, few, classes)) / FEW if vae else 0.0,
        save=save,
    )


def seconds(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Mean seconds of an act, once it is warm; of the quickest of a few rounds."""

    def round_of_acts() -> float:
        count, begin = 0, clock()
        while (spent := clock() - begin) < LONG_ENOUGH or not count:
            act()
            count += 1
        return spent / count

    for _ in range(WARM_UP):
        act()
    return min(round_of_acts() for _ in range(ROUNDS))


def _finished(device: torch.device) -> float:
    """The time once all that was asked of a device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter()
