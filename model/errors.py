"""A sentence on what is wrong, its values apart from its words: whoever shows it can say it in another language."""

__all__ = ["Complaint", "Phrase"]


class Phrase(str):
    """A value of a complaint that is words itself, to be translated like them."""


class Complaint(ValueError):
    """`str()` gives the English sentence.

    Attributes:
        text: the sentence with placeholders, such as `expected {expected}, found {found}`.
        values: what belongs into them; a `Phrase` or another `Complaint` is words, too.
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values
