"""Uploads: what is kept, for how long, and what is refused."""

import shutil
from pathlib import Path

import pytest

from explorer.catalogue import uploads as module
from explorer.catalogue.uploads import Limit, Uploads
from model.format import CheckpointError


def test_the_address_cannot_be_guessed_and_only_the_owner_finds_it(small_checkpoint: Path) -> None:
    kept, content = Uploads(), small_checkpoint.read_bytes()
    entries = [kept.add("mine.safetensors", content, owner) for owner in ("a", "b")]
    assert len({entry.path.stem for entry in entries}) == 2
    assert all(len(entry.path.stem) >= 20 for entry in entries)
    assert [kept.of(owner) for owner in ("a", "b", "c")] == [{"mine": entries[0]}, {"mine": entries[1]}, {}]


def test_a_file_of_the_same_name_replaces_the_owners_last(small_checkpoint: Path) -> None:
    kept, content = Uploads(), small_checkpoint.read_bytes()
    first, second = (kept.add("mine.safetensors", content, "a") for _ in range(2))
    assert kept.of("a") == {"mine": second}
    assert kept.entry(first.path.stem) is None
    assert not first.path.exists()


@pytest.mark.parametrize("limited", ["PER_SERVER", "PER_VIEWER"])
@pytest.mark.parametrize("by", ["files", "size"])
def test_the_oldest_goes_first(limited: str, by: str, small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = small_checkpoint.read_bytes()
    room = Limit(2, 1 << 40) if by == "files" else Limit(1 << 40, 3 * len(content) - 1)
    monkeypatch.setattr(module, limited, room)
    kept = Uploads()
    names = [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")]
    entries = [kept.add(f"{name}.safetensors", content, owner) for owner, name in names]
    there = [kept.entry(entry.path.stem) is not None for entry in entries]
    # The limit of a viewer leaves the other's alone.
    assert there == ([False, True, True, True] if limited == "PER_VIEWER" else [False, False, True, True])
    assert [entry.path.exists() for entry in entries] == there


def test_one_beyond_the_limit_is_kept_alone(small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PER_VIEWER", Limit(9, 10))
    kept = Uploads()
    for name in ("1", "2"):
        kept.add(f"{name}.safetensors", small_checkpoint.read_bytes(), "a")
    assert list(kept.of("a")) == ["2"]


def test_after_the_folder_was_cleaned_away_what_was_there_is_gone_and_the_next_is_kept(small_checkpoint: Path) -> None:
    kept, content = Uploads(), small_checkpoint.read_bytes()
    first = kept.add("mine.safetensors", content, "a")
    shutil.rmtree(first.path.parent)
    assert kept.of("a") == {}
    assert kept.entry(first.path.stem) is None
    second = kept.add("yours.safetensors", content, "a")
    assert kept.of("a") == {"yours": second}


@pytest.mark.parametrize(
    ("filename", "name"),
    [("A.SAFETENSORS", "A"), (".safetensors", "upload"), ("a.safetensors.safetensors", "a.safetensors")],
)
def test_it_bears_the_files_name_without_its_ending(filename: str, name: str, small_checkpoint: Path) -> None:
    assert Uploads().add(filename, small_checkpoint.read_bytes(), "a").name == name


def test_a_refused_upload_leaves_nothing_behind(small_checkpoint: Path) -> None:
    kept = Uploads()
    with pytest.raises(CheckpointError, match=r"mine\.safetensors: expected"):
        kept.add("mine.safetensors", small_checkpoint.read_bytes()[:-50], "a")
    assert list(Path(kept._folder.name).iterdir()) == []


def test_many_small_ones_of_a_viewer_leave_those_of_others(small_checkpoint: Path) -> None:
    kept, content = Uploads(), small_checkpoint.read_bytes()
    kept.add("lesson.safetensors", content, "teacher")
    for number in range(51):
        kept.add(f"{number}.safetensors", content, "pupil")
    assert list(kept.of("teacher")) == ["lesson"]
    assert list(kept.of("pupil")) == ["46", "47", "48", "49", "50"]
    assert module.PER_VIEWER.size == 100_000_000


def test_where_the_server_has_no_room_those_go_first_who_left_longest_ago_and_an_instructor_last(
    small_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PER_SERVER", Limit(3, 1 << 40))
    monkeypatch.setattr(module.identity, "is_instructor", lambda viewer: viewer == "instructor")  # type: ignore
    kept, content = Uploads(), small_checkpoint.read_bytes()
    for owner in ("instructor", "stays", "leaves"):
        kept.add("lesson.safetensors", content, owner)
    for number in range(51):  # one pupil, who takes a new name for each
        kept.of("stays")
        kept.add("lesson.safetensors", content, f"forged {number}")
    owners = ("instructor", "stays", "leaves", "forged 50")
    assert [bool(kept.of(owner)) for owner in owners] == [True, True, False, True]
