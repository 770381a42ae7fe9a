"""One training job in a process of its own: orders come in on standard input, events go out on standard output.

python -m explorer.training.worker DIR [--keep]

Each is a line of JSON. The state in DIR is that of the last whole epoch at any instant, so this process may be killed,
and it ends by itself when its input does: then the server is gone.
"""

import argparse
import base64
import io
import json
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

try:
    import fcntl
except ImportError:  # Windows: there, nobody locks
    fcntl = None  # type: ignore[assignment]

import torch
from PIL import Image
from torch import Tensor

from explorer.settings import MODEL_FILE
from explorer.training.spec import JobSpec
from model import checkpoint, training
from model.config import ConfigError
from model.data import DataError, Split
from model.format import STATE_FILE, CheckpointError
from model.networks import AutoEncoder
from model.training import DivergedError, EpochReport, Run

LOCK_FILE = "lock"
NICE = 10  # whoever explores on this machine comes first
PROGRESS_PAUSE = 2.0  # seconds between two reports within an epoch
SHEET = 8  # samples a side
SHEET_SEED = 0


class StoppedError(Exception):
    """The order to stop, in the middle of an epoch."""


class Line:
    """The line to the server: orders one way, events the other."""

    def __init__(self, orders: TextIO, events: TextIO) -> None:
        self._events = events
        self._orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reported = 0.0
        self.waited = 0.0  # seconds, in this epoch
        self.wanted: dict[str, float] = {}
        threading.Thread(target=self._read, args=(orders,), daemon=True).start()

    def _read(self, orders: TextIO) -> None:
        for line in orders:
            self._orders.put(json.loads(line))
        os._exit(0)  # the server is gone; the last whole epoch is on disk

    def tell(self, event: str, **values: object) -> None:
        self._events.write(json.dumps({"event": event, **values}) + "\n")
        self._events.flush()

    def between(self, done: int, steps: int) -> float:
        """After each step: report now and then, and follow the orders. Returns the seconds that it was paused.

        Raises:
            StoppedError: so ordered.
        """
        if time.monotonic() - self._reported > PROGRESS_PAUSE:
            self._reported = time.monotonic()
            self.tell("progress", done=done, steps=steps)
        waited, waiting = 0.0, False
        while waiting or not self._orders.empty():
            begin = time.monotonic()
            order = self._orders.get()
            waited += time.monotonic() - begin
            match order["do"]:
                case "pause":
                    waiting = True
                    self.tell("paused")
                case "resume":
                    waiting = False
                    self.tell("training")
                case "stop":
                    raise StoppedError
                case "set":
                    self.wanted = order["values"]
        self.waited += waited
        return waited


def lock(folder: Path) -> TextIO | None:
    """Keep a second server from training the same run: the lock lasts as long as the file is open.

    Raises:
        OSError: another process has it.
    """
    if fcntl is None:
        return None
    file = open(folder / LOCK_FILE, "w")  # noqa: SIM115 - it stays open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError("Another server trains this run now: stop that one, or leave the run to it.") from error
    return file


def go(spec: JobSpec, folder: Path, line: Line, learn: Split, judge: Split) -> Run:
    """Train to the end or until told to stop; returns the run as of its last whole epoch."""
    run = open_run(spec, folder)
    firsts = torch.stack([judge.images[int((judge.labels == c).nonzero()[0])] for c in judge.labels.unique()])
    line.tell("training")
    begin = time.monotonic()
    try:
        for report in training.train(run, learn, judge, folder, line.between):
            tell_epoch(line, run, report, firsts, time.monotonic() - begin - line.waited)
            if line.wanted:
                run.change(**line.wanted)
                run.save(folder)
                line.wanted = {}
            begin, line.waited = time.monotonic(), 0.0
    except StoppedError:
        if run.epoch:
            run = Run.resume(folder, run.device)
    return run


def open_run(spec: JobSpec, folder: Path) -> Run:
    """The run in `folder`, from its last whole epoch, or a new one."""
    device = training.best_device()
    if (folder / STATE_FILE).exists():
        return Run.resume(folder, device)
    return Run(spec.model, spec.train, device)


def tell_epoch(line: Line, run: Run, report: EpochReport, firsts: Tensor, wall: float) -> None:
    """All that the page shows of an epoch: numbers, where the trace points are, two pictures."""
    line.tell(
        "epoch",
        row=report.history(),
        wall=wall,
        trace=base64.b64encode(report.trace.numpy().tobytes()).decode(),
        strip=png(reconstructions(run.kept, firsts)),
        sheet=png(samples(run.kept, report.trace.float())),
    )


@torch.no_grad()
def reconstructions(model: AutoEncoder, x: Tensor) -> Tensor:
    """Images, (n, pixels), over what the model makes of them: one picture of two rows, in [0, 1]."""
    mu, _ = model.encode(x.to(model.device))
    return grid(torch.cat([x, model.decode(mu).cpu()]), model, len(x))


@torch.no_grad()
def samples(model: AutoEncoder, codes: Tensor) -> Tensor:
    """A square of decoded points, the same at each call: of a VAE from its prior N(0, I); an AutoEncoder has none, so
    evenly over the box around `codes`, (n, latent)."""
    generator = torch.Generator().manual_seed(SHEET_SEED)
    shape = (SHEET * SHEET, model.config.latent)
    if model.config.model == "vae":
        z = torch.randn(shape, generator=generator)
    else:
        low, high = codes.amin(0), codes.amax(0)
        z = low + (high - low) * torch.rand(shape, generator=generator)
    return grid(model.decode(z.to(model.device)).cpu(), model, SHEET)


def grid(images: Tensor, model: AutoEncoder, columns: int) -> Tensor:
    """Images, (n, pixels), row by row as one picture, (rows · height, columns · width)."""
    height, width = model.config.height, model.config.width
    return images.view(-1, columns, height, width).transpose(1, 2).reshape(-1, columns * width)


def png(picture: Tensor) -> str:
    """A picture in [0, 1] as PNG, base64."""
    buffer = io.BytesIO()
    Image.fromarray((picture * 255).round().to(torch.uint8).numpy()).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def keep(run: Run, folder: Path, line: Line, learn: Split, judge: Split) -> None:
    """Write the checkpoint of a run, with its figures."""
    line.tell("measuring")
    checkpoint.save(training.finish(run, learn, judge), folder / MODEL_FILE)
    line.tell("kept")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m explorer.training.worker", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true", help="train no further: make the checkpoint")
    arguments = parser.parse_args()
    # Whatever else prints, torchvision's downloads say, must not come between the events.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(NICE)
    line = Line(sys.stdin, events)
    try:
        spec, _lock = JobSpec.read(arguments.folder), lock(arguments.folder)
        halves = training.split(spec.train)
        run = open_run(spec, arguments.folder) if arguments.keep else go(spec, arguments.folder, line, *halves)
        if run.epoch:
            keep(run, arguments.folder, line, *halves)
        else:
            line.tell("problem", text="It was stopped before its first epoch was over: there is nothing to keep yet.")
    except (DataError, DivergedError, CheckpointError, ConfigError, OSError) as error:
        line.tell("problem", text=str(error))
        return 2
    except Exception as error:
        traceback.print_exc()
        line.tell("problem", text=f"Training stopped unexpectedly ({type(error).__name__}: {error}).")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
