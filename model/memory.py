"""How much memory a training run takes, counted before anything is built. Imports no torch."""

__all__ = ["needed", "parameters"]

from itertools import pairwise

from model.config import ModelConfig, TrainConfig

FLOAT = 4  # bytes
# Python, torch, a data set's 70,000 images, and the test figures at the end with their distances: 1.13 GB was measured.
BASE = 1_200_000_000
# Of each weight: itself, its average, its gradient and two moments of AdamW; and while the state is written three
# copies of all but the gradient: the tensors', the file's parts', the file's.
COPIES, COPIES_WRITTEN = 5, 3 * 4
# Floats kept for each row of a batch until its gradient is known: of a hidden layer's unit what comes out of Linear,
# LayerNorm and activation, and a gradient; of a pixel its image, dropout, logit, loss and gradients.
PER_UNIT, PER_PIXEL = 4, 6
ROWS = 2_500  # at least: a test set is judged in chunks of as many


def parameters(model: ModelConfig) -> int:
    """How many numbers a model's state has: weights, biases, LayerNorms, Fourier frequencies."""
    heads = 2 if model.model == "vae" else 1  # mu, logvar
    encoder = (model.pixels + model.told, *model.encoder)
    decoder = (model.latent + 2 * model.fourier + model.told, *model.decoder)
    per_unit = 3 if model.layer_norm else 1  # a bias; LayerNorm's weight and bias
    hidden = sum(i * o + per_unit * o for widths in (encoder, decoder) for i, o in pairwise(widths))
    ends = heads * (encoder[-1] + 1) * model.latent + (decoder[-1] + 1) * model.pixels
    return hidden + ends + model.latent * model.fourier


def needed(model: ModelConfig, train: TrainConfig) -> int:
    """Bytes that a process takes at its peak that trains this model with this batch, and judges it; rather too many."""
    weights = FLOAT * parameters(model)
    units = sum(model.encoder) + sum(model.decoder) + 2 * model.fourier
    row = FLOAT * (PER_UNIT * units + PER_PIXEL * model.pixels)
    return BASE + COPIES * weights + max(COPIES_WRITTEN * weights, max(train.batch, ROWS) * row)
