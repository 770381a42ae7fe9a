"""The estimator: it answers from a child process, once for all runs that take the same time, and rests when told to."""

import dataclasses
import json
import subprocess
import threading
from collections.abc import Iterator

import pytest

from explorer.training.child import Child
from explorer.training.estimate import MODULE, DurationEstimator
from model.config import ModelConfig, TrainConfig, to_json
from model.estimate import MNIST, Estimate

TINY = ModelConfig(encoder=(16,), decoder=(16,), fourier=4)
LARGE = ModelConfig(encoder=(64,), decoder=(64,))
TRAIN = TrainConfig(batch=1000)
PATIENCE = 120  # seconds


@pytest.fixture(scope="module")
def estimator() -> Iterator[DurationEstimator]:
    """One for all tests that measure, each with a batch of its own: its child takes seconds to start."""
    made = DurationEstimator(limit=PATIENCE)
    yield made
    made.rest(True)


@pytest.fixture
def odd() -> Iterator[DurationEstimator]:
    """One whose child answers what its batch says, see `odd_estimate`."""
    made = DurationEstimator("tests.explorer.training.odd_estimate", limit=5)
    yield made
    made.rest(True)


def test_it_measures_once_for_all_that_take_the_same_time(estimator: DurationEstimator) -> None:
    found = estimator.ask(TINY, TRAIN, "me").result(PATIENCE)
    assert isinstance(found, Estimate)
    assert found.epoch > 0
    assert found.finishing > 0
    same = dataclasses.replace(TRAIN, epochs=500, seed=3, lr=1e-4, beta=4.0)
    answer = estimator.ask(TINY, same, "somebody else")
    assert answer.done()
    assert answer.result() == found
    assert not estimator.ask(TINY, dataclasses.replace(TRAIN, batch=500), "me").done()
    few = estimator.ask(TINY, TRAIN, "me", (1000, 200)).result(PATIENCE)
    assert few
    assert few.epoch < found.epoch / 5  # one step in place of sixty


def test_its_child_ends_with_the_server_whatever_it_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.training.child.GRACE", PATIENCE)  # on a busy machine it is still loading torch
    child = Child(MODULE, errors=subprocess.DEVNULL)
    wide = ModelConfig(encoder=(2048, 2048), decoder=(2048, 2048))
    question = {"model": to_json(wide), "train": to_json(TrainConfig(batch=5000)), "images": MNIST}
    child.send(json.dumps(question).encode() + b"\n")
    child.close()  # as a server's pipes are when it is killed
    assert child.wait() == 0  # and had not to be killed


def test_who_asks_again_wants_the_last_answer_only(odd: DurationEstimator) -> None:
    first = odd.ask(TINY, dataclasses.replace(TRAIN, batch=700), "me")
    second = odd.ask(TINY, dataclasses.replace(TRAIN, batch=600), "me")
    third = odd.ask(LARGE, dataclasses.replace(TRAIN, batch=700), "me")
    other = odd.ask(LARGE, dataclasses.replace(TRAIN, batch=600), "somebody else")
    assert third.result(PATIENCE) == Estimate(175, 87.5)
    assert other.result(PATIENCE) == Estimate(150, 75)
    assert second.result(PATIENCE) is None
    assert first.done()


def test_it_rests_while_a_run_needs_the_machine(odd: DurationEstimator) -> None:
    answer = odd.ask(TINY, dataclasses.replace(TRAIN, batch=6), "me")  # would never come
    odd.rest(True)
    assert answer.result(PATIENCE) is None
    assert odd.ask(TINY, TRAIN, "me").result(PATIENCE) is None
    odd.rest(False)
    assert odd.ask(TINY, TRAIN, "me").result(PATIENCE) == Estimate(250, 125)


@pytest.mark.parametrize("batch", range(1, 8))
def test_whatever_the_child_answers_the_next_question_is_answered(batch: int, odd: DurationEstimator) -> None:
    assert odd.ask(TINY, dataclasses.replace(TRAIN, batch=batch), "me").result(PATIENCE) is None
    assert odd.ask(TINY, TRAIN, "me").result(PATIENCE) == Estimate(250, 125)


def test_no_more_threads(odd: DurationEstimator, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as context:
        context.setattr(threading, "Timer", failing)
        assert odd.ask(TINY, TRAIN, "me").result(PATIENCE) is None
    assert odd.ask(TINY, TRAIN, "me").result(PATIENCE) == Estimate(250, 125)
