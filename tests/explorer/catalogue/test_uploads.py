"""Uploads: what is kept, for how long, and what is refused."""

import errno
import shutil
from pathlib import Path

import pytest

from explorer.catalogue import uploads as module
from explorer.catalogue.uploads import Uploads
from model.format import CheckpointError


def test_uploads_have_unguessable_addresses_and_the_oldest_goes_first(
    small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_OF_ALL", 2)
    kept = Uploads()
    entries = [kept.add("mine.safetensors", small_checkpoint.read_bytes(), owner) for owner in "abc"]
    assert len({entry.address for entry in entries}) == 3
    tokens = [entry.path.stem for entry in entries]
    assert all(len(token) >= 20 for token in tokens)
    assert kept.path(tokens[0]) is None
    assert not entries[0].path.exists()
    assert kept.path(tokens[2]) == entries[2].path


def test_a_refused_upload_leaves_nothing_behind(small_checkpoint: Path) -> None:
    kept = Uploads()
    with pytest.raises(CheckpointError, match=r"mine\.safetensors: expected"):
        kept.add("mine.safetensors", small_checkpoint.read_bytes()[:-50], "a")
    assert list(kept._there().iterdir()) == []


def test_a_folder_that_was_cleaned_away_is_made_again(small_checkpoint: Path) -> None:
    kept = Uploads()
    kept.add("first.safetensors", small_checkpoint.read_bytes(), "a")
    shutil.rmtree(kept._there())
    assert kept.add("second.safetensors", small_checkpoint.read_bytes(), "a").path.exists()


def test_where_there_is_no_room_an_upload_is_refused_in_a_sentence(
    small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Uploads()

    def full(_path: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CheckpointError, match=r"^mine\.safetensors: the server could not keep it \(No space left"):
        kept.add("mine.safetensors", small_checkpoint.read_bytes(), "a")


def test_what_is_uploaded_stays_with_its_owner(small_checkpoint: Path) -> None:
    kept = Uploads()
    content = small_checkpoint.read_bytes()
    kept.add("one.safetensors", content, "a")
    newest = [kept.add(f"{name}.safetensors", content, "a") for name in ("two", "one")][-1]
    kept.add("others.safetensors", content, "b")
    assert list(kept.of("a")) == ["one", "two"]
    assert kept.of("a")["one"] == newest
    assert list(kept.of("b")) == ["others"]
    assert kept.of("") == {}
    newest.path.unlink()
    assert list(kept.of("a")) == ["two"]


@pytest.mark.parametrize("limit", ["MAX_OF_ONE", "MAX_BYTES_OF_ONE"])
def test_who_uploads_much_loses_their_own_and_nobody_elses(
    limit: str, small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = small_checkpoint.read_bytes()
    monkeypatch.setattr(module, limit, 2 * (len(content) if "BYTES" in limit else 1))
    kept = Uploads()
    kept.add("others.safetensors", content, "b")
    for name in ("one", "two", "three"):
        kept.add(f"{name}.safetensors", content, "a")
    assert list(kept.of("a")) == ["two", "three"]
    assert list(kept.of("b")) == ["others"]
    assert len(list(kept._there().iterdir())) == 3


def test_all_together_take_no_more_than_so_many_bytes(small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = small_checkpoint.read_bytes()
    monkeypatch.setattr(module, "MAX_BYTES_OF_ALL", 2 * len(content))
    kept = Uploads()
    for owner in "abc":
        kept.add("mine.safetensors", content, owner)
    assert [list(kept.of(owner)) for owner in "abc"] == [[], ["mine"], ["mine"]]
