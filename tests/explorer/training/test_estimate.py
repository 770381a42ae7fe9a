"""The gauge: it answers from a child process, once for all runs that take the same time, and rests when told to."""

import dataclasses
from collections.abc import Iterator

import pytest

from explorer.training.estimate import Duration, Gauge
from model.config import ModelConfig, TrainConfig

TINY = ModelConfig(encoder=(16,), decoder=(16,), fourier=4)
LARGE = ModelConfig(encoder=(64,), decoder=(64,))
TRAIN = TrainConfig(batch=1000)


@pytest.fixture(scope="module")
def gauge() -> Iterator[Gauge]:
    """One for all tests here, each with a batch of its own: its child takes seconds to start."""
    made = Gauge()
    yield made
    made.rest(True)


def test_it_measures_once_for_all_that_take_the_same_time(gauge: Gauge) -> None:
    found = gauge.ask(TINY, TRAIN, "me").result(60)
    assert isinstance(found, Duration)
    assert found.epoch > 0
    assert found.finishing > 0
    same = dataclasses.replace(TRAIN, epochs=500, seed=3, lr=1e-4, beta=4.0)
    answer = gauge.ask(TINY, same, "somebody else")
    assert answer.done()
    assert answer.result() == found
    assert not gauge.ask(TINY, dataclasses.replace(TRAIN, batch=500), "me").done()


def test_who_asks_again_wants_the_last_answer_only(gauge: Gauge) -> None:
    first = gauge.ask(TINY, dataclasses.replace(TRAIN, batch=700), "me")
    second = gauge.ask(TINY, dataclasses.replace(TRAIN, batch=600), "me")
    third = gauge.ask(LARGE, dataclasses.replace(TRAIN, batch=700), "me")
    other = gauge.ask(LARGE, dataclasses.replace(TRAIN, batch=600), "somebody else")
    assert third.result(60) is not None
    assert other.result(60) is not None
    assert second.result(60) is None
    assert first.done()


SLOW = dataclasses.replace(TRAIN, batch=2000)


def test_it_rests_while_a_run_needs_the_machine(gauge: Gauge) -> None:
    answer = gauge.ask(TINY, SLOW, "me")
    gauge.rest(True)
    assert answer.result(60) is None
    assert gauge.ask(TINY, SLOW, "me").result(60) is None
    gauge.rest(False)
    assert gauge.ask(TINY, SLOW, "me").result(60) is not None
