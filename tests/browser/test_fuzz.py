"""Damaged checkpoints: Python and the browser say the same of each of them, in a sentence."""

from pathlib import Path

from playwright.sync_api import Page

from tests.fuzz.cases import CASES
from tests.fuzz.damage import damaged
from tests.fuzz.verdicts import base, compare

COUNT = 300  # ten thousand: python -m tests.fuzz 10000


def test_both_readers_say_the_same_of_every_damaged_file(modules: Page, tmp_path: Path) -> None:
    content = base(tmp_path / "base.safetensors")
    files = {name: case(content) for name, case in CASES.items()}
    files |= {f"seed 0, file {i}": file for i, file in enumerate(damaged(content, COUNT))}
    found = compare(content, files, tmp_path, modules.evaluate)
    assert found.wrong == []
    assert found.table["accepted", "accepted"] > 20  # among them the file as it was
    assert found.table["refused", "refused"] > 200
