"""A worker that does what the name of its run says: what a real one does only in bad moments."""

import os
import sys
from pathlib import Path

from explorer.training.protocol import Epoch, Problem, Progress, StatusChange, WorkerEvent, encode_event, parse_order
from model.errors import Translatable, UserError
from tests.systems import kill

name = Path(sys.argv[1]).name.rstrip("0123456789")
ROW = {"epoch": 1, "beta": 1.0}


def write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def say(event: WorkerEvent) -> None:
    write(encode_event(event))


def die() -> None:
    kill(os.getpid())


epoch = encode_event(Epoch(ROW, 0.1, "", "", ""))
say(StatusChange("training"))
if name == "good":
    say(StatusChange("kept"))
elif name == "half":
    write(epoch[: len(epoch) // 2])
    die()
elif name == "whole":
    write(epoch)
    die()
elif name == "bytes":
    write(b"\xff\xfe\xfd\n")
elif name == "list":
    write(b"[1, 2]\n")
elif name == "unknown":
    write(b'{"event": "sunrise"}\n')
elif name == "rowless":
    write(b'{"event": "epoch", "wall": 1, "trace": "", "strip": "", "sheet": ""}\n')
elif name == "nan":
    write(epoch.replace(b"1.0", b"NaN"))
elif name == "deep":
    write(b"[" * 100_000 + b"\n")
elif name == "huge":
    try:
        for _ in range(100):
            write(b"x" * 2**20)
    except BrokenPipeError:
        pass
elif name == "failing":
    sys.exit("no such luck")
elif name == "complaining":
    say(Problem(UserError("{path} is damaged: {what}", path=Path("a"), what=Translatable("nothing"))))
elif name == "deaf":  # lives, and follows no order
    say(Progress(1, 2))
elif name == "obedient":
    for line in sys.stdin.buffer:
        say(StatusChange("paused" if parse_order(line).action == "pause" else "training"))
if name not in ("good", "failing", "complaining", "silent", "huge"):
    sys.stdin.read()  # it would live on, until its server ends: whoever follows it has to end it
