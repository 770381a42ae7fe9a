"""Pictures of what a network makes, as the Train page shows them: a strip of reconstructions, a sheet of samples."""

__all__ = ["firsts", "png", "sheet", "strip"]

import base64
import io
from itertools import zip_longest

import torch
from PIL import Image
from torch import Tensor

from model.config import CLASSES
from model.data import Split
from model.networks import AutoEncoder

STRIP = 10  # images over their reconstructions, at the most
SHEET = 8  # samples a side
SHEET_SEED = 0


def firsts(split: Split) -> Split:
    """The first image of each class, then the second of each, and so on: ten in all, if there are as many."""
    of_each = [(split.labels == c).nonzero()[:STRIP, 0].tolist() for c in split.labels.unique()]
    rows = [row for turn in zip_longest(*of_each) for row in turn if row is not None][:STRIP]
    return Split(split.images[rows], split.labels[rows])


@torch.no_grad()
def strip(model: AutoEncoder, shown: Split) -> Tensor:
    """Images over what the model makes of them: one picture of two rows, in [0, 1]."""
    x, y = shown.images, shown.labels
    mu, _ = model.encode(x.to(model.device), y)
    return _grid(torch.cat([x, model.decode(mu, y).cpu()]), model, len(x))


@torch.no_grad()
def sheet(model: AutoEncoder, codes: Tensor) -> Tensor:
    """A square of decoded points, the same at each call: of a VAE from its prior N(0, I); an AutoEncoder has none, so
    evenly over the box around `codes`, (n, latent). To a conditional model the classes are given in turn."""
    generator = torch.Generator().manual_seed(SHEET_SEED)
    shape = (SHEET * SHEET, model.config.latent)
    if model.config.model == "vae":
        z = torch.randn(shape, generator=generator)
    else:
        low, high = codes.amin(0), codes.amax(0)
        z = low + (high - low) * torch.rand(shape, generator=generator)
    y = torch.arange(len(z)) % CLASSES
    return _grid(model.decode(z.to(model.device), y).cpu(), model, SHEET)


def png(picture: Tensor) -> str:
    """A picture, (height, width) or (3, height, width), in [0, 1] as PNG, base64."""
    buffer = io.BytesIO()
    levels = (picture * 255).round().to(torch.uint8)
    Image.fromarray((levels if levels.ndim == 2 else levels.permute(1, 2, 0)).numpy()).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _grid(images: Tensor, model: AutoEncoder, columns: int) -> Tensor:
    """Images, (n, pixels), row by row as one picture, (rows · height, columns · width), or (3, …) of colour."""
    *channels, height, width = model.config.picture
    apart = images.view(-1, columns, *channels or (1,), height, width).permute(2, 0, 3, 1, 4)
    return apart.reshape(*channels, -1, columns * width)
