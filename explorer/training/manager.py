"""Orders to runs, and who may give them: start, pause, resume, stop and keep, change, discard, share.

One `Manager` serves all viewers. A run's process belongs to the server, not to a page: pages come and go, and each
learns how things stand from the events. What a run has reached lies in its folder, whatever happens to the processes.
"""

__all__ = ["Manager", "manager"]


import dataclasses
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from explorer import identity
from explorer.broadcast import Broadcast
from explorer.catalogue import library
from explorer.settings import MODEL_FILE, RUNS
from explorer.training import memory
from explorer.training.child import NotListeningError
from explorer.training.errors import Forbidden, RunError
from explorer.training.feed import Feed
from explorer.training.own_pictures import OwnPictures
from explorer.training.processes import Processes
from explorer.training.protocol import Order, encode_order
from explorer.training.queue import MAX_OWN, MAX_QUEUE, RunQueue
from explorer.training.run import Run, Status, runs_on_disk
from explorer.training.spec import RunSpec
from model.config import ModelConfig, TrainConfig
from model.dataset import counts, is_own
from model.errors import Translatable
from model.files import replacing
from model.lock import delete

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"
DEVICE = r"(?i:con|prn|aux|nul|com\d|lpt\d)"  # names that no folder can have on Windows
WORKER = "explorer.training.worker"

# In which states a run can take an order, and how that is said.
WHEN: Mapping[str, tuple[tuple[Status, ...], Translatable]] = {
    "pause": (("training",), Translatable("training")),
    "resume": (("paused", "interrupted"), Translatable("paused or interrupted")),
    "stop": (("training", "paused", "interrupted"), Translatable("training or paused or interrupted")),
    "set": (("training", "paused"), Translatable("training or paused")),
}
DISCARD = "discard"  # at any time


