"""How OpenMP's threads wait is set before torch is loaded, wherever that may be, and a user's own choice wins."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch

from model import training
from model.threads import POLICY, SPIN_COUNT, SPINS, THREADS
from tests.server import ROOT

# All that load torch, each as the first to do so in a process of its own.
STARTS = {
    "command line": ["-m", "model", "train"],
    "library": ["-c", "import model.training"],
    "worker": ["-m", "explorer.training.worker", "nowhere"],
    "estimate": ["-m", "explorer.training.estimate"],
    "tests": ["-c", "import tests.conftest"],
    "benchmarks": ["-m", "tests.benchmarks.training"],
}


def run(arguments: list[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """A process as a user starts it, who has set these variables alone."""
    kept = {name: value for name, value in os.environ.items() if name not in (POLICY, SPIN_COUNT, THREADS)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=True)


@pytest.fixture
def torch_stub(tmp_path: Path) -> dict[str, str]:
    """The environment in which `import torch` prints the spin count, and ends the process."""
    code = f"import os\nprint(os.environ.get('{SPIN_COUNT}'))\nraise SystemExit\n"
    (tmp_path / "torch.py").write_text(code, encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize("name", STARTS)
def test_it_is_set_before_torch_is_loaded(name: str, torch_stub: dict[str, str]) -> None:
    assert run(STARTS[name], torch_stub).stdout == f"{SPINS}\n"


@pytest.mark.parametrize("name", STARTS)
def test_a_users_count_stays(name: str, torch_stub: dict[str, str]) -> None:
    assert run(STARTS[name], {**torch_stub, SPIN_COUNT: "77"}).stdout == "77\n"


def test_a_users_policy_stays(torch_stub: dict[str, str]) -> None:
    """The count would go before it."""
    assert run(STARTS["library"], {**torch_stub, POLICY: "active"}).stdout == "None\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only there torch comes with libgomp")
def test_libgomp_reads_it() -> None:
    shown = run(STARTS["library"], {"OMP_DISPLAY_ENV": "verbose"}).stderr
    assert f"{SPIN_COUNT} = '{SPINS}'" in shown


@pytest.fixture
def as_many_threads() -> Iterator[None]:
    """Puts back how many there were."""
    count = torch.get_num_threads()
    yield
    torch.set_num_threads(count)


@pytest.mark.usefixtures("as_many_threads")
@pytest.mark.parametrize(("cores", "left"), [(8, 7), (2, 1), (1, 1)])
def test_a_worker_leaves_a_core_to_who_explores(cores: int, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of torch, which is told of so many cores; where the user has said how many threads, it is as many."""
    monkeypatch.delenv(THREADS, raising=False)
    torch.set_num_threads(cores)
    training.leave_a_core()
    assert torch.get_num_threads() == left

    monkeypatch.setenv(THREADS, str(cores))
    torch.set_num_threads(cores)
    training.leave_a_core()
    assert torch.get_num_threads() == cores
