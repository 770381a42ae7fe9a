"""One safetensors file ↔ a trained model with its latents, trace, history and figures. Pickle is never read."""

__all__ = ["FORMAT", "TEST_POINTS", "TRACE_POINTS", "Checkpoint", "CheckpointError", "load", "save"]

import json
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json
from model.networks import AutoEncoder, build

FORMAT = "latent-explorer/1"
TEST_POINTS = 10_000
TRACE_POINTS = 2_000


class CheckpointError(ValueError):
    """A file that is not a usable checkpoint; the message says what was expected, what was found, what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and all that the explorer shows of it.

    Attributes:
        model: on the CPU, float32.
        mu, logvar: latents of the test images in test-set order, float32 (10000, latent); logvar is None for an
            AutoEncoder.
        label: classes of the test images, uint8 (10000,).
        trace: latents of the same first test points after each epoch, float16 (epochs, points ≤ 2000, latent).
        history: one dictionary an epoch (see `model.training.EpochReport.history`).
        metrics: the figures of `model.metrics.evaluate`.
    """

    model: AutoEncoder
    train: TrainConfig
    mu: Tensor
    logvar: Tensor | None
    label: Tensor
    trace: Tensor
    history: list[dict[str, float]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def config(self) -> ModelConfig:
        return self.model.config


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write by atomic rename: `path` holds the old file or the whole new one, never a part."""
    tensors = {name: tensor.contiguous().cpu() for name, tensor in checkpoint.model.state_dict().items()}
    tensors |= {"test.mu": checkpoint.mu, "test.label": checkpoint.label, "trace.mu": checkpoint.trace}
    if checkpoint.logvar is not None:
        tensors["test.logvar"] = checkpoint.logvar
    metadata = {
        "format": FORMAT,
        "config": to_json(checkpoint.config),
        "train": to_json(checkpoint.train),
        "history": json.dumps(checkpoint.history),
        "metrics": json.dumps(checkpoint.metrics),
    }
    write_atomically(path, to_bytes(tensors, metadata))


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path`, flush to disk, rename over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint.

    Raises:
        CheckpointError: the file is absent, foreign, damaged, of another format version, or does not fit its config.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            _check_format(path, metadata)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file; check the name.") from error
    except (SafetensorError, OSError, struct.error, UnicodeDecodeError) as error:
        raise CheckpointError(
            f"{path}: expected a safetensors file, found something else or a damaged one ({error}); "
            "copy or download it again."
        ) from error
    return _checked(path, metadata, tensors)


def _check_format(path: Path, metadata: dict[str, str]) -> None:
    found = metadata.get("format", "no format")
    if found != FORMAT:
        cure = "update the app" if found.startswith("latent-explorer/") else "make one with `python -m model train`"
        raise CheckpointError(f"{path}: expected a checkpoint of format {FORMAT}, found {found}; {cure}.")


def _checked(path: Path, metadata: dict[str, str], tensors: dict[str, Tensor]) -> Checkpoint:
    try:
        config = from_json(ModelConfig, metadata.get("config", ""))
        train = from_json(TrainConfig, metadata.get("train", ""))
    except ConfigError as error:
        raise CheckpointError(f"{path}: expected a config this app knows, found otherwise: {error}") from error
    model = build(config)
    weights = {name: (tuple(t.shape), torch.float32) for name, t in model.state_dict().items()}
    points, latent = TEST_POINTS, config.latent
    expected: dict[str, tuple[tuple[int, ...], torch.dtype]] = {
        **weights,
        "test.mu": ((points, latent), torch.float32),
        "test.label": ((points,), torch.uint8),
    }
    if config.model == "vae":
        expected["test.logvar"] = ((points, latent), torch.float32)
    trace = tensors.get("trace.mu")
    if trace is not None and trace.ndim == 3 and trace.shape[1] <= TRACE_POINTS:
        expected["trace.mu"] = ((trace.shape[0], trace.shape[1], latent), torch.float16)
    else:
        expected["trace.mu"] = ((train.epochs, TRACE_POINTS, latent), torch.float16)
    if odd := sorted(expected.keys() ^ tensors.keys()):
        which = "lacks" if odd[0] in expected else "has in excess"
        raise CheckpointError(f"{path}: expected the tensors of its config; it {which} {odd[0]}; make it again.")
    for name, (shape, dtype) in expected.items():
        tensor = tensors[name]
        if tuple(tensor.shape) != shape or tensor.dtype != dtype:
            raise CheckpointError(
                f"{path}: expected {name} as {dtype} {shape}, found {tensor.dtype} {tuple(tensor.shape)}; make it again."
            )
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise CheckpointError(f"{path}: expected finite numbers, found NaN or infinity in {name}; train it again.")
    model.load_state_dict({name: tensors[name] for name in weights})
    return Checkpoint(
        model=model.eval(),
        train=train,
        mu=tensors["test.mu"],
        logvar=tensors.get("test.logvar"),
        label=tensors["test.label"],
        trace=tensors["trace.mu"],
        history=_json(path, metadata, "history", list),
        metrics=_json(path, metadata, "metrics", dict),
    )


def _json(path: Path, metadata: dict[str, str], name: str, kind: type) -> Any:
    try:
        value = json.loads(metadata.get(name, ""))
    except json.JSONDecodeError as error:
        raise CheckpointError(f"{path}: expected JSON in {name}, found {error.msg}; make it again.") from error
    if not isinstance(value, kind):
        raise CheckpointError(f"{path}: expected a {kind.__name__} in {name}, found {value!r:.40}; make it again.")
    return value
