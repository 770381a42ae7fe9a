"""The real app, started as a user starts it."""

__all__ = ["QUICK", "free_port", "serve"]

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_TIMEOUT = 180  # seconds, on a machine that has other work
QUICK = "tests.explorer.training.quick_streamlit"  # for `serve`: the app, but it trains and measures little


_returned: list[int] = []  # ports of servers that this process had


def free_port() -> int:
    """One of another server's that has ended, if there is one: what a browser keeps of that is this one's, too."""
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, sys.platform != "win32")
            with suppress(OSError):  # somebody else has it now
                probe.bind(("127.0.0.1", _returned.pop() if _returned else 0))
                return int(probe.getsockname()[1])


@contextmanager
def serve(
    script: str = "explorer/app.py",
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    checkout: Path = ROOT,
    base_path: str = "",
    options: Sequence[str] = (),
    log: Path = Path(os.devnull),
    prefix: Sequence[str] = (),
    module: str = "streamlit",
    program: Sequence[str] = (),
) -> Iterator[tuple[str, int]]:
    """`streamlit run` as a user starts it, with runs of its own; yields the app's address and the process number.

    It leads a process group, as it does in a terminal.

    Args:
        base_path: below which all is served; with a slash before it and none behind.
        options: further ones of `streamlit run`; of one given twice the last counts.
        log: where to write what the server prints.
        module: what takes the place of `streamlit`.
        program: what takes the place of `python -m streamlit run explorer/app.py`.
        prefix: a command that runs the one behind it, in its own process.
    """
    port = port or free_port()
    where = (f"--server.port={port}", "--server.address=127.0.0.1", f"--server.baseUrlPath={base_path}")
    started = program or (sys.executable, "-m", module, "run", script)
    command = [*prefix, *started, "--server.headless=true", *where, *options]
    address = f"http://127.0.0.1:{port}{base_path}"
    runs_folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=sys.platform == "win32")
    with runs_folder as runs, log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=checkout,
            env={**os.environ, "EXPLORER_RUNS": runs, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, command, address)
            yield address, process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            _returned.append(port)


def _wait(process: subprocess.Popen, command: Sequence[str], address: str) -> None:
    """Until the app answers."""
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"`{' '.join(command)}` did not start: run it by hand and read on.") from None
            time.sleep(0.02)
