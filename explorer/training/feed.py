"""What pages are told of the runs and the models: how things stand, and each epoch."""

__all__ = ["Feed", "ModelSummary", "model_summary"]

import dataclasses
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from explorer.broadcast import Broadcast
from explorer.catalogue import library
from explorer.training.protocol import Epoch, Progress, Untrained
from explorer.training.queue import RunQueue
from explorer.training.run import Run, RunSummary


class ModelSummary(TypedDict):
    """A model, for those who want to open, replay or download it; `trained`: it is a run of this server."""

    name: str
    address: str
    trained: bool
    model: str
    dataset: str
    title: str
    classes: tuple[str, ...]
    loss: str
    beta: float
    epochs: int
    metrics: dict[str, float]


class SnapshotEvent(TypedDict):
    """`snapshot`: how things stand, whenever that has changed."""

    runs: list[RunSummary]
    models: list[ModelSummary]


class HistoryEvent(TypedDict):
    """`history`, after the first snapshot and before a run's first epoch: the epochs of a run that is not kept;
    `frame` as in `EpochEvent`."""

    run: RunSummary
    rows: list[dict[str, float]]
    frame: dict[str, object] | None


class ProgressEvent(TypedDict):
    """`progress`: a run has gone on within an epoch."""

    run: RunSummary


class EpochEvent(ProgressEvent):
    """`epoch`: see `explorer.training.protocol.Epoch`."""

    row: dict[str, float]
    wall: float
    trace: str
    strip: str
    sheet: str


class Feed:
    """Tells all pages. Everything is published under the queue's lock, so that it comes in the order in which it was.

    Args:
        folder: of the runs, where the models lie that were trained here.
    """

    def __init__(self, queue: RunQueue, broadcast: Broadcast, folder: Path) -> None:
        self._queue = queue
        self._broadcast = broadcast
        self._folder = folder
        self._known: list[ModelSummary] = []
        self._changes = 0
        self._stale = threading.Event()
        threading.Thread(target=self._publish_snapshots, daemon=True).start()

    def changed(self) -> None:
        """How things stand has changed: tell everybody, soon."""
        library.forget()
        with self._queue.lock:
            self._changes += 1
        if self._broadcast.watched:
            self._stale.set()

    def tell(self, run: Run, event: Progress | Untrained | Epoch) -> None:
        """Tell everybody what a run's process says; under the queue's lock."""
        if isinstance(event, Untrained):
            self.tell_anew(run)
        elif isinstance(event, Progress):
            told: ProgressEvent = {"run": run.summary()}
            self._broadcast.publish("progress", told)
        else:
            epoch: EpochEvent = {"run": run.summary(), **dataclasses.asdict(event)}  # type: ignore[typeddict-item]
            self._broadcast.publish("epoch", epoch)

    def tell_anew(self, run: Run) -> None:
        """Tell everybody what a run has reached, where that was found on the disk, or is not an epoch yet; under the
        queue's lock."""
        self._broadcast.publish("history", _history(run))

    def snapshot_events(self, admit: Callable[[], None] = lambda: None) -> list[bytes]:
        """The events that tell a new watcher how things stand; reads from the disk.

        Args:
            admit: called at the instant for which they hold, see `Broadcast.listen`.
        """
        changes = self._changes
        models = self._models()
        with self._queue.lock:
            admit()
            if changes != self._changes:
                self._stale.set()  # there may be other models by now
            runs = self._queue.all()
            snapshot: SnapshotEvent = {"runs": [run.summary() for run in runs], "models": models}
            histories = [_history(run) for run in runs if run.status != "kept" and (run.rows or run.frame)]
        return [
            self._broadcast.encode("snapshot", snapshot),
            *(self._broadcast.encode("history", history) for history in histories),
        ]

    def _publish_snapshots(self) -> None:
        """In a thread of its own: nobody waits for the disk, and an older snapshot never comes after a newer one."""
        while self._stale.wait():
            self._stale.clear()
            models = self._models()
            with self._queue.lock:
                snapshot: SnapshotEvent = {"runs": [run.summary() for run in self._queue.all()], "models": models}
                self._broadcast.publish("snapshot", snapshot)

    def _models(self) -> list[ModelSummary]:
        try:
            self._known = [model_summary(entry) for entry in library.entries(self._folder)[0].values()]
        except Exception:  # a file that cannot be read: the thread must go on, with the models known before
            traceback.print_exc()
        return self._known


def _history(run: Run) -> HistoryEvent:
    frame = None if run.frame is None else dataclasses.asdict(run.frame)
    return {"run": run.summary(), "rows": run.rows, "frame": frame}


def model_summary(entry: library.Entry) -> ModelSummary:
    """What pages get to know of a checkpoint."""
    train = entry.header.train
    return {
        "name": entry.name,
        "address": entry.address,
        "trained": entry.trained,
        "model": entry.header.config.model,
        "dataset": train.dataset,
        "title": entry.header.data.title,
        "classes": entry.header.data.classes,
        "loss": train.loss,
        "beta": train.beta,
        "epochs": len(entry.header.history),
        "metrics": entry.header.metrics,
    }
