"""Child processes of the server: Python modules that are spoken to in lines, and end when the server does."""

__all__ = ["Child", "NotListeningError", "inbox"]

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import IO

from explorer.settings import INSTRUCTOR_KEY, ROOT
from explorer.training.protocol import MAX_LINE

GRACE = 10  # seconds that a process which has said all may take to end


class NotListeningError(OSError):
    """The process lives and reads no orders: it is stopped by the system, say."""


class Child:
    """A module of the repository that runs as a process of its own.

    Args:
        errors: where its standard error goes.
        environment: what it has beside the server's own.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, module: str, *arguments: str, errors: IO[bytes] | int, environment: Mapping[str, str] | None = None
    ) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != INSTRUCTOR_KEY}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**inherited, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            # Ctrl-C is for the server; the child ends with it, by its standard input.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows knows no sessions
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        if hasattr(os, "set_blocking"):  # not on Windows before Python 3.12
            os.set_blocking(self._input.fileno(), False)
        self._killed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it can still be asked something."""
        return not self._killed and self._process.poll() is None

    def send(self, line: bytes) -> None:
        """Write a line to its standard input, without waiting: whoever sends may hold a lock.

        Args:
            line: up to 4096 bytes, which the system takes whole or not at all.

        Raises:
            NotListeningError: it has not read what was sent before.
            BrokenPipeError: it has ended.
        """
        try:
            os.write(self._input.fileno(), line)
        except BlockingIOError as error:
            raise NotListeningError(f"process {self.pid} reads no orders") from error

    def lines(self) -> Iterator[bytes]:
        """What it writes, to the end; a line that does not end in a newline is the last one, or longer than allowed."""
        while line := self._output.readline(MAX_LINE):
            yield line

    def ask(self, line: bytes, seconds: float) -> bytes:
        """The line that it answers a line with; empty where it ended, or was killed because it took longer.

        Raises:
            OSError: see `send`.
        """
        limit = threading.Timer(seconds, self.kill)
        limit.daemon = True
        limit.start()
        try:
            self.send(line)
            return next(self.lines(), b"")
        finally:
            limit.cancel()

    def kill(self) -> None:
        """End it at once, without waiting until it has."""
        self._killed = True
        self._process.kill()

    def wait(self) -> int | None:
        """Let it end within `GRACE`, or kill it.

        Returns:
            Its exit status, or minus the signal that ended it; None where the system cannot end it.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        if self._process.returncode is None:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        return self._process.returncode

    def close(self) -> None:
        """Let go of the pipes of a process that has ended; nobody may be sending to it or reading from it."""
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                pipe.close()


def inbox() -> "queue.SimpleQueue[bytes]":
    """In the child: the lines of its standard input, as they come; it ends with them, for the server is gone then.

    The interpreter aborts at its own end while a thread waits in `sys.stdin`, whose lock it wants: this one waits in
    the system.
    """
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(lines,), daemon=True).start()
    return lines


def _take(lines: "queue.SimpleQueue[bytes]") -> None:
    rest = b""
    while content := os.read(sys.stdin.fileno(), 2**16):
        *whole, rest = (rest + content).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(0)
