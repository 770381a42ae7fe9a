"""Files of others → a checkpoint: read, recognised, fitted, and the latents of both halves worked out."""

__all__ = ["Imported", "convert"]

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model import data, training
from model.checkpoint import Checkpoint
from model.config import DATASETS, ModelConfig, TrainConfig
from model.importing import layers, roles
from model.importing.files import read
from model.importing.fit import Fit, Guess, best, weights
from model.importing.roles import Given
from model.networks import build
from model.safetensors_header import CheckpointError

JUDGED = 500  # test images by which readings of a file are told apart


@dataclass(frozen=True)
class Imported:
    """What became of files.

    Attributes:
        fit: how they were read.
        runner_up: the next best reading; None where there is none.
    """

    checkpoint: Checkpoint
    fit: Fit
    runner_up: Fit | None


def convert(paths: Sequence[Path], dataset: str, given: Given, guess: Guess) -> Imported:
    """A checkpoint, without figures, of the network whose weights lie in files.

    Args:
        paths: a model's file, or its encoder's and its decoder's.
        dataset: whose images it was trained on, a key of `model.config.DATASETS`.
        given: see `roles.recognised`.

    Raises:
        CheckpointError: they hold no network of Linear layers that the app can show, or not enough to tell which.
        DataError: see `model.data.load`.
    """
    train_set, test_set = data.load(dataset, train=True), data.load(dataset, train=False)
    height, width = DATASETS[dataset].shape
    ways = roles.recognised(layers.found(read(paths)), height * width, given)
    if (latent := ways[0].mu.outputs) != 2:
        text = "Expected a latent space of 2 dimensions, which a map can show, found {latent}: {layers}."
        raise CheckpointError(text, latent=latent, layers=ways[0])
    fit, runner_up = best(ways, test_set.images[:JUDGED], guess)
    hidden, decoder = fit.roles.encoder, fit.roles.decoder[:-1]
    config = ModelConfig(
        model="vae" if fit.roles.logvar else "ae",
        height=height,
        width=width,
        latent=latent,
        encoder=tuple(linear.outputs for linear in hidden),
        decoder=tuple(linear.outputs for linear in decoder),
        activation=fit.activation,
        layer_norm=any(linear.norm is not None and not linear.norm.learned for linear in (*hidden, *decoder)),
        fourier=0,
    )
    model = build(config)
    model.load_state_dict(weights(fit))
    # Of how it was trained only the data set is known; the other settings stand for nothing.
    made = training.described(
        model, TrainConfig(dataset=dataset), train_set, test_set, imported=" + ".join(path.name for path in paths)
    )
    return Imported(made, fit, runner_up)
