"""Weights as whole numbers of steps: half the bytes of float16, and the same images.

What is lost of a weight is made up for by those of its row that are rounded after it, as far as what the layer is given
lets them: Frantar et al. (2023), "GPTQ", arXiv:2210.17323, algorithm 1. A decoder's layers are given what comes of two
numbers, so that nearly all of it can be made up for.
"""

__all__ = ["GREY", "PLACE", "Rounded", "round_decoder", "round_encoder"]

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.config import CLASSES
from model.networks import AutoEncoder, Decoder, Encoder, Hidden, to_pixels

GREY = 1 / 255  # by which no pixel may differ
PLACE = 1 / 600  # of the codes' range, by which no code may: a pixel of a map on a projector

FIRST_TRIED = 32  # steps that a matrix' standard deviation has at first
ATTEMPTS = 6
FAR, AIMED = 0.75, 0.88  # of the error that is allowed: less than that is too fine, and what is aimed at
LEAST = 10_000  # weights in a matrix: smaller ones read or write the code, cost precision and save nothing
MOST = 32_000  # steps of a weight
GIVEN = 4_000  # inputs of a layer by which it is rounded
ALL, SOME = slice(None), slice(1_000)
BEYOND = 0.3  # of the codes' range, by which the space is larger than that on each side
LONGER = 4  # times, at the most, that steps are doubled for a pixel that nothing lets leave black or white
DAMPED = 1e-5  # of the mean of the inputs' squares, added to each
BLOCK = 64  # columns between two products of whole matrices


@dataclass(frozen=True)
class Rounded:
    """A matrix, shape (outputs, inputs): `numbers`, int16, times the `steps` of its rows, float32, (outputs,)."""

    numbers: Tensor
    steps: Tensor


