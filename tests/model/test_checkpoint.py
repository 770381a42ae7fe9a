"""Checkpoints: a round trip, and every way in which a file can be wrong."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from model import checkpoint
from model.format import CheckpointError, check


def _parts(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())  # noqa: SIM118


def test_a_round_trip_keeps_everything(small_checkpoint: Path, tmp_path: Path) -> None:
    first = checkpoint.load(small_checkpoint)
    checkpoint.save(first, tmp_path / "again.safetensors")
    again = checkpoint.load(tmp_path / "again.safetensors")
    assert (again.config, again.train) == (first.config, first.train)
    assert (again.history, again.metrics) == (first.history, first.metrics)
    for name in ("mu", "logvar", "label", "trace"):
        assert torch.equal(getattr(again, name), getattr(first, name)), name
    z = torch.randn(9, 2)
    assert torch.equal(again.model.decode(z), first.model.decode(z))
    assert len(first.history) == first.train.epochs == len(first.trace)
    assert [path.name for path in tmp_path.iterdir()] == ["again.safetensors"]


Change = Callable[[dict[str, torch.Tensor], dict[str, str]], object]
WEIGHT = "decoder.hidden.0.linear.weight"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t, m: m.pop("format"), "format latent-explorer/1, found no format; make one"),
        (lambda t, m: m.update(format="latent-explorer/2"), "found latent-explorer/2; update the app"),
        (lambda t, m: m.update(config="{"), "settings this app knows"),
        (lambda t, m: m.update(history="x"), "JSON in history"),
        (lambda t, m: m.update(metrics=json.dumps([1])), "numbers by name in metrics"),
        (lambda t, m: m.update(metrics='{"elbo": NaN}'), "numbers by name in metrics"),
        (lambda t, m: m.update(metrics='{"elbo": "good"}'), "numbers by name in metrics"),
        (lambda t, m: m.update(history='[{"epoch": 1}, 2]'), "numbers by name in history"),
        (lambda t, m: m.update(config="[" * 100_000), "settings this app knows"),
        (lambda t, m: t["test.label"][5].fill_(10), "labels from 0 to 9, found 10"),
        (lambda t, m: t.pop(WEIGHT), f"{WEIGHT} found nothing"),
        (lambda t, m: t.update(extra=torch.zeros(1)), "extra found it in excess"),
        (lambda t, m: t.update({WEIGHT: t[WEIGHT][:-1].clone()}), f"{WEIGHT} as F32"),
        (lambda t, m: t.update({"test.label": t["test.label"].float()}), "test.label as U8"),
        (lambda t, m: t.update({"test.mu": t["test.mu"].double()}), "F32, F16 or U8 numbers in test.mu, found F64"),
        (lambda t, m: t["test.mu"].fill_(float("nan")), "NaN or infinity in test.mu"),
        (lambda t, m: t["trace.mu"][0, 0].fill_(float("inf")), "NaN or infinity in trace.mu"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(
    change: Change, words: str, small_checkpoint: Path, tmp_path: Path
) -> None:
    tensors, metadata = _parts(small_checkpoint)
    change(tensors, metadata)
    path = tmp_path / "wrong.safetensors"
    save_file(tensors, path, metadata)
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert words in str(error.value)
    assert "wrong.safetensors: expected" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("keep", [0, 5, 8, 100, 5_000, -1])
def test_a_truncated_file_is_refused(keep: int, small_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.safetensors"
    path.write_bytes(small_checkpoint.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"part.safetensors: expected"):
        check("part.safetensors", path)


@pytest.mark.parametrize("seed", range(20))
def test_noise_never_brings_anything_but_a_sentence(seed: int, small_checkpoint: Path, tmp_path: Path) -> None:
    """Bytes of the header changed at random: refused, or still whole."""
    rng = np.random.default_rng(seed)
    content = bytearray(small_checkpoint.read_bytes())
    for at in rng.integers(0, 2_000, 5):
        content[at] = rng.integers(0, 256)
    path = tmp_path / "noise.safetensors"
    path.write_bytes(content)
    with contextlib.suppress(CheckpointError):
        check("noise.safetensors", path)


def test_a_foreign_file_and_none_at_all(tmp_path: Path) -> None:
    (tmp_path / "photo.safetensors").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    for name in ("photo.safetensors", "absent.safetensors"):
        with pytest.raises(CheckpointError, match=f"{name}: expected"):
            checkpoint.load(tmp_path / name)
