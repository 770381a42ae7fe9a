"""Nothing lost: a run that is killed, or whose disk fills up, goes on from its last whole epoch to the same numbers."""

import multiprocessing
import resource
import subprocess
import sys
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import torch

from model.config import TrainConfig
from model.data import Split
from model.format import STATE_FILE
from model.training import Run, train
from tests.conftest import SMALL

KILLS = 30
LONG = TrainConfig(epochs=200, batch=200, seed=3)
LONGEST = 0.25  # seconds of training before a kill: some four epochs


def _go_on(directory: Path, images: np.ndarray, labels: np.ndarray, started: Event) -> None:
    """What a training process does: start or resume, and train to the end."""
    digits = Split(torch.from_numpy(images), torch.from_numpy(labels))
    run = Run.resume(directory) if (directory / STATE_FILE).exists() else Run(SMALL, LONG)
    started.set()
    for _report in train(run, digits, digits, directory):
        pass


def test_killed_at_thirty_random_moments_it_ends_as_if_never_touched(few_digits: Split, tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["model.training"])
    rng = np.random.default_rng(0)
    arrays = few_digits.images.numpy(), few_digits.labels.numpy()

    def start() -> tuple[multiprocessing.process.BaseProcess, Event]:
        started = context.Event()
        process = context.Process(target=_go_on, args=(tmp_path, *arrays, started))
        process.start()
        assert started.wait(60)
        return process, started

    epochs = [0]
    for _ in range(KILLS):
        process, _started = start()
        process.join(rng.uniform(0, LONGEST))
        process.kill()
        process.join()
        assert process.exitcode == -9, "it had ended by itself: the run is too short for this test"
        epochs.append(Run.resume(tmp_path).epoch if (tmp_path / STATE_FILE).exists() else 0)
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > KILLS / 3  # it did get on between the kills
    process, _started = start()
    process.join()
    assert process.exitcode == 0

    whole = Run(SMALL, LONG)
    for _report in train(whole, few_digits, few_digits):
        pass
    ended = Run.resume(tmp_path)
    numbers = [[{k: v for k, v in row.items() if k != "seconds"} for row in run.history] for run in (whole, ended)]
    assert numbers[0] == numbers[1]
    for ours, theirs in zip(whole.kept.state_dict().values(), ended.kept.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_a_full_disk_stops_the_run_with_a_sentence(tmp_path: Path) -> None:
    # Room for the unpacked digits (47.04 MB a file), and none for the 51 MB that this run's state takes.
    wide = ["--encoder", "4096", "--decoder", "16", "--epochs", "1", "--batch", "5000", "--fourier", "0"]
    made = _limited(48_000_000, ["-m", "model", "train", *wide, "--run", str(tmp_path)])
    assert made.returncode == 2
    assert "could not be written (File too large): make room" in made.stderr
    assert "Traceback" not in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_saved_before(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    path.write_bytes(b"good")
    code = "from pathlib import Path; from model import checkpoint; "
    code += f"checkpoint.write_atomically(Path({str(path)!r}), bytes(2_000_000))"
    made = _limited(1_000_000, ["-c", code])
    assert "what was saved before is untouched" in made.stderr
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


def test_no_room_to_unpack_the_digits_is_one_sentence() -> None:
    made = _limited(1_000_000, ["-m", "model", "train", "--epochs", "1"])
    assert made.returncode == 2
    assert "MNIST could not be unpacked" in made.stderr
    assert "Traceback" not in made.stderr


def _limited(size: int, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run Python where no file can grow beyond `size` bytes: the system refuses, as it does on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
