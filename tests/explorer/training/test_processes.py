"""Whatever a process writes, fails to write or cannot do: its run can be gone on with, and the next one starts."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.settings import LOG_FILE, SPEC_FILE
from explorer.training import processes, queue
from explorer.training.errors import RunError
from explorer.training.manager import Manager
from explorer.training.protocol import Epoch
from explorer.training.queue import MAX_OWN
from explorer.training.run import Run
from explorer.training.spec import RunSpec
from model import training
from model.config import ModelConfig, TrainConfig
from tests.explorer.training.waiting import PATIENCE, alive, until, wait
from tests.systems import KILLED, kill

MODEL, TRAIN, VIEWER = ModelConfig(), TrainConfig(), "viewer-viewer-viewer"
OTHER = "another-viewer-here"
ROW = {"epoch": 1, "beta": 1.0}


def start(manager: Manager, name: str, viewer: str = VIEWER) -> Run:
    return manager.start(name, MODEL, TRAIN, viewer)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("half", rf"ended unexpectedly \({KILLED}\)"),
        ("whole", rf"ended unexpectedly \({KILLED}\)"),
        ("bytes", r"ended unexpectedly \(expected an event or an order, found b'\\xff"),
        ("list", r"expected an event or an order, found b'\[1, 2\]"),
        ("unknown", "expected an event or an order, found .*sunrise"),
        ("rowless", "expected an event or an order"),
        ("nan", "expected an event or an order"),
        ("deep", "expected an event or an order"),
        ("huge", "expected an event or an order, found b'xxx"),
        ("failing", r"ended unexpectedly \(no such luck\)"),
        ("silent", r"ended unexpectedly \(exit status 0\)"),
        ("complaining", "^a is damaged: nothing$"),
    ],
)
def test_whatever_a_process_says_its_run_can_be_gone_on_with_and_the_next_starts(
    name: str, problem: str, odd: Manager
) -> None:
    run, following = start(odd, name), start(odd, "good")
    until(following, "kept")
    assert run.status == "interrupted"
    assert run.problem
    assert run.process is None
    assert len(run.rows) == (name == "whole")
    assert re.search(problem, str(run.problem))
    wait(lambda: RunSpec.read(run.folder).problem, lambda: "its problem is not on disk")
    assert str(Manager(odd.folder).run(name).problem) == str(run.problem)
    odd.order(name, "resume", VIEWER)
    until(run, "interrupted")
    odd.order(name, "discard", VIEWER)
    assert odd.runs() == [following]


def test_a_process_that_writes_nonsense_and_lives_on_is_ended(odd: Manager) -> None:
    run = start(odd, "list")
    wait(lambda: run.process, lambda: "no process")
    assert run.process
    pid = run.process.pid
    until(run, "interrupted")
    assert not alive(pid)


def test_a_failure_of_our_own_leaves_the_run_where_a_person_can_go_on(
    odd: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(line: bytes) -> Epoch:
        raise KeyError("something nobody thought of")

    monkeypatch.setattr(processes, "parse_event", failing)
    run = start(odd, "deaf")
    until(run, "interrupted")
    assert "KeyError: 'something nobody thought of'" in str(run.problem)
    monkeypatch.undo()
    until(start(odd, "good"), "kept")


@pytest.mark.parametrize("fault", ["gone", "log is a folder", "no process"])
def test_a_process_that_cannot_be_started_says_so_and_the_next_starts(
    fault: str, odd: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(odd, "deaf")
    until(first, "training")
    run, following = start(odd, "half"), start(odd, "good")
    if fault == "gone":
        (run.folder / SPEC_FILE).unlink()
        run.folder.rmdir()
    elif fault == "log is a folder":
        (run.folder / LOG_FILE).mkdir()
    else:
        popen = subprocess.Popen

        def refusing(command: list[str], **options: object) -> "subprocess.Popen[bytes]":
            if command[-1] == str(run.folder):
                raise BlockingIOError("no more processes")
            return popen(command, **options)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(subprocess, "Popen", refusing)
    odd.order("deaf", "discard", VIEWER)
    until(following, "kept")
    assert run.status == "interrupted"
    assert str(run.problem).startswith("Its process could not be started (")
    odd.order("half", "discard", VIEWER)
    assert not run.folder.exists()


def test_no_more_threads(odd: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as context:
        context.setattr(threading, "Thread", NoThread)
        run = start(odd, "good")
    assert run.status == "interrupted"
    assert "could not be started (can't start new thread)" in str(run.problem)
    odd.order("good", "resume", VIEWER)
    until(run, "kept")


def test_a_process_that_reads_no_orders_holds_nobody_up(odd: Manager) -> None:
    if sys.platform == "win32":
        pytest.skip("there no process can be stopped from outside")
    run = start(odd, "deaf")
    until(run, "training")
    assert run.process
    pid = run.process.pid
    os.kill(pid, signal.SIGSTOP)

    def more_than_the_pipe_holds() -> None:
        for _ in range(10_000):
            odd.order("deaf", "set", VIEWER, {"beta": 2})

    with pytest.raises(RunError, match="takes no orders now"):
        more_than_the_pipe_holds()
    assert run.status == "training"
    odd.order("deaf", "discard", VIEWER)
    assert not alive(pid)


@pytest.fixture
def slow(odd: Manager) -> Iterator[tuple[Manager, Run]]:
    """A run whose process is being started on a disk that does not answer."""
    if sys.platform == "win32":
        pytest.skip("there are no named pipes among the files")
    start(odd, "half")
    until(odd.run("half"), "interrupted")
    wait(lambda: RunSpec.read(odd.folder / "half").problem, lambda: "its problem is not on disk")
    log = odd.folder / "half" / LOG_FILE
    log.unlink()
    os.mkfifo(log)  # to open it waits for a reader
    manager = Manager(odd.folder, "tests.explorer.training.odd_worker")
    manager.order("half", "resume", VIEWER)
    run = manager.run("half")
    yield manager, run
    reader = os.open(log, os.O_RDWR)
    until(run, "interrupted")
    os.close(reader)


def test_a_slow_disk_holds_up_its_own_run_only(slow: tuple[Manager, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    manager, run = slow
    monkeypatch.setenv("EXPLORER_MAX_JOBS", "2")

    def others() -> None:
        until(start(manager, "good"), "kept")
        start(manager, "deaf")
        until(manager.run("deaf"), "training")
        manager.order("deaf", "pause", VIEWER)
        manager.order("deaf", "discard", VIEWER)
        assert [run.name for run in manager.runs()] == ["half", "good"]
        assert b'"half"' in manager.feed.snapshot_events()[0]

    _in_time(others)
    assert run.status == "starting"


def _in_time(act: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def acting() -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=acting, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for the slow disk"
    if failures:
        raise failures[0]


def test_a_run_is_discarded_while_its_process_is_being_started(odd: Manager) -> None:
    for begun in (False, True) * 4:
        run = start(odd, "deaf")
        if begun:
            wait(lambda run=run: run.process, lambda: "no process")  # type: ignore[misc]
        odd.order("deaf", "discard", VIEWER)
        assert odd.runs() == []
        assert not run.folder.exists()
    following = start(odd, "good")
    until(following, "kept")
    assert list(odd.folder.iterdir()) == [following.folder]


def test_a_name_is_given_once_though_many_ask_for_it_at_once(odd: Manager) -> None:
    started: list[Run] = []

    def starting() -> None:
        with contextlib.suppress(RunError):
            started.append(start(odd, "deaf"))

    threads = [threading.Thread(target=starting) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert odd.runs() == started
    assert len(started) == 1


def test_a_full_queue_takes_no_more_and_nothing_is_left_of_what_it_refused(
    odd: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [start(odd, "deaf"), *(start(odd, f"good{i}") for i in range(MAX_OWN))]
    with pytest.raises(RunError, match=f"{MAX_OWN} of your runs are waiting already"):
        start(odd, "half")
    assert odd.runs() == runs
    assert not (odd.folder / "half").exists()
    monkeypatch.setattr(queue, "MAX_QUEUE", MAX_OWN)
    with pytest.raises(RunError, match=f"{MAX_OWN} runs are waiting already"):
        start(odd, "half", OTHER)
    odd.order("deaf", "discard", VIEWER)
    until(runs[-1], "kept")


def test_what_a_killed_process_saved_and_had_no_time_to_tell_is_told(odd: Manager) -> None:
    events: list[tuple[str, Any]] = []
    odd.broadcast.publish = lambda event, data: events.append((event, data))  # type: ignore[method-assign]
    run = start(odd, "deaf")
    until(run, "training")
    trained = training.Run(ModelConfig(encoder=(4,), decoder=(4,), fourier=0), TRAIN)
    trained.history = [ROW, {**ROW, "epoch": 2}]
    trained.save(run.folder)
    assert run.process
    kill(run.process.pid)
    until(run, "interrupted")
    assert run.rows == trained.history
    assert [data["rows"] for event, data in events if event == "history"] == [trained.history]


def test_those_who_wait_take_turns(odd: Manager) -> None:
    runs = [start(odd, "deaf"), *(start(odd, f"good{i}") for i in range(3)), start(odd, "good9", OTHER)]
    begun: list[str] = []
    begin = odd._processes._begin

    def noted(run: Run, keep: bool = False) -> None:
        begun.append(run.name)
        begin(run, keep)

    odd._processes._begin = noted  # type: ignore[method-assign]
    odd.order("deaf", "discard", VIEWER)
    for run in runs[1:]:
        until(run, "kept")
    assert begun == ["good9", "good0", "good1", "good2"]


def test_a_paused_run_gives_its_place_to_those_who_wait(odd: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "HOLDS_PLACE", 0.2)
    paused = start(odd, "obedient")
    until(paused, "training")
    odd.order("obedient", "pause", VIEWER)
    until(paused, "paused")
    until(start(odd, "good", OTHER), "kept")
    until(paused, "interrupted")
    assert "gave its place" in str(paused.problem)
    assert "gave its place" in str(RunSpec.read(paused.folder).problem)
    odd.order("obedient", "resume", VIEWER)
    until(paused, "training")


def test_a_name_that_another_server_took_a_moment_ago_is_taken(odd: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    second = Manager(odd.folder)
    run = start(odd, "deaf")
    before = RunSpec.read(run.folder)
    monkeypatch.setattr(second, "check_name", lambda _name: None)  # it was free when it was asked for
    with pytest.raises(RunError, match="There is a model deaf already"):
        second.start("deaf", MODEL, TRAIN, OTHER)
    assert second.runs() == []
    assert RunSpec.read(run.folder) == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    manager = Manager(tmp_path / "file")
    with pytest.raises(RunError, match="cannot be written"):
        start(manager, "good")
    assert manager.runs() == []


# Of earlier versions


@pytest.mark.parametrize("problem", ["", "MNIST is missing {not a placeholder}."])
def test_a_spec_of_the_first_version_is_read(problem: str, tmp_path: Path) -> None:
    RunSpec(MODEL, TRAIN, "owner", 1.0).write(tmp_path / "old")
    path = tmp_path / "old" / SPEC_FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "problem": problem}), encoding="utf-8")
    run = Manager(tmp_path).run("old")
    assert run.status == "interrupted"
    assert run.summary()["problem"] == ({"text": problem, "values": {}} if problem else None)
