"""The library: what it finds, what it refuses, what it keeps apart."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from explorer.catalogue import library
from model import files
from tests.conftest import SHIPPED
from tests.systems import dangling, nameable


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


def test_a_file_that_cannot_be_read_is_one_complaint(small_checkpoint: Path, tmp_path: Path) -> None:
    shutil.copy(small_checkpoint, tmp_path / "good.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    dangling(tmp_path / "link.safetensors")
    entries, errors = library.shipped(tmp_path)
    assert list(entries) == ["good"]
    assert [str(error).partition(":")[0] for error in errors] == ["folder.safetensors", "link.safetensors"]
    assert all("found no readable file (" in str(error) for error in errors)


def test_a_file_whose_rights_were_taken_away_is_looked_at_again(
    small_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    shutil.copy(small_checkpoint, path)
    assert list(library.shipped(tmp_path)[0]) == ["a"]

    def refused(_path: Path, *_arguments: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")  # root may read all the same

    monkeypatch.setattr(files, "open", refused, raising=False)
    path.chmod(0)
    assert list(map(str, library.shipped(tmp_path)[1])) == [
        "a.safetensors: expected a checkpoint, found no readable file (Permission denied)."
    ]


def test_a_name_is_percent_encoded_in_its_address(small_checkpoint: Path, tmp_path: Path) -> None:
    for name in nameable(("beta#2", "50%25 off", "é", "é?")):
        shutil.copy(small_checkpoint, tmp_path / f"{name}.safetensors")
        entry = library.shipped(tmp_path)[0][name]
        assert entry.address.startswith(f"checkpoints/{quote(name)}.safetensors?v=")


def test_a_name_that_is_no_text_is_one_complaint(
    small_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(small_checkpoint, tmp_path / "a.safetensors")
    odd = os.fsdecode(b"\xff.safetensors")  # not a file: some systems take no such name
    paths = [tmp_path / "a.safetensors", tmp_path / odd]
    monkeypatch.setattr(Path, "glob", lambda _folder, _pattern: iter(paths))
    entries, errors = library.shipped(tmp_path)
    assert list(entries) == ["a"]
    assert list(map(str, errors)) == [
        "\N{REPLACEMENT CHARACTER}.safetensors: expected a file name in UTF-8, found another; rename the file."
    ]


def test_a_run_that_is_deleted_while_it_is_listed_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda folder, _pattern: iter([folder / "gone" / "model.safetensors"]))
    assert library.entries(tmp_path) == ({}, [])


def test_the_app_imports_no_torch() -> None:
    code = (
        "import sys, explorer.app, explorer.ui.components, explorer.ui.sidebar; "
        "sys.exit(any(name.split('.')[0] in ('torch', 'torchvision') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
