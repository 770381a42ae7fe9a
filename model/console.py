"""What the commands share: where a checkpoint may go, and a model's figures, worked out and printed."""

__all__ = ["UNITS", "Parser", "check_out", "measured", "print_figures", "store_figures"]

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tqdm import tqdm

if TYPE_CHECKING:  # with torch, which takes seconds
    from model.checkpoint import Checkpoint
    from model.data import Split
    from model.networks import AutoEncoder

PERCENT = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"  # of tqdm
# What the figures of `model.metrics.evaluate` are given in, in the order in which they are shown.
UNITS = {
    "elbo": "nats per image",
    "reconstruction": "nats per image",
    "kl": "nats per image",
    "iwae": "nats per image, 500 samples, first 1,000 images",
    "mse": "per pixel",
    "mae": "per pixel",
    "knn_accuracy": "share, 15 neighbours",
    "knn_neighbours": "neighbours that vote, of so few training images",
    "extent_1": "latent units, the test latents' box along z1",
    "extent_2": "latent units, along z2",
    "hole_radius": "latent units, within which 99 % of them have another",
    "holes_prior": "share of N(0, I) with none so near",
    "holes_box": "share of the box",
    "realism_prior": "RMSE, samples of N(0, I) to the nearest test image",
    "realism_box": "RMSE, samples of the box",
    "realism_real": "RMSE, training images",
    "coverage_prior": "RMSE, test images to the nearest sample of N(0, I)",
    "coverage_box": "RMSE, to the nearest sample of the box",
    "coverage_real": "RMSE, to the nearest training image of as many",
}


class Parser(argparse.ArgumentParser):
    """Refuses what it cannot use in one sentence, as the commands do; all that they take stands under `--help`."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def check_out(parser: argparse.ArgumentParser, out: Path | None) -> None:
    """Ends the command where its checkpoint could not be written."""
    if out and out.suffix != ".safetensors":
        parser.error(f"--out must end in .safetensors; found {out}.")
    if out and not os.access(existing := _existing(out.absolute().parent), os.W_OK):
        parser.error(f"--out {out} cannot be written: {existing} does not allow it.")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    return folder if folder.exists() else _existing(folder.parent)


def store_figures(made: "Checkpoint", out: Path, train_set: "Split", test_set: "Split") -> dict[str, float]:
    """Measure the figures of a checkpoint that has been saved, and put them into it."""
    from model import checkpoint

    print(
        f"{out} can be explored; its test figures follow. "
        f"Should this be stopped before, add them by: python -m model evaluate {out} --store",
        flush=True,
    )
    figures = measured(made.model, train_set, test_set)
    checkpoint.store_metrics(out, figures)
    return figures


def measured(model: "AutoEncoder", train_set: "Split", test_set: "Split") -> dict[str, float]:
    """The figures of a model, with a progress bar."""
    from model import metrics

    with tqdm(desc="test figures", unit="%", total=100, bar_format=PERCENT, dynamic_ncols=True) as bar:

        def progress(done: int, every: int) -> None:
            bar.update(100 * done // every - bar.n)

        return metrics.evaluate(model, train_set, test_set, progress)


def print_figures(figures: dict[str, float], title: str) -> None:
    print(title)
    for name in [name for name in UNITS if name in figures]:
        print(f"  {name:<15}{figures[name]:>10.4f}  {UNITS[name]}")
