"""What weights do not say, from what the network draws of test images: activation, pixels' range, and the rest.

Each way to read the weights redraws the images; the one that was trained redraws them best.
"""

__all__ = ["Fit", "Guess", "best", "weights"]

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import torch
import torch.nn.functional as F
from torch import Tensor

from model.config import ACTIVATIONS
from model.importing import OUTPUTS, PIXELS
from model.importing.layers import Linear
from model.importing.roles import Roles
from model.safetensors_header import CheckpointError

_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu_erf": F.gelu,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),  # only where it is asked for: hardly told from GELU itself
    "tanh": torch.tanh,
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "elu": F.elu,
    "leaky_relu": F.leaky_relu,
    "LeakyReLU(0.1)": lambda x: F.leaky_relu(x, 0.1),
    "LeakyReLU(0.2)": lambda x: F.leaky_relu(x, 0.2),
    "LeakyReLU(0.3)": lambda x: F.leaky_relu(x, 0.3),
    "SELU": F.selu,
    "Softplus": F.softplus,
}
# Times the error of the images' mean: below the first nothing else need be tried; above the second nothing is redrawn.
CLEAR, BLIND = 0.85, 0.9
FEW = 100  # images by which those are judged that are many


@dataclass(frozen=True)
class Guess:
    """What somebody knows of a network that its weights do not say; None where it is to be found out."""

    activation: str | None = None
    pixels: str | None = None
    output: str | None = None


@dataclass(frozen=True, eq=False)
class Fit:
    """One way to read the weights, and how well it redraws.

    Attributes:
        after: whether norms stand after the activation, in place of before it.
        error: mean squared error of a pixel in [0, 1].
    """

    roles: Roles
    activation: str
    pixels: str
    output: str
    after: bool
    error: float

    def __str__(self) -> str:
        return f"{self.activation}, pixels {self.pixels}, {self.output} output"


@torch.no_grad()
def best(ways: Sequence[Roles], images: Tensor, guess: Guess) -> tuple[Fit, Fit | None]:
    """The reading that redraws images best, and the best of another activation, range or output.

    Args:
        ways: to read the layers, see `roles.recognised`.
        images: in [0, 1], (n, pixels).

    Raises:
        CheckpointError: none redraws them, or the best is none that the app computes.
    """
    fits = sorted(_fits(ways, images, guess), key=lambda fit: fit.error)
    least = fits[0].error if fits else math.inf
    blind = _blind(images)
    if not least < BLIND * blind:
        raise CheckpointError(
            "Expected a network that redraws test images, found none that does better than their mean (squared error a"
            " pixel {found}, the mean's {mean}); tell `python -m model import` what it is: by --map, --activation,"
            " --pixels, --output or --dataset.",
            found=f"{least:.4f}",
            mean=f"{blind:.4f}",
        )
    _computed(fits[0])
    return fits[0], next((fit for fit in fits[1:] if str(fit) != str(fits[0])), None)


def _computed(fit: Fit) -> None:
    """Raises CheckpointError for a network that is none of `model.networks`."""
    if fit.activation not in ACTIVATIONS:
        text = "Expected one activation of {names}, found {found}, by which it redraws test images best."
        raise CheckpointError(text, names=", ".join(ACTIVATIONS), found=fit.activation)
    hidden = (*fit.roles.encoder, *fit.roles.decoder[:-1])
    ends = (fit.roles.mu, fit.roles.logvar, fit.roles.decoder[-1])
    norms = [linear.norm is not None and not linear.norm.learned for linear in hidden]
    if any(end and end.norm and not end.norm.learned for end in ends) or (any(norms) and (not all(norms) or fit.after)):
        text = "Expected a LayerNorm before each activation or none at all, found them elsewhere: {layers}."
        raise CheckpointError(text, layers=fit.roles)


def _fits(ways: Sequence[Roles], images: Tensor, guess: Guess) -> list[Fit]:
    """All readings with one activation; and where none redraws, those with another one in the decoder."""
    activations = [guess.activation] if guess.activation else [name for name in _ACTIVATIONS if name != "gelu"]
    outputs = [guess.output] if guess.output else OUTPUTS
    ranges = [guess.pixels] if guess.pixels else list(PIXELS)
    settings = [
        (roles, pixels, after)
        for roles, pixels, after in product(ways, ranges, (False, True))
        if not after or any(linear.norm for linear in (*roles.encoder, *roles.decoder[:-1]))
    ]

    def fits(pairs: Iterable[tuple[str, str]], images: Tensor) -> list[Fit]:
        return [fit for one, pair in product(settings, pairs) for fit in _redrawn(*one, pair, outputs, images)]

    found = fits([(name, name) for name in activations], images)
    if any(fit.error < CLEAR * _blind(images) for fit in found):
        return found
    mixed = min(fits(permutations(activations, 2), images[:FEW]), key=lambda fit: fit.error, default=None)
    if mixed is None:
        return found
    encoding, _and, decoding = mixed.activation.partition(" and ")
    return found + list(_redrawn(mixed.roles, mixed.pixels, mixed.after, (encoding, decoding), [mixed.output], images))


