"""In what the systems differ: how a process is ended at once, what a file may be called, who may make links."""

__all__ = ["KILLED", "KILLED_STATUS", "dangling", "kill", "nameable"]

import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

# `KILLED` is what the app says of a process that was ended at once.
if sys.platform == "win32":  # where `os.kill` does that with any signal, which becomes the exit status
    _SIGNAL = signal.SIGTERM
    KILLED = "exit status 15"
else:
    _SIGNAL = signal.SIGKILL
    KILLED = "signal 9"
KILLED_STATUS = -_SIGNAL  # what `multiprocessing` says of it

# What no file can be called on Windows: these characters, and a dot or a space at the end.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]|[. ]$')


def kill(pid: int) -> None:
    """End a process at once: it can do nothing about it."""
    os.kill(pid, _SIGNAL)


def nameable(names: Iterable[str]) -> tuple[str, ...]:
    """Those that a file can have here."""
    return tuple(name for name in names if sys.platform != "win32" or not _FORBIDDEN.search(name))


def dangling(path: Path) -> None:
    """Make a link to nothing, or where Windows lets this user make none a folder, which cannot be read either."""
    try:
        path.symlink_to(path.with_name("absent"))
    except OSError:
        if sys.platform != "win32":
            raise
        path.mkdir()