class Manager:
    """All runs of one server. Imports no torch.

    Args:
        folder: of the runs, one folder each; what lies there unfinished is offered to be resumed.
        worker: the module that trains.
    """

    def __init__(self, folder: Path = RUNS, worker: str = WORKER) -> None:
        self.folder = folder
        self.broadcast = Broadcast()
        runs, self._left_out = runs_on_disk(folder)
        self._queue = RunQueue(runs)
        self.feed = Feed(self._queue, self.broadcast, folder)
        self._processes = Processes(self._queue, self.feed, worker)

    # What there is

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return self._queue.all()

    def left_out(self) -> list[RunError]:
        """A sentence for each folder of a run that could not be read, and that is still there."""
        return [error for name, error in self._left_out.items() if os.path.lexists(self.folder / name)]

    def run(self, name: str) -> Run:
        """The run of that name.

        Raises:
            RunError: there is none.
        """
        return self._queue.get(name)

    def free_name(self) -> str:
        """A name that no model and no run has."""
        return next(self._free_names("run"))

    def check_name(self, name: str) -> None:
        """Whether a new run may have this name.

        Raises:
            RunError: it is malformed, or taken.
        """
        if not re.fullmatch(NAME, name):
            text = "A name is 1 to 40 letters, digits, - and _, and begins with a letter or digit; found {name}."
            raise RunError(text, name=repr(name))
        if re.fullmatch(DEVICE, name):  # on each system: a run's folder may be copied to another
            raise RunError("{name} is the name of a device on Windows: choose another name.", name=name)
        if name in self._taken() or os.path.lexists(self.folder / name):
            raise RunError("There is a model {name} already: choose another name.", name=name)

    def _taken(self) -> set[str]:
        folders = {path.name for path in self.folder.glob("*/")}
        return {*library.shipped()[0], *folders, *self._queue.taken()}

    def _free_names(self, stem: str) -> Iterator[str]:
        taken = self._taken()
        return (name for i in count(1) if (name := f"{stem}-{i}") not in taken)

    # What can be done

    def start(
        self,
        name: str | None,
        model: ModelConfig,
        train: TrainConfig,
        viewer: str,
        finishing: float = 0.0,
        pictures: OwnPictures | None = None,
    ) -> Run:
        """Put a new run at the end of the queue, and start it if there is room.

        Args:
            name: None for the next free one.
            finishing: seconds that its test figures will take, 0 where nobody has measured.
            pictures: the viewer's own, where it is to train on them; the run gets copies, and keeps them as long as it
                is there.

        Raises:
            Forbidden: the viewer may not start runs.
            RunError: the name is malformed or taken, the queue is full, the folder cannot be written, the run would
                take more memory than it may, or the pictures are not these.
        """
        if not identity.may_start(viewer):
            raise Forbidden("Only who has entered the instructor's key may start a run.")
        if is_own(train.dataset) and (pictures is None or pictures.name != train.dataset):
            raise RunError("These pictures are not here any more: bring them once more.")
        memory.check(model, train, pictures.counts if pictures and is_own(train.dataset) else counts(train.dataset))
        if name is not None:
            self.check_name(name)
        with self._queue.reserved(self._free_names("run") if name is None else [name]) as name:
            data = pictures.data if pictures and is_own(train.dataset) else None
            spec = RunSpec(model, train, identity.mark(viewer), time.time(), data=data)
            run = Run(name, self.folder / name, spec, finishing=finishing)
            with _folder(run):
                if pictures and data:
                    shutil.copytree(pictures.root / pictures.name, run.folder / pictures.name)
                spec.write(run.folder)
                # Of an instructor's, who alone may start any where a key is set, as many as there is room for.
                self._queue.add(run, MAX_QUEUE if identity.key_is_set() else MAX_OWN)
        self._processes.advance()
        return run

    def share(self, entry: library.Entry, viewer: str) -> str:
        """Put an instructor's upload among the models of all viewers, as a run that was kept; returns its name there.

        Raises:
            Forbidden: the viewer is no instructor.
            RunError: the folder cannot be written.
        """
        if not identity.is_instructor(viewer):
            raise Forbidden("Only who has entered the instructor's key may offer a model to all.")
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", entry.name).strip("-_")[:30] or "upload"
        own = [] if stem in self._taken() or re.fullmatch(DEVICE, stem) else [stem]
        with self._queue.reserved(chain(own, self._free_names(stem))) as name:
            train = entry.header.train
            data = entry.header.data if is_own(train.dataset) else None
            spec = RunSpec(entry.header.config, train, identity.mark(viewer), time.time(), data=data)
            run = Run(name, self.folder / name, spec, status="kept")
            with _folder(run):
                spec.write(run.folder)
                with replacing(run.folder / MODEL_FILE) as part:
                    shutil.copyfile(entry.path, part)
                self._queue.add(run)
        self._processes.advance()
        return name

    def order(self, name: str, action: str, viewer: str, values: Mapping[str, Any] | None = None) -> None:
        """Do something with a run.

        Args:
            action: pause | resume | stop (and keep) | set (`values` has beta, lr or both) | discard (delete it).

        Raises:
            Forbidden: the run is not the viewer's, or an instructor's key is set and the viewer has not entered it.
            RunError: it cannot be done as the run now stands.
            LockedError: it is to be deleted, and another server or command line trains it: nothing is deleted.
            ConfigError: a value is outside its range.
        """
        run = self.run(name)
        if not identity.may_control(viewer, run.spec.owner):
            if identity.key_is_set():
                raise Forbidden("Only who has entered the instructor's key may do this.")
            raise Forbidden("Only the browser that started this run may do this.")
        if action == DISCARD:
            return self._discard(run)
        if action not in WHEN:
            actions = ", ".join([*WHEN, DISCARD])
            raise RunError("An action is one of {actions}; found {found}.", actions=actions, found=f"{action!r:.40}")
        with self._queue.lock:
            if self._queue.get(name) is run:  # or it would have been discarded since
                self._act(run, action, values or {})
        self._processes.advance()

    def _act(self, run: Run, action: str, values: Mapping[str, Any]) -> None:
        statuses, wanted = WHEN[action]
        if run.status not in statuses:
            text = "{name} is {status} now: that can only be done while it is {wanted}."
            raise RunError(text, name=run.name, status=Translatable(run.status), wanted=wanted)
        if action == "set":
            self._set(run, values)
        elif run.status != "interrupted":
            self._send(run, Order(action))  # type: ignore[arg-type]
            if action == "stop":
                run.status = "stopping"
        elif action == "resume":
            run.status, run.problem = "queued", None
        elif run.rows:
            self._processes.keep(run)
        else:
            raise RunError("Not one epoch is over: there is nothing to keep yet.")

    def _set(self, run: Run, values: Mapping[str, Any]) -> None:
        if not values or not set(values) <= {"beta", "lr"}:
            names = ", ".join(values) or Translatable("nothing")
            raise RunError("Expected beta, lr or both; found {names}.", names=names)
        train = dataclasses.replace(run.spec.train, **values)
        self._send(run, Order("set", {"beta": train.beta, "lr": train.lr}))
        run.spec = dataclasses.replace(run.spec, train=train)

    def _send(self, run: Run, order: Order) -> None:
        try:
            if run.process:
                run.process.send(encode_order(order))
        except NotListeningError as error:
            text = "The process of {name} takes no orders now: wait until it goes on, or discard the run."
            raise RunError(text, name=run.name) from error
        except OSError:
            return  # it has just ended: whoever follows it says so

    def _discard(self, run: Run) -> None:
        try:
            with self._queue.removed(run):
                if process := run.process:
                    process.kill()
                self._processes.advance()
                with run.disk:  # a process that was just being started was killed by whoever did
                    if process := run.process:
                        process.wait()
                    try:
                        delete(run.folder)
                    except FileNotFoundError:
                        pass
                    except OSError as error:
                        text = "{folder} could not be deleted ({why}): delete it by hand."
                        raise RunError(text, folder=run.folder, why=error) from error
        finally:
            self.feed.changed()


@contextmanager
def _folder(run: Run) -> Iterator[None]:
    """A new run's folder, to be filled within; nothing is left of it where that fails.

    Raises:
        RunError: it cannot be written, or there is one already.
    """
    try:
        run.folder.parent.mkdir(parents=True, exist_ok=True)
        run.folder.mkdir()
    except OSError as error:
        if os.path.lexists(run.folder):  # another server's, since the name was found to be free
            raise RunError("There is a model {name} already: choose another name.", name=run.name) from error
        raise RunError("{folder} cannot be written ({why}).", folder=run.folder, why=error) from error
    try:
        yield
    except (OSError, RunError) as error:
        shutil.rmtree(run.folder, ignore_errors=True)
        if isinstance(error, RunError):
            raise
        raise RunError("{folder} cannot be written ({why}).", folder=run.folder, why=error) from error


manager = Manager()
