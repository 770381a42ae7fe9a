"""How much memory training may take on this machine: refused where it would take more, and bounded while it runs."""

__all__ = ["allowed", "bound", "check", "ran_out"]

import contextlib
import math
import os
import sys
from pathlib import Path

import psutil

from explorer.settings import MAX_MEMORY, max_runs
from explorer.training.errors import RunError
from model.config import ModelConfig, TrainConfig
from model.memory import needed

GB = 10**9
SHARE = 0.5  # of the machine's memory, by default: pages, browsers and the system want theirs
CONTAINER = Path("/sys/fs/cgroup/memory.max")  # what a container may use of the machine's


def allowed() -> int:
    """Bytes that one run may take, or one estimate: all runs that may train at once share what the server allows."""
    return round(_server() / max_runs())


def check(model: ModelConfig, train: TrainConfig, images: tuple[int, int]) -> None:
    """Whether a run fits; nothing is built to find out.

    Args:
        images: how many there are to learn from, and to judge by.

    Raises:
        RunError: it would take more memory than is allowed.
    """
    if (found := needed(model, train, images)) > (limit := allowed()):
        raise RunError(
            "This run would take {needed} GB of memory, and here it may take {limit} GB:"
            " choose fewer or narrower layers, a smaller batch, or fewer or smaller pictures.",
            needed=math.ceil(10 * found / GB) / 10,
            limit=math.floor(10 * limit / GB) / 10,
        )


def bound() -> None:
    """Let this process have no more than `allowed`, whatever it counted; not where memory is a GPU's, too.

    A driver reserves address space as it likes, and nobody can tell that from use. On Windows, where a process cannot
    bound itself, the count alone protects.
    """
    if sys.platform == "win32" or os.path.exists("/dev/nvidiactl"):
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # already less
        resource.setrlimit(resource.RLIMIT_DATA, (allowed(), resource.getrlimit(resource.RLIMIT_DATA)[1]))


def ran_out(error: Exception) -> bool:
    """Whether an error, Python's or torch's, says that there is no more memory."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error) or "out of memory" in str(error)


def _server() -> float:
    """Bytes for all runs at once: `EXPLORER_MAX_MEMORY`, GB, or half of what the machine or the container has."""
    with contextlib.suppress(ValueError):
        if 0 < (given := float(os.environ.get(MAX_MEMORY, ""))) < math.inf:
            return given * GB
    machine = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit: "max"
        machine = min(machine, int(CONTAINER.read_text(encoding="ascii")))
    return SHARE * machine
