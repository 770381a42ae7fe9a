"""The command that runs all checks: what it says and does where Firefox or WebKit are missing."""

import shutil
import sys

import pytest

from tests import __main__ as command


@pytest.mark.parametrize(("ci", "goes_on"), [("", True), ("true", False)])
def test_a_missing_engine_is_named_and_stops_only_ci(
    ci: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = {"firefox": "/usr/bin/firefox", "Xvfb": "/usr/bin/Xvfb"}
    monkeypatch.setattr(shutil, "which", there.get)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("CI", ci)
    assert command.have_engines() is goes_on
    [line] = capsys.readouterr().out.splitlines()
    assert line == (
        "The tests in WebKit are skipped, for it could not be installed: install webkit2gtk-driver and xvfb."
    )


def test_where_no_engine_can_be_driven_ci_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("CI", "true")
    assert command.have_engines()
    assert "on Linux only" in capsys.readouterr().out
