"""A run: what it is, what it has reached, and how each event changes that; changed only under the queue's lock."""

__all__ = ["LIVE", "Run", "RunSummary", "Status", "runs_on_disk", "saved"]

import dataclasses
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

from explorer.settings import MODEL_FILE, SPEC_FILE
from explorer.training.child import Child
from explorer.training.errors import RunError
from explorer.training.protocol import Epoch, Progress, StatusChange, Untrained, parse_row
from explorer.training.spec import RunSpec
from model.config import ConfigError, ModelConfig, TrainConfig, from_json
from model.errors import UserError
from model.format import STATE_FILE, CheckpointError, read_metadata

RECENT = 3  # epochs whose mean time tells the time left

Status = Literal["queued", "starting", "training", "paused", "stopping", "measuring", "kept", "interrupted"]
LIVE: frozenset[Status] = frozenset(("starting", "training", "paused", "stopping", "measuring"))  # it has a process


class RunSummary(TypedDict):
    """What every page gets to know of a run; `wall` and `finishing` in seconds, `problem` as `UserError.to_json`."""

    name: str
    status: Status
    live: bool
    model: str
    dataset: str
    title: str
    classes: tuple[str, ...]
    loss: str
    beta: float
    lr: float
    epoch: int
    epochs: int
    done: int
    steps: int
    wall: float
    finishing: float
    owner: str
    problem: dict[str, object] | None


@dataclass(eq=False)
class Run:
    """A run as the server knows it.

    Attributes:
        rows: `EpochReport.history` of each epoch; replaced by a new list, never changed.
        frame: the newest epoch, or what there is before the first, with its pictures; only since this server started.
        walls: seconds of the latest epochs, all in, pauses left out.
        done, steps: within the epoch that is being trained, or of the images by which it is measured.
        paused: when it last was, by `time.monotonic`.
        finishing: seconds that the test figures will take, where somebody has measured.
        problem: why it was interrupted.
        process: while it is live, once that is started.
        disk: held while its folder is written or deleted, or its process is started there. The queue's lock may be
            taken within, never the other way round.
    """

    name: str
    folder: Path
    spec: RunSpec
    status: Status = "queued"
    rows: list[dict[str, float]] = field(default_factory=list)
    frame: Epoch | Untrained | None = None
    walls: list[float] = field(default_factory=list)
    done: int = 0
    steps: int = 0
    paused: float = 0.0
    finishing: float = 0.0
    problem: UserError | None = None
    process: Child | None = None
    disk: threading.Lock = field(default_factory=threading.Lock)

    @property
    def live(self) -> bool:
        """Whether it needs the machine."""
        return self.status in LIVE

    def heard(self, event: Progress | Untrained | Epoch | StatusChange) -> None:
        """Take in what its process says."""
        match event:
            case Epoch(row=row, wall=wall):
                self.rows = [*self.rows[: int(row["epoch"]) - 1], row]
                self.walls = [*self.walls, wall][-RECENT:]
                self.frame, self.done = event, 0
            case Untrained():
                self.frame = event
            case Progress(done, steps):
                self.done, self.steps = done, steps
            case StatusChange(status):
                if self.status != "stopping" or status in ("measuring", "kept"):
                    self.status = status
                if status == "measuring":
                    self.done = self.steps = 0
                if status == "paused":
                    self.paused = time.monotonic()

    def interrupt(self, problem: UserError) -> None:
        """It has no process any more, and was not done: it can be resumed, kept as it is, or discarded."""
        self.status, self.problem = "interrupted", problem
        self.spec = dataclasses.replace(self.spec, problem=problem)

    def summary(self) -> RunSummary:
        """What every page gets to know."""
        train = self.spec.train
        return {
            "name": self.name,
            "status": self.status,
            "live": self.live,
            "model": self.spec.model.model,
            "dataset": train.dataset,
            "title": self.spec.dataset.title,
            "classes": self.spec.dataset.classes,
            "loss": train.loss,
            "beta": train.beta,
            "lr": train.lr,
            "epoch": len(self.rows),
            "epochs": train.epochs,
            "done": self.done,
            "steps": self.steps,
            "wall": sum(self.walls) / len(self.walls) if self.walls else 0.0,
            "finishing": self.finishing,
            "owner": self.spec.owner,
            "problem": None if self.problem is None else self.problem.to_json(),
        }


def runs_on_disk(folder: Path) -> tuple[list[Run], dict[str, RunError]]:
    """The runs that an earlier server left in their folders, the oldest first; and by name, why one is left out.

    What is no run's folder is passed over: that of a command line's run, say.
    """
    found, left_out = [], {}
    for path in sorted(folder.glob("*/")):
        try:
            if SPEC_FILE in os.listdir(path):
                found.append((path.stat().st_mtime, _run_on_disk(path)))
        except RunError as error:
            left_out[path.name] = error
        except Exception as error:  # whatever is wrong with one of them, the server starts, and the others are there
            print(f"{path} is left out: {error} ({error.__cause__})", file=sys.stderr)
            text = (
                "The run {name} cannot be read and is left out, its folder is kept: mend or delete that, then restart "
                "the server, whose log says what is wrong."
            )
            left_out[path.name] = RunError(text, name=path.name)
    return [run for _time, run in sorted(found, key=lambda pair: pair[0])], left_out


def _run_on_disk(folder: Path) -> Run:
    spec = RunSpec.read(folder)
    run = Run(folder.name, folder, spec, status="interrupted", problem=spec.problem)
    if (folder / MODEL_FILE).exists():
        run.status, run.problem = "kept", None
    elif (folder / STATE_FILE).exists():
        try:
            run.rows, model, train = saved(folder)
            run.spec = dataclasses.replace(spec, model=model, train=train)
        except (CheckpointError, ConfigError) as error:
            run.problem = error
    if run.status != "kept" and (latent := run.spec.model.latent) != 2:
        text = (
            "The run {name} has a latent space of {latent} dimensions, which Train cannot show while it grows: it is "
            "left out, its folder is kept. Go on with it by the command line; the model that it makes can be explored."
        )
        raise RunError(text, name=folder.name, latent=latent)
    return run


def saved(folder: Path) -> tuple[list[dict[str, float]], ModelConfig, TrainConfig]:
    """What a run's state on the disk has reached: `EpochReport.history` of each epoch, and its settings by then.

    Raises:
        CheckpointError, ConfigError: there is none, or it is damaged.
    """
    state = folder / STATE_FILE
    try:
        metadata = read_metadata(state)
        model, train = from_json(ModelConfig, metadata["config"]), from_json(TrainConfig, metadata["train"])
        return [parse_row(row) for row in json.loads(metadata["history"])], model, train
    except UserError:
        raise
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        text = "{path}: expected a run's state, found it damaged ({why}); start anew."
        raise CheckpointError(text, path=state, why=error) from error
