"""Scripts that take turns: so many at once, and nobody waits for ever."""

import threading

import pytest

from explorer.serving import turns
from explorer.serving.turns import AT_ONCE, turn


def test_so_many_have_a_place_and_the_next_gets_the_first_that_is_free() -> None:
    inside, go_on, entered = [0], threading.Event(), threading.Semaphore(0)
    most, lock = [0], threading.Lock()

    def script() -> None:
        with turn():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            entered.release()
            go_on.wait(60)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=script) for _ in range(AT_ONCE + 3)]
    for thread in threads:
        thread.start()
    for _ in range(AT_ONCE):
        assert entered.acquire(timeout=60)
    assert not entered.acquire(timeout=0.1)
    go_on.set()
    for thread in threads:
        thread.join()
    assert most == [AT_ONCE]


def test_where_all_hang_others_run_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    hanging = [turn() for _ in range(AT_ONCE)]
    for place in hanging:
        place.__enter__()
    with turn():
        pass
    for place in hanging:
        place.__exit__(None, None, None)
    for _ in range(2):  # and no place is lost or won
        with turn():
            pass
    assert turns._places._value == AT_ONCE  # type: ignore[attr-defined]


def test_a_script_that_fails_gives_its_place_back() -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="fails"), turn():
            raise ValueError("fails")
