"""Install what the checks need, then run all of them: python3 -m tests. Needs nothing but Python 3.11 or newer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / "python")
TYPESCRIPT = "typescript@5.9.3"
# The first has no windows, which nobody sees here: a new context costs it 0.13 s of CPU time in place of 0.29.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# What drives Firefox and WebKit: by package of Debian's the program that it brings, also by another's name.
ENGINES: dict[str, dict[str, tuple[str, ...]]] = {
    "Firefox": {"firefox-esr": ("firefox-esr", "firefox")},
    "WebKit": {"webkit2gtk-driver": ("WebKitWebDriver",), "xvfb": ("Xvfb",)},
}
# For mypy: what is imported from another package is of any type, also where a class or a decorator is made of it.
WITHOUT_PACKAGES = ("--follow-imports", "skip", "--allow-subclassing-any", "--allow-untyped-decorators")
# For tsc: of a run before it keeps what has not changed, 3 s of CPU time in place of 7.
AGAIN = ("--incremental", "--tsBuildInfoFile", "node_modules/.cache/frontend.tsbuildinfo")

# In the order in which they are shown; all run at once.
CHECKS = (
    (PYTHON, "-m", "ruff", "check", "."),
    (PYTHON, "-m", "ruff", "format", "--check", "."),
    (str(BIN / "lint-imports"), "--no-logo"),
    (PYTHON, "-m", "mypy"),
    # What only other systems have, unless it is asked first on which one this is: of other packages it needs no more
    # than the stubs, and takes 6 s of CPU time in place of 26.
    (PYTHON, "-m", "mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/win32", *WITHOUT_PACKAGES),
    (str(BIN / "npx"), "--yes", "--package", TYPESCRIPT, "tsc", "--project", "explorer/frontend/jsconfig.json", *AGAIN),
    # On two cores: one of three waits for a page or a process.
    (PYTHON, "-m", "pytest", "--numprocesses", "3", "--dist", "worksteal"),
)


def main() -> int:
    """Returns 0 if all checks pass, else the status of the first that does not."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what finds that out
        print(f"Expected Python 3.11 or newer, found {sys.version.split()[0]}: start this with python3.11.")
        return 2
    os.chdir(ROOT)
    if not BIN.exists():
        run([sys.executable, "-m", "venv", str(VENV)])
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if status := run([*pip, "-r", "requirements.txt", "-r", "requirements-dev.txt"]):
        print("The packages could not be installed: see pip's message above, and check the connection.")
        return status
    if not have_browser() or not have_engines():
        return 2
    # The environment's own Node, which npm's programs look for by name.
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    begun = [
        (check, subprocess.Popen(check, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        for check in CHECKS
    ]
    return next(filter(None, [show(*check) for check in begun]), 0)


def run(command: Sequence[str]) -> int:
    """Show a command, run it, return its status."""
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=False).returncode


def show(command: Sequence[str], process: "subprocess.Popen[bytes]") -> int:
    """Show a command and what its process has written and goes on to write; return its status when it has ended."""
    print("+", " ".join(command), flush=True)
    assert process.stdout is not None
    while part := os.read(process.stdout.fileno(), 65536):
        sys.stdout.buffer.write(part)
        sys.stdout.flush()
    return process.wait()


def have_browser() -> bool:
    """Find a Chromium, or install one: Playwright's own, else Debian's."""
    if any(map(shutil.which, BROWSERS)):
        return True
    if run([PYTHON, "-m", "playwright", "install", "--with-deps", "chromium"]) == 0:
        return True
    if apt_install(BROWSERS[0]):
        return True
    print("The browser tests need Chromium, and it could not be installed: install chromium or Google Chrome by hand.")
    return False


def have_engines() -> bool:
    """Find Firefox and WebKit, or install Debian's; without them their tests are skipped, which CI on Linux may not."""
    if sys.platform != "linux":
        print("Firefox and WebKit are driven on Linux only: their tests are skipped here.")
        return True
    complete = True
    for name, packages in ENGINES.items():
        if not has_engine(name) and not apt_install(*packages):
            print(f"The tests in {name} are skipped, for it could not be installed: install {' and '.join(packages)}.")
            complete = False
    return complete or not os.environ.get("CI")


def has_engine(name: str) -> bool:
    """Whether one of `ENGINES` can be driven here."""
    return sys.platform == "linux" and all(any(map(shutil.which, names)) for names in ENGINES[name].values())


def apt_install(*packages: str) -> bool:
    """Install Debian's packages, as root or where `sudo` asks nothing."""
    root = [] if sys.platform != "win32" and os.geteuid() == 0 else ["sudo", "-n"]
    commands = ("update", "-q"), ("install", "-y", "-q", *packages)
    return bool(shutil.which("apt-get")) and all(run([*root, "apt-get", *command]) == 0 for command in commands)


if __name__ == "__main__":
    sys.exit(main())
