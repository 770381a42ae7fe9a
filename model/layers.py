"""The layers of a network: Linear ones by their widths, and those that see an image as one. Imports no torch.

`explorer/frontend/core/layers.js` knows and checks the same.
"""

__all__ = [
    "CONVOLUTIONS",
    "MAX_CHANNELS",
    "MAX_FACTOR",
    "MAX_KERNEL",
    "Layer",
    "Shape",
    "parse",
    "shapes",
    "size",
    "sizes",
    "weight_shape",
]

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import quoted

Shape = tuple[int, ...]  # of what a layer gives: (numbers,) or (channels, height, width)

CONVOLUTIONS = ("conv", "transpose")
# By kind, how many numbers say what it gives.
KINDS = {"conv": 1, "transpose": 1, "upsample": 1, "pool": 1, "reshape": 3, "normalize": 2}
GEOMETRY = ("kernel", "stride", "padding")

MAX_CHANNELS, MAX_KERNEL, MAX_FACTOR = 1024, 32, 8
MAX_SIZE = 2**17  # numbers that a layer gives
MAX_PARTS = 2**22  # products of which a convolution's sums are made, before they are added up


@dataclass(frozen=True)
class Layer:
    """A layer other than Linear. A Linear takes what comes before it flattened, channel by channel, as PyTorch does.

    - `conv`: `nn.Conv2d`, with `sizes` its channels; `padding` is of zeros before and behind the image, on both axes.
    - `transpose`: `nn.ConvTranspose2d`; `padding` is what is cut off before and behind: PyTorch's
      (padding, padding − output_padding).
    - `upsample`: each pixel `sizes` times in each direction.
    - `pool`: `nn.MaxPool2d`, of squares `sizes` wide; in an encoder.
    - `reshape`: `nn.Unflatten` into channels, height and width.
    - `normalize`: (x − a) / b, with `sizes` a and b.

    The activation follows the first two, unless they give the image.
    """

    kind: str
    sizes: tuple[float, ...]
    kernel: int = 0
    stride: int = 0
    padding: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {'×'.join(f'{size:g}' for size in self.sizes)}"

    @property
    def words(self) -> str:
        """All that it says of itself, for people to read; of one that is not valid, too."""
        numbers = f"{self.kind} {'×'.join(map(quoted, self.sizes))}"
        return f"{numbers} {self.window}" if self.kind in CONVOLUTIONS else numbers

    @property
    def window(self) -> str:
        """What a convolution sees, for people to read."""
        padding = "/".join(dict.fromkeys(map(quoted, self.padding)))
        return f"kernel {quoted(self.kernel)} stride {quoted(self.stride)} padding {padding}"

    def json(self) -> dict[str, object]:
        """What `parse` makes this layer of."""
        sizes = list(self.sizes) if len(self.sizes) > 1 else self.sizes[0]
        geometry = dict(zip(GEOMETRY, (self.kernel, self.stride, list(self.padding)), strict=True))
        return {self.kind: sizes} | (geometry if self.kind in CONVOLUTIONS else {})

    @property
    def channels(self) -> int:
        """Of what a convolution gives."""
        return int(self.sizes[0])

    @property
    def valid(self) -> bool:
        """Whether each of its numbers is one that it can have."""
        if self.kind not in KINDS or len(self.sizes) != KINDS[self.kind]:
            return False
        if self.kind == "normalize":
            return _within(self.sizes[:1], -100, 100, float) and _within(self.sizes[1:], 0.001, 100, float)
        if self.kind not in CONVOLUTIONS:
            return _within(self.sizes, *((2, MAX_FACTOR) if self.kind in ("upsample", "pool") else (1, MAX_SIZE)))
        cut = self.kind == "transpose"  # less than nothing, behind, where there is output_padding
        return (
            _within(self.sizes, 1, MAX_CHANNELS)
            and _within((self.kernel,), 1, MAX_KERNEL)
            and _within((self.stride,), 1, MAX_FACTOR)
            and len(self.padding) == 2
            and _within(self.padding[:1], 0, MAX_KERNEL)
            and _within(self.padding[1:], -MAX_KERNEL if cut else 0, MAX_KERNEL)
        )


def _within(numbers: Sequence[object], low: float, high: float, kind: type = int) -> bool:
    return all(
        isinstance(n, int if kind is int else (int, float)) and not isinstance(n, bool) and low <= n <= high
        for n in numbers
    )


def parse(found: object) -> object:
    """A width or a layer as JSON has it; anything else as it is, for `valid` and limits to refuse."""
    if not isinstance(found, dict):
        return whole(found)
    kind = next((kind for kind in KINDS if kind in found), "")
    if found.keys() != {kind, *(GEOMETRY if kind in CONVOLUTIONS else ())}:
        return found
    sizes, padding = found[kind], found.get("padding", [])
    if isinstance(sizes, list) != (KINDS[kind] > 1) or not isinstance(padding, list):
        return found
    numbers = sizes if isinstance(sizes, list) else [sizes]
    kernel, stride = (whole(found.get(name, 0)) for name in GEOMETRY[:2])
    return Layer(kind, tuple(map(whole, numbers)), kernel, stride, tuple(map(whole, padding)))  # type: ignore[arg-type]


def whole(value: object) -> object:
    """JSON does not tell 1.0 from 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shapes(layers: Sequence[int | Layer], shape: Shape) -> list[Shape]:
    """What each layer gives, if the first takes `shape`; up to the first that does not fit what comes before it."""
    found: list[Shape] = []
    for layer in layers:
        given = (layer,) if isinstance(layer, int) else _given(layer, shape)
        if given is None or min(given) < 1 or math.prod(given) > MAX_SIZE:
            break
        found.append(given)
        shape = given
    return found


def sizes(layers: Sequence[int | Layer], shape: Shape) -> list[str]:
    """What each layer gives that makes something of it, for people to read: `64×7×7`."""
    pairs = zip(layers, shapes(layers, shape), strict=True)
    made = [given for layer, given in pairs if isinstance(layer, int) or layer.kind not in ("reshape", "normalize")]
    return list(map(size, made))


def size(shape: Shape) -> str:
    """For people to read: `64×7×7`."""
    return "×".join(map(str, shape))


def weight_shape(layer: int | Layer, taken: Shape) -> Shape:
    """Of the weight of a layer that takes `taken`; empty where it has none. A bias is a number a channel or output."""
    if isinstance(layer, int):
        return (layer, math.prod(taken))
    if layer.kind not in CONVOLUTIONS:
        return ()
    ends = (layer.channels, taken[0]) if layer.kind == "conv" else (taken[0], layer.channels)
    return (*ends, layer.kernel, layer.kernel)


def _given(layer: Layer, shape: Shape) -> Shape | None:
    if layer.kind == "normalize":
        return shape
    if layer.kind == "reshape":
        sizes = tuple(int(size) for size in layer.sizes)
        return sizes if math.prod(sizes) == math.prod(shape) else None
    if len(shape) != 3:
        return None
    channels, *sides = shape
    if layer.kind == "upsample":
        return (channels, *(side * int(layer.sizes[0]) for side in sides))
    if layer.kind == "pool":
        return (channels, *(side // int(layer.sizes[0]) for side in sides))
    if layer.channels * layer.kernel**2 * math.prod(sides) > MAX_PARTS:
        return None
    total = sum(layer.padding)
    if layer.kind == "conv":
        return (layer.channels, *((side + total - layer.kernel) // layer.stride + 1 for side in sides))
    return (layer.channels, *((side - 1) * layer.stride + layer.kernel - total for side in sides))
