"""Which layer is what: encoder, mu, logvar, decoder; by the layers' sizes, their names, or as somebody says."""

__all__ = ["Roles", "recognised"]

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from model.errors import shown
from model.importing.layers import Convolution, Linear, Part, listed, readings
from model.safetensors_header import CheckpointError

MOST = 24  # ways to read a file that are told apart by what they draw

_SIDES = {"encoder": re.compile(r"enc|recogni|inference", re.I), "decoder": re.compile(r"dec|generat", re.I)}
_MU, _LOGVAR = re.compile(r"mu|mean|loc$", re.I), re.compile(r"log|var|sigma|std|scale", re.I)
_SIGMA = re.compile(r"^(?!.*(var|sq|2)).*(sigma|std|scale)", re.I)  # log σ², σ or log σ: the name does not say

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class Roles:
    """One way to read the layers.

    Attributes:
        encoder: hidden layers, image to latent.
        mu, logvar: heads without activation, (latent, …); logvar is None for an AutoEncoder.
        decoder: hidden layers, latent to image, and the last one, which has an image's pixels, or one channel.
    """

    encoder: tuple[Part, ...]
    mu: Linear
    logvar: Linear | None
    decoder: tuple[Part, ...]

    def __str__(self) -> str:
        heads = [("mu", self.mu)] + ([("logvar", self.logvar)] if self.logvar else [])
        parts = [("encoder", listed(self.encoder)), *((role, listed([head])) for role, head in heads)]
        return "; ".join(f"{role} {text or '–'}" for role, text in [*parts, ("decoder", listed(self.decoder))])


def recognised(parts: Sequence[Part], pixels: int, given: Given) -> list[Roles]:
    """All ways to read the layers as an autoencoder that uses each of them once; the likeliest first, 24 at the most.

    Args:
        pixels: of an image.
        given: by role, names of layers that are known to have it.

    Raises:
        CheckpointError: there is none.
    """
    names = {part.name for part in parts}
    for name in (name for wanted in given.values() for name in wanted if name not in names):
        text = "Expected layers of the file in --map, found {name}; it has {layers}."
        raise CheckpointError(text, name=shown(name), layers=listed(parts))
    # The latent space is where the network is narrowest: the first width that leads to an autoencoder.
    widths = {
        one.inputs for part in parts for one in readings(part) if isinstance(one, Linear) or one.kind == "transpose"
    }
    for latent in sorted(widths - {pixels}):
        ways = list(islice(_ways(list(parts), pixels, latent, given), MOST))
        if ways:
            return ways
    text = (
        "Expected an encoder from {pixels} pixels, one layer or two for mu and logvar, and a decoder back to {pixels};"
        " found {layers}. Tell `python -m model import` which is which: --map encoder=fc1 mu=fc21 logvar=fc22"
        " decoder=fc3,fc4, say."
    )
    raise CheckpointError(text, pixels=pixels, layers=listed(parts))


def _ways(parts: list[Part], pixels: int, latent: int, given: Given) -> Iterator[Roles]:
    for encoder, left in _chains(None, pixels, parts, "encoder", given):
        last = encoder[-1] if encoder else None
        for heads, rest in _heads(last, pixels, left, latent, given):
            for decoder, unused in _chains(None, latent, rest, "decoder", given):
                if (
                    not unused
                    and decoder
                    and decoder[-1].outputs == (1 if isinstance(decoder[-1], Convolution) else pixels)
                ):
                    yield Roles(encoder, *heads, decoder)


def _follows(part: Part, before: Part | None, numbers: int, side: str) -> bool:
    """Whether a layer can take what the one before it gives, or where there is none, so many numbers: an image's pixels
    or a latent point. Of images no more is known than their channels."""
    if before is None:
        channels = 1 if side == "encoder" else numbers
        return part.inputs == (channels if isinstance(part, Convolution) else numbers)
    if isinstance(part, Convolution):
        return before.outputs % part.inputs == 0 if isinstance(before, Linear) else before.outputs == part.inputs
    return part.inputs % before.outputs == 0 if isinstance(before, Convolution) else before.outputs == part.inputs


def _chains(
    before: Part | None, numbers: int, left: list[Part], side: str, given: Given
) -> Iterator[tuple[tuple[Part, ...], list[Part]]]:
    """Layers of a side one after another, of any number, and those that are left; longer chains first."""
    seen: set[tuple[str, int]] = set()
    for part in left:
        for one in readings(part):
            # Of several of one size the first: they stand in their order.
            size = (one.kind if isinstance(one, Convolution) else "", one.outputs)
            if size in seen or not _follows(one, before, numbers, side) or not _may(one, side, given):
                continue
            seen.add(size)
            for chain, rest in _chains(one, numbers, [other for other in left if other is not part], side, given):
                yield (one, *chain), rest
    yield (), left


def _may(part: Part, role: str, given: Given) -> bool:
    """Whether a layer may have a role, by what is given, else by its name."""
    if any(part.name in wanted for wanted in given.values()):
        return part.name in given.get(role, ())
    if role in given:
        return False  # all of them are named
    side = "decoder" if role == "decoder" else "encoder"
    hinted = [name for name, pattern in _SIDES.items() if pattern.search(part.name)]
    return side in hinted or not hinted


def _heads(
    last: Part | None, pixels: int, left: list[Part], latent: int, given: Given
) -> Iterator[tuple[tuple[Linear, Linear | None], list[Part]]]:
    """mu and logvar: of two layers, or the two halves of one; or the code of an AutoEncoder."""
    # A convolution as large as what it takes is a Linear of it.
    fitting = [
        (
            part,
            part if isinstance(part, Linear) else Linear(part.name, part.weight.flatten(1), part.full_bias, part.norm),
        )
        for part in left
        if _follows(part, last, pixels, "encoder")
    ]
    for own, mu in fitting:
        rest = [part for part in left if part is not own]
        if mu.outputs == 2 * latent and mu.norm is None and _may(mu, "mu", given) and _may(mu, "logvar", given):
            first, second = (
                Linear(f"{mu.name}[{part.start}:{part.stop}]", mu.weight[part], mu.bias[part])
                for part in (slice(0, latent), slice(latent, 2 * latent))
            )
            yield (first, second), rest
            yield (second, first), rest
        if mu.outputs != latent or not _may(mu, "mu", given):
            continue
        for other, logvar in fitting:
            pair = other is not own and logvar.outputs == latent and _may(logvar, "logvar", given)
            if pair and (given or not _swapped(mu, logvar)):
                _told_apart(logvar, given)
                yield (mu, logvar), [part for part in rest if part is not other]
        if "logvar" not in given:
            yield (mu, None), rest


def _swapped(mu: Linear, logvar: Linear) -> bool:
    """Whether two heads' names say that it is the other way round."""
    own, other = mu.name.rpartition(".")[2], logvar.name.rpartition(".")[2]
    return bool(_LOGVAR.search(own) or (_MU.search(other) and not _LOGVAR.search(other)))


def _told_apart(logvar: Linear, given: Given) -> None:
    """Raises CheckpointError where the second head may be something else than a log-variance."""
    name = logvar.name.rpartition(".")[2]
    if _SIGMA.search(name) and logvar.name not in given.get("logvar", ()):
        text = "Expected a head that gives log σ²; {name} may give it or σ: if it is log σ², say --map logvar={name}."
        raise CheckpointError(text, name=shown(logvar.name))
