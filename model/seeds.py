"""`python -m model seeds`: the figures of one recipe trained from several seeds, side by side. Imports no torch."""

__all__ = ["add_parser", "figures_of", "run"]

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.console import UNITS
from model.files import write_atomically
from model.format import Header, read_header


def add_parser(commands: Any) -> None:
    """Add the command to those of an `argparse` parser."""
    parser = commands.add_parser(
        "seeds",
        help="put the stored figures of one recipe, trained from several seeds, into a JSON file",
        description="Put the stored figures of one recipe, trained from several seeds, into a JSON file, under the "
        "name of the first checkpoint; what the file tells of others stays.",
    )
    parser.add_argument("files", type=Path, metavar="FILE", nargs="+", help="checkpoints that differ in the seed alone")
    parser.add_argument("-o", "--out", type=Path, metavar="JSON", required=True, help="the file to write")


def run(arguments: argparse.Namespace) -> None:
    """Write the file that was asked for, and print what is in it."""
    out: Path = arguments.out
    told = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    figures = told[arguments.files[0].stem] = figures_of(arguments.files)
    write_atomically(out, (json.dumps(told, indent=1, sort_keys=True) + "\n").encode())
    for name in [name for name in UNITS if name in figures]:
        values = figures[name]
        mean = sum(values) / len(values)
        print(f"  {name:<15}{mean:>10.4f}  {min(values):.4f} to {max(values):.4f}, {UNITS[name]}")


def figures_of(paths: Sequence[Path]) -> dict[str, list[float]]:
    """The stored figures of some checkpoints by name, in the order of the files.

    Raises:
        ValueError: they differ in more than the seed, or in no seed, or one has no figures yet.
    """
    headers = [_header(path) for path in paths]
    seeds = [header.train.seed for header in headers]
    recipes = {(header.config, dataclasses.replace(header.train, seed=0)) for header in headers}
    if len(recipes) > 1 or len(set(seeds)) < len(seeds):
        found = ", ".join(f"{path.name} (seed {seed})" for path, seed in zip(paths, seeds, strict=True))
        raise ValueError(f"expected checkpoints that differ in the seed alone, found {found}.")
    for path, header in zip(paths, headers, strict=True):
        if not header.metrics:
            raise ValueError(f"{path} has no test figures yet: add them by python -m model evaluate {path} --store")
    return {name: [round(header.metrics[name], 6) for header in headers] for name in headers[0].metrics}


def _header(path: Path) -> Header:
    with open(path, "rb") as file:
        return read_header(path.name, file, path.stat().st_size)
