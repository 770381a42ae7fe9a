"""Tests of the two packages and of the running app; `python3 -m tests` installs what they need and runs all checks."""
