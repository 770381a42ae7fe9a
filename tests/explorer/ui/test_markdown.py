"""What is said of names: the sentence may be Markdown, a name never is."""

import pytest

from explorer.ui.markdown import error_text, literal
from model.errors import Translatable, UserError


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("plain", "`plain`"),
        ("*a* ![x](y)", "`*a* ![x](y)`"),
        ("a`b", "``a`b``"),
        ("`a``b`", "``` `a``b` ```"),
        (" a", "`  a `"),
        ("a\n\n# b", "`a  # b`"),
        ("", ""),
    ],
)
def test_a_text_becomes_a_span_of_code_that_it_cannot_end(text: str, markdown: str) -> None:
    assert literal(text) == markdown


def test_the_values_of_a_sentence_are_literal_and_its_words_are_not() -> None:
    inner = UserError("found {found}; {cure}.", found="*b*", cure=Translatable("update the app"))
    error = UserError("{name}: expected {count}, {inner}", name="_a_", count=3, inner=inner)
    assert error_text(error) == "`_a_`: expected 3, found `*b*`; update the app."
    assert error_text(OSError("*c*")) == "`*c*`"
