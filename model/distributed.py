"""One training run over several processes, each with its share of every batch; alone, all of this does nothing.

Started by `torchrun --nproc-per-node=N -m -- model train …`. Every process holds all weights and draws the random
numbers of the whole batch, so that the sums which they exchange are those of one process with the same batch.
"""

__all__ = ["Group", "join"]

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Group:
    """This process among those that train together.

    Attributes:
        rank: from 0; the first one alone prints and writes.
        size: how many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        return self.rank == 0

    def share(self, rows: int) -> slice:
        """Which of a batch's rows are this process's; the shares differ by one row at the most."""
        return slice(rows * self.rank // self.size, rows * (self.rank + 1) // self.size)

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its sum over all processes: one message for all of them."""
        if self.size == 1:
            return
        parts = list(tensors)
        flat = torch.cat([part.flatten() for part in parts])
        dist.all_reduce(flat)
        for part, total in zip(parts, flat.split([part.numel() for part in parts]), strict=True):
            part.copy_(total.view_as(part))


@contextmanager
def join(device: torch.device) -> Iterator[Group]:
    """The group that torchrun made, over NCCL on GPUs and Gloo elsewhere; without torchrun, this process alone."""
    if "RANK" not in os.environ:
        yield Group()
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Group(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
