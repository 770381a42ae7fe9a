"""The estimate's arithmetic, against what a real run does and a clock that is known."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch

from model import metrics, timing
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.estimate import MNIST, Estimate
from model.timing import Costs, measure, scale, seconds
from model.training import Run, train

NOTHING = Costs(**{field.name: 0.0 for field in dataclasses.fields(Costs)})
TINY = {"encoder": (4,), "decoder": (4,), "fourier": 0}


def _cost(**costs: float) -> Costs:
    return dataclasses.replace(NOTHING, **costs)


@pytest.mark.parametrize("batch", [777, 10_000])
def test_an_epoch_takes_the_steps_and_evaluations_of_a_real_one(
    batch: int, train_digits: Split, test_digits: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    evaluated: list[int] = []
    elbo = metrics.elbo

    def counted(model: Any, images: Any, **options: Any) -> Any:
        evaluated.append(len(images))
        return elbo(model, images, **options)

    monkeypatch.setattr(metrics, "elbo", counted)
    run = Run(ModelConfig(**TINY), TrainConfig(epochs=1, batch=batch))  # type: ignore[arg-type]

    def between(done: int, _all: int) -> float:
        steps.append(done)
        return 0.0

    for _report in train(run, train_digits, test_digits, between=between):
        pass
    assert scale(_cost(step=1), batch) == Estimate(len(steps), 0)
    assert scale(_cost(evaluate=1), batch) == Estimate(sum(evaluated), 0)
    assert scale(_cost(step=3, evaluate=2, save=1), batch) == Estimate(3 * len(steps) + 2 * sum(evaluated) + 1, 0)


@pytest.mark.parametrize("model", ["vae", "ae"])
def test_the_figures_at_the_end_take_the_work_of_real_ones(
    model: str, train_digits: Split, test_digits: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part costs one second: the estimate is the number of them that `evaluate` asks for."""
    asked: Counter[str] = Counter()
    neighbour = metrics.nearest_distance

    def part(name: str, size: Callable[..., int], answer: Callable[..., Any]) -> None:
        def counted(*arguments: Any, **options: Any) -> Any:
            asked[name] += size(*arguments)
            return answer(*arguments, **options)

        monkeypatch.setattr(metrics, NAMES[name], counted)

    NAMES = {
        "encode": "encode",
        "vote": "knn_accuracy",
        "distance": "nearest_distance",
        "compare": "realism_and_coverage",
        "elbo": "elbo",
        "iwae": "iwae",
    }
    network = Run(ModelConfig(model=model, **TINY), TrainConfig()).kept  # type: ignore[arg-type]
    part("encode", lambda _model, images: len(images), metrics.encode)
    part("vote", lambda _z, _labels, z, *_: len(z), lambda *_: 0.5)
    part("distance", lambda z, _points, *_: len(z), lambda z, points, **_: neighbour(z[:100], points[:100]))
    part("compare", lambda x, real: len(x) * len(real), lambda *_: (0.1, 0.1))
    part("elbo", lambda _model, images: len(images), lambda *_, **_options: metrics.Terms(1.0, 1.0))
    part("iwae", lambda _model, images: len(images), lambda *_, **_options: 1.0)
    for images in (MNIST, (250, 50)):
        asked.clear()
        digits, test = (
            Split(half.images[:count], half.labels[:count])
            for half, count in zip((train_digits, test_digits), images, strict=True)
        )
        metrics.evaluate(network, digits, test)
        for name in NAMES:
            if model == "ae" and name in ("elbo", "iwae"):
                continue  # not measured: there, it is one pass through the decoder
            assert scale(_cost(**{name: 1}), 100, images) == Estimate(0, asked[name]), name


def test_the_mean_of_the_quickest_round_counts_and_no_warm_up() -> None:
    now = 0.0
    durations = iter([9.0, 0.04, 0.04, 0.01, 0.03, 0.03, 0.5])  # warm-up; two acts; three acts; one act

    def act() -> None:
        nonlocal now
        now += next(durations)

    assert seconds(act, clock=lambda: now) == pytest.approx((0.01 + 0.03 + 0.03) / 3)
    assert list(durations) == []


def test_measured_costs_are_those_of_one_image_or_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that says that every act takes a second, what is shared by a sample's images is divided by them."""
    monkeypatch.setattr(timing, "seconds", lambda act, clock: (act(), 1.0)[1])
    found = measure(ModelConfig(**TINY), TrainConfig(batch=10), MNIST, torch.device("cpu"))  # type: ignore[arg-type]
    image = 1 / timing.SAMPLE
    # Of few pictures, too, which are fewer than the sample.
    plain = measure(ModelConfig(model="ae", **TINY), TrainConfig(batch=10), (50, 10), torch.device("cpu"))  # type: ignore[arg-type]
    assert plain == dataclasses.replace(found, elbo=0.0, iwae=0.0)
    assert found == Costs(1.0, image, image, image, image, 1 / timing.SAMPLE**2, image, 1 / timing.FEW, 1.0)
