"""Command line: python -m explorer.export FILE [FILE …] -o explorer.html | --site DIR."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from explorer.catalogue.library import Entry
from explorer.export.handout import (
    DIGITS,
    LEAST_DIGITS,
    LEAST_TRAINING,
    MOST_DIGITS,
    MOST_TRAINING,
    TRAINING,
    handout,
    read_models,
)
from model.console import Parser
from model.errors import UserError
from model.files import write_atomically
from model.format import TRACE_POINTS

MEGABYTE = 1_000_000


def _whole(least: int, most: int) -> Callable[[str], int]:
    """An argparse type that refuses another number where it stands."""

    def convert(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, found {text}.")
        return int(text)

    return convert


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"'<>]+", text):
        raise argparse.ArgumentTypeError(f"expected an address such as https://example.org/explorer/, found {text}.")
    return text.rstrip("/") + "/"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or the files, and print what their size is made of; returns the exit status."""
    parser = Parser(
        prog="python -m explorer.export",
        description="Write the explorer with a model, or with more, as one HTML file that opens from a disk, offline; "
        "or as files for a web host.",
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="FILE", help="a .safetensors checkpoint")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--out", type=Path, metavar="HTML", help="the file to write")
    where.add_argument("--site", type=Path, metavar="DIR", help="the folder to write, for any web host")
    number = f"how many test images it has ({LEAST_DIGITS}..{MOST_DIGITS}, default {DIGITS}, all of a site)"
    parser.add_argument("--digits", type=_whole(LEAST_DIGITS, MOST_DIGITS), metavar="N", help=number)
    number = f"let it train, too, on so many training images ({LEAST_TRAINING}..{MOST_TRAINING}, default {TRAINING})"
    whole = _whole(LEAST_TRAINING, MOST_TRAINING)
    parser.add_argument("--train", type=whole, nargs="?", const=TRAINING, default=0, metavar="N", help=number)
    shown = "the lesson, too, with all test images and the shipped models that it shows"
    parser.add_argument("--lesson", action="store_true", help=shown)
    parser.add_argument("--url", type=_url, metavar="URL", help="where the site will lie, for shared links")
    asked = parser.parse_args(arguments)
    if asked.out and asked.out.suffix.lower() not in (".html", ".htm"):
        parser.error(f"--out must end in .html; found {asked.out}.")
    if asked.out and asked.url:
        parser.error("--url is for --site.")
    if asked.train and (asked.digits or TRACE_POINTS) < TRACE_POINTS:
        parser.error(f"--train shows and judges by the first {TRACE_POINTS} test images: give --digits no less.")
    if asked.lesson and (asked.digits or MOST_DIGITS) < MOST_DIGITS:
        parser.error(f"--lesson searches among all {MOST_DIGITS} test images: leave --digits out.")
    try:
        models = read_models(asked.models)
        lesson = _lesson(models) if asked.lesson else None
        from explorer.export.weights import rounded_weights  # here: it takes seconds, after all else was found good

        if asked.site:
            from explorer.export.site import write_site

            sizes = write_site(
                asked.site, models, asked.digits or MOST_DIGITS, asked.url or "", asked.train, lesson, rounded_weights
            )
        else:
            made = handout(
                models, asked.digits or (MOST_DIGITS if asked.lesson else DIGITS), asked.train, lesson, rounded_weights
            )
            write_atomically(asked.out, made.html)
            sizes = made.sizes
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    _print_sizes(asked.site or asked.out, sizes)
    return 0


def _lesson(models: Sequence[Entry]) -> list[Entry]:
    """The models that the lesson needs besides some others; said, for they count in the size."""
    from explorer.export.lesson import models_needed

    if more := models_needed(models):
        print(f"The lesson shows these shipped models, too: {', '.join(entry.name for entry in more)}.")
    return more


def _print_sizes(path: Path, sizes: Mapping[str, int]) -> None:
    width = max(map(len, sizes))
    for what, size in sizes.items():
        print(f"{what:{width}}  {size / MEGABYTE:6.2f} MB")
    print(f"{path}: {sum(sizes.values()) / MEGABYTE:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
