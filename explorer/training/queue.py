"""Which runs there are, which of them wait, what there is room for, and the lock under which all that changes."""

__all__ = ["MAX_OWN", "MAX_QUEUE", "RunQueue"]

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from explorer.training.errors import RunError
from explorer.training.run import Run
from model.lock import LockedError

MAX_QUEUE = 100
MAX_OWN = 5  # of one viewer, where everybody may start runs


class RunQueue:
    """All runs of one server, in the order in which they came.

    Attributes:
        lock: for all that is in here and in the runs themselves. Held for changes in memory only, never while a disk
            or a process is waited for: pages, orders and other runs wait for it.
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        self.lock = threading.RLock()
        self._runs = {run.name: run for run in runs}
        self._reserved: set[str] = set()
        self._begun: list[str] = []  # owners of the runs that had a turn, each once, who had it last at the end

    def all(self) -> list[Run]:
        """The oldest first."""
        with self.lock:
            return list(self._runs.values())

    def get(self, name: str) -> Run:
        """The run of that name.

        Raises:
            RunError: there is none.
        """
        with self.lock:
            if name not in self._runs:
                raise RunError("There is no run {name} any more: it was deleted.", name=name)
            return self._runs[name]

    def holds(self, run: Run) -> bool:
        """Whether just this run is still there, and was not discarded."""
        with self.lock:
            return self._runs.get(run.name) is run

    def taken(self) -> set[str]:
        """Names that no new run may have."""
        with self.lock:
            return {*self._runs, *self._reserved}

    @contextmanager
    def reserved(self, names: Iterable[str]) -> Iterator[str]:
        """Within, the first of the names that is free belongs to the caller alone, who writes that run's folder.

        Args:
            names: at least one.

        Raises:
            RunError: all are taken.
        """
        with self.lock:
            taken = self.taken()
            for name in names:
                if name not in taken:
                    break
            else:
                raise RunError("There is a model {name} already: choose another name.", name=name)
            self._reserved.add(name)
        try:
            yield name
        finally:
            with self.lock:
                self._reserved.discard(name)

    def add(self, run: Run, own: int = MAX_QUEUE) -> None:
        """Put a run at the end.

        Args:
            own: how many runs of its owner may wait.

        Raises:
            RunError: too many wait.
        """
        with self.lock:
            if run.status == "queued":
                waiting = [other.spec.owner for other in self._waiting()]
                if len(waiting) >= MAX_QUEUE:
                    raise RunError("{count} runs are waiting already: discard one first.", count=MAX_QUEUE)
                if waiting.count(run.spec.owner) >= own:
                    raise RunError("{count} of your runs are waiting already: discard one first.", count=own)
            self._runs[run.name] = run

    @contextmanager
    def removed(self, run: Run) -> Iterator[None]:
        """Take a run out; within, its name stays reserved, for its folder is being deleted.

        Raises:
            RunError: it is out already.
            LockedError: of another process, which works on it: the run is in its place again.
        """
        with self.lock:
            if not self.holds(run):
                raise RunError("There is no run {name} any more: it was deleted.", name=run.name)
            place = list(self._runs).index(run.name)
            del self._runs[run.name]
            self._reserved.add(run.name)
        try:
            yield
        except LockedError as error:
            with self.lock:
                if run.live:
                    run.interrupt(error)
                runs = [*self._runs.items()]
                self._runs = dict([*runs[:place], (run.name, run), *runs[place:]])
            raise
        finally:
            with self.lock:
                self._reserved.discard(run.name)

    def next(self, room: int) -> Run | None:
        """The run whose turn it is, if fewer than `room` are live; it counts as begun.

        Owners take turns, and who has had none yet comes first: twenty runs of one viewer hold up nobody's first.
        """
        with self.lock:
            waiting = self._waiting()
            if not waiting or sum(run.live for run in self._runs.values()) >= room:
                return None
            turns = {owner: turn for turn, owner in enumerate(self._begun)}
            run = min(waiting, key=lambda run: turns.get(run.spec.owner, -1))
            self._begun = [*(owner for owner in self._begun if owner != run.spec.owner), run.spec.owner]
            return run

    def idle(self, since: float) -> Run | None:
        """A run that has been paused since before then, where another waits for its place.

        Args:
            since: of `time.monotonic`.
        """
        with self.lock:
            if not self._waiting():
                return None
            return next((run for run in self._runs.values() if run.status == "paused" and run.paused < since), None)

    def _waiting(self) -> list[Run]:
        return [run for run in self._runs.values() if run.status == "queued"]
