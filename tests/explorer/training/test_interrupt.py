"""Ctrl-C in the server's terminal, while a run trains: all ends by itself, and nothing is lost."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from explorer import identity
from explorer.settings import LOG_FILE
from explorer.training.manager import Manager
from explorer.training.spec import RunSpec
from model import training
from model.config import ModelConfig, TrainConfig
from model.format import STATE_FILE
from model.lock import LockedError, locked
from tests.explorer.training.waiting import alive, wait
from tests.server import ROOT, serve

MODEL, LONG = ModelConfig(encoder=(16,), decoder=(16,), fourier=4), TrainConfig(epochs=10_000, batch=2000)
VIEWER = "viewer-viewer-viewer"


def test_it_ends_the_server_and_once_its_worker(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there Ctrl-C comes from a console only")
    folder, log = tmp_path / "runs" / "mine", tmp_path / "server.txt"
    RunSpec(MODEL, LONG, identity.mark(VIEWER), 1.0).write(folder)
    with serve(environment={"EXPLORER_RUNS": str(folder.parent)}, log=log) as (address, pid):
        headers = {"Content-Type": "application/json", "Cookie": f"{identity.COOKIE}={VIEWER}"}
        order = urllib.request.Request(f"{address}/training/mine/resume", data=b"{}", headers=headers)
        urllib.request.urlopen(order).close()
        wait((folder / STATE_FILE).exists, lambda: "no epoch is over")
        os.killpg(pid, signal.SIGINT)  # as a terminal does: to all that it has in front
        wait(lambda: not alive(pid), lambda: "the server lives on")
    wait(lambda: _is_free(folder), lambda: "the worker lives on")
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert (folder / LOG_FILE).read_text(encoding="utf-8") == ""  # the worker has not heard of it
    run = Manager(folder.parent).run("mine")
    assert run.status == "interrupted"
    assert len(run.rows) == training.Run.resume(folder).epoch >= 1


def test_a_worker_whose_events_nobody_takes_any_more_ends_without_a_word(tmp_path: Path) -> None:
    RunSpec(MODEL, LONG, identity.mark(VIEWER), 1.0).write(tmp_path)
    command = [sys.executable, "-m", "explorer.training.worker", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as worker:
        assert worker.stdout
        assert worker.stderr
        worker.stdout.close()  # its orders may still come
        assert worker.stderr.read() == b""
        assert worker.wait() == 0


def test_a_child_ends_cleanly_while_its_server_could_still_say_something() -> None:
    pipe, code = subprocess.PIPE, "from explorer.training.child import inbox; print(inbox().get())"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stdin.write(b"an order\nand half")
        child.stdin.flush()
        assert child.stdout.read().split() == [b"b'an", b"order'"]
        assert child.stderr.read() == b""
        assert child.wait() == 0


def _is_free(folder: Path) -> bool:
    try:
        with locked(folder):
            return True
    except LockedError:
        return False
