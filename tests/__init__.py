"""Tests of the two packages and of the running app; `python3 -m tests` installs what they need and runs all checks."""

import model  # noqa: F401 - before torch, see there
