"""The layer table of a model, worked out from its config alone. Imports no torch."""

__all__ = ["summary"]

import math
from collections.abc import Iterator

from model.config import ModelConfig
from model.format import weight_shapes
from model.layers import CONVOLUTIONS, shapes

KINDS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "silu": "SiLU",
    "gelu": "GELU",
    "gelu_erf": "GELU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}

LAYERS = {
    "linear": "Linear",
    "conv": "Conv2d",
    "transpose": "ConvTranspose2d",
    "upsample": "Upsample",
    "pool": "MaxPool2d",
    "reshape": "Unflatten",
    "normalize": "Normalize",
}

Row = tuple[str, str, str, str]  # name, kind, output shape, parameters


def summary(config: ModelConfig) -> str:
    """The layers of encoder and decoder: name, kind, output shape and parameters of each, and the sums."""
    parts = (("encoder: image → latent", "encoder"), ("decoder: latent → logits", "decoder"))
    return "\n\n".join(f"{title}\n{_table(list(_rows(config, part)))}" for title, part in parts)


def _rows(config: ModelConfig, part: str) -> Iterator[Row]:
    weights = {name: shape for name, shape in weight_shapes(config).items() if name.startswith(f"{part}.")}
    counts = {name: math.prod(shape) for name, shape in weights.items() if not name.endswith("frequencies")}

    def row(name: str, kind: str, *shape: int) -> Row:
        own = sum(count for weight, count in counts.items() if weight.startswith(f"{part}.{name}."))
        return name, kind, str(shape), f"{own:,}"

    yield "layer", "kind", "output", "parameters"
    if config.conditional:
        yield row("label", "one-hot, beside the input", config.told)
    if part == "decoder" and config.fourier:
        yield row("frequencies", "Fourier features, fixed", config.latent + 2 * config.fourier)
    stack, start = (config.encoder, config.image) if part == "encoder" else (config.decoder, config.lifted)
    for i, (layer, shape) in enumerate(zip(stack, shapes(stack, start), strict=True)):
        if layer is config.drawing and i == len(stack) - 1:
            continue  # the last, see below
        kind = "linear" if isinstance(layer, int) else layer.kind
        yield row(f"hidden.{i}.{'conv' if kind in CONVOLUTIONS else kind}", LAYERS[kind], *shape)
        if config.layer_norm:
            yield row(f"hidden.{i}.norm", "LayerNorm", *shape)
        if kind == "linear" or kind in CONVOLUTIONS:
            yield row(f"hidden.{i}.activation", KINDS[config.activation], *shape)
    if part == "encoder":
        for head in ("mu", "logvar") if config.model == "vae" else ("mu",):
            yield row(head, "Linear", config.latent)
    else:
        drawing = config.drawing
        yield row("logits", LAYERS[drawing.kind], *config.image) if drawing else row("logits", "Linear", config.pixels)
    yield "total", "", "", f"{sum(counts.values()):,}"


def _table(rows: list[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for *texts, number in rows:
        cells = [text.ljust(width) for text, width in zip(texts, widths, strict=False)]
        lines.append("  ".join(["", *cells, number.rjust(widths[-1])]))
    return "\n".join(lines)
