"""Child processes of the server: Python modules that are spoken to in lines of JSON, and end when the server does."""

__all__ = ["start"]

import os
import subprocess
import sys
from typing import IO

from explorer.settings import INSTRUCTOR_KEY, ROOT


def start(module: str, *arguments: str, errors: IO[bytes] | int) -> "subprocess.Popen[str]":
    """Run a module of the repository.

    Args:
        errors: where its standard error goes.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != INSTRUCTOR_KEY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,  # Ctrl-C is for the server; the child ends with it, by its standard input
    )
