"""How much memory a training run takes, counted before anything is built. Imports no torch."""

__all__ = ["needed", "parameters"]

import math
from collections.abc import Sequence

from model.config import ModelConfig, TrainConfig
from model.layers import Layer, Shape, shapes, weight_shape

FLOAT = 4  # bytes
BASE = 480_000_000  # Python, torch and what that takes for itself
# Floats for each image: of its pixels, as it is read, too, and what the test figures at the end take of distances
# between points. With BASE 1.2 GB for MNIST, of which 1.12 were measured; 2.7 for 60,000 of 64 × 64, 1.9 measured.
IMAGE_COPIES, DISTANCES = 1.5, 1_400
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
    decoder: tuple[int | Layer, ...] = model.decoder if model.drawing else (*model.decoder, model.pixels)
    encoder = (*model.encoder, heads * model.latent)
    per_unit = 2 if model.layer_norm else 0  # LayerNorm's weight and bias
    norms = per_unit * sum(layer for layer in (*model.encoder, *model.decoder) if isinstance(layer, int))
    return _weights(encoder, model.image) + _weights(decoder, model.lifted) + norms + model.latent * model.fourier


def _weights(layers: Sequence[int | Layer], taken: Shape) -> int:
    count = 0
    for layer, given in zip(layers, shapes(layers, taken), strict=True):
        if shape := weight_shape(layer, taken):
            count += math.prod(shape) + (layer if isinstance(layer, int) else layer.channels)
        taken = given
    return count


def needed(model: ModelConfig, train: TrainConfig, images: tuple[int, int]) -> int:
    """Bytes that a process takes at its peak that trains this model with this batch, and judges it; rather too many.

    Args:
        images: how many there are to learn from, and to judge by.
    """
    weights = FLOAT * parameters(model)
    stacks = (*shapes(model.encoder, model.image), *shapes(model.decoder, model.lifted))
    units = sum(map(math.prod, stacks)) + 2 * model.fourier
    row = FLOAT * (PER_UNIT * units + PER_PIXEL * model.pixels)
    data = round(FLOAT * sum(images) * (IMAGE_COPIES * model.pixels + DISTANCES))
    return BASE + data + COPIES * weights + max(COPIES_WRITTEN * weights, max(train.batch, ROWS) * row)
