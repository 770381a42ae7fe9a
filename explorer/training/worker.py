"""One run in a process of its own: orders come in on standard input, events go out on standard output.

python -m explorer.training.worker DIR [--keep]

For both see `explorer.training.protocol`. The state in DIR is that of the last whole epoch at any instant, so this
process may be killed, and it ends by itself when its input does: then the server is gone.
"""

import argparse
import base64
import os
import queue
import sys
import time
import traceback
from pathlib import Path
from typing import BinaryIO

from torch import Tensor

from explorer.settings import MODEL_FILE
from explorer.training import memory, pictures
from explorer.training.child import inbox
from explorer.training.errors import RunError
from explorer.training.protocol import (
    Epoch,
    Problem,
    Progress,
    ProtocolError,
    StatusChange,
    Untrained,
    WorkerEvent,
    encode_event,
    parse_order,
)
from explorer.training.spec import RunSpec
from model import checkpoint, metrics, training
from model.data import Split
from model.dataset import counts
from model.errors import UserError, without_folders
from model.format import STATE_FILE
from model.lock import locked
from model.training import EpochReport, Run

NICE = 10  # whoever explores on this machine comes first
PROGRESS_PAUSE = 2.0  # seconds between two reports within an epoch


class StoppedError(Exception):
    """The order to stop, in the middle of an epoch."""


class Channel:
    """To the server and back: orders one way, events the other.

    Attributes:
        waited: seconds that this epoch was paused.
        wanted: beta and lr from the next epoch on, where they are to change.
    """

    def __init__(self, orders: "queue.SimpleQueue[bytes]", events: BinaryIO) -> None:
        self._events = events
        self._orders = orders
        self._reported = 0.0
        self.waited = 0.0
        self.wanted: dict[str, float] = {}

    def tell(self, event: WorkerEvent) -> None:
        try:
            self._events.write(encode_event(event))
            self._events.flush()
        except BrokenPipeError:  # which may be known here before the orders end
            os._exit(0)  # the server is gone; the last whole epoch is on disk

    def progress(self, done: int, steps: int) -> None:
        """Report now and then."""
        if time.monotonic() - self._reported > PROGRESS_PAUSE:
            self._reported = time.monotonic()
            self.tell(Progress(done, steps))

    def between(self, done: int, steps: int) -> float:
        """After each step: report now and then, and follow the orders. Returns the seconds that it was paused.

        Raises:
            StoppedError: so ordered.
        """
        self.progress(done, steps)
        waited, paused = 0.0, False
        while paused or not self._orders.empty():
            begin = time.monotonic()
            line = self._orders.get()
            waited += time.monotonic() - begin
            try:
                order = parse_order(line)
            except ProtocolError:
                traceback.print_exc()  # into the log
                continue
            match order.action:
                case "pause":
                    paused = True
                    self.tell(StatusChange("paused"))
                case "resume":
                    paused = False
                    self.tell(StatusChange("training"))
                case "stop":
                    raise StoppedError
                case "set":
                    self.wanted = order.values
        self.waited += waited
        return waited


def train(spec: RunSpec, folder: Path, channel: Channel, train_set: Split, eval_set: Split) -> Run:
    """Train to the end or until told to stop; returns the run as of its last whole epoch."""
    run = open_run(spec, folder)
    shown = pictures.firsts(eval_set)
    channel.tell(StatusChange("training"))
    if not run.epoch:
        channel.tell(Untrained(**look(run, run.look(eval_set), shown)))
    begin = time.monotonic()
    try:
        for report in training.train(run, train_set, eval_set, folder, channel.between):
            channel.tell(epoch_event(run, report, shown, time.monotonic() - begin - channel.waited))
            if channel.wanted:
                run.change(**channel.wanted)
                run.save(folder)
                channel.wanted = {}
            begin, channel.waited = time.monotonic(), 0.0
    except StoppedError:
        if run.epoch:
            run = Run.resume(folder, run.device)
    return run


def open_run(spec: RunSpec, folder: Path) -> Run:
    """The run in `folder`, from its last whole epoch, or a new one."""
    device = training.best_device()
    if (folder / STATE_FILE).exists():
        return Run.resume(folder, device)
    return Run(spec.model, spec.train, device)


def epoch_event(run: Run, report: EpochReport, shown: Split, wall: float) -> Epoch:
    """All that the page shows of an epoch: numbers, where the trace points are, two pictures."""
    return Epoch(row=report.history(), wall=wall, **look(run, report.trace, shown))


def look(run: Run, trace: Tensor, shown: Split) -> dict[str, str]:
    """Where the trace points are, and two pictures, of the weights as they are."""
    return {
        "trace": base64.b64encode(trace.numpy().tobytes()).decode(),
        "strip": pictures.png(pictures.strip(run.kept, shown)),
        "sheet": pictures.png(pictures.sheet(run.kept, trace.float())),
    }


def keep(run: Run, folder: Path, channel: Channel, train_set: Split, eval_set: Split) -> None:
    """Write the checkpoint of a run, then its figures: whoever wants to explore it need not wait for them."""
    made = training.finish(run, train_set, eval_set)
    checkpoint.save(made, folder / MODEL_FILE)
    channel.tell(StatusChange("measuring"))
    checkpoint.store_metrics(folder / MODEL_FILE, metrics.evaluate(made.model, train_set, eval_set, channel.progress))
    channel.tell(StatusChange("kept"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m explorer.training.worker", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true", help="train no further: make the checkpoint")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    # Whatever else prints, torchvision's downloads say, must not come between the events.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(NICE)
    memory.bound()
    training.leave_a_core()
    channel = Channel(inbox(), events)
    try:
        with locked(folder):
            spec = RunSpec.read(folder)
            memory.check(spec.model, spec.train, counts(spec.train.dataset))  # another server may have allowed more
            splits = training.split(spec.train)
            run = open_run(spec, folder) if arguments.keep else train(spec, folder, channel, *splits)
            if not run.epoch:
                raise RunError("It was stopped before its first epoch was over: there is nothing to keep yet.")
            keep(run, folder, channel, *splits)
    except UserError as error:
        channel.tell(Problem(error))
        return 2
    except Exception as error:
        traceback.print_exc()
        if memory.ran_out(error):
            text = (
                "It needs more memory than it may have here: choose fewer or narrower layers, a smaller batch, or fewer"
                " or smaller pictures."
            )
            channel.tell(Problem(RunError(text)))
            return 1
        text = "Training stopped unexpectedly ({why})."
        channel.tell(Problem(RunError(text, why=f"{type(error).__name__}: {without_folders(error)}")))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
