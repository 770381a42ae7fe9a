"""How long a training run will take on this machine, from steps that are really taken."""

__all__ = ["Estimate", "estimate"]

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from model import metrics
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.training import Run, best_device, on_device

TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000  # of every data set here
WARM_UP = 1  # steps not counted: the first one allocates
LONG_ENOUGH = 0.06  # seconds of steps that are averaged
ROUNDS = 3  # of which the quickest counts: whatever else the machine does now, it will not do all the time
SAMPLE = 500  # test images judged, and scaled up
FEW = 5  # images for the importance-weighted bound, which takes 500 draws of each


@dataclass(frozen=True)
class Estimate:
    """Seconds of an epoch, with the judging after it, and of the test figures at the end."""

    epoch: float
    finishing: float


def estimate(model: ModelConfig, config: TrainConfig, device: torch.device | None = None) -> Estimate:
    """Take a few steps of just this model and batch, on noise, and scale them to an epoch.

    Args:
        device: where the run will compute; the fastest by default.
    """
    run = Run(model, config, device or best_device())
    generator = torch.Generator(run.device).manual_seed(0)
    x = torch.rand((config.batch, model.pixels), device=run.device, generator=generator)
    step = _seconds(run, lambda: run._step(x, 0.0, config.beta, generator, 0))
    steps = -(-TRAINING_IMAGES // config.batch)

    kept = run.kept.eval()
    noise = torch.rand((SAMPLE, model.pixels), device=run.device)
    sample = on_device(Split(noise, torch.arange(SAMPLE) % 10), run.device)
    judge = _seconds(run, lambda: metrics.elbo(kept, sample.images, samples=1, loss=config.loss)) / SAMPLE
    kept, sample = kept.cpu(), on_device(sample, torch.device("cpu"))  # where the figures at the end are computed
    encode = _seconds(run, lambda: metrics.encode(kept, sample.images)) / SAMPLE
    z = torch.randn(TRAINING_IMAGES, model.latent)
    labels = torch.arange(TRAINING_IMAGES) % 10
    vote = _seconds(run, lambda: metrics.knn_accuracy(z, labels, z[:SAMPLE], labels[:SAMPLE])) / SAMPLE
    finishing = (TRAINING_IMAGES + TEST_IMAGES) * encode + TEST_IMAGES * vote
    near = _seconds(run, lambda: metrics.nearest_distance(z[:SAMPLE], z[:TEST_IMAGES])) / SAMPLE
    alike = _seconds(run, lambda: metrics.realism(sample.images, sample.images)) / SAMPLE**2
    # Holes of prior and box and their radius; realism and coverage of three sets of images, against all test images.
    finishing += (2 * metrics.HOLE_SAMPLES + TEST_IMAGES) * near + 6 * metrics.REALISM_IMAGES * TEST_IMAGES * alike
    if model.model == "vae":
        finishing += TEST_IMAGES * _seconds(run, lambda: metrics.elbo(kept, sample.images)) / SAMPLE
        few = sample.images[:FEW]
        finishing += metrics.IWAE_IMAGES * _seconds(run, lambda: metrics.iwae(kept, few)) / FEW
    return Estimate(steps * step + TEST_IMAGES * judge, finishing)


def _seconds(run: Run, act: Callable[[], object]) -> float:
    """Mean seconds of an act, once it is warm; of the quickest of a few rounds."""

    def finished() -> float:
        if run.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    def round_of_acts() -> float:
        count, begin = 0, finished()
        while (spent := finished() - begin) < LONG_ENOUGH or not count:
            act()
            count += 1
        return spent / count

    for _ in range(WARM_UP):
        act()
    return min(round_of_acts() for _ in range(ROUNDS))
