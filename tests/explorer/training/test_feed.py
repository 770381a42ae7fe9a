"""What watchers get: how things stand, then all that follows, in the order in which it was, and nothing twice."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from explorer.broadcast import WAITING, Broadcast
from explorer.catalogue import library
from explorer.training.feed import Feed
from explorer.training.protocol import Epoch
from explorer.training.queue import RunQueue
from explorer.training.run import LIVE, Run
from explorer.training.spec import RunSpec
from model.config import ModelConfig, TrainConfig

T = TypeVar("T")


def in_a_loop(scene: Callable[[], Coroutine[Any, Any, T]]) -> T:
    # In a thread of its own: Playwright, in the same session of tests, has a loop running in this one.
    with ThreadPoolExecutor() as pool:
        return pool.submit(lambda: asyncio.run(scene())).result()


def test_a_watcher_that_does_not_read_is_let_go_and_holds_nobody_up() -> None:
    def first(admit: Callable[[], None]) -> list[bytes]:
        admit()
        return [b"first"]

    async def scene() -> tuple[list[bytes], list[bytes]]:
        broadcast = Broadcast()
        quick, slow = broadcast.listen(first), broadcast.listen(first)
        assert [await anext(quick), await anext(slow)] == [b"first", b"first"]
        got = []
        for i in range(WAITING + 5):
            await asyncio.to_thread(broadcast.publish, "n", {"i": i})
            got.append(await anext(quick))
        return got, [message async for message in slow]

    got, late = in_a_loop(scene)
    assert got == [Broadcast.encode("n", {"i": i}) for i in range(WAITING + 5)]
    assert late == got[:WAITING]


def test_what_is_published_while_the_snapshot_is_made_comes_after_it_once() -> None:
    async def scene() -> list[bytes]:
        broadcast = Broadcast()

        def snapshot(admit: Callable[[], None]) -> list[bytes]:
            broadcast.publish("before", {})  # is in the snapshot
            admit()
            broadcast.publish("after", {})  # is not
            return [b"snapshot"]

        stream = broadcast.listen(snapshot)
        return [await anext(stream), await anext(stream)]

    assert in_a_loop(scene) == [b"snapshot", Broadcast.encode("after", {})]


def test_the_loop_goes_on_while_the_snapshot_is_waited_for() -> None:
    async def scene() -> bytes:
        broadcast, answered = Broadcast(), threading.Event()

        def slow(admit: Callable[[], None]) -> list[bytes]:
            assert answered.wait(60), "the loop waited for the snapshot"
            admit()
            return [b"snapshot"]

        first = asyncio.ensure_future(anext(broadcast.listen(slow)))
        while not broadcast.watched:
            await asyncio.sleep(0)
        answered.set()  # by the loop, which runs
        return await first

    assert in_a_loop(scene) == b"snapshot"


def test_who_leaves_before_the_snapshot_is_there_is_forgotten() -> None:
    async def scene() -> bool:
        broadcast, left = Broadcast(), threading.Event()

        def slow(admit: Callable[[], None]) -> list[bytes]:
            assert left.wait(60)
            admit()
            return []

        stream = broadcast.listen(slow)
        first = asyncio.ensure_future(anext(stream))
        while not broadcast.watched:
            await asyncio.sleep(0)
        first.cancel()
        left.set()
        await asyncio.wait([first])
        return broadcast.watched

    assert not in_a_loop(scene)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("one", tmp_path / "one", RunSpec(ModelConfig(), TrainConfig(), "owner", 1.0), status="training")


def test_a_watcher_sees_every_epoch_exactly_once_whenever_it_comes(run: Run, tmp_path: Path) -> None:
    """Epochs are published by one thread as fast as it can, while watchers arrive one after the other."""
    count, watchers = 40, 8

    async def scene() -> list[list[int]]:
        broadcast, run_queue = Broadcast(), RunQueue([run])
        feed = Feed(run_queue, broadcast, tmp_path)

        async def watch() -> list[int]:
            seen: list[int] = []
            async for message in broadcast.listen(feed.snapshot_events):
                event, data = message.decode().removeprefix("event: ").rstrip().split("\ndata: ")
                found = json.loads(data)
                if event == "history":
                    assert seen == []
                    seen += [row["epoch"] for row in found["rows"]]
                elif event == "epoch":
                    seen.append(found["row"]["epoch"])
                if seen[-1:] == [count]:
                    break
            return seen

        def publish() -> None:
            for epoch in range(1, count + 1):
                event = Epoch({"epoch": epoch}, 0.1, "", "", "")
                with run_queue.lock:
                    run.heard(event)
                    feed.tell(run, event)
                feed.changed()

        tasks = [asyncio.ensure_future(watch())]
        while not broadcast.watched:
            await asyncio.sleep(0)
        publishing = asyncio.ensure_future(asyncio.to_thread(publish))
        tasks += [asyncio.ensure_future(watch()) for _ in range(watchers)]
        await publishing
        return [await task for task in tasks]

    for seen in in_a_loop(scene):
        assert seen == list(range(1, count + 1))


def test_a_file_that_cannot_be_read_does_not_silence_the_feed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(RunQueue([run]), Broadcast(), tmp_path)
    models = json.loads(feed.snapshot_events()[0].partition(b"data: ")[2])["models"]
    assert models

    def failing(folder: Path) -> None:
        raise PermissionError("no such right")

    monkeypatch.setattr(library, "entries", failing)
    snapshot = json.loads(feed.snapshot_events()[0].partition(b"data: ")[2])
    assert snapshot["models"] == models
    assert [found["name"] for found in snapshot["runs"]] == ["one"]


@pytest.mark.parametrize("status", [*sorted(LIVE), "queued", "kept", "interrupted"])
def test_a_summary_says_whether_the_run_is_live(status: Any, run: Run) -> None:
    run.status = status
    assert run.summary()["live"] == (status not in ("queued", "kept", "interrupted"))
