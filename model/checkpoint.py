"""One safetensors file ↔ a trained model with its latents, trace, history and figures. Pickle is never read."""

__all__ = ["Checkpoint", "add_train_latents", "compact", "load", "save", "store_metrics"]

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as to_bytes
from torch import Tensor

from model.config import ModelConfig, TrainConfig, to_json
from model.dataset import Dataset, find
from model.files import write_atomically
from model.format import CARRIED, FORMAT, check, read_metadata, weight_shapes
from model.networks import AutoEncoder, build


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and all that the explorer shows of it.

    Attributes:
        model: on the CPU, float32.
        train: how it was trained.
        mu, logvar: latents of the test images in test-set order, float32 (N, latent); logvar is None for an
            AutoEncoder.
        label: classes of the test images, uint8 (N,); all 0 where the data set has no classes.
        trace: latents of the same first test points after each epoch, float16 (epochs, points ≤ 2000, latent).
        history: one dictionary an epoch (see `model.training.EpochReport.history`).
        metrics: the figures of `model.metrics.evaluate`; empty until `store_metrics` has added them.
        train_mu, train_label: latents and classes of the training images in training-set order, float16 (n, latent) and
            uint8 (n,); both None in files of before, and where float16 does not reach (see `compact`).
        data: the data set; None for one of `DATASETS`, which `train` names.
        images: the first test images, uint8 (≤ N, height, width), of colour (≤ N, 3, height, width): of people's own
            pictures, which no server has.
        imported: names of the files that it was made of, where we did not train it; `train` then tells no more than the
            data set.
    """

    model: AutoEncoder
    train: TrainConfig
    mu: Tensor
    logvar: Tensor | None
    label: Tensor
    trace: Tensor
    history: list[dict[str, float]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    train_mu: Tensor | None = None
    train_label: Tensor | None = None
    imported: str = ""
    data: Dataset | None = None
    images: Tensor | None = None

    @property
    def dataset(self) -> Dataset:
        """What people read of its data set."""
        return self.data or find(self.train.dataset)

    @property
    def config(self) -> ModelConfig:
        return self.model.config

    def save(self, path: Path) -> None:
        """See `save`."""
        save(self, path)


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write by atomic rename: `path` holds the old file or the whole new one, never a part."""
    tensors = {name: tensor.contiguous().cpu() for name, tensor in checkpoint.model.state_dict().items()}
    data = checkpoint.dataset
    tensors |= {"test.mu": checkpoint.mu, "trace.mu": checkpoint.trace}
    if data.classes:
        tensors["test.label"] = checkpoint.label
    if checkpoint.images is not None:
        tensors[CARRIED] = checkpoint.images
    if checkpoint.logvar is not None:
        tensors["test.logvar"] = checkpoint.logvar
    if checkpoint.train_mu is not None and checkpoint.train_label is not None:
        tensors |= _training(checkpoint.train_mu, checkpoint.train_label, data)
    metadata = {
        "format": FORMAT,
        "config": to_json(checkpoint.config),
        "train": to_json(checkpoint.train),
        "data": data.to_json(),
        "history": json.dumps(checkpoint.history),
        "metrics": json.dumps(checkpoint.metrics),
    }
    if checkpoint.imported:
        metadata["imported"] = checkpoint.imported
    write_atomically(path, to_bytes(tensors, metadata))


def _training(mu: Tensor, label: Tensor, data: Dataset) -> dict[str, Tensor]:
    return {"train.mu": mu, "train.label": label} if data.classes else {"train.mu": mu}


def compact(mu: Tensor) -> Tensor | None:
    """Latents in float16: 11 significant bits, finer than a pixel of a map that shows them all.

    None where one is beyond 65504, float16's largest, as an AutoEncoder's codes can be: an infinity has no place on the
    map, a smaller number in its stead would be a wrong one, and the file is a good one without training points.
    """
    half = mu.half()
    return half if bool(half.isfinite().all()) else None


def _tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a file, none of which keeps it open: Windows replaces no file that somebody has mapped."""
    return load_tensors(path.read_bytes())


def add_train_latents(path: Path, mu: Tensor, label: Tensor) -> None:
    """Put `train.mu` and `train.label` (see `Checkpoint`) into a checkpoint file; all else in it stays, bit for bit."""
    tensors = _tensors(path) | _training(mu, label, check(str(path), path).data)
    write_atomically(path, to_bytes(tensors, read_metadata(path)))


def store_metrics(path: Path, metrics: dict[str, float]) -> None:
    """Put figures (see `Checkpoint`) into a checkpoint file in place of its own; its tensors stay, bit for bit."""
    write_atomically(path, to_bytes(_tensors(path), read_metadata(path) | {"metrics": json.dumps(metrics)}))


def _labels(tensors: Mapping[str, Tensor], name: str, mu: Tensor) -> Tensor:
    """The labels of codes, all 0 in a file without classes."""
    return tensors.get(name, torch.zeros(len(mu), dtype=torch.uint8))


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint.

    Raises:
        CheckpointError: the file is absent, foreign, damaged, of another format version, or does not fit its config.
    """
    header = check(str(path), path)
    tensors = _tensors(path)
    mu, train_mu = tensors["test.mu"], tensors.get("train.mu")
    model = build(header.config)
    model.load_state_dict({name: tensors[name] for name in weight_shapes(header.config)})
    return Checkpoint(
        model=model.eval(),
        train=header.train,
        mu=mu,
        logvar=tensors.get("test.logvar"),
        label=_labels(tensors, "test.label", mu),
        trace=tensors["trace.mu"],
        history=header.history,
        metrics=header.metrics,
        train_mu=train_mu,
        train_label=None if train_mu is None else _labels(tensors, "train.label", train_mu),
        imported=header.imported,
        data=header.data,
        images=tensors.get(CARRIED),
    )
