"""A network as it was read → the layers and weights of `model.networks` that compute the same."""

__all__ = ["assembled"]

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from model.importing import PIXELS
from model.importing.fit import Fit
from model.importing.layers import Convolution, Linear, Part
from model.layers import Layer

Layers = tuple[int | Layer, ...]


def assembled(fit: Fit) -> tuple[Layers, Layers, dict[str, Tensor]]:
    """The encoder's and the decoder's layers, as a config has them, and tensors by their names.

    A norm that has learned its means becomes part of the layer before it, or after the activation of the next; the
    pixels' range part of the first Linear, and where the output is linear of the last layer; as (tanh a + 1) / 2 is the
    sigmoid of 2a, tanh doubles the last.
    """
    roles, (mean, deviation) = fit.roles, PIXELS[fit.pixels]
    heads = {"mu": roles.mu} | ({"logvar": roles.logvar} if roles.logvar else {})
    encoder = _Stack("encoder", fit.after)
    first = (*roles.encoder, roles.mu)[0]
    if isinstance(first, Linear):
        encoder.scale, encoder.shift = (torch.full((first.inputs,), v) for v in (1 / deviation, -mean / deviation))
    elif (mean, deviation) != (0, 1):
        # Zeros about the image are zeros in the network's range: they would have to become others.
        encoder.layers.append(Layer("normalize", (mean, deviation)))
    encoder.hidden(roles.encoder)
    encoder.ends(heads)
    decoder = _Stack("decoder", fit.after)
    decoder.hidden(roles.decoder[:-1])
    decoder.ends({"logits": roles.decoder[-1]})
    factor = {"tanh": 2.0, "linear": deviation}.get(fit.output, 1.0)
    shift = mean if fit.output == "linear" else 0.0
    for name in ("weight", "bias"):
        decoder.tensors[f"decoder.logits.{name}"] *= factor
    decoder.tensors["decoder.logits.bias"] += shift
    return tuple(encoder.layers), tuple(decoder.layers), encoder.tensors | decoder.tensors


class _Stack:
    """Layers one after another, whose next takes scale · x + shift in place of x; None: x itself."""

    def __init__(self, part: str, after: bool) -> None:
        self.part, self.after = part, after
        self.layers: list[int | Layer] = []
        self.tensors: dict[str, Tensor] = {}
        self.scale: Tensor | None = None
        self.shift: Tensor | None = None
        self.flat = part == "decoder"  # whether what the next one takes is no image
        self.pixels = 1  # of each number of the scale

    def hidden(self, parts: Sequence[Part]) -> None:
        for part in parts:
            weight, bias = self._taking(part)
            norm = part.norm
            if norm and norm.learned and not self.after:
                weight, bias = _scaled(weight, part, norm.scale), bias * norm.scale + norm.shift
            self._enter(part)
            self.scale, self.shift = (norm.scale, norm.shift) if norm and norm.learned and self.after else (None, None)
            name = f"{self.part}.hidden.{len(self.layers)}"
            if norm and not norm.learned:
                self._put(f"{name}.norm", norm.scale, norm.shift)
            self._put(f"{name}.{'linear' if isinstance(part, Linear) else 'conv'}", weight, bias)
            self.layers.append(part.outputs if isinstance(part, Linear) else part.geometry)
            if isinstance(part, Convolution) and part.down > 1:
                self.layers.append(Layer("pool", (part.down,)))
            self.flat = isinstance(part, Linear)
            self.pixels = 1 if isinstance(part, Linear) else math.prod(part.given[1:])

    def ends(self, ends: Mapping[str, Part]) -> None:
        """The layers that nothing follows: of an encoder beside one another; of a decoder the last one.

        That stands among the layers if it is a convolution.
        """
        for name, part in ends.items():
            weight, bias = self._taking(part)
            if norm := part.norm:
                weight, bias = _scaled(weight, part, norm.scale), bias * norm.scale + norm.shift
            self._put(f"{self.part}.{name}", weight, bias)
            if isinstance(part, Convolution):
                self._enter(part)
                self.layers.append(part.geometry)
            elif self.part == "decoder" and not self.flat:
                self.layers.append(Layer("reshape", (part.inputs, 1, 1)))  # so that it does not end in a convolution

    def _enter(self, part: Part) -> None:
        """What stands before a convolution."""
        if not isinstance(part, Convolution):
            return
        if self.flat:
            self.layers.append(Layer("reshape", part.taken))
        if part.up > 1:
            self.layers.append(Layer("upsample", (part.up,)))

    def _taking(self, part: Part) -> tuple[Tensor, Tensor]:
        """Weight and bias of a layer where what it takes is still to be scaled and shifted."""
        bias = part.bias if isinstance(part, Linear) else part.full_bias
        if self.scale is None or self.shift is None:
            return part.weight, bias
        scale, shift = self.scale, self.shift
        if isinstance(part, Linear):
            scale, shift = scale.repeat_interleave(self.pixels), shift.repeat_interleave(self.pixels)
            return part.weight * scale, bias + part.weight @ shift
        if part.kind == "conv":
            return part.weight * scale[:, None, None], bias + part.weight.sum((2, 3)) @ shift
        return part.weight * scale[:, None, None, None], bias  # `fit` has refused one that is shifted

    def _put(self, name: str, weight: Tensor, bias: Tensor) -> None:
        self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"] = weight.clone(), bias.clone()


def _scaled(weight: Tensor, part: Part, scale: Tensor) -> Tensor:
    """A layer's weight, so that what it gives is scaled."""
    if isinstance(part, Linear):
        return weight * scale[:, None]
    return weight * (scale[:, None, None, None] if part.kind == "conv" else scale[:, None, None])
