"""What would work on this system only, found by reading: `python3 -m tests` lets mypy read as on Windows, too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def without_encoding(source: str) -> Iterator[str]:
    """Calls that read or write text in whatever encoding the system prefers: on Windows not UTF-8."""
    for call in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]:
        name = ast.unparse(call.func).rpartition(".")[2]
        given = [*map(ast.unparse, call.args), *(str(keyword.arg) for keyword in call.keywords)]
        binary = any("b" in argument.strip("'") for argument in given[1:2])
        text = name in ("read_text", "write_text") or (ast.unparse(call.func) == "open" and not binary)
        if text and "encoding" not in given:
            yield ast.unparse(call)


def test_text_in_files_is_utf_8() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {call}"
        for room in ("explorer", "model", "tests")
        for path in sorted((ROOT / room).rglob("*.py"))
        for call in without_encoding(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("path.read_text()", 1),
        ("path.write_text('b', encoding='utf-8')", 0),
        ("open(path)", 1),
        ("open(path, 'w')", 1),
        ("open(path, 'rb+')", 0),
        ("open(path, 'w', encoding='utf-8')", 0),
        ("os.open(path, flags)", 0),
    ],
)
def test_such_a_call_is_seen(source: str, calls: int) -> None:
    assert len(list(without_encoding(source))) == calls