def _blind(images: Tensor) -> float:
    """The error of who draws the images' mean, whatever is asked."""
    return (images - images.mean(0)).square().mean().item()


def _redrawn(
    roles: Roles, pixels: str, after: bool, activations: tuple[str, str], outputs: Sequence[str], images: Tensor
) -> Iterator[Fit]:
    """How well images are redrawn, one activation in the encoder and one in the decoder, for each output."""
    encoding, decoding = activations
    mean, deviation = PIXELS[pixels]
    code = _end(_through(roles.encoder, (images - mean) / deviation, encoding, after), roles.mu)
    drawn = _end(_through(roles.decoder[:-1], code, decoding, after), roles.decoder[-1])
    for output in outputs:
        error = (_image(drawn, output, mean, deviation) - images).square().mean().item()
        if math.isfinite(error):
            name = encoding if encoding == decoding else f"{encoding} and {decoding}"
            yield Fit(roles, name, pixels, output, after, error)


def _through(hidden: Sequence[Linear], x: Tensor, activation: str, after: bool) -> Tensor:
    activate = _ACTIVATIONS[activation]
    for linear in hidden:
        x = F.linear(x, linear.weight, linear.bias)
        x = _normed(activate(x), linear) if after else activate(_normed(x, linear))
    return x


def _end(x: Tensor, linear: Linear) -> Tensor:
    return _normed(F.linear(x, linear.weight, linear.bias), linear)


def _normed(x: Tensor, linear: Linear) -> Tensor:
    norm = linear.norm
    if norm is None:
        return x
    return x * norm.scale + norm.shift if norm.learned else F.layer_norm(x, norm.scale.shape, norm.scale, norm.shift)


def _image(drawn: Tensor, output: str, mean: float, deviation: float) -> Tensor:
    if output == "sigmoid":
        return drawn.sigmoid()
    return (drawn.tanh() + 1) / 2 if output == "tanh" else (drawn * deviation + mean).clamp(0, 1)


def weights(fit: Fit) -> dict[str, Tensor]:
    """The same function in the tensors of `model.networks`, by their names.

    A norm that has learned its means becomes part of the Linear before it, or after the activation; the pixels' range
    part of the first layer, and where the output is linear of the last; as (tanh a + 1) / 2 is the sigmoid of 2a, tanh
    doubles the last.
    """
    found: dict[str, Tensor] = {}

    def put(name: str, weight: Tensor, bias: Tensor) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = weight.contiguous(), bias.contiguous()

    def stack(part: str, hidden: Sequence[Linear], ends: Mapping[str, Linear], scale: Tensor, shift: Tensor) -> None:
        """Layers whose first takes scale · x + shift in place of x."""
        for i, linear in enumerate(hidden):
            norm = linear.norm
            weight, bias = _taking(linear, scale, shift)
            scale, shift = weight.new_ones(len(bias)), weight.new_zeros(len(bias))
            if norm and norm.learned and fit.after:
                scale, shift = norm.scale, norm.shift
            elif norm and norm.learned:
                weight, bias = weight * norm.scale[:, None], bias * norm.scale + norm.shift
            elif norm:
                put(f"{part}.hidden.{i}.norm", norm.scale, norm.shift)
            put(f"{part}.hidden.{i}.linear", weight, bias)
        for name, linear in ends.items():
            weight, bias = _taking(linear, scale, shift)
            if linear.norm:
                weight, bias = weight * linear.norm.scale[:, None], bias * linear.norm.scale + linear.norm.shift
            put(f"{part}.{name}", weight, bias)

    roles, (mean, deviation) = fit.roles, PIXELS[fit.pixels]
    pixels, latent = (roles.encoder or (roles.mu,))[0].inputs, roles.mu.outputs
    heads = {"mu": roles.mu} | ({"logvar": roles.logvar} if roles.logvar else {})
    stack(
        "encoder", roles.encoder, heads, torch.full((pixels,), 1 / deviation), torch.full((pixels,), -mean / deviation)
    )
    stack("decoder", roles.decoder[:-1], {"logits": roles.decoder[-1]}, torch.ones(latent), torch.zeros(latent))
    factor = {"tanh": 2.0, "linear": deviation}.get(fit.output, 1.0)
    shift = mean if fit.output == "linear" else 0.0
    put("decoder.logits", factor * found["decoder.logits.weight"], factor * found["decoder.logits.bias"] + shift)
    return found


def _taking(linear: Linear, scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Weight and bias of the same layer where what it takes is still to be scaled and shifted."""
    return linear.weight * scale, linear.bias + linear.weight @ shift
