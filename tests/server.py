"""The real app, started as a user starts it."""

__all__ = ["free_port", "serve"]

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_TIMEOUT = 60  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    script: str = "explorer/app.py",
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    checkout: Path = ROOT,
    base_path: str = "",
    log: Path | None = None,
) -> Iterator[tuple[str, int]]:
    """`streamlit run` as a user starts it, with runs of its own; yields the app's address and the process number.

    It leads a process group, as it does in a terminal.

    Args:
        base_path: below which all is served; with a slash before it and none behind.
        log: where all that it prints goes.
    """
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=sys.platform == "win32") as runs,
        _serve(script, port, {"EXPLORER_RUNS": runs, **(environment or {})}, checkout, base_path, log) as found,
    ):
        yield found


@contextmanager
def _serve(
    script: str, port: int | None, environment: Mapping[str, str], checkout: Path, base_path: str, log: Path | None
) -> Iterator[tuple[str, int]]:
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    with open(log or os.devnull, "wb") as output:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), "--server.address", "127.0.0.1", "--server.baseUrlPath", base_path],
            cwd=checkout,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}{base_path}"
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"`{' '.join(command)}` did not start: run it by hand and read on.") from None
                time.sleep(0.02)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)
