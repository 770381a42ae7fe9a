"""How long would this run take? Asked of a child process that takes a few steps of it, so that no page imports torch.

The child answers a line of JSON with a line of JSON, and is ended when nobody has asked for a while.
"""

__all__ = ["DurationEstimator", "estimator"]

import dataclasses
import json
import queue
import subprocess
import threading
import traceback
from concurrent.futures import Future
from typing import Any

from explorer.training import memory
from explorer.training.child import Child, inbox
from explorer.training.errors import RunError
from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json
from model.estimate import MNIST, Estimate

IDLE = 120  # seconds without a question, after which the child is ended: it holds some 300 MB
LIMIT = 45  # seconds for one answer, on a machine that is busy: a network that takes longer is too large for it
WITHOUT_WEIGHT = ("dataset", "epochs", "seed", "lr", "beta", "kl_warmup", "schedule", "weight_decay", "validation")
MODULE = "explorer.training.estimate"  # this one: see `main`


class DurationEstimator:
    """Asks the child, starting it where there is none; one question at a time, and each asker's newest only.

    Args:
        module: what the child runs.
        limit: seconds for one answer.
    """

    def __init__(self, module: str = MODULE, limit: float = LIMIT) -> None:
        self._module = module
        self._limit = limit
        self._known: dict[str, Estimate] = {}
        self._newest: dict[str, str] = {}
        self._questions: queue.SimpleQueue[tuple[str, str, Future[Estimate | None]]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of the two below; never held while the child is waited for
        self._child: Child | None = None
        self._resting = False
        threading.Thread(target=self._answer_all, daemon=True).start()

    def ask(
        self, model: ModelConfig, train: TrainConfig, asker: str, images: tuple[int, int] = MNIST
    ) -> "Future[Estimate | None]":
        """How long a run would take on this machine; None where it cannot be measured, or is not wanted any more.

        Args:
            asker: whose newer question takes the place of this one.
            images: how many there are to learn from, and to judge by.
        """
        question = self._newest[asker] = _question(model, train, images)
        answer: Future[Estimate | None] = Future()
        if question in self._known:
            answer.set_result(self._known[question])
        else:
            self._questions.put((question, asker, answer))
        return answer

    def rest(self, resting: bool) -> None:
        """Measure nothing, as long as a run needs the machine; waits for nothing.

        Two processes that compute on all cores take twice as long each, and the figure would be twice too high.
        """
        with self._lock:
            self._resting = resting
            if resting and self._child:
                self._child.kill()

    def _answer_all(self) -> None:
        """In a thread of its own, which alone starts the child, speaks to it and waits for its end."""
        while True:
            try:
                question, asker, answer = self._questions.get(timeout=IDLE if self._child else None)
            except queue.Empty:
                self._end()
                continue
            # Whoever types five numbers asks five times, and wants the last answer.
            if question not in self._known and self._newest[asker] == question:
                try:
                    self._measure(question)
                except Exception:  # the thread must go on, or nobody would get an answer any more
                    traceback.print_exc()
            answer.set_result(self._known.get(question))

    def _measure(self, question: str) -> None:
        try:
            found = json.loads(self._running().ask(question.encode() + b"\n", self._limit))
            if "problem" not in found:
                self._known[question] = Estimate(float(found["epoch"]), float(found["finishing"]))
        except (OSError, ValueError, LookupError, TypeError):
            self._end()  # it was killed, or does not answer what it was asked

    def _running(self) -> Child:
        with self._lock:
            if self._resting:
                raise OSError("a run needs the machine")
            child = self._child
        if child is None or not child.running:
            self._end()
            child = Child(self._module, errors=subprocess.DEVNULL)
            with self._lock:
                self._child = child
                if self._resting:
                    child.kill()
        return child

    def _end(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child:
            child.kill()
            child.wait()
            child.close()


def _question(model: ModelConfig, train: TrainConfig, images: tuple[int, int]) -> str:
    """A line of JSON, the same for all runs that take the same time an epoch."""
    same: dict[str, Any] = {name: TrainConfig.__dataclass_fields__[name].default for name in WITHOUT_WEIGHT}
    train = dataclasses.replace(train, **same)
    return json.dumps({"model": to_json(model), "train": to_json(train), "images": images})


estimator = DurationEstimator()


def main() -> None:
    """Answer questions until there are no more, whatever is measured then: the child's side."""
    from model.timing import estimate
    from model.training import leave_a_core

    memory.bound()
    leave_a_core()  # as the run itself will
    questions = inbox()
    while True:
        question = json.loads(questions.get())
        try:
            model, train = from_json(ModelConfig, question["model"]), from_json(TrainConfig, question["train"])
            training, test = question["images"]
            memory.check(model, train, (training, test))
            print(json.dumps(dataclasses.asdict(estimate(model, train, (training, test)))), flush=True)
        except (ConfigError, RunError, RuntimeError, MemoryError) as error:  # no memory for so wide a network, say
            print(json.dumps({"problem": str(error)}), flush=True)


if __name__ == "__main__":
    main()
