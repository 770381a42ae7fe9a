"""Nothing lost: a run that is killed, or whose disk fills up, goes on from its last whole epoch to the same numbers."""

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Semaphore
from pathlib import Path

import numpy as np
import pytest
import torch

from model import checkpoint, data, metrics
from model.__main__ import main
from model.config import TrainConfig
from model.data import Split
from model.files import FileError, write_atomically
from model.format import STATE_FILE
from model.training import Run, train
from tests.conftest import SMALL
from tests.model import few_digits
from tests.systems import KILLED_STATUS

KILLS = 30
UNLIMITED = "there no process has a limit for the size of its files"
DIGITS = 500
LONG = TrainConfig(epochs=120, batch=100, seed=3)


def _go_on(directory: Path, images: np.ndarray, labels: np.ndarray, steps: Semaphore) -> None:
    """What a training process does: start or resume, and train to the end. Counts its start and its epochs."""
    digits = Split(torch.from_numpy(images), torch.from_numpy(labels))
    run = Run.resume(directory) if (directory / STATE_FILE).exists() else Run(SMALL, LONG)
    steps.release()
    for _report in train(run, digits, digits, directory):
        steps.release()


def test_killed_at_thirty_random_moments_it_ends_as_if_never_touched(few_digits: Split, tmp_path: Path) -> None:
    if sys.platform == "win32":
        context = multiprocessing.get_context("spawn")
    else:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])  # with all that a process would load anew
    rng = np.random.default_rng(0)
    digits = Split(few_digits.images[:DIGITS], few_digits.labels[:DIGITS])
    arrays = digits.images.numpy(), digits.labels.numpy()

    def start() -> tuple[multiprocessing.process.BaseProcess, Semaphore]:
        steps = context.Semaphore(0)
        process = context.Process(target=_go_on, args=(tmp_path, *arrays, steps))
        process.start()
        steps.acquire()
        return process, steps

    epochs, epoch = [0], 0.05  # seconds: a guess, until there is a whole one
    for _ in range(KILLS):
        process, steps = start()
        for _ in range(rng.integers(3)):
            steps.acquire()
        process.join(rng.uniform(0, 1.5 * epoch))
        process.kill()
        process.join()
        assert process.exitcode == KILLED_STATUS, "it had ended by itself: the run is too short for this test"
        if (tmp_path / STATE_FILE).exists():
            run = Run.resume(tmp_path)
            epochs.append(run.epoch)
            epoch = run.history[-1]["seconds"]
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > KILLS / 3  # it did get on between the kills
    process, _steps = start()
    process.join()
    assert process.exitcode == 0

    whole = Run(SMALL, LONG)
    for _report in train(whole, digits, digits):
        pass
    ended = Run.resume(tmp_path)
    numbers = [[{k: v for k, v in row.items() if k != "seconds"} for row in run.history] for run in (whole, ended)]
    assert numbers[0] == numbers[1]
    for ours, theirs in zip(whole.kept.state_dict().values(), ended.kept.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_a_full_disk_stops_the_run_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ["--encoder", "256", "--decoder", "16", "--epochs", "1", "--batch", "5000", "--fourier", "0"]
    monkeypatch.setattr(data, "load", few_digits.load_few)
    with _growing_to(1_000_000):
        assert main(["train", *small, "--run", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "could not be written (File too large): make room" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_saved_before(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    path.write_bytes(b"good")
    with _growing_to(1_000_000), pytest.raises(FileError, match="what was saved before is untouched"):
        write_atomically(path, bytes(2_000_000))
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


# The command line on a few digits, whose figures never come to an end.
ENDLESS_FIGURES = """
import sys
from model import data, metrics
from model.__main__ import main
from tests.model.few_digits import load_few
data.load = load_few
metrics.evaluate = lambda *_: sys.stdin.read()
main(sys.argv[1:])
"""


def test_killed_before_its_figures_the_file_is_good_and_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("HOLE_SAMPLES", "REALISM_IMAGES", "IWAE_IMAGES"):  # rough figures
        monkeypatch.setattr(metrics, number, 50)
    monkeypatch.setattr(data, "load", few_digits.load_few)
    file = tmp_path / "made.safetensors"
    small = ["--encoder", "16", "--decoder", "16", "--epochs", "1", "--batch", "5000", "--fourier", "0"]
    command = [sys.executable, "-c", ENDLESS_FIGURES, "train", *small, "--out", str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    line = process.stdout.readline()
    process.kill()
    process.communicate()
    assert process.returncode == KILLED_STATUS
    assert "can be explored; its test figures follow" in line
    made = checkpoint.load(file)
    assert made.metrics == {}
    assert main(["show", str(file)]) == 0
    repair = f"python -m model evaluate {file} --store"
    assert f"no test figures yet: add them by {repair}" in capsys.readouterr().out
    assert line.endswith(f"{repair}\n")

    assert main(["evaluate", str(file), "--store"]) == 0
    assert "test figures: 100%" in capsys.readouterr().err
    finished = checkpoint.load(file)
    assert set(finished.metrics) >= {"elbo", "iwae", "knn_accuracy", "holes_prior", "realism_prior"}
    for before, after in zip(made.model.state_dict().values(), finished.model.state_dict().values(), strict=True):
        assert torch.equal(before, after)
    assert list(tmp_path.iterdir()) == [file]


@contextmanager
def _growing_to(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: the system refuses, as it does on a full disk."""
    if sys.platform == "win32":
        pytest.skip(UNLIMITED)
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
