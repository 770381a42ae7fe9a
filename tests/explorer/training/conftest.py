"""A manager of runs of its own, whose processes are ended with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.training.manager import WORKER, Manager

QUICK = "tests.explorer.training.quick_worker"


@pytest.fixture
def make_manager(tmp_path: Path) -> Iterator[Callable[..., Manager]]:
    made: list[Manager] = []

    def make(worker: str = WORKER) -> Manager:
        made.append(Manager(tmp_path / "runs", worker))
        return made[-1]

    yield make
    for manager in made:
        for run in manager.runs():
            manager._discard(run)


@pytest.fixture
def manager(make_manager: Callable[..., Manager]) -> Manager:
    """One whose runs are quick, see `quick_worker`."""
    return make_manager(QUICK)


@pytest.fixture
def odd(make_manager: Callable[..., Manager]) -> Manager:
    """One whose workers do what the names of their runs say, see `odd_worker`."""
    return make_manager("tests.explorer.training.odd_worker")
