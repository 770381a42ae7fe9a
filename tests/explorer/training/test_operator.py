"""Whoever runs the server ends any run, from another process; nobody else learns how."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import identity
from explorer.settings import MODEL_FILE
from explorer.training.operator import PATTERN, OrderRefused, Server, servers
from explorer.training.spec import RunSpec
from model.config import ModelConfig, TrainConfig
from tests.explorer.training.waiting import wait
from tests.server import QUICK, ROOT, serve

TINY = ModelConfig(encoder=(16,), decoder=(16,), fourier=4)
LONG = TrainConfig(epochs=2000, batch=2000)
PUPIL = "pupil-pupil-pupil-pupil"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder of runs, with one that a pupil began."""
    RunSpec(TINY, LONG, identity.mark(PUPIL), 1.0).write(tmp_path / "pupils")
    return tmp_path


def command(runs: Path, *arguments: str) -> tuple[int, str]:
    """Exit status of `python -m explorer runs …`, and all that it says."""
    environment = {**os.environ, "EXPLORER_RUNS": str(runs)}
    asked = [sys.executable, "-m", "explorer", "runs", *arguments]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_pupils_run_is_stopped_and_deleted_by_whoever_runs_the_server(runs: Path) -> None:
    environment = {"EXPLORER_RUNS": str(runs), "EXPLORER_INSTRUCTOR_KEY": "", "OMP_NUM_THREADS": "1"}
    with serve(environment=environment, base_path="/deep/er", module=QUICK) as (address, pid):
        file = runs / PATTERN.format(pid)
        told = json.loads(file.read_text(encoding="utf-8"))
        assert told["address"] == address
        if sys.platform != "win32":
            assert file.stat().st_mode & 0o777 == 0o600
        Server(address, PUPIL, []).order("pupils", "resume")

        def trained() -> int:
            [run] = servers(runs)[0].runs
            return int(run["epoch"])

        wait(trained, lambda: "no epoch")
        assert command(runs, "list")[1].split()[:2] == ["pupils", "training"]
        assert command(runs, "stop", "pupils") == (0, "")
        wait(lambda: servers(runs)[0].runs[0]["status"] == "kept", lambda: "not kept")
        assert (runs / "pupils" / MODEL_FILE).exists()
        with pytest.raises(OrderRefused, match="pupils is kept now"):
            servers(runs)[0].order("pupils", "stop")
        assert command(runs, "delete", "pupils") == (0, "")
        assert not (runs / "pupils").exists()
        status, said = command(runs, "delete", "pupils")
        assert (status, "no run pupils" in said) == (1, True)
    assert not file.exists()


def test_without_a_server_what_lies_there_is_listed_and_deleted(runs: Path) -> None:
    told = '{"address": "http://127.0.0.1:9", "name": "of a server that was killed"}'
    (runs / PATTERN.format(1)).write_text(told, encoding="utf-8")
    assert command(runs, "list")[1].split()[:2] == ["pupils", "interrupted"]
    status, said = command(runs, "stop", "pupils")
    assert (status, "No server trains pupils now" in said) == (1, True)
    assert command(runs, "delete", "pupils") == (0, "")
    assert not (runs / "pupils").exists()


def test_nobody_passes_for_the_operator() -> None:
    for viewer in ("", "operator", identity.mark(identity.OPERATOR), identity.OPERATOR[:-1]):
        assert not identity.may_control(viewer, identity.mark(PUPIL))
    assert identity.may_control(identity.OPERATOR, identity.mark(PUPIL))