@torch.no_grad()
def round_decoder(model: AutoEncoder, mu: Tensor) -> dict[str, Rounded]:
    """A decoder's large matrices, by name, so that no pixel of an image differs by a grey level; none where that fails.

    Args:
        mu: codes, shape (N, latent). What counts is the images at them, and in the space around them.
    """
    generator = torch.Generator().manual_seed(0)
    low, span = mu.amin(0), mu.amax(0) - mu.amin(0)
    around = low - BEYOND * span + (1 + 2 * BEYOND) * span * torch.rand(len(mu) // 2, mu.shape[1], generator=generator)
    z = torch.cat([mu, around])[torch.randperm(len(mu) + len(around), generator=generator)]
    y = torch.arange(len(z)) % CLASSES

    def draw(decoder: nn.Module, which: slice) -> Tensor:
        return to_pixels(decoder(z[which], y[which]), model.config.output)

    # A pixel that is black everywhere stays black, whatever its logit is.
    images = draw(model.decoder, ALL)
    slope = (images * (1 - images)).amax(0) if model.config.output == "sigmoid" else torch.full((1,), 0.25)
    longer = 2 ** torch.log2(0.25 / slope.clamp_min(1e-12)).clamp(0, LONGER).floor()
    # A plane is looked at closely enough; in more dimensions the worst point lies between those that are tried.
    allowed = GREY if mu.shape[1] == 2 else GREY / 2
    return _first("decoder.", model.decoder, model.decoder.features(z[:GIVEN], y[:GIVEN]), draw, allowed, longer)


@torch.no_grad()
def round_encoder(model: AutoEncoder, x: Tensor, y: Tensor) -> dict[str, Rounded]:
    """An encoder's, likewise, so that no code moves by more than a pixel of a map.

    Args:
        x: images in [0, 1], shape (N, pixels).
        y: their labels, int64 (N,).
    """
    labels = [nn.functional.one_hot(y, CLASSES).to(x.dtype)] if model.config.conditional else []
    given = torch.cat([x, *labels], dim=1)[:GIVEN]
    mu, _logvar = model.encode(x, y)
    allowed = PLACE * float((mu.amax(0) - mu.amin(0)).max())
    return _first("encoder.", model.encoder, given, lambda encoder, which: encoder(x[which], y[which])[0], allowed)


def _first(
    prefix: str,
    part: Encoder | Decoder,
    given: Tensor,
    run: Callable[[nn.Module, slice], Tensor],
    allowed: float,
    longer: Tensor | float = 1.0,
) -> dict[str, Rounded]:
    """The coarsest rounding of a part that changes none of the numbers that `run` makes by it by as much as `allowed`.

    Args:
        prefix: of the names returned.
        given: what its first layer takes, shape (N, inputs).
        longer: how much longer than others' a row's steps are, in the layer that draws.
    """
    expected = run(part, ALL)
    bases, sizes = {}, {}
    for name, layer, linear in _layers(part):
        if linear and linear.weight.numel() >= LEAST:
            bases[name], sizes[name] = _Basis(given), linear.weight.numel()
        given = layer(given)

    def attempt(fractions: Mapping[str, float], which: slice = ALL) -> tuple[dict[str, Rounded], Tensor]:
        tried = copy.deepcopy(part)
        found = {}
        for name, layer, linear in _layers(tried):
            if linear and name in fractions:
                stretched = longer if linear is layer else 1.0
                found[f"{prefix}{name}"] = _round(linear, bases[name], fractions[name], stretched)
        return found, (run(tried, which) - expected[which]).abs()

    # All weights together are fewest bits where each matrix' squared error is to those of the others as its size is.
    shares = {name: float(attempt({name: FIRST_TRIED}, SOME)[1].square().mean()) / sizes[name] for name in bases}
    if not all(math.isfinite(share) and share > 0 for share in shares.values()):
        return {}
    mean = math.exp(sum(map(math.log, shares.values())) / max(len(shares), 1))
    fraction, best, coarsest = float(FIRST_TRIED), {}, math.inf
    for _attempt in range(ATTEMPTS):
        found, changed = attempt({name: fraction * math.sqrt(share / mean) for name, share in shares.items()})
        error = float(changed.max()) / allowed
        if error < 1 and fraction < coarsest:
            best, coarsest = found, fraction
        if FAR < error < 1:
            break
        fraction *= min(max(error / AIMED, 0.6), 1.6)  # to which it is in proportion, roughly
    return best


class _Basis:
    """What a layer is given, x of shape (N, inputs), as far as rounding has to do with it."""

    def __init__(self, x: Tensor) -> None:
        products = self._products(x)
        # What counts most comes first: more is left to make up for it.
        self.order = products.diagonal().argsort(descending=True)
        lower, failed = torch.linalg.cholesky_ex(products[self.order][:, self.order])
        if failed:  # of few images in many pixels float32's sums may drown what was added
            lower = torch.linalg.cholesky(self._products(x.double())[self.order][:, self.order])
        inverse = torch.cholesky_inverse(lower)
        self.upper = torch.linalg.cholesky(inverse, upper=True).float()

    @staticmethod
    def _products(x: Tensor) -> Tensor:
        products = (x.T @ x).double() / len(x)
        return products + (DAMPED * products.diagonal().mean() + 1e-12) * torch.eye(len(products), dtype=torch.double)


def _layers(part: nn.Module) -> Iterator[tuple[str, nn.Module, nn.Linear | None]]:
    """The layers of a part, but an encoder's last: the matrix' name, the layer, and what of it is linear, if so."""
    hidden = part.hidden
    assert isinstance(hidden, nn.Sequential)
    for n, layer in enumerate(hidden):
        yield f"hidden.{n}.linear.weight", layer, layer.linear if isinstance(layer, Hidden) else None
    if isinstance(part, Decoder):
        yield "logits.weight", part.logits, part.logits if isinstance(part.logits, nn.Linear) else None


def _round(layer: nn.Linear, basis: _Basis, fraction: float, longer: Tensor | float) -> Rounded:
    """Round a layer in place."""
    w, order, upper = layer.weight.data, basis.order, basis.upper
    steps = torch.maximum(w.std() / fraction * longer, w.abs().amax(1) / MOST)
    left, numbers = w[:, order].clone(), torch.empty_like(w)
    for begin in range(0, w.shape[1], BLOCK):
        block = left[:, begin : begin + BLOCK]
        end = begin + block.shape[1]
        errors = torch.empty_like(block)
        for i in range(end - begin):
            row = upper[begin + i, begin + i : end]
            numbers[:, begin + i] = torch.round(block[:, i] / steps).clamp(-MOST, MOST)
            errors[:, i] = (block[:, i] - numbers[:, begin + i] * steps) / row[0]
            block[:, i:] -= errors[:, i : i + 1] * row
        left[:, end:] -= errors @ upper[begin:end, end:]
    numbers = numbers[:, order.argsort()]
    layer.weight.data = numbers * steps[:, None]
    return Rounded(numbers.to(torch.int16), steps)
