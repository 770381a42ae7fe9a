"""How long would this run take? Asked of a child process that takes a few steps of it, so that no page imports torch.

The child answers a line of JSON with a line of JSON, and ends when nobody has asked for a while.
"""

__all__ = ["Gauge", "gauge"]

import json
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from explorer.training import child
from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json

IDLE = 120  # seconds without a question, after which the child ends: it holds some 300 MB
LIMIT = 15  # seconds for one answer: a network that takes longer for a few steps is too large for this machine
WITHOUT_WEIGHT = ("dataset", "epochs", "seed", "lr", "beta", "kl_warmup", "schedule", "weight_decay", "validation")


@dataclass(frozen=True)
class Duration:
    """Seconds of an epoch, and of the test figures at the end of a run."""

    epoch: float
    finishing: float


class Gauge:
    """Asks the child, starting it where there is none; one question at a time, and each asker's newest only."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._timer: threading.Timer | None = None
        self._known: dict[str, Duration] = {}
        self._newest: dict[str, str] = {}
        self._lock = threading.Lock()
        self._resting = False
        self._line = ThreadPoolExecutor(max_workers=1)

    def ask(self, model: ModelConfig, train: TrainConfig, asker: str) -> "Future[Duration | None]":
        """How long a run would take on this machine; None where it cannot be measured, or is not wanted any more."""
        question = self._newest[asker] = _question(model, train)
        if question in self._known:
            known: Future[Duration | None] = Future()
            known.set_result(self._known[question])
            return known
        return self._line.submit(self._measured, question, asker)

    def _measured(self, question: str, asker: str) -> Duration | None:
        # Whoever types five numbers asks five times, and wants the last answer.
        if question not in self._known and self._newest[asker] == question:
            try:
                found = json.loads(self._answer(question))
                self._known[question] = Duration(found["epoch"], found["finishing"])
            except (OSError, ValueError, KeyError):
                return None
        return self._known.get(question)

    def rest(self, resting: bool) -> None:
        """Measure nothing, as long as a run needs the machine.

        Two processes that compute on all cores take twice as long each, and the figure would be twice too high.
        """
        with self._lock:
            self._resting = resting
        if resting:
            self._end()

    def _end(self) -> None:
        if process := self._process:
            process.kill()
            process.wait()  # or it would pass for one that can be asked

    def _answer(self, question: str) -> str:
        process = self._running()
        assert process.stdin
        assert process.stdout
        limit = threading.Timer(LIMIT, self._end)
        limit.start()
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            return process.stdout.readline()
        finally:
            limit.cancel()

    def _running(self) -> "subprocess.Popen[str]":
        if self._timer:
            self._timer.cancel()
        with self._lock:
            if self._resting:
                raise OSError("a run needs the machine")
            if self._process is None or self._process.poll() is not None:
                self._process = child.start("explorer.training.estimate", errors=subprocess.DEVNULL)
        self._timer = threading.Timer(IDLE, self._end)
        self._timer.daemon = True
        self._timer.start()
        return self._process


def _question(model: ModelConfig, train: TrainConfig) -> str:
    """A line of JSON, the same for all runs that take the same time an epoch."""
    same: dict[str, Any] = {name: TrainConfig.__dataclass_fields__[name].default for name in WITHOUT_WEIGHT}
    return json.dumps({"model": to_json(model), "train": to_json(replace(train, **same))})


gauge = Gauge()


def main() -> None:
    from model.timing import estimate

    for line in sys.stdin:
        question = json.loads(line)
        try:
            model, train = from_json(ModelConfig, question["model"]), from_json(TrainConfig, question["train"])
            found = estimate(model, train)
            print(json.dumps({"epoch": found.epoch, "finishing": found.finishing}), flush=True)
        except (ConfigError, RuntimeError) as error:  # no memory for so wide a network, say
            print(json.dumps({"problem": str(error)}), flush=True)


if __name__ == "__main__":
    main()
