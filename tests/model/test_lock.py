"""One process a run: two command lines, really at once, and one that is killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from model.__main__ import main
from model.config import ModelConfig, TrainConfig
from model.format import STATE_FILE
from model.lock import LockedError, delete, locked
from model.training import Run

LONG = ["--encoder", "16", "--decoder", "16", "--fourier", "0", "--batch", "5000", "--epochs", "5000"]
REFUSAL = "Another process works on the run mine now: stop that one, or leave the run to it."


def test_a_command_line_keeps_others_off_until_it_ends_however_that_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    command = [sys.executable, "-m", "model", "train", *LONG, "--run", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while not (folder / STATE_FILE).exists():
            assert process.stderr.read(1), "it ended"  # the progress bar
        for arguments in (["--resume", str(folder)], [*LONG, "--run", str(folder)]):
            assert main(["train", *arguments]) == 2
            assert REFUSAL in capsys.readouterr().err
        with pytest.raises(LockedError, match="Another process works on the run mine now"):
            delete(folder)
        assert process.poll() is None
        process.kill()
        process.stderr.read()
    with locked(folder):
        assert Run.resume(folder).epoch >= 1
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == [STATE_FILE]
    (folder / "log.txt").mkdir()
    delete(folder)
    assert not folder.exists()


def test_a_run_that_is_there_is_refused_and_nothing_is_left_of_the_lock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(ModelConfig(encoder=(16,), decoder=(16,)), TrainConfig()).save(tmp_path)
    with pytest.raises(SystemExit):
        main(["train", *LONG, "--run", str(tmp_path)])
    assert "holds a run already: --resume it" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_there_is_nothing_to_lock_where_there_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for act in (delete, lambda folder: locked(folder).__enter__()):
        with pytest.raises(FileNotFoundError):
            act(tmp_path / "absent")
    assert main(["train", "--resume", str(tmp_path / "absent")]) == 2
    assert "expected the state of a run, found none; check --resume" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()
