"""A file that somebody brings, given to a child process of its own to read: that takes torch, or memory, or time.

The child is told by a line of JSON what to do, and answers by another.
"""

__all__ = ["answer", "ask", "write"]

import json
import re
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from explorer.training import memory
from explorer.training.child import Child, inbox
from model.errors import UserError

LIMIT = 90  # seconds for one file, on a machine that is busy

_turns = threading.BoundedSemaphore(1)  # a class that drops forty files at once gets them one after another


def write(folder: Path, filename: str, content: bytes) -> Path:
    """Put a file that was sent into a new folder, under its name as far as every disk takes that.

    Raises:
        UserError: there is no room for it.
    """
    path = folder / re.sub(r"[^\w. -]", "_", Path(filename).name)[-80:]
    try:
        folder.mkdir(mode=0o700, parents=True)
        path.write_bytes(content)
    except OSError as error:
        text = "{name}: the server could not keep it ({why}); tell whoever runs it, then try again."
        raise UserError(text, name=filename, why=error.strerror) from error
    return path


def ask(module: str, question: Mapping[str, object], filename: str, failed: UserError) -> dict[str, Any]:
    """What a child answers; waits for it, in the thread of the viewer's page.

    Args:
        module: what the child runs: see `answer`.
        filename: what the messages call the file.
        failed: said where there was no time or memory for it.

    Raises:
        UserError: the file is no good, or `failed`, or others' files are being read.
    """
    if not _turns.acquire(timeout=2 * LIMIT):
        raise UserError("{name}: others are bringing files here: try again in a few minutes.", name=filename)
    try:
        child = Child(module, errors=subprocess.DEVNULL)
        try:
            found = json.loads(child.ask(json.dumps(question).encode() + b"\n", LIMIT))
        finally:
            child.kill()
            child.wait()
            child.close()
    except (OSError, ValueError) as error:
        raise failed from error
    finally:
        _turns.release()
    if "problem" in found:
        raise UserError.from_json(found["problem"])
    return dict(found)


def answer(act: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The child's side: do what standard input asks for, or say why not."""
    memory.bound()
    question = json.loads(inbox().get())
    try:
        found = act(question)
    except UserError as error:
        found = {"problem": error.to_json()}
    print(json.dumps(found), flush=True)
