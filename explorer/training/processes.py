"""The processes of the runs: started as there is room, followed to their end, whatever that is."""

__all__ = ["Processes"]

import os
import threading
import time
import traceback
from pathlib import Path

from explorer.settings import LOG_FILE, MODEL_FILE, max_runs
from explorer.training.child import Child
from explorer.training.errors import RunError
from explorer.training.estimate import estimator
from explorer.training.feed import Feed
from explorer.training.protocol import (
    MAX_LINE,
    Epoch,
    Problem,
    Progress,
    ProtocolError,
    StatusChange,
    Untrained,
    parse_event,
)
from explorer.training.queue import RunQueue
from explorer.training.run import Run, saved
from model.dataset import DATA
from model.errors import Translatable, UserError, hide_folders, without_folders

HOLDS_PLACE = 120.0  # seconds that a paused run keeps its place while others wait
LOG_END = 4096  # bytes of a log in which its last line is looked for


class Processes:
    """Each live run has a thread that starts its process, follows it, and leaves the run where a person can go on.

    Args:
        worker: the module that trains.
    """

    def __init__(self, queue: RunQueue, feed: Feed, worker: str) -> None:
        self._queue = queue
        self._feed = feed
        self._worker = worker

    def advance(self) -> None:
        """Start what there is room for, and tell everybody how things stand."""
        with self._queue.lock:
            if (run := self._queue.idle(time.monotonic() - HOLDS_PLACE)) and run.process:
                # Its last whole epoch is on disk, and its thread hears of the end.
                run.problem = RunError("It was paused while others waited, and gave its place to them: resume it.")
                run.process.kill()
            while run := self._queue.next(max_runs()):
                self._begin(run)
            estimator.rest(any(run.live for run in self._queue.all()))
        self._feed.changed()

    def keep(self, run: Run) -> None:
        """Make the checkpoint of a run that was interrupted, as it stands."""
        with self._queue.lock:
            run.problem, run.done, run.steps = None, 0, 0
            self._begin(run, keep=True)

    def _begin(self, run: Run, keep: bool = False) -> None:
        run.status = "measuring" if keep else "starting"
        try:
            threading.Thread(target=self._supervise, args=(run, keep), daemon=True).start()
        except RuntimeError as error:  # the system has no more threads
            run.interrupt(_not_started(error))

    def _supervise(self, run: Run, keep: bool) -> None:
        """All of a process's life; to be run in a thread of its own."""
        try:
            problem = self._follow(run, keep)
        except Exception as error:  # nobody else would hear of it, and the run would stay as it is for ever
            traceback.print_exc()
            problem = _unexpected(f"{type(error).__name__}: {without_folders(error)}")
        rows = _rows_on_disk(run) if run.live else []
        made = (run.folder / MODEL_FILE).exists()
        with self._queue.lock:
            process, run.process = run.process, None
            if run.live and made:
                run.status = "kept"  # it lacks its figures only, as every page says
            stopped = run.live and self._queue.holds(run)
            if stopped:
                run.interrupt(problem)
                if len(rows) > len(run.rows):  # it was killed between saving an epoch and telling of it
                    run.rows, run.frame, run.done = rows, None, 0
                    self._feed.tell_anew(run)
        if process:
            process.close()
        self.advance()
        if stopped:
            self._store(run)

    def _follow(self, run: Run, keep: bool) -> UserError:
        """Start a process and take in what it says, until it has ended; returns why it did, if the run was not done."""
        try:
            process = self._launch(run, keep)
        except OSError as error:
            return _not_started(error)
        problem = None
        try:
            problem = self._listen(run, process)
        except ProtocolError as error:
            problem = _unexpected(error)
            process.kill()
        except BaseException:
            process.kill()
            raise
        finally:
            status = process.wait()
        return problem or run.problem or _unexpected(_last_words(run.folder, status))

    def _launch(self, run: Run, keep: bool) -> Child:
        with run.disk:
            if not self._queue.holds(run):  # or it might be the folder of a newer run of that name
                raise FileNotFoundError(run.folder)
            with open(run.folder / LOG_FILE, "ab") as log:
                options = ["--keep"] if keep else []
                data = {DATA: str(run.folder)} if run.spec.data else {}  # the pictures brought lie with their run
                process = Child(self._worker, str(run.folder), *options, errors=log, environment=data)
            with self._queue.lock:
                run.process = process
                if not self._queue.holds(run):  # discarded meanwhile
                    process.kill()
        return process

    def _listen(self, run: Run, process: Child) -> UserError | None:
        """Take in a process's events to the last; returns the problem that it tells of.

        Raises:
            ProtocolError: it writes something else.
        """
        for line in process.lines():
            if not line.endswith(b"\n") and len(line) < MAX_LINE:
                return None  # it ended in the middle of a line
            event = parse_event(line)
            if isinstance(event, Problem):
                return event.error
            if self._heard(run, event) == "kept":
                return None
        return None

    def _heard(self, run: Run, event: Progress | Untrained | Epoch | StatusChange) -> str:
        with self._queue.lock:
            run.heard(event)
            if not isinstance(event, StatusChange) and self._queue.holds(run):
                self._feed.tell(run, event)
        if isinstance(event, StatusChange):
            self.advance()
            if run.status == "paused":
                waiting = threading.Timer(HOLDS_PLACE, self.advance)
                waiting.daemon = True
                waiting.start()
        return run.status

    def _store(self, run: Run) -> None:
        """Put an interrupted run's problem on disk, for the next server."""
        with run.disk:
            if self._queue.holds(run):  # or its folder would be there again
                try:
                    run.spec.write(run.folder)
                except OSError:
                    return  # a full disk is the problem itself, most likely: it is on the page, if not on the disk


def _not_started(error: Exception) -> RunError:
    return RunError("Its process could not be started ({why}).", why=error)


def _unexpected(why: object) -> RunError:
    return RunError("Training ended unexpectedly ({why}).", why=why)


def _rows_on_disk(run: Run) -> list[dict[str, float]]:
    try:
        return saved(run.folder)[0]
    except (UserError, OSError):
        return []  # no epoch is over, or who resumes it hears what is wrong


def _last_words(folder: Path, status: int | None) -> object:
    """Why a process ended that did not say so itself: the signal that ended it, or the end of its log."""
    try:
        with open(folder / LOG_FILE, "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_END))
            lines = log.read().decode(errors="replace").split("\n")
    except OSError:
        lines = []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if status is None:
        return Translatable("it does not end")
    if status < 0:
        return RunError("signal {number}", number=-status)
    return hide_folders(last)[:200] or RunError("exit status {number}", number=status)
