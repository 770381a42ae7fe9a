"""Damaged checkpoints: Python and the browser say the same of each of them, in a sentence."""

from pathlib import Path

from playwright.sync_api import Page

from tests.fuzz.cases import CASES, LAYERS
from tests.fuzz.damage import damaged
from tests.fuzz.verdicts import CONVOLUTIONAL, LINEAR, base, compare

COUNT = 240  # and a third of a network of convolutions; ten thousand: python -m tests.fuzz 10000


def test_both_readers_say_the_same_of_every_damaged_file(modules: Page, tmp_path: Path) -> None:
    for config, cases, count, good in ((LINEAR, CASES, COUNT, 20), (CONVOLUTIONAL, LAYERS, COUNT // 3, 5)):
        content = base(tmp_path / "base.safetensors", config)
        files = {name: case(content) for name, case in cases.items()}
        files |= {f"seed 0, file {i}": file for i, file in enumerate(damaged(content, count))}
        found = compare(content, files, tmp_path, modules.evaluate)
        assert found.wrong == []
        assert found.table["accepted", "accepted"] > good  # among them the file as it was
        assert found.table["refused", "refused"] > count / 2
