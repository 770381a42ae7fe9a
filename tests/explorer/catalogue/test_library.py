"""The library: what it finds, what it refuses, what it keeps apart."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from explorer.catalogue import library
from model import files
from tests.conftest import SHIPPED
from tests.systems import dangling, nameable

_listeners: list[list[str]] = []  # a hook cannot be taken out again


def _tell(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        for opened in _listeners:
            opened.append(str(arguments[0]))


sys.addaudithook(_tell)


@contextmanager
def opened_files(folder: Path) -> Iterator[set[str]]:
    """Names of the folders below `folder` in which this process opens files within."""
    opened: list[str] = []
    names: set[str] = set()
    _listeners.append(opened)
    try:
        yield names
    finally:
        _listeners.remove(opened)
        names |= {path.parent.name for path in map(Path, opened) if path.is_relative_to(folder)}


def test_the_shipped_checkpoints_are_found_default_first() -> None:
    entries, errors = library.shipped()
    assert next(iter(entries)) == library.DEFAULT
    assert set(SHIPPED) | {"vae-bars"} == set(entries)
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
        ["cvae-mnist"],
        ["vae-bars"],
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


def test_files_that_have_not_changed_are_not_opened_again(small_checkpoint: Path, tmp_path: Path) -> None:
    for i in range(300):
        (tmp_path / f"run-{i}").mkdir()
        os.link(small_checkpoint, tmp_path / f"run-{i}" / "model.safetensors")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "model.safetensors").write_bytes(b"not a model")
    first = library.entries(tmp_path)
    with opened_files(tmp_path) as opened:
        second = library.entries(tmp_path)
    assert opened == set()
    assert second == first
    assert (len(second[0]), len(second[1])) == (len(library.shipped()[0]) + 300, 1)
    shutil.copy(small_checkpoint, tmp_path / "bad" / "model.safetensors")
    with opened_files(tmp_path) as opened:
        assert library.entries(tmp_path)[1] == []
    assert opened == {"bad"}


def test_what_was_found_is_known_for_a_second_unless_a_folder_changes(
    small_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(library.shipped, "__defaults__", (tmp_path,))
    monkeypatch.setattr(time, "monotonic", lambda: 7.5)
    shutil.copy(small_checkpoint, tmp_path / "a.safetensors")
    found, _errors = library.current()
    assert list(found) == ["a"]
    found.clear()  # whoever got it may change it
    assert list(library.current()[0]) == ["a"]
    shutil.copy(small_checkpoint, tmp_path / "b.safetensors")
    assert list(library.current()[0]) == ["a", "b"]
    (tmp_path / "b.safetensors").write_bytes(b"no model any more")
    assert list(library.current()[0]) == ["a", "b"]
    library.forget()
    assert list(library.current()[0]) == ["a"]


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
