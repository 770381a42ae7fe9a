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
    monkeypatch.setattr(module, "MAX_UPLOADS", 2)
    kept = Uploads()
    entries = [kept.add("mine.safetensors", small_checkpoint.read_bytes()) for _ in range(3)]
    assert len({entry.address for entry in entries}) == 3
    tokens = [entry.path.stem for entry in entries]
    assert all(len(token) >= 20 for token in tokens)
    assert kept.path(tokens[0]) is None
    assert not entries[0].path.exists()
    assert kept.path(tokens[2]) == entries[2].path


def test_a_refused_upload_leaves_nothing_behind(small_checkpoint: Path) -> None:
    kept = Uploads()
    with pytest.raises(CheckpointError, match=r"mine\.safetensors: expected"):
        kept.add("mine.safetensors", small_checkpoint.read_bytes()[:-50])
    assert list(kept._there().iterdir()) == []


def test_a_folder_that_was_cleaned_away_is_made_again(small_checkpoint: Path) -> None:
    kept = Uploads()
    kept.add("first.safetensors", small_checkpoint.read_bytes())
    shutil.rmtree(kept._there())
    assert kept.add("second.safetensors", small_checkpoint.read_bytes()).path.exists()


def test_where_there_is_no_room_an_upload_is_refused_in_a_sentence(
    small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Uploads()

    def full(_path: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CheckpointError, match=r"^mine\.safetensors: the server could not keep it \(No space left"):
        kept.add("mine.safetensors", small_checkpoint.read_bytes())
