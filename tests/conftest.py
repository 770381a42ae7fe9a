"""Fixtures shared by all tests: a small trained run, the shipped checkpoints, the test digits."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

# Before torch is loaded, here and in all that the tests start: as many processes as cores work at once.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch
from filelock import FileLock

from model import checkpoint, data, metrics, training
from model.checkpoint import Checkpoint
from model.config import ModelConfig, TrainConfig
from model.data import Split
from tests.server import QUICK, serve

CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"
SHIPPED = tuple(sorted(path.stem for path in CHECKPOINTS.glob("*mnist*.safetensors")))  # beside the bars

SMALL = ModelConfig(encoder=(32,), decoder=(32,), fourier=8)
BRIEF = TrainConfig(epochs=3, batch=100, seed=7)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def train_digits() -> Split:
    return data.load("mnist", train=True)


@pytest.fixture(scope="session")
def test_digits() -> Split:
    return data.load("mnist", train=False)


@pytest.fixture(scope="session")
def few_digits(train_digits: Split) -> Split:
    """The first 2,000 training digits: real, and quick."""
    return Split(train_digits.images[:2000], train_digits.labels[:2000])


@pytest.fixture(scope="session")
def small_checkpoint(
    few_digits: Split, test_digits: Split, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """A checkpoint file of a small VAE, trained for three short epochs: by the first process of the tests that asks."""
    base = tmp_path_factory.getbasetemp()
    path = (base if worker_id == "master" else base.parent) / "small.safetensors"
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            run = training.Run(SMALL, BRIEF)
            for _report in training.train(run, few_digits, test_digits):
                pass
            made = training.finish(run, few_digits, test_digits)
            checkpoint.save(replace(made, metrics=metrics.evaluate(made.model, few_digits, test_digits)), path)
    return path


@pytest.fixture(scope="session")
def shipped() -> dict[str, Checkpoint]:
    return {name: checkpoint.load(CHECKPOINTS / f"{name}.safetensors") for name in SHIPPED}


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, int]]:
    """Address and process number of the running app, which need not measure how long a run would take."""
    with serve(module=QUICK) as found:
        yield found
