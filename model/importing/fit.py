"""What weights do not say, from what the network draws of test images: activation, pixels' range, and the rest.

Each way to read the weights redraws the images; the one that was trained redraws them best.
"""

__all__ = ["Fit", "Guess", "best"]

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations, product

import torch
import torch.nn.functional as F
from torch import Tensor

from model.config import ACTIVATIONS
from model.importing import OUTPUTS, PIXELS
from model.importing.layers import Convolution, Linear, Part
from model.importing.roles import Roles
from model.networks import convolved, pooled, upsampled
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
FEW = 100  # images by which those are judged that are many, and convolutions, which take their time
# Geometries of convolutions, with ranges and places of norms, that are tried with each activation: those that redraw so
# many images best with one of two.
LIKELY, LEAST, FIRST = 6, 50, ("relu", "tanh")


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
    if fit.after and any(map(_shifted, *_neighbours(fit.roles))):
        text = "Expected BatchNorm before the activation where a convolution follows, found it behind: {layers}."
        raise CheckpointError(text, layers=fit.roles)
    norms = [part.norm is not None and not part.norm.learned for part in hidden]
    if any(end and end.norm and not end.norm.learned for end in ends) or (any(norms) and (not all(norms) or fit.after)):
        text = "Expected a LayerNorm before each activation or none at all, found them elsewhere: {layers}."
        raise CheckpointError(text, layers=fit.roles)


def _shifted(before: Part, part: Part) -> bool:
    """Whether a norm's shift would have to pass through a convolution, which at the image's edges sees none of it."""
    if before.norm is None or not before.norm.learned:
        return False
    if isinstance(before, Convolution) and before.down > 1:
        return True  # the largest of what is scaled by less than nothing is the smallest
    if not isinstance(part, Convolution):
        return False
    return part.kind == "transpose" or any(part.geometry.padding)


def _neighbours(roles: Roles) -> tuple[list[Part], list[Part]]:
    """Layers that another one follows, and those."""
    pairs = [*pairwise((*roles.encoder, roles.mu)), *pairwise(roles.decoder)]
    return [before for before, _part in pairs], [part for _before, part in pairs]


def _fits(ways: Sequence[Roles], images: Tensor, guess: Guess) -> list[Fit]:
    """All readings with one activation; and where none redraws, those with another one in the decoder."""
    activations = [guess.activation] if guess.activation else [name for name in _ACTIVATIONS if name != "gelu"]
    outputs = [guess.output] if guess.output else OUTPUTS
    ranges = [guess.pixels] if guess.pixels else list(PIXELS)
    settings = [
        (roles, pixels, after)
        for roles, pixels, after in product(ways, ranges, (False, True))
        if not after or any(part.norm for part in (*roles.encoder, *roles.decoder[:-1]))
    ]

    def fits(pairs: Iterable[tuple[str, str]], images: Tensor) -> list[Fit]:
        return [fit for one, pair in product(settings, pairs) for fit in _redrawn(*one, pair, outputs, images)]

    convolutional = any(isinstance(part, Convolution) for part in (*ways[0].encoder, *ways[0].decoder))
    if convolutional:
        images = images[:FEW]
        tried = [(name, name) for name in activations if name in FIRST or name == guess.activation]
        settings = _likely(fits(tried, images[:LEAST]), LIKELY)
    found = fits([(name, name) for name in activations], images)
    if any(fit.error < CLEAR * _blind(images) for fit in found):
        return found
    settings = _likely(found, 1) if convolutional else settings
    mixed = min(fits(permutations(activations, 2), images[:FEW]), key=lambda fit: fit.error, default=None)
    if mixed is None:
        return found
    encoding, _and, decoding = mixed.activation.partition(" and ")
    return found + list(_redrawn(mixed.roles, mixed.pixels, mixed.after, (encoding, decoding), [mixed.output], images))


def _likely(fits: Sequence[Fit], count: int) -> list[tuple[Roles, str, bool]]:
    """The layers with their geometries, ranges and places of norms of the best so many."""
    ranked = sorted(fits, key=lambda fit: fit.error)
    return list(dict.fromkeys((fit.roles, fit.pixels, fit.after) for fit in ranked))[:count]


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


def _through(hidden: Sequence[Part], x: Tensor, activation: str, after: bool) -> Tensor:
    activate = _ACTIVATIONS[activation]
    for part in hidden:
        x = _given(x, part)
        x = _normed(activate(x), part) if after else activate(_normed(x, part))
        if isinstance(part, Convolution) and part.down > 1:
            x = pooled(x, part.down, part.given)
    return x


def _end(x: Tensor, part: Part) -> Tensor:
    return _normed(_given(x, part), part)


def _given(x: Tensor, part: Part) -> Tensor:
    """What a layer gives of vectors, before norm and activation."""
    if isinstance(part, Linear):
        return F.linear(x, part.weight, part.bias)
    x = upsampled(x, part.up, part.taken) if part.up > 1 else x
    return convolved(x, part.weight, part.full_bias, part.geometry, part.scaled)


def _normed(x: Tensor, part: Part) -> Tensor:
    norm = part.norm
    if norm is None:
        return x
    if not norm.learned:
        return F.layer_norm(x, norm.scale.shape, norm.scale, norm.shift)
    pixels = x.shape[-1] // len(norm.scale)  # of a convolution: a number a channel
    return x * norm.scale.repeat_interleave(pixels) + norm.shift.repeat_interleave(pixels)


def _image(drawn: Tensor, output: str, mean: float, deviation: float) -> Tensor:
    if output == "sigmoid":
        return drawn.sigmoid()
    return (drawn.tanh() + 1) / 2 if output == "tanh" else (drawn * deviation + mean).clamp(0, 1)
