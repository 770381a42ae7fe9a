"""Weights by name → the layers that they belong to: Linear, convolutions, and the BatchNorm or LayerNorm after one."""

__all__ = ["Convolution", "Hint", "Linear", "Norm", "Part", "Weights", "found", "listed", "readings"]

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from model.errors import shown
from model.layers import CONVOLUTIONS, Layer, Shape, shapes
from model.safetensors_header import CheckpointError

EPSILON = 1e-5  # PyTorch's, of BatchNorm
_TRANSPOSED = re.compile(r"transpose|deconv|tconv|convt", re.I)
LISTED = 12  # layers in a message, at the most


@dataclass(frozen=True)
class Norm:
    """A norm after a layer: a BatchNorm that has learned its means, so that it scales and shifts; or a LayerNorm.

    Attributes:
        scale, shift: shape (outputs,), of a convolution its channels.
        learned: whether it is a BatchNorm.
    """

    name: str
    scale: Tensor
    shift: Tensor
    learned: bool


@dataclass(frozen=True)
class Hint:
    """What somebody says of a convolution.

    Attributes:
        kind: of `model.layers.CONVOLUTIONS`, or empty: that is not said.
        padding: before and behind, see `model.layers.Layer`; None: Keras's "same".
    """

    kind: str
    stride: int
    padding: tuple[int, int] | None

    def layer(self, kind: str, outputs: int, kernel: int, side: int) -> Layer:
        """The layer, if it takes images of this side."""
        stride, padding = self.stride, self.padding
        if padding is None and kind == "conv":
            total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            padding = (total // 2, total - total // 2)
        elif padding is None:
            before = max(kernel - stride, 0) // 2
            padding = (before, kernel - stride - before)
        return Layer(kind, (outputs,), kernel, stride, padding)


class Weights(dict[str, Tensor]):
    """Weights by name, and what a file says of its layers besides.

    Attributes:
        hints: by the names of convolutions.
        channels_last: whether images are flattened with the channels last, as Keras does.
    """

    hints: dict[str, Hint]
    channels_last: bool

    def __init__(
        self, tensors: Mapping[str, Tensor], hints: Mapping[str, Hint] | None = None, channels_last: bool = False
    ) -> None:
        super().__init__(tensors)
        self.hints, self.channels_last = dict(hints or {}), channels_last


@dataclass(frozen=True, eq=False)
class Linear:
    """A Linear: weight (outputs, inputs), bias (outputs,), and the norm after it."""

    name: str
    weight: Tensor
    bias: Tensor
    norm: Norm | None = None

    @property
    def inputs(self) -> int:
        return self.weight.shape[1]

    @property
    def outputs(self) -> int:
        return self.weight.shape[0]

    def __str__(self) -> str:
        return f"{shown(self.name)} {self.inputs}→{self.outputs}"


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution or its transpose.

    Attributes:
        weight: (outputs, inputs, kernel, kernel), of a transpose the first two swapped.
        bias: (outputs,), or none.
        kind: of `model.layers.CONVOLUTIONS`, see `readings`.
        hint: None where it is to be found out.
        layer, taken: its geometry and what it takes, once that has been found out.
        up, down: before it each pixel so many times; after it and the activation the largest of squares so wide.
    """

    name: str
    weight: Tensor
    bias: Tensor | None
    kind: str
    norm: Norm | None = None
    hint: Hint | None = None
    layer: Layer | None = None
    taken: Shape = ()
    up: int = 1
    down: int = 1

    @property
    def inputs(self) -> int:
        """Channels, as `outputs`."""
        return self.weight.shape[1 if self.kind == "conv" else 0]

    @property
    def outputs(self) -> int:
        return self.weight.shape[0 if self.kind == "conv" else 1]

    @property
    def kernel(self) -> int:
        return self.weight.shape[2]

    @property
    def full_bias(self) -> Tensor:
        return self.weight.new_zeros(self.outputs) if self.bias is None else self.bias

    @property
    def scaled(self) -> Shape:
        """What it takes once its pixels have been repeated."""
        channels, height, width = self.taken
        return (channels, height * self.up, width * self.up)

    @property
    def given(self) -> Shape:
        assert self.layer is not None
        return shapes([self.layer], self.scaled)[0]

    @property
    def handed(self) -> Shape:
        """What it gives, once that is pooled."""
        channels, height, width = self.given
        return (channels, height // self.down, width // self.down)

    @property
    def geometry(self) -> Layer:
        assert self.layer is not None  # it has been found out
        return self.layer

    def __str__(self) -> str:
        window = self.layer.window if self.layer else f"kernel {self.kernel}"
        pool = f" pool {self.down}" if self.down > 1 else ""
        return f"{shown(self.name)} {self.kind} {self.inputs}→{self.outputs} {window}{pool}"


Part = Linear | Convolution


def found(tensors: Mapping[str, Tensor]) -> list[Part]:
    """The layers, in the order in which they stand; what convolutions may be `readings` tells.

    Raises:
        CheckpointError: there are other layers than those of this file, or a norm that can belong to none.
    """
    layers: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        layer, _dot, own = name.rpartition(".")
        layers.setdefault(layer, {})[own] = tensor
    hints = tensors.hints if isinstance(tensors, Weights) else {}
    parts: list[Part] = []
    norms: list[tuple[int, Norm]] = []  # and how many layers stand before it
    for name, weights in layers.items():
        weight = weights.get("weight")
        known = {"weight", "bias", "running_mean", "running_var"}
        if weight is None or weights.keys() - known or not _layer_like(weight):
            text = (
                "Expected Linear layers, convolutions with square kernels, BatchNorm and LayerNorm; found {name} with"
                " {weights}."
            )
            sizes = ", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in weights.items())
            raise CheckpointError(text, name=shown(name), weights=shown(sizes))
        if weight.ndim == 2:
            parts.append(Linear(name, weight, weights.get("bias", weight.new_zeros(len(weight)))))
        elif weight.ndim == 4:
            parts.append(Convolution(name, weight, weights.get("bias"), "conv", hint=hints.get(name)))
        elif "running_var" in weights:
            bias = weights.get("bias", weight.new_zeros(len(weight)))
            scale = weight / (weights["running_var"] + EPSILON).sqrt()
            norms.append((len(parts), Norm(name, scale, bias - weights["running_mean"] * scale, True)))
        else:
            norms.append((len(parts), Norm(name, weight, weights.get("bias", weight.new_zeros(len(weight))), False)))
    for before, norm in norms:
        i = _owner(norm, before, parts)
        parts[i] = replace(parts[i], norm=norm)
    return parts


def _layer_like(weight: Tensor) -> bool:
    return weight.ndim in (1, 2) or (weight.ndim == 4 and weight.shape[2] == weight.shape[3])


def readings(part: Part) -> list[Part]:
    """The layer, a convolution as what it may be: where neither bias nor norm nor name tells, its transpose as well."""
    if isinstance(part, Linear):
        return [part]
    kinds = [part.hint.kind] if part.hint and part.hint.kind else CONVOLUTIONS
    outputs = part.norm.scale if part.bias is None and part.norm else part.bias
    found = [replace(part, kind=kind) for kind in kinds]
    possible: list[Part] = [one for one in found if outputs is None or one.outputs == len(outputs)]
    return possible[1:] if len(possible) > 1 and _TRANSPOSED.search(part.name) else possible


def _owner(norm: Norm, before: int, parts: list[Part]) -> int:
    """Which layer a norm follows: of those of its width, in its part of the model, that of its number or before it."""
    parent, _dot, own = norm.name.rpartition(".")
    possible = [
        (
            part.name.rpartition(".")[0] == parent,
            _number(part.name) == _number(norm.name) and not own.isdigit(),
            i < before,
            i if i < before else -i,
            i,
        )
        for i, part in enumerate(parts)
        if part.norm is None and any(one.outputs == len(norm.scale) for one in readings(part))
    ]
    if not possible:
        text = "Expected a layer of {width} outputs before {name}, found {layers}."
        raise CheckpointError(text, width=len(norm.scale), name=shown(norm.name), layers=listed(parts))
    return max(possible)[-1]


def _number(name: str) -> str:
    """The digits at a name's end."""
    match = re.search(r"\d*$", name)
    return match.group() if match else ""


def listed(parts: Iterable[Part]) -> str:
    """`fc1 784→400, fc21 400→2`, for messages."""
    names = list(map(str, parts))
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "")
