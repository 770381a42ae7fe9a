"""The figures of one recipe by seed: what is shipped is of the shipped files, and only like is set beside like."""

import json
from pathlib import Path

import pytest

from model.__main__ import main
from model.checkpoint import Checkpoint
from model.seeds import figures_of
from tests.conftest import CHECKPOINTS


def test_what_is_shipped_begins_with_the_shipped_files_own(shipped: dict[str, Checkpoint]) -> None:
    told = json.loads((CHECKPOINTS / "seeds.json").read_text(encoding="utf-8"))
    assert set(told) == {"ae-mnist", "vae-mnist-beta-1"}
    for name, figures in told.items():
        assert {key: values[0] for key, values in figures.items()} == pytest.approx(shipped[name].metrics, abs=1e-6)
        assert {len(values) for values in figures.values()} == {3}
        assert all(len(set(figures[key])) == 3 for key in ("reconstruction", "mse", "knn_accuracy"))


@pytest.mark.parametrize("other", ["ae-mnist-mse", "ae-mnist", "vae-mnist-beta-1"])
def test_only_the_seed_may_differ(other: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [CHECKPOINTS / f"{name}.safetensors" for name in ("ae-mnist", other)]
    assert main(["seeds", *map(str, files), "--out", str(tmp_path / "seeds.json")]) == 2
    assert "differ in the seed alone, found ae-mnist.safetensors (seed 0), " in capsys.readouterr().err
    assert not (tmp_path / "seeds.json").exists()


def test_it_adds_a_model_to_those_that_a_file_tells_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "seeds.json"
    out.write_text('{"other": {"mse": [1, 2]}}', encoding="utf-8")
    path = CHECKPOINTS / "ae-mnist.safetensors"
    assert main(["seeds", str(path), "--out", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == {"other": {"mse": [1, 2]}, "ae-mnist": figures_of([path])}
    assert "0.0346" in capsys.readouterr().out
