"""Checkpoints: a round trip, and every way in which a file can be wrong."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from explorer.settings import CHECKPOINTS
from model import checkpoint
from model.checkpoint import Checkpoint
from model.data import Split
from model.dataset import DATASETS, Dataset
from model.format import CheckpointError, check
from model.training import Run, finish
from tests.conftest import BRIEF, SHIPPED, SMALL
from tests.fuzz.cases import CASES
from tests.fuzz.verdicts import base


def _parts(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())  # noqa: SIM118


def test_a_round_trip_keeps_everything(small_checkpoint: Path, tmp_path: Path) -> None:
    first = checkpoint.load(small_checkpoint)
    checkpoint.save(first, tmp_path / "again.safetensors")
    again = checkpoint.load(tmp_path / "again.safetensors")
    assert (again.config, again.train) == (first.config, first.train)
    assert (again.history, again.metrics) == (first.history, first.metrics)
    for name in ("mu", "logvar", "label", "trace", "train_mu", "train_label"):
        assert torch.equal(getattr(again, name), getattr(first, name)), name
    z = torch.randn(9, 2)
    assert torch.equal(again.model.decode(z), first.model.decode(z))
    assert len(first.history) == first.train.epochs == len(first.trace)
    assert [path.name for path in tmp_path.iterdir()] == ["again.safetensors"]


@pytest.mark.parametrize("name", SHIPPED)
def test_training_latents_are_the_encoders_in_training_set_order(
    name: str, shipped: dict[str, Checkpoint], train_digits: Split
) -> None:
    file = shipped[name]
    assert file.train_mu is not None
    assert file.train_label is not None
    assert (file.train_mu.dtype, file.train_mu.shape) == (torch.float16, (60_000, 2))
    with torch.no_grad():
        mu, _logvar = file.model.encode(train_digits.images[:200], train_digits.labels[:200])
    # Rounding to 11 bits is off by 2⁻¹² of the number at the most; the rest is for another order of summation.
    torch.testing.assert_close(file.train_mu[:200].float(), mu, rtol=2**-11, atol=1e-4)
    assert torch.equal(file.train_label.long(), train_digits.labels)


def test_a_file_of_before_loads_and_training_latents_can_be_added(small_checkpoint: Path, tmp_path: Path) -> None:
    tensors, metadata = _parts(small_checkpoint)
    mu, label = tensors.pop("train.mu"), tensors.pop("train.label")
    metadata["train"] = metadata["train"].replace(", ", ",  ")  # the same settings, other bytes
    path = tmp_path / "before.safetensors"
    save_file(tensors, path, metadata)
    before = checkpoint.load(path)
    assert before.train_mu is None
    assert before.train_label is None
    checkpoint.add_train_latents(path, mu, label)
    after, kept = _parts(path)
    assert kept == metadata
    assert after.keys() == tensors.keys() | {"train.mu", "train.label"}
    for name, tensor in {**tensors, "train.mu": mu, "train.label": label}.items():
        assert torch.equal(after[name], tensor), name
    check("before.safetensors", path)


def test_figures_are_stored_and_all_else_stays(small_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "judged.safetensors"
    path.write_bytes(small_checkpoint.read_bytes())
    checkpoint.store_metrics(path, {"elbo": -1.5})
    tensors, metadata = _parts(path)
    before, metadata_before = _parts(small_checkpoint)
    assert metadata == metadata_before | {"metrics": '{"elbo": -1.5}'}
    assert tensors.keys() == before.keys()
    assert all(torch.equal(tensors[name], before[name]) for name in before)


def test_latents_beyond_float16_are_left_out(few_digits: Split, test_digits: Split, tmp_path: Path) -> None:
    assert checkpoint.compact(torch.tensor([[65504.0, -65504.0]])) is not None
    assert checkpoint.compact(torch.tensor([[0.0, -65520.0]])) is None
    run = Run(replace(SMALL, model="ae"), BRIEF)
    run.run_epoch(few_digits, test_digits)
    with torch.no_grad():
        run.kept.encoder.mu.bias.fill_(1e5)
    made = finish(run, few_digits, test_digits)
    checkpoint.save(made, tmp_path / "far.safetensors")
    assert checkpoint.load(tmp_path / "far.safetensors").train_mu is None


def _data(**texts: object) -> str:
    return json.dumps({"title": "MNIST", "classes": list("0123456789"), "notes": "", **texts})


@pytest.mark.parametrize("classes", [(), tuple("abc")])
def test_a_file_of_own_pictures_carries_them(classes: tuple[str, ...], small_checkpoint: Path, tmp_path: Path) -> None:
    """Few points, any classes or none, and their pictures: all come back, and go into another file as they came."""
    whole = checkpoint.load(small_checkpoint)
    own = replace(
        whole,
        train=replace(whole.train, dataset="own-0123456789abcdef"),
        mu=whole.mu[:9],
        logvar=None if whole.logvar is None else whole.logvar[:9],
        label=torch.arange(9).byte() % max(1, len(classes)),
        trace=whole.trace[:, :9].contiguous(),
        train_label=torch.zeros(2000).byte(),
        data=Dataset("Leaves", classes, notes="<b>of the school yard</b>"),
        images=torch.arange(9 * 784).reshape(9, 28, 28).byte(),
    )
    checkpoint.save(own, tmp_path / "own.safetensors")
    again = checkpoint.load(tmp_path / "own.safetensors")
    assert again.data == own.data
    assert (len(again.mu), ("test.label" in _parts(tmp_path / "own.safetensors")[0])) == (9, bool(classes))
    for name in ("label", "train_label", "images"):
        assert torch.equal(getattr(again, name), getattr(own, name)), name


def test_the_first_format_is_read_as_ever(shipped: dict[str, Checkpoint]) -> None:
    """Of which the shipped files are."""
    assert _parts(CHECKPOINTS / "vae-mnist.safetensors")[1]["format"] == "latent-explorer/1"
    assert shipped["vae-mnist"].data == DATASETS["mnist"]


Change = Callable[[dict[str, torch.Tensor], dict[str, str]], object]
WEIGHT = "decoder.hidden.0.linear.weight"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t, m: m.pop("format"), "format latent-explorer/2, found no format; make one"),
        (lambda t, m: m.update(format="latent-explorer/3"), "found latent-explorer/3; update the app"),
        (lambda t, m: m.update(config="{"), "settings this app knows"),
        (lambda t, m: m.update(history="x"), "JSON in history"),
        (lambda t, m: m.update(metrics=json.dumps([1])), "numbers by name in metrics"),
        (lambda t, m: m.update(metrics='{"elbo": NaN}'), "JSON in metrics"),
        (lambda t, m: m.update(metrics='{"elbo": "good"}'), "numbers by name in metrics"),
        (lambda t, m: m.update(history='[{"epoch": 1}, 2]'), "numbers by name in history"),
        (lambda t, m: m.update(config="[" * 100_000), "settings this app knows"),
        (lambda t, m: t["test.label"][5].fill_(10), "labels from 0 to 9, found 10"),
        (lambda t, m: t.pop(WEIGHT), f"{WEIGHT} found nothing"),
        (lambda t, m: t.update(extra=torch.zeros(1)), "extra found it in excess"),
        (lambda t, m: t.update({WEIGHT: t[WEIGHT][:-1].clone()}), f"{WEIGHT} as F32"),
        (lambda t, m: t.update({"test.label": t["test.label"].float()}), "test.label as U8"),
        (
            lambda t, m: t.update({"test.mu": t["test.mu"].double()}),
            "BF16 or U8 numbers in test.mu, found F64",
        ),
        (lambda t, m: t["test.mu"].fill_(float("nan")), "NaN or infinity in test.mu"),
        (lambda t, m: t["trace.mu"][0, 0].fill_(float("inf")), "NaN or infinity in trace.mu"),
        (lambda t, m: t.pop("train.mu"), "train.mu and train.label or neither, found no train.mu"),
        (lambda t, m: t.pop("train.label"), "train.mu and train.label or neither, found no train.label"),
        (lambda t, m: t.update({"train.mu": t["train.mu"][:-1].clone()}), "train.mu as F16 (2000, 2)"),
        (lambda t, m: t.update({"train.mu": t["train.mu"].float()}), "train.mu as F16"),
        (lambda t, m: t.update({"train.label": t["train.label"][:, None]}), "train.label as U8 (2000,)"),
        (lambda t, m: t.update({"train.label": torch.zeros(0, dtype=torch.uint8)}), "train.label as U8 (1,)"),
        (
            lambda t, m: t.update({"train.label": torch.zeros(100_001).byte()}),
            "train.label as U8 (100000,)",
        ),
        (lambda t, m: t["train.mu"][7].fill_(float("nan")), "NaN or infinity in train.mu"),
        (lambda t, m: t["train.label"][5].fill_(10), "labels from 0 to 9, found 10"),
        (lambda t, m: m.update(data="{}"), "a data set's title, classes and notes"),
        (lambda t, m: m.update(data=_data(classes=["a"] * 256)), "a data set's title, classes and notes"),
        (lambda t, m: m.update(data=_data(classes=[])), "test.label found it in excess"),
        (lambda t, m: m.update(config=m["config"].replace("28", "7")), "images from 8×8 to 64×64 pixels, found 7×7"),
        (lambda t, m: t.update({"image.test": torch.zeros(2, 28, 27).byte()}), "image.test as U8 (2, 28, 28)"),
        (lambda t, m: t.update({"image.test": torch.zeros(2, 28, 28, 3).byte()}), "image.test as U8 (2, 28, 28)"),
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


@pytest.mark.parametrize("name", sorted(CASES))
def test_damage_never_brings_anything_but_a_sentence(name: str, tmp_path: Path) -> None:
    """Whether it is the right one, the browser's reader tells: see tests/browser/test_fuzz.py."""
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(CASES[name](base(tmp_path / "base.safetensors")))
    with contextlib.suppress(CheckpointError):
        checkpoint.load(path)


def test_bytes_behind_the_last_tensor_are_named(small_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "longer.safetensors"
    path.write_bytes(small_checkpoint.read_bytes() + bytes(16))
    with pytest.raises(CheckpointError, match=r"expected the file to end with its last tensor, found 16 bytes more"):
        checkpoint.load(path)


def test_a_name_that_is_no_utf_8_is_told_in_one_that_is() -> None:
    error = CheckpointError("{name}: {why}", name=Path("a\udcff.safetensors"), why="gone")
    assert str(error).encode() == b"a\\udcff.safetensors: gone"
    assert json.dumps(error.to_json(), ensure_ascii=False).encode()


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


def test_a_checkpoint_may_be_read_by_whom_any_other_new_file_may(small_checkpoint: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "a.safetensors", tmp_path / "b.txt"
    checkpoint.save(checkpoint.load(small_checkpoint), path)
    other.write_text("a file as any other", encoding="utf-8")
    assert path.stat().st_mode == other.stat().st_mode
