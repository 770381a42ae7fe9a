"""What the lesson shows and no checkpoint holds: a step, as the browser takes it; one network at two resolutions."""

__all__ = ["edge_width", "resolutions", "sharpness", "step", "upscaled"]

import torch
import torch.nn.functional as F
from torch import Tensor

from model import metrics
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.losses import reconstruction
from model.networks import AutoEncoder
from model.training import Run, train

TRAIN_IMAGES = 20_000  # training images of the two resolutions
EPOCHS = 10
RESOLUTION_CONFIG = {"model": "ae", "fourier": 0}
KEPT = 8  # test images whose reconstructions are kept


def step(model: AutoEncoder, x: Tensor, rate: float) -> float:
    """One step of plain gradient descent: all weights a little downhill.

    Args:
        x: a batch of images in [0, 1], (B, 784).
        rate: the learning rate η.

    Returns:
        The loss before the step, nats per image.
    """
    logits = model.decoder(model.encode(x)[0])  # of x̂, the copies
    loss = reconstruction(logits, x, "bce").mean()
    model.zero_grad()
    loss.backward()  # leaves ∂L/∂w in w.grad
    with torch.no_grad():
        for w in model.parameters():
            if w.grad is not None:
                w.sub_(rate * w.grad)
    return loss.item()


def upscaled(images: Tensor, factor: int) -> Tensor:
    """Square images, (N, side²), larger by bilinear interpolation, (N, (factor · side)²): nothing new is in them."""
    side = round(images.shape[1] ** 0.5)
    large = F.interpolate(images.view(-1, 1, side, side), scale_factor=factor, mode="bilinear", align_corners=False)
    return large.flatten(1)


def sharpness(images: Tensor) -> Tensor:
    """Sum of the absolute differences of neighbouring pixels, Σ |x_{i+1,j} − x_{i,j}| + |x_{i,j+1} − x_{i,j}|: the
    total variation of Rudin, Osher & Fatemi (1992), doi:10.1016/0167-2789(92)90242-F, in its sum-of-sides form.

    Args:
        images: square, (N, side²).

    Returns:
        One number an image, (N,); a blurred image has less.
    """
    side = round(images.shape[1] ** 0.5)
    x = images.view(-1, side, side)
    return x.diff(dim=1).abs().sum((1, 2)) + x.diff(dim=2).abs().sum((1, 2))


def edge_width(images: Tensor) -> Tensor:
    """Pixels that an image's steepest edge takes from black to white: 1 / max |difference of neighbouring pixels|.

    Args:
        images: square, in [0, 1], not all of one grey, (N, side²).

    Returns:
        One number ≥ 1 an image, (N,): what is 1 in a crisp image.
    """
    side = round(images.shape[1] ** 0.5)
    x = images.view(-1, side, side)
    return 1 / torch.maximum(x.diff(dim=1).abs().amax((1, 2)), x.diff(dim=2).abs().amax((1, 2)))


def resolutions(training: Split, test: Split) -> tuple[dict[str, float], dict[str, Tensor]]:
    """The same AutoEncoder trained alike on digits of 28 × 28 and on the same digits upscaled to 56 × 56.

    Returns:
        Figures over the test digits for each side (28, 56): `rmse_…` of a pixel; `sharpness_…`, that of the
        reconstructions as a share of the images' own; `edge_…`, the median of their edge widths, pixels. And a few
        images and reconstructions, uint8 (8, side²).
    """
    figures: dict[str, float] = {}
    tensors: dict[str, Tensor] = {}
    for factor in (1, 2):
        train_set, eval_set = (
            Split(upscaled(half.images, factor), half.labels)
            for half in (Split(training.images[:TRAIN_IMAGES], training.labels[:TRAIN_IMAGES]), test)
        )
        side = 28 * factor
        run = Run(ModelConfig(height=side, width=side, **RESOLUTION_CONFIG), TrainConfig(epochs=EPOCHS, lr=2e-3))  # type: ignore[arg-type]
        for _report in train(run, train_set, eval_set):
            pass
        mu, _ = metrics.encode(run.kept, eval_set.images)
        with torch.no_grad():
            back = torch.cat([run.kept.decode(z) for z in mu.split(1000)]).float()
        figures[f"rmse_{side}"] = float((back - eval_set.images).square().mean().sqrt())
        figures[f"sharpness_{side}"] = float((sharpness(back) / sharpness(eval_set.images)).mean())
        figures[f"edge_{side}"] = float(edge_width(back).median())
        tensors[f"x_{side}"] = (255 * eval_set.images[:KEPT]).round().byte()
        tensors[f"x_hat_{side}"] = (255 * back[:KEPT]).round().byte()
    return figures, tensors
