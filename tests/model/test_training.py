"""Training: same seed, same numbers; interrupted or not; and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model import checkpoint, metrics, training
from model.config import ModelConfig, TrainConfig
from model.data import Split
from model.format import STATE_FILE, CheckpointError
from model.training import DivergedError, EpochReport, Run, finish, train
from tests.conftest import BRIEF, SMALL


def _numbers(report: EpochReport) -> tuple[float, ...]:
    return (report.train.reconstruction, report.train.kl, report.test.reconstruction, report.test.kl)


def _same(a: Run, b: Run) -> bool:
    return all(
        torch.equal(x, y) for x, y in zip(a.kept.state_dict().values(), b.kept.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("model", ["vae", "ae"])
@pytest.mark.parametrize("loss", ["bce", "mse", "mae"])
def test_losses_fall(model: str, loss: str, few_digits: Split) -> None:
    run = Run(
        ModelConfig(model=model, encoder=(64,), decoder=(64,)), TrainConfig(epochs=4, batch=50, loss=loss, beta=0.5)
    )
    reports = list(train(run, few_digits, few_digits))
    assert [r.epoch for r in reports] == [1, 2, 3, 4]
    assert reports[-1].test.reconstruction < reports[0].test.reconstruction
    assert (reports[-1].test.kl == 0) == (model == "ae")
    assert reports[-1].trace.shape == (2000, 2)
    assert reports[-1].beta == 0.5


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others(few_digits: Split) -> None:
    first, again = Run(SMALL, BRIEF), Run(SMALL, BRIEF)
    torch.rand(5)  # whatever else draws random numbers must not matter
    reports = [list(train(run, few_digits, few_digits)) for run in (first, again)]
    assert [_numbers(r) for r in reports[0]] == [_numbers(r) for r in reports[1]]
    assert _same(first, again)
    other = Run(SMALL, TrainConfig(**{**vars(BRIEF), "seed": 8}))
    list(train(other, few_digits, few_digits))
    assert not _same(first, other)


@pytest.mark.parametrize(
    ("model", "config"),
    [
        (SMALL, BRIEF),
        (SMALL, TrainConfig(epochs=3, batch=128, schedule="constant", ema=0.0, seed=7)),
        (replace(SMALL, conditional=True), BRIEF),
    ],
    ids=["one-cycle", "constant", "conditional"],
)
def test_a_resumed_run_equals_an_uninterrupted_one(
    model: ModelConfig, config: TrainConfig, few_digits: Split, tmp_path: Path
) -> None:
    whole = Run(model, config)
    expected = [_numbers(r) for r in train(whole, few_digits, few_digits)]
    next(train(Run(model, config), few_digits, few_digits, tmp_path))  # stopped after one epoch
    resumed = Run.resume(tmp_path)
    assert resumed.epoch == 1
    rest = [_numbers(r) for r in train(resumed, few_digits, few_digits, tmp_path)]
    assert expected[1:] == rest
    assert _same(whole, resumed)
    assert torch.equal(torch.stack(whole.trace), torch.stack(resumed.trace))
    assert [p.name for p in tmp_path.iterdir()] == [STATE_FILE]


def test_told_the_label_a_model_needs_less_of_z(few_digits: Split, test_digits: Split, tmp_path: Path) -> None:
    """The same network, trained alike, with labels and without; told wrong ones, it draws what it was told."""
    plain, told = (Run(replace(SMALL, conditional=c), replace(BRIEF, epochs=12)) for c in (False, True))
    last = [list(train(run, few_digits, test_digits))[-1].test for run in (plain, told)]
    assert last[1].total < last[0].total - 10
    model, (x, y) = told.kept, (test_digits.images[:2000], test_digits.labels[:2000])
    right, wrong = (metrics.elbo(model, x, labels=labels, samples=1) for labels in (y, (y + 1) % 10))
    assert wrong.reconstruction > right.reconstruction + 30
    path = tmp_path / "told.safetensors"
    checkpoint.save(finish(told, few_digits, test_digits), path)
    loaded = checkpoint.load(path)
    assert loaded.config.conditional
    z = torch.randn(10, 2)
    assert torch.equal(loaded.model.decode(z, torch.arange(10)), model.decode(z, torch.arange(10)))
    torch.testing.assert_close(loaded.mu[:2000], model.encode(x, y)[0], atol=1e-4, rtol=1e-4)


def test_a_damaged_state_is_refused(few_digits: Split, tmp_path: Path) -> None:
    next(train(Run(SMALL, BRIEF), few_digits, few_digits, tmp_path))
    path = tmp_path / STATE_FILE
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="damaged"):
        Run.resume(tmp_path)
    with pytest.raises(CheckpointError, match="found none"):
        Run.resume(tmp_path / "nowhere")


def test_a_diverging_loss_stops_the_run_and_keeps_the_last_good_state(few_digits: Split, tmp_path: Path) -> None:
    run = Run(SMALL, BRIEF)
    reports = train(run, few_digits, few_digits, tmp_path)
    next(reports)
    with torch.no_grad():
        run.model.decoder.logits.bias.fill_(float("nan"))  # as an overflow would
    with pytest.raises(DivergedError, match=r"epoch 2, step 1 of 20 .*with a lower learning rate"):
        next(reports)
    assert Run.resume(tmp_path).epoch == 1


def test_a_loss_that_diverges_within_an_epoch_stops_it_at_that_step(few_digits: Split) -> None:
    run, begun = Run(SMALL, BRIEF), []

    def between(step: int, _steps: int) -> float:
        begun.append(step)
        if step == 7:
            with torch.no_grad():
                run.model.decoder.logits.bias.fill_(float("inf"))
        return 0.0

    with pytest.raises(DivergedError, match=r"epoch 1, step 8 of 20 "):
        run.run_epoch(few_digits, few_digits, between)
    assert begun == list(range(1, 8))


def test_the_kept_weights_are_the_exponential_average(few_digits: Split) -> None:
    decay, one_batch = 0.99, Split(few_digits.images[:100], few_digits.labels[:100])
    run = Run(SMALL, TrainConfig(epochs=40, batch=100, ema=decay, schedule="constant"))
    expected = run.model.decoder.logits.weight.detach().clone()
    for step in range(40):
        run.run_epoch(one_batch, one_batch)
        share = min(decay, (1 + step) / (10 + step))
        expected = share * expected + (1 - share) * run.model.decoder.logits.weight.detach()
    torch.testing.assert_close(run.kept.decoder.logits.weight, expected, atol=1e-6, rtol=1e-4)


def test_input_dropout_drops_its_share_and_keeps_the_mean() -> None:
    x = torch.ones(500, 784)
    dropped = training._drop(x, 0.3, torch.Generator().manual_seed(0))
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.005)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.005)


def test_one_cycle_rises_then_falls_to_nothing() -> None:
    rates = [training._schedule(TrainConfig(), step, 1000) for step in range(1000)]
    peak = rates.index(max(rates))
    assert peak == pytest.approx(100, abs=1)
    assert rates == sorted(rates[:peak]) + sorted(rates[peak:], reverse=True)
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[-1] < 1e-4


def test_validation_digits_are_held_out_of_the_training_half(train_digits: Split) -> None:
    learn, judge = training.split(TrainConfig(validation=5000))
    assert (len(learn), len(judge)) == (55_000, 5_000)
    assert judge.labels.bincount().min() > 400
    total = learn.images.double().sum() + judge.images.double().sum()
    assert float(total) == pytest.approx(float(train_digits.images.double().sum()))
