"""Which layer is what: encoder, mu, logvar, decoder; by the layers' sizes, their names, or as somebody says."""

__all__ = ["Roles", "recognised"]

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from model.errors import shown
from model.importing.layers import Linear, listed
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
        decoder: hidden layers, latent to image, and the last one, which has an image's pixels.
    """

    encoder: tuple[Linear, ...]
    mu: Linear
    logvar: Linear | None
    decoder: tuple[Linear, ...]

    def __str__(self) -> str:
        heads = [("mu", self.mu)] + ([("logvar", self.logvar)] if self.logvar else [])
        parts = [("encoder", listed(self.encoder)), *((role, listed([head])) for role, head in heads)]
        return "; ".join(f"{role} {text or '–'}" for role, text in [*parts, ("decoder", listed(self.decoder))])


def recognised(linears: Sequence[Linear], pixels: int, given: Given) -> list[Roles]:
    """All ways to read the layers as an autoencoder that uses each of them once; the likeliest first, 24 at the most.

    Args:
        pixels: of an image.
        given: by role, names of layers that are known to have it.

    Raises:
        CheckpointError: there is none.
    """
    names = {linear.name for linear in linears}
    for name in (name for wanted in given.values() for name in wanted if name not in names):
        text = "Expected layers of the file in --map, found {name}; it has {layers}."
        raise CheckpointError(text, name=shown(name), layers=listed(linears))
    # The latent space is where the network is narrowest: the first width that leads to an autoencoder.
    for latent in sorted({linear.inputs for linear in linears} - {pixels}):
        ways = list(islice(_ways(list(linears), pixels, latent, given), MOST))
        if ways:
            return ways
    text = (
        "Expected an encoder from {pixels} pixels, one layer or two for mu and logvar, and a decoder back to {pixels};"
        " found {layers}. Tell `python -m model import` which is which: --map encoder=fc1 mu=fc21 logvar=fc22"
        " decoder=fc3,fc4, say."
    )
    raise CheckpointError(text, pixels=pixels, layers=listed(linears))


def _ways(linears: list[Linear], pixels: int, latent: int, given: Given) -> Iterator[Roles]:
    for encoder, left in _chains(pixels, linears, "encoder", given):
        width = encoder[-1].outputs if encoder else pixels
        for heads, rest in _heads(width, left, latent, given):
            for decoder, unused in _chains(latent, rest, "decoder", given):
                if not unused and decoder and decoder[-1].outputs == pixels:
                    yield Roles(encoder, *heads, decoder)


def _chains(
    width: int, left: list[Linear], side: str, given: Given
) -> Iterator[tuple[tuple[Linear, ...], list[Linear]]]:
    """Layers of a side one after another, of any number, and those that are left; longer chains first."""
    seen: set[int] = set()
    for linear in left:
        # Of several of one size the first: they stand in their order.
        if linear.inputs != width or linear.outputs in seen or not _may(linear, side, given):
            continue
        seen.add(linear.outputs)
        for chain, rest in _chains(linear.outputs, [other for other in left if other is not linear], side, given):
            yield (linear, *chain), rest
    yield (), left


def _may(linear: Linear, role: str, given: Given) -> bool:
    """Whether a layer may have a role, by what is given, else by its name."""
    if any(linear.name in wanted for wanted in given.values()):
        return linear.name in given.get(role, ())
    if role in given:
        return False  # all of them are named
    side = "decoder" if role == "decoder" else "encoder"
    hinted = [name for name, pattern in _SIDES.items() if pattern.search(linear.name)]
    return side in hinted or not hinted


def _heads(
    width: int, left: list[Linear], latent: int, given: Given
) -> Iterator[tuple[tuple[Linear, Linear | None], list[Linear]]]:
    """mu and logvar: of two layers, or the two halves of one; or the code of an AutoEncoder."""
    fitting = [linear for linear in left if linear.inputs == width]
    for mu in fitting:
        rest = [linear for linear in left if linear is not mu]
        if mu.outputs == 2 * latent and mu.norm is None and _may(mu, "mu", given) and _may(mu, "logvar", given):
            first, second = (
                Linear(f"{mu.name}[{part.start}:{part.stop}]", mu.weight[part], mu.bias[part])
                for part in (slice(0, latent), slice(latent, 2 * latent))
            )
            yield (first, second), rest
            yield (second, first), rest
        if mu.outputs != latent or not _may(mu, "mu", given):
            continue
        for logvar in fitting:
            pair = logvar is not mu and logvar.outputs == latent and _may(logvar, "logvar", given)
            if pair and (given or not _swapped(mu, logvar)):
                _told_apart(logvar, given)
                yield (mu, logvar), [linear for linear in rest if linear is not logvar]
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
