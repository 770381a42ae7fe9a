"""How convolutions lie: strides, paddings and sizes, by what must come out.

Weights say of a convolution its channels and its kernel. The rest is what leads from an image to as many numbers as
the next Linear takes, and back; of the usual geometries that do, the test images tell the right one, see `fit`.
"""

__all__ = ["resolved"]

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

import torch

from model.importing.layers import Convolution, Hint, Linear, Part
from model.importing.roles import Roles
from model.layers import Layer, Shape, shapes
from model.safetensors_header import CheckpointError

WAYS = 6  # for each side
MOST = 36  # in all
TRIED = 5_000  # for each side, the usual ones first
MOST_STRIDE = 4
UPSAMPLED = POOLED = 2

Chain = tuple[Part, ...]


def resolved(ways: Sequence[Roles], image: Shape, channels_last: bool) -> list[Roles]:
    """The ways to read the layers, each with what its convolutions may be; those without any as they are.

    Args:
        image: (1, height, width).
        channels_last: see `Weights`.

    Raises:
        CheckpointError: there is no geometry that leads from an image to the latent space and back.
    """
    parts = [part for way in ways for part in (*way.encoder, way.mu, *way.decoder)]
    if any(isinstance(part, Convolution) for part in parts) and any(
        part.norm and not part.norm.learned for part in parts
    ):
        text = "Expected no norm but BatchNorm in a network with convolutions, found another: {layers}."
        raise CheckpointError(text, layers=ways[0])
    found = sorted((one for way in ways for one in _geometries(way, image, channels_last)), key=lambda one: one[0])
    if found:
        return [way for _cost, way in found[:MOST]]
    text = (
        "Expected convolutions that lead from an image to the latent space and back, by strides up to {stride} and"
        " paddings up to half a kernel, found {layers}; say what they have: --map encoder=NAME:STRIDE:PADDING,…"
    )
    raise CheckpointError(text, layers=ways[0], stride=MOST_STRIDE)


def _geometries(way: Roles, image: Shape, channels_last: bool) -> Iterator[tuple[int, Roles]]:
    """With how unusual each is."""
    solver = _Solver(image, channels_last)
    heads = [way.mu, *([way.logvar] if way.logvar else [])]
    codes = [solver.solutions((*way.encoder, head), image) for head in heads]
    # Both heads have the same geometries before them, in the same order.
    for several, decoder in product(zip(*codes, strict=True), solver.solutions(way.decoder, (way.mu.outputs,))):
        (cost, encoder), (more, drawing) = several[0], decoder
        mu, *logvar = (chain[-1] for _cost, chain in several)
        assert isinstance(mu, Linear)
        found = replace(way, encoder=encoder[:-1], mu=mu, logvar=logvar[0] if logvar else None, decoder=drawing)  # type: ignore[arg-type]
        yield cost + more, found


