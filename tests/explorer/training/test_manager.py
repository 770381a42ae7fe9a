"""Runs: real child processes, really paused, stopped and killed; and what goes wrong said in one sentence."""

import base64
import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer import identity
from explorer.catalogue import library
from explorer.catalogue.uploads import Uploads
from explorer.i18n import translate_error
from explorer.settings import INSTRUCTOR_KEY, MODEL_FILE, SPEC_FILE
from explorer.training.child import Child
from explorer.training.errors import Forbidden, RunError
from explorer.training.manager import Manager
from explorer.training.run import LIVE
from explorer.training.spec import RunSpec
from model import checkpoint
from model.config import ConfigError, ModelConfig, TrainConfig
from model.data import Split
from model.format import STATE_FILE, TRACE_POINTS
from model.lock import LockedError, locked
from model.training import Run, train
from tests.explorer.training.conftest import QUICK
from tests.explorer.training.waiting import alive, epochs, until, wait
from tests.systems import KILLED, kill

TINY = ModelConfig(encoder=(16,), decoder=(16,), fourier=4)
BRIEF = TrainConfig(epochs=3, batch=2000, seed=5)
LONG = dataclasses.replace(BRIEF, epochs=2000, schedule="constant", kl_warmup=0.0)
VIEWER, OTHER = "viewer-viewer-viewer", "another-viewer-here"


def _numbers(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def _rests(process: Child, looks: int = 25) -> Callable[[], bool]:
    """Whether a process has used no CPU in all of the last looks at it."""
    used: deque[list[str]] = deque(maxlen=looks)

    def look() -> bool:
        used.append(Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13])
        return len(used) == looks and used[0] == used[-1]

    return look


def _uninterrupted(config: TrainConfig, digits: Split, test_digits: Split) -> Run:
    run = Run(TINY, config)
    judges = Split(test_digits.images[:TRACE_POINTS], test_digits.labels[:TRACE_POINTS])  # as the quick worker has it
    for _report in train(run, digits, judges):
        pass
    return run


