"""The command line, as a user runs it."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model import data, metrics, training
from model.__main__ import main
from model.checkpoint import load, save
from model.config import ModelConfig, TrainConfig
from model.data import Split
from tests.conftest import CHECKPOINTS
from tests.model.few_digits import load_few

# The command line on a few digits, with rough figures.
ROUGH = """
import json, sys
from model import data, metrics
from model.__main__ import main
from tests.model.few_digits import load_few
data.load = load_few
vars(metrics).update(json.loads(sys.argv.pop(1)))
sys.exit(main(sys.argv[1:]))
"""
NUMBERS = {"HOLE_SAMPLES": 500, "REALISM_IMAGES": 50, "IWAE_IMAGES": 50}
QUICK = ["--encoder", "32", "--decoder", "32", "--epochs", "2", "--batch", "1000"]


def test_train_evaluate_and_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in NUMBERS.items():
        monkeypatch.setattr(metrics, name, number)
    monkeypatch.setattr(data, "load", load_few)
    file = tmp_path / "made.safetensors"
    command = [sys.executable, "-c", ROUGH, json.dumps(NUMBERS)]
    made = subprocess.run(
        [*command, "train", *QUICK, "--run", str(tmp_path / "run"), "--out", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2/2" in made.stderr  # the progress bar
    assert "nats per image" in made.stdout
    checkpoint = load(file)
    assert checkpoint.config.encoder == (32,)
    bare = tmp_path / "bare.safetensors"
    save(replace(checkpoint, metrics={}), bare)
    assert main(["evaluate", str(bare), "--json", "--store"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) >= {"elbo", "reconstruction", "kl", "iwae", "knn_accuracy", "holes_prior", "realism_prior"}
    assert figures == pytest.approx(checkpoint.metrics, rel=1e-3)
    assert load(bare).metrics == figures
    assert main(["show", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "encoder: image → latent" in shown
    assert f"{checkpoint.metrics['elbo']:.4f}" in shown


def test_encode_adds_the_training_latents(
    small_checkpoint: Path, few_digits: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = load(small_checkpoint)
    file = tmp_path / "before.safetensors"
    save(replace(first, train_mu=None, train_label=None), file)
    assert main(["encode", str(file)]) == 0
    assert "60000 training images" in capsys.readouterr().out
    made = load(file)
    assert made.train_mu is not None
    assert made.train_label is not None
    assert made.train_mu.shape == (60_000, 2)
    assert first.train_mu is not None
    torch.testing.assert_close(made.train_mu[:2000], first.train_mu, rtol=2**-10, atol=1e-4)
    assert torch.equal(made.train_label[:2000].long(), few_digits.labels)


def test_encode_leaves_a_file_whose_latents_are_too_far_out(
    small_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = load(small_checkpoint)
    with torch.no_grad():
        far.model.encoder.mu.bias.fill_(1e5)
    file = tmp_path / "far.safetensors"
    save(replace(far, train_mu=None, train_label=None), file)
    before = file.read_bytes()
    assert main(["encode", str(file)]) == 2
    assert "within ±65504, which 16 bits hold, found 1e+05" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lr", "7"], "lr must be a number from 1e-07 to 1; found 7.0"),
        (["--epochs", "many"], "epochs must be a whole number from 1 to 10000; found 'many'"),
        (["--encoder", "512,x"], "encoder must be up to 12 whole numbers from 1 to 8192"),
        (["--loss", "l2"], "loss must be one of bce, mse, mae; found 'l2'"),
        (["--out", "model.pt"], "--out must end in .safetensors"),
        (["--resume", "x", "--lr", "0.1"], "--resume takes its settings from DIR"),
        (["--resume", "x", "--preset", "best"], "--resume takes its settings from DIR"),
        (["--dataset", "nowhere"], "or a folder or file of pictures; found 'nowhere'"),
        (["--validation", "100", "--out", "x.safetensors"], "--validation only judges"),
    ],
)
def test_bad_values_are_refused_before_anything_starts(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", *arguments])
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "fourier"),
    [(["--model", "ae"], 0), (["--model", "ae", "--fourier", "8"], 8), (["--model", "vae"], 64)],
)
def test_an_autoencoder_has_fourier_features_only_where_they_are_asked_for(
    arguments: list[str], fourier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(model: ModelConfig, _train: TrainConfig, **_where: object) -> None:
        asked.append(model.fourier)
        raise ValueError("seen enough")

    monkeypatch.setattr(training, "Run", refuse)
    assert main(["train", *arguments]) == 2
    assert asked == [fourier]


def test_what_a_pipe_cannot_encode_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a pipe's encoding is one of the first 256 characters."""
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, "cp1252"))
    assert main(["show", str(CHECKPOINTS / "vae-mnist-baseline.safetensors")]) == 0
    sys.stdout.flush()
    assert "encoder: image ? latent" in pipe.getvalue().decode("cp1252")


def test_a_file_that_is_no_checkpoint_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.safetensors").write_text("hello", encoding="utf-8")
    assert main(["show", str(tmp_path / "x.safetensors")]) == 2
    error = capsys.readouterr().err
    assert "expected a safetensors file" in error
    assert "Traceback" not in error
    absent = str(tmp_path / "absent.safetensors")
    for command in (
        ["show"],
        ["evaluate"],
        ["encode"],
        ["report", "-o", "x.html"],
        ["import", "--out", "x.safetensors"],
    ):
        assert main([*command, absent]) == 2
        error = capsys.readouterr().err
        assert re.fullmatch("python -m model: .*(No such file|no such file).*\n", error)


def test_help_names_every_setting_with_its_range(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in ("--kl-warmup", "0..1, default 0.15", "{bce,mse,mae}", "--resume DIR", "best:"):
        assert words in text
