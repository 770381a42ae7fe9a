"""Python source as HTML, coloured by the language's own tokenizer: Streamlit's would cost each browser 1.6 MB."""

__all__ = ["highlight"]

import builtins
import io
import keyword
import tokenize
from html import escape

_STRINGS = {
    token
    for name in ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    if (token := getattr(tokenize, name, None))
}
_DEFINITIONS = ("def", "class")


def highlight(source: str) -> str:
    """The same text as HTML, what has a kind in a `<span class="lse-{kind}">`: keyword, builtin, defined (a name where
    it is), decorator, string, number, comment.

    Args:
        source: whole statements, flush left.
    """
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, done, before = [], 0, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if kind := _kind(token, before):
            begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
            found += [escape(source[done:begin]), f'<span class="lse-{kind}">{escape(source[begin:end])}</span>']
            done = end
        before = token.string
    return "".join([*found, escape(source[done:])])


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    """What a token is, or nothing; `before`: the one before it."""
    if token.type in _STRINGS:
        return "string"
    if token.type == tokenize.NUMBER:
        return "number"
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type != tokenize.NAME or before == ".":
        return ""
    if before == "@":
        return "decorator"
    if before in _DEFINITIONS:
        return "defined"
    if keyword.iskeyword(token.string):
        return "keyword"
    return "builtin" if hasattr(builtins, token.string) else ""
