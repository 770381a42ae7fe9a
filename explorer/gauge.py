"""How long would this run take? Asked of a child process that takes a few steps of it, so that no page imports torch.

The child answers a line of JSON with a line of JSON, and ends when nobody has asked for a while.
"""

__all__ = ["Gauge", "gauge"]

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from explorer import child
from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json

IDLE = 120  # seconds without a question, after which the child ends: it holds some 300 MB
WITHOUT_WEIGHT = ("dataset", "epochs", "seed", "lr", "beta", "kl_warmup", "schedule", "weight_decay", "validation")


@dataclass(frozen=True)
class Duration:
    """Seconds of an epoch, and of the test figures at the end of a run."""

    epoch: float
    finishing: float


class Gauge:
    """Asks the child, starting it where there is none; one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._timer: threading.Timer | None = None
        self._ask = lru_cache(maxsize=512)(self._measure)

    def ask(self, model: ModelConfig, train: TrainConfig) -> Duration | None:
        """How long a run would take on this machine; None where it could not be measured."""
        same: dict[str, Any] = {name: TrainConfig.__dataclass_fields__[name].default for name in WITHOUT_WEIGHT}
        try:
            return self._ask(to_json(model), to_json(replace(train, **same)))
        except (OSError, ValueError, KeyError):
            return None

    def _measure(self, model: str, train: str) -> Duration:
        with self._lock:
            process = self._running()
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps({"model": model, "train": train}) + "\n")
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
        return Duration(found["epoch"], found["finishing"])

    def _running(self) -> "subprocess.Popen[str]":
        if self._timer:
            self._timer.cancel()
        if self._process is None or self._process.poll() is not None:
            self._process = child.start("explorer.gauge", errors=subprocess.DEVNULL)
        self._timer = threading.Timer(IDLE, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        return self._process


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
