"""Training as child processes: start, watch, pause, stop, resume, keep, discard. Imports no torch.

One `Manager` serves all viewers. A job's process belongs to the server, not to a page: pages come and go, and each
learns how things stand from the events. What a job has reached lies in its folder, whatever happens to the processes.
"""

__all__ = ["Forbidden", "Job", "JobError", "Manager", "described", "manager"]

import dataclasses
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer import identity
from explorer.catalogue import library
from explorer.i18n import _, told
from explorer.settings import LOG_FILE, MODEL_FILE, RUNS, max_runs
from explorer.training import child
from explorer.training.broadcast import Hub
from explorer.training.estimate import gauge
from explorer.training.spec import JobSpec
from model.config import DATASETS, ConfigError, ModelConfig, TrainConfig, from_json
from model.files import replacing
from model.format import STATE_FILE, CheckpointError, read_metadata

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"
MAX_QUEUE = 20
RECENT = 3  # epochs whose mean time tells the time left

BUSY = ("starting", "training", "paused", "stopping", "measuring")


class JobError(ValueError):
    """What was asked for cannot be done; the message says why and what can."""


class Forbidden(JobError):
    """The viewer may not do this."""


@dataclass
class Job:
    """A run as the page shows it.

    Attributes:
        status: queued | starting | training | paused | stopping | measuring | kept | interrupted.
        rows: `EpochReport.history` of each epoch.
        frame: the newest epoch's event, with its pictures; only since this server started.
        walls: seconds of the latest epochs, all in, pauses left out.
        done, steps: within the epoch that is being trained.
        finishing: seconds that the test figures will take, where somebody has measured.
        problem: the sentence with which it stopped.
    """

    name: str
    folder: Path
    spec: JobSpec
    status: str = "queued"
    rows: list[dict[str, float]] = field(default_factory=list)
    frame: dict[str, Any] | None = None
    walls: list[float] = field(default_factory=list)
    done: int = 0
    steps: int = 0
    finishing: float = 0.0
    problem: str = ""
    process: "subprocess.Popen[str] | None" = None

    def summary(self) -> dict[str, object]:
        """What every page gets to know."""
        train = self.spec.train
        return {
            "name": self.name,
            "status": self.status,
            "model": self.spec.model.model,
            "dataset": train.dataset,
            "title": DATASETS[train.dataset].title,
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
            "problem": self.problem,
        }


