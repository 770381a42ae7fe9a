"""The benchmarks' command lines; what they measure is run by hand."""

import sys

import pytest

from tests.benchmarks import training


def test_help_names_the_parts_and_what_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "--help"])
    with pytest.raises(SystemExit) as helped:
        training.main()
    assert helped.value.code == 0
    out = capsys.readouterr().out
    assert [name for name in training.PARTS if name not in out] == []
    monkeypatch.setattr(sys, "argv", ["training", "recipes"])
    with pytest.raises(SystemExit) as refused:
        training.main()
    assert refused.value.code == 2
    assert "found recipes" in capsys.readouterr().err
