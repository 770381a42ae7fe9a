"""The lesson's source as HTML: the same text, and each part of it of its kind."""

import re
from html import unescape

import pytest

from explorer.lesson.highlight import highlight
from explorer.lesson.screens import SCREENS
from explorer.lesson.source import source

SAMPLE = """@torch.no_grad()
def total(x: Tensor) -> float:
    \"\"\"Two
    lines <&>.\"\"\"
    if x.sum() < 1e-3:  # little
        return f"{x.print:.1f}"
    return float(x)
"""


@pytest.mark.parametrize("name", sorted({name for screen in SCREENS for name in screen.sources}))
def test_the_text_is_the_source(name: str) -> None:
    assert unescape(re.sub("<[^>]+>", "", highlight(source(name)))) == source(name)


def test_each_part_has_its_kind() -> None:
    found: dict[str, list[str]] = {}
    html = highlight(SAMPLE)
    for kind, text in re.findall(r'<span class="lse-(\w+)">(.*?)</span>', html, re.DOTALL):
        found.setdefault(kind, []).append(unescape(text))
    strings = "".join(found.pop("string"))
    assert strings.startswith('"""Two\n    lines <&>."""')
    assert found == {
        "decorator": ["torch"],
        "keyword": ["def", "if", "return", "return"],
        "defined": ["total"],
        "builtin": ["float", "float"],
        "number": ["1e-3"],
        "comment": ["# little"],
    }
