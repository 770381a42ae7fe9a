"""The library: what it finds, what it refuses, what it keeps apart."""

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.catalogue import library
from tests.conftest import SHIPPED


def test_the_shipped_checkpoints_are_found_default_first() -> None:
    entries, errors = library.shipped()
    assert next(iter(entries)) == library.DEFAULT
    assert set(SHIPPED) == set(entries)
    assert errors == []


def test_two_are_compared_first_and_families_differ_in_one_setting() -> None:
    entries, _errors = library.shipped()
    assert library.pair(entries) == ("ae-mnist", "vae-mnist-beta-1")
    assert library.pair({name: entries[name] for name in ("vae-mnist", "ae-mnist-mse")}) == (
        "ae-mnist-mse",
        "vae-mnist",
    )
    assert library.pair({"vae-mnist": entries["vae-mnist"]}) == ("vae-mnist", "vae-mnist")
    families: dict[str, dict[str, float | str]] = {}
    for name, entry in entries.items():
        free = entry.header.train.beta if entry.header.config.model == "vae" else entry.header.train.loss
        families.setdefault(library.family(entry.header), {})[name] = free
    assert sorted(map(sorted, families.values())) == [
        ["ae-mnist", "ae-mnist-mae", "ae-mnist-mse"],
        ["vae-mnist"],
        ["vae-mnist-baseline"],
        ["vae-mnist-beta-0.25", "vae-mnist-beta-1", "vae-mnist-beta-4"],
    ]
    assert {"ae-mnist": "bce", "ae-mnist-mae": "mae", "ae-mnist-mse": "mse"} in families.values()
    assert {"vae-mnist-beta-0.25": 0.25, "vae-mnist-beta-1": 1.0, "vae-mnist-beta-4": 4.0} in families.values()


def test_the_address_changes_with_the_content(small_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(small_checkpoint.read_bytes())
    first = library.shipped(tmp_path)[0]["a"].address
    content = bytearray(small_checkpoint.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert library.shipped(tmp_path)[0]["a"].address != first


def test_a_bad_file_among_good_ones_is_named_and_passed_over(small_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "good.safetensors").write_bytes(small_checkpoint.read_bytes())
    (tmp_path / "bad.safetensors").write_bytes(b"not a model")
    entries, errors = library.shipped(tmp_path)
    assert list(entries) == ["good"]
    assert len(errors) == 1
    assert str(errors[0]).startswith("bad.safetensors: expected a safetensors file")


def test_a_run_that_is_deleted_while_it_is_listed_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda folder, _pattern: iter([folder / "gone" / "model.safetensors"]))
    assert library.entries(tmp_path) == ({}, [])


def test_the_app_imports_no_torch() -> None:
    code = (
        "import sys, explorer.app, explorer.ui.components, explorer.ui.sidebar; "
        "sys.exit(any(name.split('.')[0] in ('torch', 'torchvision') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
