"""Names and other people's data in texts that Streamlit reads as Markdown: shown as they are, never obeyed."""

__all__ = ["error_text", "literal"]

import re

from explorer.i18n import translate_error


def literal(text: object) -> str:
    """Markdown that shows just this text, as code.

    Escaping would not do: emoji names and bare addresses are looked for in what an escaped text has become.
    """
    line = re.sub(r"\s", " ", str(text))  # a blank line would end the code, and what follows be Markdown
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def error_text(error: Exception) -> str:
    """What an error says, as Markdown, in the language chosen: its sentence, and each of its values as it is."""
    return translate_error(error, literal)
