"""The limit on memory: what a run may take is the server's share, more is refused before anything is built."""

import subprocess
import sys

import psutil
import pytest

from explorer.settings import MAX_MEMORY
from explorer.training import memory
from explorer.training.errors import RunError
from model.config import PRESETS, ModelConfig, TrainConfig, configs
from model.estimate import MNIST
from model.memory import needed

WIDEST = (8192,) * 12
BOUNDED = """
import numpy as np
from explorer.training import memory
memory.bound()
try:
    np.ones(10**9)
except Exception as error:
    print(memory.ran_out(error))
import torch
try:
    torch.ones(10**9)
except Exception as error:
    print(memory.ran_out(error))
"""


@pytest.mark.parametrize("found", ["", "much", "-1", "0", "nan", "inf", "1e999"])
def test_half_of_the_machine_where_nothing_sensible_is_said(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_MEMORY, found)
    assert 0 < memory.allowed() <= psutil.virtual_memory().total / 2


def test_runs_that_may_train_at_once_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_MEMORY, "6.5")
    assert memory.allowed() == 6_500_000_000
    monkeypatch.setenv("EXPLORER_MAX_JOBS", "2")
    assert memory.allowed() == 3_250_000_000


def test_what_would_take_more_is_refused_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_MEMORY, "2")
    for preset in PRESETS:
        memory.check(*configs(preset, {}), MNIST)
    for model, train in (
        (ModelConfig(encoder=WIDEST), TrainConfig()),
        (ModelConfig(encoder=(8192,), decoder=(8192,)), TrainConfig(batch=10_000)),
    ):
        assert needed(model, train, MNIST) > 2e9
        with pytest.raises(RunError, match=r"\d\.\d GB of memory.* 2\.0 GB"):
            memory.check(model, train, MNIST)
    few, many = (ModelConfig(height=side, width=side) for side in (28, 64))
    assert needed(few, TrainConfig(), (50, 10)) < 0.7e9  # 0.35 were measured
    assert 1.9e9 < needed(many, TrainConfig(), (50_000, 10_000)) < 3e9  # 1.89
    with pytest.raises(RunError, match="fewer or smaller pictures"):
        memory.check(many, TrainConfig(), (50_000, 10_000))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's private memory")
def test_a_process_cannot_have_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_MEMORY, "2")
    done = subprocess.run([sys.executable, "-c", BOUNDED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
