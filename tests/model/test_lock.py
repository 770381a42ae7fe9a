"""One process a run: two command lines, really at once, and one that is killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.config import ModelConfig, TrainConfig
from model.format import STATE_FILE
from model.lock import LockedError, delete, locked
from model.training import Run

TRAIN = [sys.executable, "-m", "model", "train"]
LONG = ["--encoder", "16", "--decoder", "16", "--fourier", "0", "--batch", "5000", "--epochs", "5000"]
REFUSAL = "Another process works on the run mine now: stop that one, or leave the run to it."


@pytest.fixture
def trained(tmp_path: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    """A run's folder, and the command line that trains there."""
    folder = tmp_path / "mine"
    command = [*TRAIN, *LONG, "--run", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while not (folder / STATE_FILE).exists():
            assert process.stderr.read(1), "it ended"  # the progress bar
        yield folder, process
        process.kill()
        process.stderr.read()


def test_two_command_lines_do_not_train_one_run(trained: tuple[Path, "subprocess.Popen[str]"]) -> None:
    folder, process = trained
    for arguments in (["--resume", str(folder)], [*LONG, "--run", str(folder)]):
        second = subprocess.run([*TRAIN, *arguments], capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert REFUSAL in second.stderr
        assert "Traceback" not in second.stderr
    with pytest.raises(LockedError, match="Another process works on the run mine now"):
        delete(folder)
    assert process.poll() is None
    assert Run.resume(folder).epoch >= 1


def test_the_lock_ends_with_its_process_however_that_ends(trained: tuple[Path, "subprocess.Popen[str]"]) -> None:
    folder, process = trained
    process.kill()
    process.wait()
    with locked(folder):
        assert Run.resume(folder).epoch >= 1
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == [STATE_FILE]
    (folder / "log.txt").mkdir()
    delete(folder)
    assert not folder.exists()


def test_a_run_that_is_there_is_refused_and_nothing_is_left_of_the_lock(tmp_path: Path) -> None:
    Run(ModelConfig(encoder=(16,), decoder=(16,)), TrainConfig()).save(tmp_path)
    second = subprocess.run([*TRAIN, *LONG, "--run", str(tmp_path)], capture_output=True, text=True, check=False)
    assert "holds a run already: --resume it" in second.stderr
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_there_is_nothing_to_lock_where_there_is_no_folder(tmp_path: Path) -> None:
    for act in (delete, lambda folder: locked(folder).__enter__()):
        with pytest.raises(FileNotFoundError):
            act(tmp_path / "absent")
    absent = subprocess.run([*TRAIN, "--resume", str(tmp_path / "absent")], capture_output=True, text=True, check=False)
    assert "expected the state of a run, found none; check --resume" in absent.stderr
    assert not (tmp_path / "absent").exists()
