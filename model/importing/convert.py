"""Files or modules of others → a checkpoint: read, recognised, fitted, and the latents of both halves worked out."""

__all__ = ["Imported", "convert", "wrap"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from model import training
from model.checkpoint import Checkpoint
from model.config import MAPPED, ModelConfig, TrainConfig
from model.data import load
from model.dataset import DATASETS
from model.errors import shown
from model.importing import PIXELS, geometry, layers, roles
from model.importing.assembly import assembled
from model.importing.files import read
from model.importing.fit import Fit, Guess, best
from model.importing.layers import Hint, Linear, Weights
from model.importing.roles import Given
from model.layers import size
from model.networks import build
from model.safetensors_header import CheckpointError

COMPARED = 100  # test images on which modules must agree with what was made of them
SAME = 2e-3  # of a pixel in [0, 1], or of a code: GELU and its tanh form, called as a function, differ by less
JUDGED = 500  # test images by which readings of a file are told apart
WINDOW = ("kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "padding_mode")  # PyTorch's


@dataclass(frozen=True)
class Imported:
    """What became of files.

    Attributes:
        fit: how they were read.
        runner_up: the next best reading; None where there is none.
    """

    checkpoint: Checkpoint
    fit: Fit
    runner_up: Fit | None


def convert(paths: Sequence[Path], dataset: str, given: Given, guess: Guess) -> Imported:
    """A checkpoint, without figures, of the network whose weights lie in files.

    Args:
        paths: a model's file, or its encoder's and its decoder's.
        dataset: whose images it was trained on, a key of `model.dataset.DATASETS`.
        given: see `roles.recognised`.

    Raises:
        CheckpointError: they hold no network that the app can show, or not enough to tell which.
        DataError: see `model.data.load`.
    """
    return _imported(read(paths), " + ".join(path.name for path in paths), dataset, given, guess)


def wrap(encoder: nn.Module, decoder: nn.Module, data: str = "mnist") -> Checkpoint:
    """A checkpoint, without figures, of two modules of PyTorch; compared with what they compute.

    Args:
        encoder: of images (n, pixels), or where it begins with a convolution (n, 1, height, width), in the range that
            it was trained on: their codes, (n, 2); of a VAE mu and logvar, as a pair or side by side, (n, 4).
        decoder: of latent points (n, 2): images, of either shape.
        data: whose images they were trained on, a key of `model.dataset.DATASETS`.

    Raises:
        CheckpointError: they hold no network that the app can show, or compute something else than their layers one
            after another.
        DataError: see `model.data.load`.
    """
    parts = {"encoder": encoder, "decoder": decoder}
    tensors = {
        f"{part}.{name}": tensor for part, module in parts.items() for name, tensor in module.state_dict().items()
    }
    floats = {name: tensor.float().cpu() for name, tensor in tensors.items() if tensor.is_floating_point()}
    hints = {f"{part}.{name}": hint for part, module in parts.items() for name, hint in _hints(module)}
    guess = Guess(activation="gelu" if any(map(_tanh_gelu, parts.values())) else None)
    found = _imported(Weights(floats, hints), f"{type(encoder).__name__} + {type(decoder).__name__}", data, {}, guess)
    apart = _apart(found, encoder, decoder, load(data, train=False).images[:COMPARED])
    if not apart <= SAME:
        text = (
            "Expected modules that compute their layers one after another, found images that differ by {apart}: {fit}."
        )
        raise CheckpointError(text, apart=f"{apart:.3g}", fit=found.fit)
    return found.checkpoint


def _hints(module: nn.Module) -> Iterator[tuple[str, Hint]]:
    """What convolutions say of themselves, by name.

    Raises:
        CheckpointError: one is of a kind that is not computed here.
    """
    for name, part in module.named_modules():
        if not isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            continue
        same = part.padding == "same"
        paddings = [(size - 1) // 2 for size in part.kernel_size] if same else part.padding
        pairs = [part.kernel_size, part.stride, part.dilation, part.output_padding, paddings]
        even = all(len(set(pair)) == 1 for pair in pairs) and not (same and part.kernel_size[0] % 2 == 0)
        if (
            not even
            or part.dilation[0] != 1
            or part.groups != 1
            or part.padding_mode != "zeros"
            or part.padding == "valid"
        ):
            text = (
                "Expected convolutions that are square, padded by zeros, without groups and dilation, found {module}."
            )
            of = ((what.replace("_", " "), getattr(part, what)) for what in WINDOW)
            window = ", ".join(f"{what} {size(found) if isinstance(found, tuple) else found}" for what, found in of)
            raise CheckpointError(text, module=f"{shown(name)} ({type(part).__name__}: {window})")
        transposed = isinstance(part, nn.ConvTranspose2d)
        before = int(paddings[0])
        behind = before - int(part.output_padding[0])
        yield name, Hint("transpose" if transposed else "conv", part.stride[0], (before, behind))


def _tanh_gelu(module: nn.Module) -> bool:
    return any(isinstance(part, nn.GELU) and part.approximate == "tanh" for part in module.modules())


@torch.no_grad()
def _apart(found: Imported, encoder: nn.Module, decoder: nn.Module, images: Tensor) -> float:
    """How far what modules make of images is from what the checkpoint makes of them, at the most: codes and pixels."""
    mean, deviation = PIXELS[found.fit.pixels]
    modes = [(module, module.training) for module in (encoder, decoder)]
    try:
        for module, _training in modes:
            module.eval()
        first = (*found.fit.roles.encoder, found.fit.roles.mu)[0]
        seen = (images - mean) / deviation
        made = encoder(seen if isinstance(first, Linear) else seen.view(-1, *found.checkpoint.config.image))
        whole = torch.cat([*made[:2]], dim=1) if isinstance(made, tuple | list) else made
        whole = whole.flatten(1)
        model = found.checkpoint.model
        mu, logvar = model.encode(images)
        own = mu if logvar is None else torch.cat([mu, logvar], 1)
        # Side by side mu may come first, or logvar.
        swapped = own.roll(mu.shape[1], dims=1)
        codes = min((own - whole).abs().max().item(), (swapped - whole).abs().max().item())
        drawn = decoder(mu).flatten(1)
        if found.fit.output == "tanh":
            drawn = (drawn + 1) / 2
        elif found.fit.output == "linear":
            drawn = (drawn * deviation + mean).clamp(0, 1)
        return max(codes, (model.decode(mu) - drawn).abs().max().item())
    finally:
        for module, training in modes:
            module.train(training)


def _imported(tensors: Weights, source: str, dataset: str, given: Given, guess: Guess) -> Imported:
    train_set, test_set = load(dataset, train=True), load(dataset, train=False)
    height, width = DATASETS[dataset].shape
    named = {role: [name.partition(":")[0] for name in names] for role, names in given.items()}
    tensors.hints |= {name.partition(":")[0]: _hint(name) for names in given.values() for name in names if ":" in name}
    ways = roles.recognised(layers.found(tensors), height * width, named)
    if not 2 <= (latent := ways[0].mu.outputs) <= MAPPED:
        text = "Expected a latent space of 2 to {most} dimensions, for a map of a plane, found {latent}: {layers}."
        raise CheckpointError(text, most=MAPPED, latent=latent, layers=ways[0])
    ways = geometry.resolved(ways, (1, height, width), tensors.channels_last)
    fit, runner_up = best(ways, test_set.images[:JUDGED], guess)
    encoder, decoder, state = assembled(fit)
    norms = [part.norm for part in (*fit.roles.encoder, *fit.roles.decoder[:-1])]
    config = ModelConfig(
        model="vae" if fit.roles.logvar else "ae",
        height=height,
        width=width,
        latent=latent,
        encoder=encoder,
        decoder=decoder,
        activation=fit.activation,
        layer_norm=any(norm is not None and not norm.learned for norm in norms),
        fourier=0,
        output="linear" if fit.output == "linear" else "sigmoid",
    )
    model = build(config)
    model.load_state_dict(state)
    # Of how it was trained only the data set is known; the other settings stand for nothing.
    train = TrainConfig(dataset=dataset, loss="bce" if config.output == "sigmoid" else "mse")
    made = training.described(model, train, train_set, test_set, imported=source)
    return Imported(made, fit, runner_up)


def _hint(text: str) -> Hint:
    """What `--map` says of a convolution: NAME:STRIDE:PADDING, and of a transpose its output_padding.

    Raises:
        CheckpointError: it is something else.
    """
    _name, *numbers = text.split(":")
    if not 1 <= len(numbers) <= 3 or not all(number.isdecimal() for number in numbers):
        raise CheckpointError(
            "Expected NAME:STRIDE:PADDING or NAME:STRIDE:PADDING:OUTPUT_PADDING, found {text}.", text=text
        )
    stride, padding, extra = (*map(int, numbers), 0, 0)[:3]
    return Hint("", stride, (padding, padding - extra))
