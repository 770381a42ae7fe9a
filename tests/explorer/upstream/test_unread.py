"""Uploads that no page has looked at: how many Streamlit holds."""

import pytest
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from explorer.upstream import unread
from explorer.upstream.unread import UnreadUploads


def kept(manager: UnreadUploads) -> dict[str, int]:
    """By file, how many bytes are held."""
    return {name: len(file.data) for files in manager.file_storage.values() for name, file in files.items()}


def put(manager: UnreadUploads, session: str, name: str, size: int) -> None:
    manager.add_file(session, UploadedFileRec(name, "x.safetensors", "", bytes(size)))


def total(manager: UnreadUploads) -> int:
    return sum(stat.byte_length for stats in manager.get_stats().values() for stat in stats)


def test_a_session_has_one() -> None:
    manager = UnreadUploads("/upload")
    for name in "abcdefghij":
        put(manager, "pupil", name, 100)
    put(manager, "teacher", "k", 10)
    put(manager, "pupil", "j", 50)  # again
    assert kept(manager) == {"k": 10, "j": 50}
    assert total(manager) == 60


def test_the_oldest_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "UNREAD", 250)
    manager = UnreadUploads("/upload")
    put(manager, "0", "again", 100)
    put(manager, "1", "one", 100)
    put(manager, "0", "two", 100)
    put(manager, "2", "three", 100)
    assert kept(manager) == {"two": 100, "three": 100}
    put(manager, "3", "huge", 1000)
    assert kept(manager) == {"huge": 1000}


def test_what_a_page_has_looked_at_is_known_and_takes_no_room() -> None:
    manager = UnreadUploads("/upload")
    put(manager, "pupil", "a", 100)
    manager.forget_content("pupil", "a")
    manager.forget_content("pupil", "never there")
    assert kept(manager) == {"a": 0}
    assert total(manager) == 0