def test_a_run_is_the_run_of_the_command_line(manager: Manager, few_digits: Split, test_digits: Split) -> None:
    uninterrupted = _uninterrupted(BRIEF, few_digits, test_digits)
    seen: list[tuple[str, object]] = []
    manager.broadcast.publish = lambda event, data: seen.append((event, data))  # type: ignore[method-assign]
    run = manager.start("first", TINY, BRIEF, VIEWER)
    until(run, "kept")
    assert _numbers(run.rows) == _numbers(uninterrupted.history)
    kinds = [event for event, _ in seen if event in ("history", "epoch")]
    assert kinds == ["history", "epoch", "epoch", "epoch"]  # first how it begins
    begun: Any = next(data for event, data in seen if event == "history")
    assert begun["rows"] == []
    untrained = Run(TINY, BRIEF)
    trace = np.frombuffer(base64.b64decode(begun["frame"]["trace"]), np.float16)
    assert np.array_equal(trace, untrained.look(test_digits).numpy().ravel())
    made = checkpoint.load(run.folder / "model.safetensors")
    assert {"elbo", "iwae", "realism_prior"} <= made.metrics.keys()
    for ours, theirs in zip(made.model.state_dict().values(), uninterrupted.kept.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    entry = library.entries(manager.folder)[0]["first"]
    assert entry.trained
    assert entry.address.startswith("runs/first.safetensors?v=")


def test_it_can_be_explored_before_its_figures_and_is_kept_where_they_never_come(
    make_manager: Callable[..., Manager],
) -> None:
    manager = make_manager("tests.explorer.training.unmeasured_worker")
    run = manager.start("early", TINY, BRIEF, VIEWER)
    until(run, "measuring")
    path = run.folder / MODEL_FILE
    assert checkpoint.load(path).metrics == {}
    assert "early" in library.entries(manager.folder)[0]
    wait(lambda: (run.done, run.steps) == (1, 4), lambda: f"no progress: {run.done} of {run.steps}")
    assert run.process
    kill(run.process.pid)
    until(run, "kept", "interrupted")
    assert run.status == "kept"
    assert checkpoint.load(path).metrics == {}
    assert Manager(manager.folder).run("early").status == "kept"


def test_killed_it_is_offered_again_and_ends_as_if_never_touched(
    manager: Manager, few_digits: Split, test_digits: Split
) -> None:
    config = dataclasses.replace(BRIEF, epochs=8, batch=200)
    run = manager.start("killed", TINY, config, VIEWER)
    epochs(run, 1)
    assert run.process
    kill(run.process.pid)
    until(run, "interrupted")
    assert KILLED in str(run.problem)

    wait(lambda: RunSpec.read(run.folder).problem, lambda: "its problem is not on disk")
    again = Manager(manager.folder, QUICK)  # as after a restart of the server
    found = again.run("killed")
    assert (found.status, len(found.rows)) == ("interrupted", len(run.rows))
    assert KILLED in str(found.problem)
    again.order("killed", "resume", VIEWER)
    until(found, "kept")
    assert _numbers(found.rows) == _numbers(_uninterrupted(config, few_digits, test_digits).history)


def test_the_process_ends_with_its_server(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from explorer.training.manager import Manager; "
        "from model.config import ModelConfig, TrainConfig; "
        "from tests.explorer.training.waiting import epochs; "
        f"m = Manager(Path({str(tmp_path)!r}), {QUICK!r}); "
        f"run = m.start('orphan', {TINY!r}, {LONG!r}, {VIEWER!r}); epochs(run, 1); "
        "print(run.process.pid, flush=True); sys.stdin.read()"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    pid = int(server.stdout.readline())
    assert alive(pid)
    server.kill()
    server.wait()
    wait(lambda: not alive(pid), lambda: "the worker outlived its server")
    found = Manager(tmp_path).run("orphan")
    assert found.status == "interrupted"
    assert len(found.rows) >= 1


def test_pause_change_resume_stop_and_keep(manager: Manager) -> None:
    run = manager.start("steered", TINY, LONG, VIEWER)
    epochs(run, 2)
    watched = iter(manager.feed.snapshot_events())
    next(watched)  # a slow watcher, who reads no further for now, holds nobody up
    pausing = threading.Thread(target=manager.order, args=("steered", "pause", VIEWER), daemon=True)
    pausing.start()
    pausing.join(20)
    assert not pausing.is_alive()
    until(run, "paused")
    assert b'"rows"' in next(watched)
    held = len(run.rows)
    assert run.process
    if Path("/proc").exists():
        wait(_rests(run.process), lambda: "a paused process computes")
    assert len(run.rows) == held
    manager.order("steered", "set", VIEWER, {"beta": 4})
    manager.order("steered", "set", VIEWER, {"lr": 5e-4})
    manager.order("steered", "resume", VIEWER)
    epochs(run, held + 3)
    assert [run.rows[i]["beta"] for i in (held - 1, -1)] == [1, 4]
    assert run.rows[-1]["lr"] == 5e-4
    for bad in (-1, True, None, "4", float("nan")):
        with pytest.raises(ConfigError, match=r"beta must be a number from 0 to 1000"):
            manager.order("steered", "set", VIEWER, {"beta": bad})
    for none in ({}, {"seed": 1}):
        with pytest.raises(RunError, match="Expected beta, lr or both"):
            manager.order("steered", "set", VIEWER, none)
    manager.order("steered", "stop", VIEWER)
    until(run, "kept")
    made = checkpoint.load(run.folder / "model.safetensors")
    assert len(made.history) == len(made.trace) == len(run.rows)
    assert made.train.beta == 4
    with pytest.raises(RunError, match="is kept now"):
        manager.order("steered", "pause", VIEWER)


def test_the_next_waits_and_starts_when_there_is_room(manager: Manager) -> None:
    first = manager.start("first", TINY, LONG, VIEWER)
    second = manager.start("second", TINY, LONG, VIEWER)
    third = manager.start("third", TINY, LONG, VIEWER)
    epochs(first, 1)
    assert (second.status, third.status) == ("queued", "queued")
    manager.order("second", "discard", VIEWER)
    manager.order("first", "discard", VIEWER)
    until(third, *LIVE)
    assert [run.name for run in manager.runs()] == ["third"]
    assert not first.folder.exists()


def test_two_train_at_once_where_that_is_allowed(odd: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_MAX_JOBS", "2")
    runs = [odd.start(name, TINY, LONG, VIEWER) for name in ("one", "two", "three")]
    assert [run.status == "queued" for run in runs] == [False, False, True]
    assert runs[0].live
    assert runs[1].live
    monkeypatch.setenv("EXPLORER_MAX_JOBS", "many")
    for run in runs:
        odd.order(run.name, "discard", VIEWER)


def test_a_run_stopped_before_its_first_epoch_says_so(manager: Manager) -> None:
    config = dataclasses.replace(LONG, batch=20)
    run = manager.start("early", ModelConfig(encoder=(2048, 2048), decoder=(2048,)), config, VIEWER)
    until(run, "training")
    manager.order("early", "stop", VIEWER)
    until(run, "interrupted")
    assert "nothing to keep yet" in str(run.problem)
    with pytest.raises(RunError, match="nothing to keep yet"):
        manager.order("early", "stop", VIEWER)


# Faults


def test_what_another_process_trains_is_neither_trained_nor_deleted(manager: Manager) -> None:
    RunSpec(TINY, LONG, identity.mark(VIEWER), 1.0).write(manager.folder / "one")
    here = Manager(manager.folder, QUICK)
    run = here.run("one")
    with locked(run.folder):  # as another server's process has it, or a command line
        with pytest.raises(LockedError, match="Another process works on the run one now"):
            here.order("one", "discard", VIEWER)
        assert here.runs() == [run]
        here.order("one", "resume", VIEWER)
        wait(lambda: run.problem, lambda: run.status)
        assert run.status == "interrupted"
        assert "Another process works on the run one now" in str(run.problem)
        assert (run.folder / SPEC_FILE).exists()
    here.order("one", "discard", VIEWER)
    assert not run.folder.exists()


def test_a_vanished_data_file_stops_the_run_with_a_sentence(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "empty"))
    run = manager.start("no-data", TINY, BRIEF, VIEWER)
    until(run, "interrupted")
    assert "is missing, though MNIST is part of the repository: run `git checkout data/mnist`" in str(run.problem)


def test_a_diverging_loss_stops_the_run_and_keeps_the_last_good_state(manager: Manager) -> None:
    model = ModelConfig(encoder=(64, 64), decoder=(16,), activation="silu", layer_norm=False, fourier=0)
    run = manager.start("diverging", model, dataclasses.replace(LONG, precision="float32", lr=1e-3), VIEWER)
    epochs(run, 1)
    manager.order("diverging", "set", VIEWER, {"beta": 1000, "lr": 1.0})
    until(run, "interrupted")
    assert "no longer a finite number" in str(run.problem)
    assert "with a lower learning rate (it was 1)" in str(run.problem)
    assert Run.resume(run.folder).epoch == len(run.rows)
    manager.order("diverging", "stop", VIEWER)
    until(run, "kept")
    assert all(
        t.isfinite().all() for t in checkpoint.load(run.folder / "model.safetensors").model.state_dict().values()
    )


def test_a_full_disk_stops_the_run_and_keeps_the_last_good_state(manager: Manager) -> None:
    if sys.platform != "linux":
        pytest.skip("only there the limits of another process can be set")
    run = manager.start("full", TINY, LONG, VIEWER)
    epochs(run, 1)
    import resource

    assert run.process
    # From now on the process can write no file beyond this size: the system refuses, as it does on a full disk.
    size = (run.folder / "state.safetensors").stat().st_size
    resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE, (size, size))
    until(run, "interrupted")
    assert "could not be written (File too large): make room" in str(run.problem)
    assert run.rows
    assert Run.resume(run.folder).epoch == len(run.rows)


# Who may do what


def test_only_who_started_a_run_may_steer_it(odd: Manager) -> None:
    odd.start("mine", TINY, LONG, VIEWER)
    for action in ("pause", "stop", "set", "discard"):
        for viewer in (OTHER, ""):
            with pytest.raises(Forbidden, match="Only the browser that started this run"):
                odd.order("mine", action, viewer, {"beta": 1, "lr": 1})
    with pytest.raises(Forbidden):
        odd.start("nameless", TINY, LONG, "")
    text = (odd.folder / "mine" / "job.json").read_text(encoding="utf-8")
    assert VIEWER not in text
    assert json.loads(text)["owner"] == identity.mark(VIEWER)


def test_with_a_key_set_only_who_has_entered_it(odd: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    odd.start("before", TINY, LONG, VIEWER)
    monkeypatch.setenv(INSTRUCTOR_KEY, "open sesame")
    monkeypatch.setattr(identity, "WRONG_KEY_PAUSE", 0)
    with pytest.raises(Forbidden, match="instructor's key"):
        odd.order("before", "pause", VIEWER)
    with pytest.raises(Forbidden, match="instructor's key"):
        odd.start("second", TINY, LONG, VIEWER)
    assert not identity.admit(OTHER, "", "open Sesame")
    assert not identity.admit("", "", "open sesame")
    assert identity.admit(OTHER, "", " open sesame ")
    second = odd.start("second", TINY, LONG, OTHER)
    odd.order("before", "discard", OTHER)
    until(second, "training")
    assert second.process
    if (environment := Path(f"/proc/{second.process.pid}/environ")).exists():
        assert b"sesame" not in environment.read_bytes(), "the worker has the instructor's key"
    monkeypatch.setenv(INSTRUCTOR_KEY, "another")
    with pytest.raises(Forbidden):
        odd.order("second", "pause", OTHER)


def test_an_instructor_offers_an_upload_to_all(
    manager: Manager, small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads()
    entry = uploads.add("my model.safetensors", small_checkpoint.read_bytes(), VIEWER)
    monkeypatch.setattr(identity, "WRONG_KEY_PAUSE", 0)
    with pytest.raises(Forbidden):
        manager.share(entry, VIEWER)
    monkeypatch.setenv(INSTRUCTOR_KEY, "key of this test")
    with pytest.raises(Forbidden):
        manager.share(entry, VIEWER)
    assert identity.admit(VIEWER, "", "key of this test")
    assert [manager.share(entry, VIEWER) for _ in range(2)] == ["my-model", "my-model-1"]
    assert manager.share(dataclasses.replace(entry, name="nul"), VIEWER) == "nul-1"  # a device on Windows
    found = library.entries(manager.folder)[0]
    assert found["my-model"].path.read_bytes() == small_checkpoint.read_bytes()
    manager.order("my-model", "discard", VIEWER)
    assert "my-model" not in library.entries(manager.folder)[0]


@pytest.mark.parametrize("name", ["CON", "nul", "Aux", "com1", "LPT9"])
def test_a_name_that_is_a_device_on_windows_is_refused(name: str, manager: Manager) -> None:
    with pytest.raises(RunError, match=f"{name} is the name of a device on Windows"):
        manager.start(name, TINY, BRIEF, VIEWER)


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "x" * 41, "vae-mnist", "taken", "été"])
def test_a_bad_or_taken_name_is_refused(name: str, manager: Manager) -> None:
    (manager.folder / "taken").mkdir(parents=True)
    with pytest.raises(RunError, match=r"A name is 1 to 40|There is a model"):
        manager.start(name, TINY, BRIEF, VIEWER)
    assert manager.runs() == []


def test_a_damaged_folder_keeps_nobody_away_and_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    RunSpec(TINY, BRIEF, "me", 1.0).write(tmp_path / "whole")
    whole = json.loads((tmp_path / "whole" / SPEC_FILE).read_text(encoding="utf-8"))
    damaged = {
        "brace": "{",
        "deep": "[" * 100_000,
        "deep-problem": json.dumps({**whole, "problem": "?"}).replace('"?"', "[" * 100_000),
        "fields": '{"model": "{}", "train": "", "owner": 1}',
        "late": json.dumps({**whole, "created": "?"}).replace('"?"', "1" + 400 * "0"),
        "list": "[]",
    }
    for name, text in damaged.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / SPEC_FILE).write_text(text, encoding="utf-8")
    (tmp_path / "directory" / SPEC_FILE).mkdir(parents=True)
    RunSpec(dataclasses.replace(TINY, latent=8), BRIEF, "me", 1.0).write(tmp_path / "wide")
    (tmp_path / "nobody's").mkdir()
    (tmp_path / "command-line").mkdir()
    (tmp_path / "command-line" / STATE_FILE).write_bytes(b"")
    manager = Manager(tmp_path)
    assert [run.name for run in manager.runs()] == ["whole"]
    told = [str(error) for error in manager.left_out()]
    assert [sentence.split()[2] for sentence in told] == sorted([*damaged, "directory", "wide"])
    assert "wide has a latent space of 8 dimensions, which Train cannot show while it grows" in told[-1]
    log = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in log] == sorted(str(tmp_path / name) for name in [*damaged, "directory"])
    assert all((tmp_path / name / SPEC_FILE).exists() for name in damaged)
    shutil.rmtree(tmp_path / "brace")
    assert len(manager.left_out()) == len(told) - 1


def test_a_start_that_a_full_disk_refuses_leaves_its_name_free(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left") as refused:
        manager.start("refused", TINY, BRIEF, VIEWER)
    assert str(manager.folder) not in translate_error(refused.value)
    assert "refused cannot be written" in translate_error(refused.value)
    assert not (manager.folder / "refused").exists()
    manager.check_name("refused")
