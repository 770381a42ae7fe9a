"""The instructor's key: wrong ones hold up those who send them, and nobody else."""

import threading
from collections.abc import Iterator

import pytest

from explorer import identity
from explorer.settings import INSTRUCTOR_KEY

TEACHER, PUPIL = "teacher-teacher-teacher", "pupil-pupil-pupil-pupil"
KEY = "key of these tests"


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Wrong keys take their time until this is set."""
    over = threading.Event()
    monkeypatch.setenv(INSTRUCTOR_KEY, KEY)
    monkeypatch.setattr(identity, "_hold_up", lambda: over.wait(60))
    yield over
    over.set()


def _guess(viewers: list[str], address: str) -> list[threading.Thread]:
    """Wrong keys that are under way."""
    before = identity._attempts.total()
    threads = [threading.Thread(target=identity.admit, args=(viewer, address, "guess")) for viewer in viewers]
    for thread in threads:
        thread.start()
    while identity._attempts.total() < before + 2 * len(threads):
        pass
    return threads


def test_forty_who_guess_do_not_hold_up_the_teacher(pause: threading.Event) -> None:
    threads = [thread for i in range(40) for thread in _guess([f"{PUPIL}-{i}"], f"10.0.0.{i}")]
    assert identity.admit(TEACHER, "10.0.1.1", KEY)
    assert identity.is_instructor(TEACHER)
    pause.set()
    for thread in threads:
        thread.join()
    assert not identity._attempts
    assert identity.admit(f"{PUPIL}-0", "10.0.0.0", KEY)


def test_a_viewer_tries_one_key_at_a_time(pause: threading.Event) -> None:
    [thread] = _guess([PUPIL], "10.0.0.1")
    with pytest.raises(identity.TooManyKeysError, match="wait a moment"):
        identity.admit(PUPIL, "10.0.0.2", KEY)
    pause.set()
    thread.join()


def test_from_one_address_come_only_so_many_whatever_they_call_themselves(pause: threading.Event) -> None:
    threads = _guess([f"{PUPIL}-{i}" for i in range(identity.ATTEMPTS)], "10.0.0.1")
    with pytest.raises(identity.TooManyKeysError, match="wait a moment"):
        identity.admit("somebody-else-there", "10.0.0.1", KEY)
    pause.set()
    for thread in threads:
        thread.join()
