"""What models are called where people choose among them: by what they are, and by what tells them apart."""

__all__ = ["titles"]

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from explorer.catalogue.library import Entry, family
from explorer.i18n import _
from model import layers
from model.config import ModelConfig, TrainConfig
from model.format import Header, weight_shapes


def titles(entries: Mapping[str, Entry]) -> dict[str, str]:
    """What each of a page's models is called there, in the language chosen; no two are called the same.

    Whoever trained a model here, or brought it, has given it its name: that comes first. All others are called by their
    settings, and no more of these than a page needs.
    """
    ours = {name: entry.header for name, entry in entries.items() if not entry.named}
    kin = {name: family(header) for name, header in ours.items()}
    variants = Counter(kin for kin, *_free in {(kin[name], h.train.beta, h.train.loss) for name, h in ours.items()})
    found = {name: _and(_kind(h), *_special(h, related=variants[kin[name]] > 1)) for name, h in ours.items()}
    for tell in (_network, _epochs, _seed):
        for group in _alike(found):
            told = tell([ours[name] for name in group])
            if len(set(told)) > 1:
                found |= {name: _and(found[name], text) for name, text in zip(group, told, strict=True)}
    for group in _alike(found):
        found |= {name: f"{found[name]} ({name})" for name in group}
    for name, entry in entries.items():
        if entry.named:
            found[name] = f"{name} · {_and(_kind(entry.header), *_special(entry.header))}"
    return {name: found[name] for name in entries}


def _and(*parts: str) -> str:
    return _(", ").join(parts)


def _kind(header: Header) -> str:
    if header.config.model == "vae":
        return _("Conditional VAE") if header.config.conditional else _("VAE")
    return _("Conditional AutoEncoder") if header.config.conditional else _("AutoEncoder")


def _special(header: Header, related: bool = False) -> Iterator[str]:
    """Settings that are not the usual ones; and the one in which a model differs from those that are related to it."""
    train, usual = header.train, TrainConfig()
    is_vae = header.config.model == "vae"
    if header.config.latent != 2:
        yield _("{n} dimensions").format(n=header.config.latent)
    if train.dataset != usual.dataset:
        yield header.data.title
    if is_vae and (related or train.beta != usual.beta):
        yield f"β = {train.beta:g}"
    if train.loss != usual.loss or (related and not is_vae):
        yield {"bce": _("cross-entropy"), "mse": _("squared error"), "mae": _("absolute error")}[train.loss]


def _alike(found: Mapping[str, str]) -> list[list[str]]:
    """The names of those that are called the same, so far."""
    often = [title for title, count in Counter(found.values()).items() if count > 1]
    return [[name for name in found if found[name] == title] for title in often]


def _network(headers: list[Header]) -> list[str]:
    """Small or large, where there are two sizes; else the widths of the hidden layers."""
    sizes = [_weights(header.config) for header in headers]
    if len(set(sizes)) == 2:
        return [_("small network") if size == min(sizes) else _("large network") for size in sizes]
    return ["–".join(layers.sizes(header.config.encoder, header.config.image)) for header in headers]


def _weights(config: ModelConfig) -> int:
    return sum(map(math.prod, weight_shapes(config).values()))


def _epochs(headers: list[Header]) -> list[str]:
    counts = [header.train.epochs for header in headers]
    return [_("1 epoch") if n == 1 else _("{epochs} epochs").format(epochs=n) for n in counts]


def _seed(headers: list[Header]) -> list[str]:
    return [_("seed {seed}").format(seed=header.train.seed) for header in headers]
