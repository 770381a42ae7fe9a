"""Command line: python -m explorer.export FILE [FILE …] -o explorer.html."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from explorer.export.handout import DIGITS, LEAST_DIGITS, MOST_DIGITS, handout, read_models
from model.errors import UserError
from model.files import write_atomically

MEGABYTE = 1_000_000


def _digits(text: str) -> int:
    if not text.isdecimal() or not LEAST_DIGITS <= int(text) <= MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"expected a whole number from {LEAST_DIGITS} to {MOST_DIGITS}, found {text}.")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Write the file and print what its size is made of; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.export",
        description="Write the explorer with a model, or with more, as one HTML file that opens from a disk, offline.",
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="FILE", help="a .safetensors checkpoint")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="HTML", help="the file to write")
    number = f"how many test images it has with it ({LEAST_DIGITS}..{MOST_DIGITS}, default {DIGITS})"
    parser.add_argument("--digits", type=_digits, default=DIGITS, metavar="N", help=number)
    asked = parser.parse_args(arguments)
    if asked.out.suffix.lower() not in (".html", ".htm"):
        parser.error(f"--out must end in .html; found {asked.out}.")
    try:
        made = handout(read_models(asked.models), asked.digits)
        write_atomically(asked.out, made.html)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    _print_sizes(asked.out, made.sizes)
    return 0


def _print_sizes(path: Path, sizes: Mapping[str, int]) -> None:
    width = max(map(len, sizes))
    for what, size in sizes.items():
        print(f"{what:{width}}  {size / MEGABYTE:6.2f} MB")
    print(f"{path}: {sum(sizes.values()) / MEGABYTE:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