class Manager:
    """All jobs of one server.

    Args:
        runs: the folder of the runs, one folder each; what lies there unfinished is offered to be resumed.
    """

    def __init__(self, runs: Path = RUNS) -> None:
        self.runs = runs
        self.hub = Hub()
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        for folder in sorted(runs.glob("*/"), key=lambda path: path.stat().st_mtime):
            if job := _found(folder):
                self._jobs[job.name] = job

    # What there is

    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def job(self, name: str) -> Job:
        """The job of that name.

        Raises:
            JobError: there is none.
        """
        with self._lock:
            if name not in self._jobs:
                raise JobError(_("There is no run {name} any more: it was deleted.").format(name=name))
            return self._jobs[name]

    def free_name(self, stem: str = "run") -> str:
        """A name that no model and no run has."""
        taken = self._taken()
        return next(name for i in range(1, 10**6) if (name := f"{stem}-{i}") not in taken)

    def _taken(self) -> set[str]:
        with self._lock:
            return {*library.shipped()[0], *self._jobs}

    def check_name(self, name: str) -> None:
        """Whether a new run may have this name.

        Raises:
            JobError: it is malformed, or taken.
        """
        if not re.fullmatch(NAME, name):
            text = _("A name is 1 to 40 letters, digits, - and _, and begins with a letter or digit; found {name}.")
            raise JobError(text.format(name=repr(name)))
        if name in self._taken() or (self.runs / name).exists():
            raise JobError(_("There is a model {name} already: choose another name.").format(name=name))

    # What can be done

    def start(self, name: str, model: ModelConfig, train: TrainConfig, viewer: str, finishing: float = 0.0) -> Job:
        """Put a new job at the end of the queue, and start it if there is room.

        Raises:
            Forbidden: the viewer may not start runs.
            JobError: the name is malformed or taken, the queue is full, or the folder cannot be written.
        """
        if not identity.may_start(viewer):
            raise Forbidden(_("Only who has entered the instructor's key may start a run."))
        with self._lock:
            self.check_name(name)
            if sum(job.status == "queued" for job in self._jobs.values()) >= MAX_QUEUE:
                raise JobError(_("{count} runs are waiting already: discard one first.").format(count=MAX_QUEUE))
            spec = JobSpec(model, train, identity.mark(viewer), time.time())
            folder = self.runs / name
            try:
                spec.write(folder)
            except OSError as error:
                raise JobError(_("{folder} cannot be written ({why}).").format(folder=folder, why=error)) from error
            job = self._jobs[name] = Job(name, folder, spec, finishing=finishing)
            self._changed()
        return job

    def share(self, entry: library.Entry, viewer: str) -> str:
        """Put an instructor's upload among the models of all viewers, as a run that was kept; returns its name there.

        Raises:
            Forbidden: the viewer is no instructor.
            JobError: the folder cannot be written.
        """
        if not identity.is_instructor(viewer):
            raise Forbidden(_("Only who has entered the instructor's key may offer a model to all."))
        with self._lock:
            stem = re.sub(r"[^A-Za-z0-9_-]+", "-", entry.name).strip("-_")[:30] or "upload"
            name = self.free_name(stem) if stem in self._taken() else stem
            folder = self.runs / name
            spec = JobSpec(entry.header.config, entry.header.train, identity.mark(viewer), time.time())
            try:
                spec.write(folder)
                with replacing(folder / MODEL_FILE) as part:
                    shutil.copyfile(entry.path, part)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise JobError(_("{folder} cannot be written ({why}).").format(folder=folder, why=error)) from error
            self._jobs[name] = Job(name, folder, spec, status="kept")
            self._changed()
        return name

    def order(self, name: str, action: str, viewer: str, values: Mapping[str, Any] | None = None) -> None:
        """Do something with a run.

        Args:
            action: pause | resume | stop (and keep) | set (`values` has beta, lr or both) | discard (delete it).

        Raises:
            Forbidden: the run is not the viewer's, or an instructor's key is set and the viewer has not entered it.
            JobError: it cannot be done as the run now stands.
        """
        with self._lock:
            job = self.job(name)
            if not identity.may_control(viewer, job.spec.owner):
                if identity.key_is_set():
                    raise Forbidden(_("Only who has entered the instructor's key may do this."))
                raise Forbidden(_("Only the browser that started this run may do this."))
            acts = {
                "pause": self._pause,
                "resume": self._resume,
                "stop": self._stop,
                "set": lambda job: self._set(job, values or {}),
                "discard": self._discard,
            }
            if action not in acts:
                raise JobError(f"An action is one of {', '.join(acts)}; found {action!r:.40}.")
            acts[action](job)
            self._changed()

    def _pause(self, job: Job) -> None:
        self._need(job, "training")
        self._tell(job, do="pause")

    def _resume(self, job: Job) -> None:
        self._need(job, "paused", "interrupted")
        if job.status == "paused":
            self._tell(job, do="resume")
        else:
            job.status, job.problem = "queued", ""

    def _stop(self, job: Job) -> None:
        self._need(job, "training", "paused", "interrupted")
        if job.status != "interrupted":
            self._tell(job, do="stop")
            job.status = "stopping"
        elif job.rows:
            job.problem = ""
            self._launch(job, "--keep")
        else:
            raise JobError(_("Not one epoch is over: there is nothing to keep yet."))

    def _set(self, job: Job, values: Mapping[str, Any]) -> None:
        self._need(job, "training", "paused")
        if not values or not set(values) <= {"beta", "lr"}:
            raise JobError(
                _("Expected beta, lr or both; found {names}.").format(names=", ".join(values) or _("nothing"))
            )
        try:
            train = dataclasses.replace(job.spec.train, **values)
        except ConfigError as error:
            raise JobError(told(error)) from error
        job.spec = dataclasses.replace(job.spec, train=train)
        self._tell(job, do="set", values={"beta": train.beta, "lr": train.lr})

    def _discard(self, job: Job) -> None:
        process, job.process = job.process, None
        if process:
            process.kill()
            process.wait()
        del self._jobs[job.name]
        shutil.rmtree(job.folder, ignore_errors=True)

    def _need(self, job: Job, *statuses: str) -> None:
        if job.status not in statuses:
            text = _("{name} is {status} now: that can only be done while it is {wanted}.")
            raise JobError(text.format(name=job.name, status=job.status, wanted=_(" or ").join(statuses)))

    # The processes

    def _tell(self, job: Job, **order: object) -> None:
        assert job.process
        assert job.process.stdin
        try:
            job.process.stdin.write(json.dumps(order) + "\n")
            job.process.stdin.flush()
        except OSError:
            return  # it has just ended: its watcher says so

    def _changed(self) -> None:
        """Start what there is room for, and tell everybody how things stand."""
        room = max_runs() - sum(job.status in BUSY for job in self._jobs.values())
        for job in [job for job in self._jobs.values() if job.status == "queued"][: max(0, room)]:
            self._launch(job)
        gauge.rest(any(job.status in BUSY for job in self._jobs.values()))
        self.hub.publish("board", self.board())

    def _launch(self, job: Job, *options: str) -> None:
        job.status = "measuring" if "--keep" in options else "starting"
        with open(job.folder / LOG_FILE, "ab") as log:
            job.process = child.start("explorer.training.worker", str(job.folder), *options, errors=log)
        threading.Thread(target=self._watch, args=(job, job.process), daemon=True).start()

    def _watch(self, job: Job, process: "subprocess.Popen[str]") -> None:
        """Follow a job's events to the end of its process."""
        assert process.stdout
        for line in process.stdout:
            event = json.loads(line)
            with self._lock:
                if job.process is process:
                    self._on(job, event.pop("event"), event)
        process.wait()
        with self._lock:
            if job.process is not process:
                return  # discarded
            job.process = None
            if job.status in BUSY:
                self._interrupted(job, _("Training ended unexpectedly ({why}).").format(why=_why(job, process)))
            self._changed()

    def _on(self, job: Job, event: str, values: dict[str, Any]) -> None:
        match event:
            case "epoch":
                job.rows = [*job.rows[: int(values["row"]["epoch"]) - 1], values["row"]]
                job.walls = [*job.walls, values["wall"]][-RECENT:]
                job.frame, job.done = values, 0
                self.hub.publish("epoch", {"job": job.summary(), **values})
            case "progress":
                job.done, job.steps = values["done"], values["steps"]
                self.hub.publish("progress", {"job": job.summary()})
            case "problem":
                self._interrupted(job, values["text"])
                self._changed()
            case "training" | "paused" | "measuring" | "kept":
                if job.status != "stopping" or event in ("measuring", "kept"):
                    job.status = event
                self._changed()

    def _interrupted(self, job: Job, problem: str) -> None:
        job.status, job.problem = "interrupted", problem
        job.spec = dataclasses.replace(job.spec, problem=problem)
        try:
            job.spec.write(job.folder)
        except OSError:
            return  # a full disk is the problem itself, most likely: it is on the page, if not on the disk

    # What pages get to know

    def board(self) -> dict[str, object]:
        """All jobs and all models that everybody may see."""
        with self._lock:
            jobs = [job.summary() for job in self._jobs.values()]
        return {"jobs": jobs, "models": [described(entry) for entry in library.entries(self.runs)[0].values()]}

    def standing(self) -> list[bytes]:
        """The events that tell a new watcher how things stand: made at once, for the watcher may read them slowly."""
        with self._lock:
            open_jobs = [job for job in self._jobs.values() if job.status != "kept" and job.rows]
            return [
                Hub.encode("board", self.board()),
                *(
                    Hub.encode("history", {"job": job.summary(), "rows": job.rows, "frame": job.frame})
                    for job in open_jobs
                ),
            ]


