"""`python -m model import`."""

__all__ = ["add_parser", "run"]

import argparse
from pathlib import Path
from typing import Any

from model.config import ACTIVATIONS
from model.console import check_out, print_figures, store_figures
from model.dataset import DATASETS
from model.importing import OUTPUTS, PIXELS, ROLES

CLOSE = 1.005  # times the error of the reading that was taken


def add_parser(commands: Any) -> None:
    """Add the command to those of an `argparse` parser."""
    parser = commands.add_parser(
        "import",
        help="make a checkpoint of an autoencoder that PyTorch or Keras has saved",
        description="Make a checkpoint of an autoencoder, of Linear layers or convolutions, that PyTorch or Keras has"
        " saved: a state_dict (.pt, .pth, .safetensors) or Keras 3's .keras, .weights.h5 (needs the package h5py). What"
        " the weights do not say is found out: the reading is taken that redraws test images best.",
    )
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="the model's file, or its encoder's and its decoder's"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the .safetensors checkpoint to write")
    parser.add_argument("--dataset", choices=DATASETS, default="mnist", help="whose images it was trained on")
    parser.add_argument(
        "--map",
        nargs="+",
        default=[],
        type=_role,
        metavar="ROLE=LAYER,…",
        help="which layers are its encoder, mu, logvar and decoder, such as mu=fc21 logvar=fc22; of a"
        " convolution also NAME:STRIDE:PADDING and of a transpose NAME:STRIDE:PADDING:OUTPUT_PADDING",
    )
    parser.add_argument("--activation", choices=ACTIVATIONS, help="of its hidden layers")
    parser.add_argument("--pixels", choices=PIXELS, help="the range of what it was given")
    parser.add_argument("--output", choices=OUTPUTS, help="what follows its last layer")
    parser.add_argument(
        "--figures", action=argparse.BooleanOptionalAction, default=True, help="work out its test figures, too"
    )


def _role(text: str) -> tuple[str, list[str]]:
    """An argparse type: a role and the layers that have it."""
    role, equals, layers = text.partition("=")
    if not equals or role not in ROLES:
        raise argparse.ArgumentTypeError(f"expected encoder=…, mu=…, logvar=… or decoder=…, found {text!r}")
    return role, [layer for layer in layers.split(",") if layer]


def run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Make the checkpoint that was asked for, say how the files were read, and put its figures into it."""
    check_out(parser, arguments.out)

    from model import checkpoint, data
    from model.importing.convert import convert
    from model.importing.fit import Guess

    guess = Guess(arguments.activation, arguments.pixels, arguments.output)
    imported = convert(arguments.files, arguments.dataset, dict(arguments.map), guess)
    fit, other, made = imported.fit, imported.runner_up, imported.checkpoint
    print(f"{fit.roles}\n{fit}: squared error a pixel {fit.error:.5f}")
    if other:
        print(f"the next best reading: {other}: {other.error:.5f}")
        if other.error < CLOSE * fit.error:
            print("These two are hardly told apart: --activation, --pixels and --output say what you know.")
    checkpoint.save(made, arguments.out)
    if not arguments.figures:
        print(f"{arguments.out} can be explored")
        return
    halves = (data.load(arguments.dataset, train=True), data.load(arguments.dataset, train=False))
    print_figures(store_figures(made, arguments.out, *halves), str(arguments.out))
