"""What a page has with it, and what that costs."""

__all__ = ["Carried", "Rounding"]

import gzip
from collections.abc import Callable, Mapping

from explorer.catalogue.library import Entry
from explorer.export.packing import Matrix, as_text, packed

Rounding = Callable[[Entry, str], Mapping[str, Matrix]]


class Carried:
    """What a page has with it: gzipped, each under the name by which the page asks for it, within the page itself.

    Attributes:
        rounded: matrices of a model's part that are to be rounded, by name.
        elements: of the page, by the name of what each holds.
        sizes: bytes, by what they are for.
    """

    def __init__(self, rounded: Rounding) -> None:
        self.rounded = rounded
        self.elements: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    def add(self, what: str, name: str, content: bytes) -> str:
        """Take a file in, which counts as `what`; returns its name."""
        return self.add_packed(what, name, gzip.compress(content, mtime=0))

    def add_rounded(self, what: str, name: str, content: bytes, matrices: Mapping[str, Matrix]) -> str:
        """The same of a safetensors file, some of whose matrices are rounded."""
        return self.add_packed(what, name, gzip.compress(packed(content, matrices), mtime=0), " data-rounded")

    def add_packed(self, what: str, name: str, zipped: bytes, how: str = "") -> str:
        """The same of a gzipped one; `how`: an attribute that says what is to be made of it then."""
        if name not in self.elements:
            self.elements[name], size = self.put(name, zipped, how)
            self.sizes[what] = self.sizes.get(what, 0) + size
        return name

    def put(self, name: str, zipped: bytes, how: str) -> tuple[str, int]:
        """The element for a file, and how many bytes that costs."""
        # In an element that nothing runs: whatever a file says of itself can become no markup and no code.
        element = f'<script type="application/gzip" id="{name}"{how}>{as_text(zipped)}</script>\n'
        return element, len(element.encode())
