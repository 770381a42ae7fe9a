"""What a page has with it, and what that costs."""

__all__ = ["Carried"]

import base64
import gzip


class Carried:
    """What a page has with it: gzipped, each under the name by which the page asks for it, within the page itself.

    Attributes:
        elements: of the page, by the name of what each holds.
        sizes: bytes, by what they are for.
    """

    def __init__(self) -> None:
        self.elements: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    def add(self, what: str, name: str, content: bytes) -> str:
        """Take a file in, which counts as `what`; returns its name."""
        return self.add_packed(what, name, gzip.compress(content, mtime=0))

    def add_packed(self, what: str, name: str, packed: bytes) -> str:
        """The same of a gzipped one."""
        if name not in self.elements:
            self.elements[name], size = self.put(name, packed)
            self.sizes[what] = self.sizes.get(what, 0) + size
        return name

    def put(self, name: str, packed: bytes) -> tuple[str, int]:
        """The element for a file, and how many bytes that costs."""
        # Base64, in an element that nothing runs: whatever a file says of itself can become no markup and no code.
        element = f'<script type="application/gzip+base64" id="{name}">{base64.b64encode(packed).decode()}</script>\n'
        return element, len(element)