def described(entry: library.Entry) -> dict[str, object]:
    """A model, for those who want to open, replay or download it."""
    train = entry.header.train
    return {
        "name": entry.name,
        "address": entry.address,
        "trained": entry.trained,
        "model": entry.header.config.model,
        "dataset": train.dataset,
        "title": DATASETS[train.dataset].title,
        "classes": DATASETS[train.dataset].classes,
        "loss": train.loss,
        "beta": train.beta,
        "epochs": len(entry.header.history),
        "metrics": entry.header.metrics,
    }


def _found(folder: Path) -> Job | None:
    """The job of a folder that an earlier server left, or None where it is none."""
    try:
        spec = JobSpec.read(folder)
    except ConfigError:
        return None
    job = Job(folder.name, folder, spec, status="interrupted", problem=spec.problem)
    if (folder / MODEL_FILE).exists():
        job.status = "kept"
    elif (state := folder / STATE_FILE).exists():
        try:
            metadata = read_metadata(state)
            job.rows = json.loads(metadata["history"])
            job.spec = dataclasses.replace(spec, train=from_json(TrainConfig, metadata["train"]))
        except (CheckpointError, ConfigError, KeyError, ValueError) as error:
            job.problem = str(error)
    return job


def _why(job: Job, process: "subprocess.Popen[str]") -> str:
    """The last words of a process that ended without a word on the line."""
    try:
        lines = (job.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    killed = process.returncode < 0
    return _("signal {number}").format(number=-process.returncode) if killed or not last else last[:200]


manager = Manager()
