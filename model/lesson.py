"""What the lesson shows and no checkpoint holds: a network's first steps, and one network at two resolutions."""

__all__ = ["Steps", "edge_width", "first_steps", "resolutions", "sharpness", "upscaled"]

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model import metrics
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.losses import reconstruction
from model.networks import build
from model.training import Run, train

STEPS = 200
STEP_CONFIG = ModelConfig(model="ae", encoder=(128,), decoder=(128,), layer_norm=False, fourier=0)
RATE = 0.02  # learning rate of plain gradient descent
BATCH = 100
SHOWN = 3  # images of each batch that are kept

TRAIN_IMAGES = 20_000  # training images of the two resolutions
EPOCHS = 10
RESOLUTION_CONFIG = {"model": "ae", "fourier": 0}
KEPT = 8  # test images whose reconstructions are kept


@dataclass(frozen=True)
class Steps:
    """A small AutoEncoder's first steps of plain gradient descent, w ← w − rate · ∂L/∂w.

    Attributes:
        loss: mean cross-entropy of each step's batch before the step, nats per image, float32 (steps,).
        x, x_hat: the first images of the batch and their reconstructions before the step, uint8 (steps, shown, 784).
        weight: the decoder's first matrix before each step and after the last, float32 (steps + 1, 128, 2).
    """

    loss: Tensor
    x: Tensor
    x_hat: Tensor
    weight: Tensor

    def tensors(self) -> dict[str, Tensor]:
        """As they stand in a safetensors file; `rate` goes into the metadata."""
        return {"loss": self.loss, "x": self.x, "x_hat": self.x_hat, "weight": self.weight}


def first_steps(training: Split, steps: int = STEPS, seed: int = 0) -> Steps:
    """Take them, and note what each did."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = build(STEP_CONFIG)
    matrix = model.decoder.get_parameter("hidden.0.linear.weight")
    losses, xs, x_hats, weights = [], [], [], [matrix.detach().clone()]
    for _ in range(steps):
        x = training.images[torch.randint(len(training), (BATCH,), generator=generator)]
        logits = model.decoder(model.encode(x)[0])
        loss = reconstruction(logits, x, "bce").mean()
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.sub_(RATE * parameter.grad)
        losses.append(loss.detach())
        xs.append((255 * x[:SHOWN]).round().byte())
        x_hats.append((255 * logits[:SHOWN].detach().sigmoid()).round().byte())
        weights.append(matrix.detach().clone())
    return Steps(torch.stack(losses), torch.stack(xs), torch.stack(x_hats), torch.stack(weights))


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
