"""Two processes that train together: the losses of one."""

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
import torch

from model.distributed import Group
from model.training import Run, train
from tests.model import few_digits

SETTINGS = ["--encoder", "64", "--decoder", "64", "--epochs", "2", "--batch", "501", "--precision", "float32"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("rows", [1, 7, 250])
def test_the_shares_are_the_batch(rows: int, size: int) -> None:
    shares = [list(range(rows))[Group(rank, size).share(rows)] for rank in range(size)]
    assert list(chain(*shares)) == list(range(rows))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_two_processes_report_the_losses_of_one(tmp_path: Path) -> None:
    """Through torchrun; 501 leaves unequal shares and a smaller last batch."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "--"]
    command = [*torchrun, few_digits.__name__, "train", "--device", "cpu", *SETTINGS, "--run", str(tmp_path)]
    # torch for Windows comes without libuv, which torchrun takes for granted: github.com/pytorch/pytorch/issues/139990
    environment = {**os.environ, **({"USE_LIBUV": "0"} if sys.platform == "win32" else {})}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert made.stdout.count("nats per image") >= 2
    together = Run.resume(tmp_path)
    alone = Run(together.model.config, together.config)
    for _report in train(alone, few_digits.load_few("mnist", True), few_digits.load_few("mnist", False)):
        pass
    assert alone.epoch == together.epoch == 2
    for ours, theirs in zip(alone.history, together.history, strict=True):
        for key in ("train_reconstruction", "train_kl", "test_reconstruction", "test_kl"):
            assert theirs[key] == pytest.approx(ours[key], rel=1e-4), key
    for ours_t, theirs_t in zip(alone.kept.state_dict().values(), together.kept.state_dict().values(), strict=True):
        torch.testing.assert_close(theirs_t, ours_t, atol=1e-2, rtol=1e-2)
