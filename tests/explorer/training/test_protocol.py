"""Lines between worker and server: what is written is read, and nothing else is."""

import itertools
import queue
import threading
import time
from pathlib import Path

import pytest

from explorer.training.protocol import (
    Epoch,
    Order,
    Problem,
    Progress,
    ProtocolError,
    StatusChange,
    Untrained,
    WorkerEvent,
    encode_event,
    encode_order,
    parse_event,
    parse_order,
)
from explorer.training.worker import Channel, StoppedError
from model.errors import Translatable, UserError

UNTRAINED = Untrained("dHJhY2U=", "c3RyaXA=", "c2hlZXQ=")
EPOCH = Epoch({"epoch": 3, "test_kl": 4.5}, 1.25, "dHJhY2U=", "c3RyaXA=", "c2hlZXQ=")


@pytest.mark.parametrize("event", [Progress(3, 240), UNTRAINED, EPOCH, StatusChange("paused")])
def test_an_event_is_read_as_it_was_written(event: WorkerEvent) -> None:
    assert parse_event(encode_event(event)) == event


def test_a_problem_keeps_its_words_apart_from_its_values() -> None:
    inner = UserError("expected MD5 {expected}, found {found}", expected="a{b}", found=float("nan"))
    error = UserError("{path}: {what}; {cure}; {n}.", path=Path("a/b"), what=inner, cure=Translatable("do"), n=3)
    found = parse_event(encode_event(Problem(error)))
    assert isinstance(found, Problem)
    assert str(error) == f"{Path('a/b')}: expected MD5 a{{b}}, found nan; do; 3."
    assert str(found.error) == "b: expected MD5 a{b}, found nan; do; 3."  # without the server's folder
    assert found.error.to_json() == {
        "text": "{path}: {what}; {cure}; {n}.",
        "values": {
            "path": "b",
            "what": {"text": "expected MD5 {expected}, found {found}", "values": {"expected": "a{b}", "found": "nan"}},
            "cure": {"text": "do", "values": {}},
            "n": 3,
        },
    }


@pytest.mark.parametrize("order", [Order("pause"), Order("set", {"beta": 4.0, "lr": 1e-3})])
def test_an_order_is_read_as_it_was_written(order: Order) -> None:
    assert parse_order(encode_order(order)) == order


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null\n",
        b"3\n",
        b"{}\n",
        b"[]\n",
        b'"epoch"\n',
        b"\xff\n",
        b"[" * 100_000,
        b'{"event": ["epoch"]}',
        b'{"event": "status", "status": "queued"}',
        b'{"event": "status", "status": []}',
        b'{"event": "progress", "done": -1, "steps": 2}',
        b'{"event": "progress", "done": true, "steps": 2}',
        b'{"event": "problem", "error": "text"}',
        b'{"event": "problem", "error": {"text": "{a}", "values": {"b": 1}}}',
        b'{"event": "problem", "error": {"text": "{", "values": {"b": 1}}}',
        b'{"event": "problem", "error": {"text": "{a}", "values": [1]}}',
        b'{"action": "jump", "values": {}}',
        b'{"action": "set", "values": {"beta": "4"}}',
        b'{"action": "set", "values": []}',
        b'{"action": "pause"}',
        *(encode_event(EPOCH)[:end] for end in range(1, 60, 7)),
        encode_event(EPOCH).replace(b"4.5", b"Infinity"),
        encode_event(EPOCH).replace(b"4.5", b"1" * 400),
        encode_event(EPOCH).replace(b'"epoch": 3', b'"epoch": 0'),
        encode_event(EPOCH).replace(b'"dHJhY2U="', b"null"),
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    for parse in (parse_event, parse_order):
        with pytest.raises(ProtocolError, match="expected an event or an order, found b"):
            parse(line)


class _Sink:
    """Notes events, and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: queue.Queue[WorkerEvent] = queue.Queue()

    def write(self, line: bytes) -> None:
        self.events.put(parse_event(line))

    def flush(self) -> None:
        pass


def test_a_pause_is_waited_for_and_left_out_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    sink = _Sink()
    channel = Channel(orders, sink)  # type: ignore[arg-type]
    clock = itertools.count(100.0, 10.0)  # each look at the clock is ten seconds later
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr("explorer.training.worker.PROGRESS_PAUSE", 1e9)
    assert channel.between(1, 5) == 0
    for line in (b"nonsense\n", *map(encode_order, (Order("pause"), Order("set", {"beta": 2.0, "lr": 0.5})))):
        orders.put(line)
    spent: queue.Queue[float] = queue.Queue()
    threading.Thread(target=lambda: spent.put(channel.between(2, 5)), daemon=True).start()
    assert sink.events.get(timeout=60) == StatusChange("paused")
    orders.put(encode_order(Order("resume")))
    assert sink.events.get(timeout=60) == StatusChange("training")
    assert spent.get(timeout=60) == channel.waited == 40  # four lines were waited for
    assert channel.wanted == {"beta": 2.0, "lr": 0.5}
    orders.put(encode_order(Order("stop")))
    with pytest.raises(StoppedError):
        channel.between(3, 5)
