"""Weights by name → the layers that they belong to: Linear, and the BatchNorm or LayerNorm after one."""

__all__ = ["Linear", "Norm", "found", "listed"]

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from model.errors import shown
from model.safetensors_header import CheckpointError

EPSILON = 1e-5  # PyTorch's, of BatchNorm
LISTED = 12  # layers in a message, at the most


@dataclass(frozen=True)
class Norm:
    """A norm after a Linear: a BatchNorm that has learned its means, so that it scales and shifts; or a LayerNorm.

    Attributes:
        scale, shift: shape (outputs,).
        learned: whether it is a BatchNorm.
    """

    name: str
    scale: Tensor
    shift: Tensor
    learned: bool


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


def found(tensors: Mapping[str, Tensor]) -> list[Linear]:
    """The Linear layers, in the order in which they stand.

    Raises:
        CheckpointError: there are other layers than those of this file, or a norm that can belong to no Linear.
    """
    layers: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        layer, _dot, own = name.rpartition(".")
        layers.setdefault(layer, {})[own] = tensor
    linears: list[Linear] = []
    norms: list[tuple[int, Norm]] = []  # and how many Linears stand before it
    for name, weights in layers.items():
        weight = weights.get("weight")
        if weight is None or weights.keys() - {"weight", "bias", "running_mean", "running_var"} or weight.ndim > 2:
            text = "Expected Linear layers, BatchNorm and LayerNorm; found {name} with {weights}."
            shapes = ", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in weights.items())
            raise CheckpointError(text, name=shown(name), weights=shown(shapes))
        bias = weights.get("bias", weight.new_zeros(len(weight)))
        if weight.ndim == 2:
            linears.append(Linear(name, weight, bias))
        elif "running_var" in weights:
            scale = weight / (weights["running_var"] + EPSILON).sqrt()
            norms.append((len(linears), Norm(name, scale, bias - weights["running_mean"] * scale, True)))
        else:
            norms.append((len(linears), Norm(name, weight, bias, False)))
    for before, norm in norms:
        i = _owner(norm, before, linears)
        linears[i] = replace(linears[i], norm=norm)
    return linears


def _owner(norm: Norm, before: int, linears: list[Linear]) -> int:
    """Which Linear a norm follows: of those of its width, in its part of the model, that of its number or before it."""
    parent, _dot, own = norm.name.rpartition(".")
    possible = [
        (
            linear.name.rpartition(".")[0] == parent,
            _number(linear.name) == _number(norm.name) and not own.isdigit(),
            i < before,
            i if i < before else -i,
            i,
        )
        for i, linear in enumerate(linears)
        if linear.outputs == len(norm.scale) and linear.norm is None
    ]
    if not possible:
        text = "Expected a Linear layer of {width} outputs before {name}, found {layers}."
        raise CheckpointError(text, width=len(norm.scale), name=shown(norm.name), layers=listed(linears))
    return max(possible)[-1]


def _number(name: str) -> str:
    """The digits at a name's end."""
    match = re.search(r"\d*$", name)
    return match.group() if match else ""


def listed(linears: Iterable[Linear]) -> str:
    """`fc1 784→400, fc21 400→2`, for messages."""
    names = [f"{shown(linear.name)} {linear.inputs}→{linear.outputs}" for linear in linears]
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "")
