"""AdamW against `torch.optim`'s, and what a run does without."""

import subprocess
import sys

import pytest
import torch

from model.optimizer import AdamW


def _parameters() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(1)
    shapes = ((5, 3), (5,), (1, 5), (1,))
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_it_steps_as_torch_does(weight_decay: float) -> None:
    ours, theirs = _parameters(), _parameters()
    groups = [{"params": theirs[::2], "weight_decay": weight_decay}, {"params": theirs[1::2], "weight_decay": 0.0}]
    expected = torch.optim.AdamW(groups, betas=(0.9, 0.99))
    optimizer = AdamW(ours, weight_decay, (0.9, 0.99))
    for step in range(1, 20):
        lr = 0.1 / step
        for group in expected.param_groups:
            group["lr"] = lr
        for parameters in (ours, theirs):
            sum(((p - 1) ** 4).sum() for p in parameters).backward()  # type: ignore[union-attr]
        expected.step()
        expected.zero_grad()
        optimizer.step(lr)
        assert all(p.grad is None for p in ours)
        for own, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(own, other)


def test_what_it_remembers_is_all_it_needs() -> None:
    one, other = _parameters(), _parameters()
    optimizer, resumed = AdamW(one, 0.1, (0.9, 0.99)), AdamW(other, 0.1, (0.9, 0.99))
    for step in range(6):
        if step == 3:
            resumed.restore({name: tensor.clone() for name, tensor in optimizer.state().items()})
            for own, copy in zip(one, other, strict=True):
                copy.data.copy_(own.data)
        for parameters, of in ((one, optimizer), (other, resumed))[: 1 + (step >= 3)]:
            sum((p**4).sum() for p in parameters).backward()  # type: ignore[union-attr]
            of.step(0.1)
    assert all(torch.equal(own, copy) for own, copy in zip(one, other, strict=True))


def test_a_run_loads_neither_torchs_compiler_nor_torchvision() -> None:
    """A second each, before the first step."""
    code = """
import sys
from model import training
from model.config import ModelConfig, TrainConfig
from model.data import Split
run = training.Run(ModelConfig(encoder=(8,), decoder=(8,)), TrainConfig(epochs=1))
learn, judge = (Split(half.images[:250], half.labels[:250]) for half in training.split(run.config))
print(len(list(training.train(run, learn, judge))), sorted({"torch._dynamo", "torchvision"} & set(sys.modules)))
"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split("\n")[0] == "1 []"
