"""Install what the checks need, then run all of them: python3 -m tests. Needs nothing but Python 3.11 or newer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TYPESCRIPT = "typescript@5.9.3"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Returns 0 if all checks pass, else the status of the first that does not."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what finds that out
        print(f"Expected Python 3.11 or newer, found {sys.version.split()[0]}: start this with python3.11.")
        return 2
    os.chdir(ROOT)
    if not PYTHON.exists():
        run([sys.executable, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if status := run([*pip, "-r", "requirements.txt", "-r", "requirements-dev.txt"]):
        print("The packages could not be installed: see pip's message above, and check the connection.")
        return status
    if not have_browser():
        return 2
    checks = [
        [str(PYTHON), "-m", "ruff", "check", "."],
        [str(PYTHON), "-m", "ruff", "format", "--check", "."],
        [str(PYTHON), "-m", "mypy"],
        [str(PYTHON), "-m", "pytest"],
    ]
    if npx := shutil.which("npx"):
        tsc = [npx, "--yes", "--package", TYPESCRIPT, "tsc", "--project", "explorer/frontend/jsconfig.json"]
        checks.insert(3, tsc)
    else:
        print("Node is not installed: the JavaScript is not type-checked.")
    return next((status for check in checks if (status := run(check))), 0)


def run(command: Sequence[str]) -> int:
    """Show a command, run it, return its status."""
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=False).returncode


def have_browser() -> bool:
    """Find a Chromium, or install one: Playwright's own, else Debian's."""
    if any(map(shutil.which, BROWSERS)):
        return True
    if run([str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]) == 0:
        return True
    root = [] if os.name != "nt" and os.geteuid() == 0 else ["sudo", "-n"]
    if (
        shutil.which("apt-get")
        and run([*root, "apt-get", "update", "-q"]) == 0
        and run([*root, "apt-get", "install", "-y", "-q", "chromium"]) == 0
    ):
        return True
    print("The browser tests need Chromium, and it could not be installed: install chromium or Google Chrome by hand.")
    return False


if __name__ == "__main__":
    sys.exit(main())
