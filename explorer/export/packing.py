"""How what a page has with it becomes fewer bytes, which `loader.js` makes the same files of again."""

__all__ = ["Matrix", "as_text", "codes", "packed"]

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MIDDLE = 0x8080  # is added to each number: small ones of both signs then have the same upper byte
MOST = 0xFF - 0x80 << 8  # of a number
CODES = ("test.mu", "test.logvar")
FINE = 2**13  # steps of a code's range: a map shows a tenth of them


@dataclass(frozen=True)
class Matrix:
    """Numbers, int16, shape (outputs, inputs), times the steps of their rows, float32, (outputs,)."""

    numbers: "np.ndarray"
    steps: "np.ndarray"


def codes(content: bytes) -> dict[str, Matrix]:
    """The codes of a safetensors file in steps of a small part of their range, each tensor as one row, by name."""
    import numpy as np  # here, and below: it takes longer to load than all else that serves
    from safetensors.numpy import load

    found = {}
    for name in CODES:
        if (values := load(content).get(name)) is None:
            continue
        step = np.float32(max(float(np.ptp(values)), 1e-6) / FINE)
        numbers = np.rint(values.ravel() / step)
        if np.abs(numbers).max() < MOST:  # else they lie far from 0, and so near each other that it would be seen
            found[name] = Matrix(numbers.astype(np.int16)[None], np.array([step]))
    return found


def packed(content: bytes, matrices: Mapping[str, Matrix]) -> bytes:
    """A safetensors file, some of whose float32 tensors are now rounded, and known to be.

    First the length of what follows, 32 bits; then as JSON where each of those tensors begins in the file, its rows'
    length, and their steps; then the file, of each of those the numbers' lower bytes, and the upper ones.
    """
    import numpy as np

    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    places = sorted(
        (8 + length + header[name]["data_offsets"][0], name) for name in matrices if header[name]["dtype"] == "F32"
    )
    table, parts, done = [], [], 0
    for begin, name in places:
        numbers, steps = matrices[name].numbers, matrices[name].steps
        table.append([begin, numbers.shape[1], [float(step) for step in steps]])
        raised = (numbers.astype(np.int32) + MIDDLE).astype("<u2").view(np.uint8).reshape(-1, 2)
        parts += [content[done:begin], raised[:, 0].tobytes(), raised[:, 1].tobytes()]
        done = begin + 4 * numbers.size
    told = json.dumps(table).encode()
    return b"".join([struct.pack("<I", len(told)), told, *parts, content[done:]])


def as_text(content: bytes) -> str:
    """Bytes as text, 7 bits a character: base64 has 6. What HTML has a use for itself stands 128 places further on."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    sevens = np.pad(bits, (0, -len(bits) % 7)).reshape(-1, 7)
    text = (np.packbits(sevens, axis=1).ravel() >> 1).tobytes().decode("ascii")
    return text.translate({code: code + 128 for code in b"\0\r<"})
