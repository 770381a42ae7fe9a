"""The science as a library, for notebooks: load, train or wrap a model; encode, decode, measure and show it."""

__all__ = ["TrainedModel", "load", "train", "wrap"]

import contextlib
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from tqdm import tqdm

from model import checkpoint, data, metrics, training
from model.checkpoint import Checkpoint
from model.config import ModelConfig, TrainConfig, configs
from model.importing import convert

if TYPE_CHECKING:
    from model.figures import Figures


@dataclass(frozen=True)
class TrainedModel(Checkpoint):
    """A checkpoint (see there for what it holds), with what one does with it."""

    @torch.no_grad()
    def encode(self, x: ArrayLike | Tensor, y: Sequence[int] | None = None) -> NDArray[np.float32]:
        """The codes `mu` of images, float32 (n, latent).

        Args:
            x: (n, pixels) or (n, height, width), or one image (height, width): numbers in [0, 1], or bytes. Of colour
                pixels lie channel by channel: (n, 3, height, width), or one image (3, height, width).
            y: their classes, for a conditional model.

        Raises:
            ValueError: they have another size or range.
        """
        return self.model.encode(self._images(x), self._labels(y))[0].numpy()

    @torch.no_grad()
    def decode(self, z: ArrayLike, y: Sequence[int] | None = None) -> NDArray[np.float32]:
        """The images of latent points, in [0, 1], float32 (n, height, width), of colour (n, 3, height, width).

        Args:
            z: (n, latent), or one point, (latent,).
            y: which class each is to be, for a conditional model.

        Raises:
            ValueError: they have another number of dimensions.
        """
        points = np.atleast_2d(np.asarray(z, dtype=np.float32))
        if points.ndim != 2 or points.shape[1] != self.config.latent:
            raise ValueError(f"expected latent points of {self.config.latent} numbers, found shape {points.shape}")
        images = self.model.decode(torch.from_numpy(points), self._labels(y))
        return images.view(-1, *self.config.picture).numpy()

    @property
    def latents(self) -> np.recarray:
        """A record for each test image, in the test set's order: `label`, `z1`, `z2`, …, and of a VAE `logvar1`, ….

        `pandas.DataFrame(model.latents)` makes a table of it.
        """
        columns = {"label": self.label.numpy()}
        for title, tensor in (("z", self.mu), ("logvar", self.logvar)):
            if tensor is not None:
                columns |= {f"{title}{i + 1}": column for i, column in enumerate(tensor.numpy().T)}
        found = np.recarray((len(self.label),), dtype=[(name, column.dtype) for name, column in columns.items()])
        for name, column in columns.items():
            found[name] = column
        return found

    def evaluate(self) -> dict[str, float]:
        """The test figures of `model.metrics.evaluate`, computed anew: seconds; `metrics` has those that are stored."""
        train_set, test_set = (data.load(self.train.dataset, train=half) for half in (True, False))
        return metrics.evaluate(self.model, train_set, test_set)

    @property
    def figure(self) -> "Figures":
        """Plotly's figures: `.map()`, `.manifold(n=20)`, `.losses()`, `.walk(a, b)`, `.samples()`."""
        from model.figures import Figures  # with plotly, which nothing else here needs

        return Figures(self)

    def _images(self, x: ArrayLike | Tensor) -> Tensor:
        config = self.config
        found: NDArray[Any] = np.asarray(x)
        images = found[None] if found.shape == config.picture else found
        images = images.reshape(len(images), -1) if images.shape[1:] == config.picture else images
        if images.ndim != 2 or images.shape[1] != config.pixels:
            wanted = " × ".join(map(str, config.picture))
            raise ValueError(f"expected images of {wanted} pixels, found shape {found.shape}")
        images = images.astype(np.float32) / (255 if images.dtype == np.uint8 else 1)
        if not (images.min(initial=0) >= 0 and images.max(initial=0) <= 1):
            raise ValueError(f"expected pixels from 0 to 1, or bytes, found {images.min():.3g} to {images.max():.3g}")
        return torch.from_numpy(images)

    def _labels(self, y: Sequence[int] | None) -> Tensor | None:
        return None if y is None else torch.as_tensor(y, dtype=torch.int64).reshape(-1)


def _of(found: Checkpoint) -> TrainedModel:
    return TrainedModel(**{field.name: getattr(found, field.name) for field in dataclasses.fields(found)})


def load(path: str | Path) -> TrainedModel:
    """Read a checkpoint file.

    Raises:
        CheckpointError: see `model.checkpoint.load`.
    """
    return _of(checkpoint.load(Path(path)))


def wrap(encoder: nn.Module, decoder: nn.Module, data: str = "mnist") -> TrainedModel:
    """What `model.importing.convert.wrap` makes of two modules of PyTorch."""
    return _of(convert.wrap(encoder, decoder, data))


def train(preset: str = "default", progress: bool = True, **settings: Any) -> TrainedModel:
    """Train a model, without figures: `evaluate` works them out.

    Args:
        preset: a key of `model.config.PRESETS`.
        progress: whether a bar tells of the epochs.
        settings: of `model.config.ModelConfig` and `TrainConfig`, in the place of the preset's.

    Raises:
        ValueError: a setting is unknown; or, as ConfigError, outside its range.
        DivergedError: the loss is no longer a number.
    """
    known = {field.name for kind in (ModelConfig, TrainConfig) for field in dataclasses.fields(kind)}
    if unknown := settings.keys() - known:
        raise ValueError(f"expected settings among {', '.join(sorted(known))}; found {', '.join(sorted(unknown))}")
    run = training.Run(*configs(preset, settings), device=training.best_device())
    train_set, test_set = training.split(run.config)
    with contextlib.closing(tqdm(total=run.config.epochs, unit="epoch", disable=not progress)) as bar:
        for report in training.train(run, train_set, test_set):
            bar.set_postfix_str(f"test loss {report.test.total:.2f}", refresh=False)
            bar.update()
    return _of(training.finish(run, train_set, test_set))