class _Solver:
    """Finds what leads from one shape to another."""

    def __init__(self, image: Shape, channels_last: bool) -> None:
        self.image, self.channels_last = image, channels_last

    def solutions(self, chain: Chain, start: Shape) -> list[tuple[int, Chain]]:
        """The chain with all geometries that fit, the likeliest first; of a decoder those that give an image."""
        kinds = {part.kind for part in chain if isinstance(part, Convolution)}
        if not kinds:
            return [(0, chain)]
        encodes = start == self.image
        tried = islice(self._steps(chain, start, not encodes), TRIED)
        pixels = math.prod(self.image)
        mixed = len(kinds) - 1
        fitting = [(mixed + cost, parts) for cost, parts, end in tried if encodes or end in (self.image, (pixels,))]
        return sorted(fitting, key=lambda one: one[0])[:WAYS]

    def _steps(self, chain: Chain, taken: Shape, draws: bool) -> Iterator[tuple[int, Chain, Shape]]:
        """How unusual it is, the parts with their geometry, and the shape that comes out."""
        if not chain:
            yield 0, (), taken
            return
        first, rest = chain[0], chain[1:]
        if isinstance(first, Linear):
            if math.prod(taken) == first.inputs:
                linear = self._channels_first(first, taken, rest[0] if rest else None)
                for cost, parts, end in self._steps(rest, (first.outputs,), draws):
                    yield cost, (linear, *parts), end
            return
        if len(taken) == 1:
            taken = self._square(first.inputs, taken[0])
        for (unusual, up, layer), down in product(self._options(first, taken, draws), (1,) if draws else (1, POOLED)):
            part = replace(first, layer=layer, taken=taken, up=up, down=down)
            given = shapes([layer], part.scaled)
            if given and max(given[0][1:]) <= 2 * max(self.image) and min(part.handed) > 0:
                for cost, parts, end in self._steps(rest, part.handed, draws):
                    yield unusual + cost + (down > 1) * (layer.stride - 1), (part, *parts), end

    def _square(self, channels: int, numbers: int) -> Shape:
        """The shape of an image of so many numbers, its sides as those of the images if they can be."""
        pixels, (_one, height, width) = numbers // channels, self.image
        sides = [(high, pixels // high) for high in range(1, pixels + 1) if pixels % high == 0]
        return (channels, *min(sides, key=lambda pair: abs(math.log(pair[0] * width / (pair[1] * height)))))

    def _options(self, part: Convolution, taken: Shape, draws: bool) -> list[tuple[int, int, Layer]]:
        """How unusual it is, how much is upsampled before it, and the layer; the usual ones first."""
        kernel, side = part.kernel, taken[1]
        ups = (1, UPSAMPLED) if draws and part.kind == "conv" else (1,)
        if part.hint:
            return [(up - 1, up, part.hint.layer(part.kind, part.outputs, kernel, side * up)) for up in ups]
        hints = []
        for stride, before in product(range(1, min(kernel, MOST_STRIDE) + 1), range(kernel // 2 + 1)):
            behind = [before - extra for extra in range(stride)] if part.kind == "transpose" else [before]
            hints += [Hint(part.kind, stride, (before, after)) for after in behind]
            if self.channels_last and not before:
                hints.append(Hint(part.kind, stride, None))
        options: dict[tuple[int, Layer], int] = {}
        for hint, up in product(hints, ups):
            layer = hint.layer(part.kind, part.outputs, kernel, side * up)
            given = shapes([layer], (part.inputs, side * up, side * up))
            if given:
                options.setdefault((up, layer), _unusual(layer, side * up, given[0][1], up))
        return sorted(((cost, up, layer) for (up, layer), cost in options.items()), key=lambda option: option[0])

    def _channels_first(self, linear: Linear, taken: Shape, after: Part | None) -> Linear:
        """A Linear as PyTorch has it, of one that takes or gives images with the channels last."""
        weight, bias = linear.weight, linear.bias
        if not self.channels_last:
            return linear
        if len(taken) == 3:
            channels, height, width = taken
            weight = weight.view(-1, height, width, channels).permute(0, 3, 1, 2).reshape(len(weight), -1)
        if isinstance(after, Convolution):
            channels, height, width = self._square(after.inputs, linear.outputs)
            order = torch.arange(linear.outputs).view(height, width, channels).permute(2, 0, 1).flatten()
            weight, bias = weight[order], bias[order]
        return replace(linear, weight=weight, bias=bias)


def _unusual(layer: Layer, taken: int, given: int, up: int) -> int:
    """0 for what keeps, halves or doubles a side, for patches side by side, and for what makes an image of one pixel or
    one of it; else more, and so for a stride that makes no difference."""
    small, large = sorted((taken, given))
    if small == 1:
        return 0 if layer.stride == 1 and layer.padding == (0, 0) else 2 * layer.stride
    patches = layer.stride == layer.kernel and layer.padding == (0, 0)
    usual = (layer.stride <= 2 or patches) and -(-large // layer.stride) == small and not up > 1 < layer.stride
    return 0 if usual else layer.stride + 1
