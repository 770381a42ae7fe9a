"""Command line: python -m model train | import | evaluate | show | report | encode | seeds | lesson."""

import argparse
import contextlib
import dataclasses
import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from model import archives, pictures, report, seeds, shapes
from model.config import (
    PRESETS,
    Choice,
    ConfigError,
    DatasetName,
    Flag,
    ModelConfig,
    Range,
    TrainConfig,
    Widths,
    configs,
    to_json,
)
from model.console import Parser, check_out, measured, print_figures, store_figures
from model.dataset import COLOUR, DATASETS, GREY, counts, is_own
from model.format import STATE_FILE
from model.importing import command as importing
from model.lock import locked

if TYPE_CHECKING:
    from model.training import Run

Config = ModelConfig | TrainConfig


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())


def _checked(name: str, limits: Choice | Range | Widths | Flag) -> Callable[[str], Any]:
    """An argparse type that refuses a bad value where it stands, with the accepted range."""

    def convert(text: str) -> Any:
        parse: Callable[[str], Any] = str
        if isinstance(limits, Range):
            parse = int if limits.whole else float
        elif isinstance(limits, Widths):
            parse = _widths
        try:
            value = parse(text)
        except ValueError:
            value = text
        try:
            limits.check(name, value)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return value

    return convert


def _fields(kind: type[Config]) -> list[dataclasses.Field[Any]]:
    """The settings that a user may give; the image's size and channels are the data set's."""
    return [f for f in dataclasses.fields(kind) if f.name not in ("height", "width", "channels")]


def _either(choice: Choice) -> str:
    more = ", bars, or a folder or file of own pictures" if isinstance(choice, DatasetName) else ""
    return "{" + ",".join(choice.names) + "}" + more


def _dataset(text: str) -> str:
    """A data set's name, or where pictures lie."""
    if text in DATASETS or text == shapes.NAME or is_own(text) or Path(text).exists():
        return text
    names = ", ".join(DATASETS)
    raise argparse.ArgumentTypeError(
        f"dataset must be one of {names}, bars, or a folder or file of pictures; found {text!r}."
    )


def _add_settings(parser: argparse.ArgumentParser, kind: type[Config]) -> None:
    group = parser.add_argument_group("model" if kind is ModelConfig else "training")
    for f in _fields(kind):
        limits, option = f.metadata["limits"], "--" + f.name.replace("_", "-")
        default = ",".join(map(str, f.default)) if isinstance(f.default, tuple) else f.default
        if isinstance(limits, Flag):
            text = f"{f.metadata['help']} (default {'on' if default else 'off'})"
            group.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=text)
            continue
        span = {
            Choice: _either,
            DatasetName: _either,
            Range: lambda r: f"{r.low:g}..{r.high:g}",
            Widths: lambda _: "W,W,…",
        }[type(limits)](limits)
        text = f"{f.metadata['help']} ({span}, default {default})".replace("%", "%%")
        convert = _dataset if f.name == "dataset" else _checked(f.name, limits)
        group.add_argument(option, type=convert, default=None, metavar=f.name.upper(), help=text)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m model", description="Train and judge the explorer's models.")
    commands = parser.add_subparsers(dest="command", required=True)

    train = commands.add_parser(
        "train",
        help="train a model and write its checkpoint",
        description="Train a model and write its checkpoint. Settings not given come from the preset.",
    )
    presets = "; ".join(f"{name}: {preset.title}" for name, preset in PRESETS.items())
    train.add_argument("--preset", choices=PRESETS, help=presets.replace("%", "%%"))
    train.add_argument("--run", type=Path, metavar="DIR", help="keep the run's state here after each epoch")
    train.add_argument("--resume", type=Path, metavar="DIR", help="go on with the run in DIR from its last whole epoch")
    train.add_argument("--out", type=Path, metavar="FILE", help="the .safetensors checkpoint to write at the end")
    train.add_argument("--device", choices=("cpu", "cuda", "mps"), help="where to compute (default: cuda, else cpu)")
    for kind in (ModelConfig, TrainConfig):
        _add_settings(train, kind)
    own = train.add_argument_group("own pictures, where --dataset is a folder or a file")
    own.add_argument("--size", type=int, metavar="N", help="pixels of a side they are scaled to, 8..64 (default 28)")
    own.add_argument("--channels", type=int, choices=(GREY, COLOUR), help="1: made grey (default); 3: in colour")
    own.add_argument("--title", metavar="TEXT", help="what they are called (default: the folder's or file's name)")
    own.add_argument("--notes", metavar="TEXT", help="what else there is to say of them: whose they are, a licence")

    importing.add_parser(commands)
    report.add_parser(commands)

    evaluate = commands.add_parser("evaluate", help="print the test figures of a checkpoint, computed anew")
    evaluate.add_argument("file", type=Path, metavar="FILE")
    evaluate.add_argument("--json", action="store_true", help="one JSON object in place of a table")
    evaluate.add_argument("--store", action="store_true", help="put them into FILE, in place of those it has")

    show = commands.add_parser("show", help="print a checkpoint's config, layer table and stored figures")
    show.add_argument("file", type=Path, metavar="FILE")

    encode = commands.add_parser(
        "encode",
        help="add the latents of the training images to a checkpoint made without them",
        description="Add the latents of the training images to a checkpoint made without them; all else in it stays.",
    )
    encode.add_argument("file", type=Path, metavar="FILE")

    seeds.add_parser(commands)

    lesson = commands.add_parser("lesson", help="compute what the lesson shows and no checkpoint holds (minutes)")
    lesson.add_argument("folder", type=Path, metavar="DIR", help="where resolution.safetensors goes")
    return parser


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, by name."""
    names = [f.name for kind in (ModelConfig, TrainConfig) for f in _fields(kind)]
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def _bring_pictures(parser: argparse.ArgumentParser, arguments: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Where --dataset is a folder or a file: its pictures become a data set, whose name takes its place."""
    dataset, size = settings.get("dataset", ""), arguments.size or pictures.SIZE
    known = not dataset or dataset in DATASETS or dataset == shapes.NAME or is_own(dataset)
    if known and (arguments.size or arguments.channels or arguments.title or arguments.notes):
        options = "--size, --channels, --title and --notes"
        parser.error(f"{options} are for own pictures: --dataset must be a folder or a file of them.")
    if dataset == shapes.NAME:
        settings["dataset"] = pictures.keep(shapes.pictures(), shapes.TITLE, shapes.NOTES)
    elif not known:
        title, notes, channels = arguments.title or "", arguments.notes or "", arguments.channels or GREY
        settings["dataset"] = name = pictures.prepare(Path(dataset), size, title, notes, channels)
        if warning := pictures.few(*counts(name)):
            print(f"python -m model: {warning}", file=sys.stderr)


def _train(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    settings = _settings(arguments)
    if arguments.resume and (settings or arguments.preset):
        parser.error("--resume takes its settings from DIR: leave the others away, but for --out and --device.")
    if arguments.resume and arguments.run:
        parser.error("--resume DIR goes on in DIR: leave --run away.")
    check_out(parser, arguments.out)
    _bring_pictures(parser, arguments, settings)
    asked = None if arguments.resume else configs(arguments.preset or "default", settings)
    if asked and asked[1].dataset == "mnist":
        archives.read_ahead()

    import torch  # after the arguments are known to be good: it takes seconds

    from model import distributed, training

    device = torch.device(arguments.device) if arguments.device else training.best_device()
    if device.type == "cuda" and "LOCAL_RANK" in os.environ:
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    directory = arguments.resume or arguments.run
    with distributed.join(device) as group, contextlib.ExitStack() as held:
        if arguments.run:
            arguments.run.mkdir(parents=True, exist_ok=True)
        if directory and directory.is_dir() and group.first:
            held.enter_context(locked(directory))
        if asked:
            if directory and (directory / STATE_FILE).exists():
                parser.error(f"{directory} holds a run already: --resume it, or choose another folder for --run.")
            run = training.Run(*asked, device=device, group=group)
        else:
            run = training.Run.resume(arguments.resume, device, group)
        if arguments.out and run.config.validation:
            parser.error("--validation only judges settings: leave --out away, then train on all images with the best.")
        _run(run, directory, arguments.out)


def _run(run: "Run", directory: Path | None, out: Path | None) -> None:
    """Train to the end, write the checkpoint, then measure its figures, put them into it and print them."""
    from model import checkpoint, training

    begin = time.perf_counter()
    train_set, eval_set = training.split(run.config)
    unit = "nats" if run.config.loss == "bce" else "error"
    judged = "validation" if run.config.validation else "test"
    first = run.group.first
    with tqdm(total=run.config.epochs, initial=run.epoch, unit="epoch", dynamic_ncols=True, disable=not first) as bar:
        for report in training.train(run, train_set, eval_set, directory):
            bar.set_postfix_str(
                f"train {report.train.total:.2f}, {judged} {report.test.total:.2f} {unit} "
                f"(reconstruction {report.test.reconstruction:.2f}, KL {report.test.kl:.2f})",
                refresh=False,
            )
            bar.update()
    if not first:
        return
    if out is None:
        figures = measured(run.kept, *(training.on_device(s, run.device) for s in (train_set, eval_set)))
        kept = f"go on or keep it with --resume {directory}" if directory else "not kept: neither --out nor --run"
        print_figures(figures, f"{judged} images, {time.perf_counter() - begin:.0f} s in all; {kept}")
        return
    made = training.finish(run, train_set, eval_set)
    checkpoint.save(made, out)
    figures = store_figures(made, out, train_set, eval_set)
    trained = sum(row["seconds"] for row in made.history)
    seconds = time.perf_counter() - begin
    print_figures(figures, f"{out}: {trained:.0f} s of training steps, {seconds:.0f} s in all")


def _evaluate(arguments: argparse.Namespace) -> None:
    from model import checkpoint, data

    loaded = checkpoint.load(arguments.file)
    halves = (data.load(loaded.train.dataset, train=True), data.load(loaded.train.dataset, train=False))
    if warning := pictures.few(*map(len, halves)):
        print(f"python -m model: {warning}", file=sys.stderr)
    figures = measured(loaded.model, *halves)
    if arguments.store:
        checkpoint.store_metrics(arguments.file, figures)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print_figures(figures, str(arguments.file))


def _show(arguments: argparse.Namespace) -> None:
    from model import checkpoint
    from model.summary import summary

    loaded = checkpoint.load(arguments.file)
    print(f"config  {to_json(loaded.config)}\ntrain   {to_json(loaded.train)}\n\n{summary(loaded.config)}\n")
    if loaded.metrics:
        print_figures(loaded.metrics, "stored figures, test images")
    else:
        print(f"It has no test figures yet: add them by python -m model evaluate {arguments.file} --store")


def _encode(arguments: argparse.Namespace) -> None:
    import torch

    from model import checkpoint, data, metrics

    loaded = checkpoint.load(arguments.file)
    training = data.load(loaded.train.dataset, train=True)
    mu, _ = metrics.encode(loaded.model, training.images, training.labels)
    compact = checkpoint.compact(mu)
    if compact is None:
        raise ValueError(
            f"{arguments.file}: expected latents of the training images within ±65504, which 16 bits hold, "
            f"found {mu.abs().max():.3g}; the file stays as it is, and the map does without them."
        )
    checkpoint.add_train_latents(arguments.file, compact, training.labels.to(torch.uint8))
    print(f"{arguments.file}: latents of {len(training)} training images added")


def _lesson(arguments: argparse.Namespace) -> None:
    from safetensors.torch import save

    from model import data, lesson
    from model.files import write_atomically

    training, test = (data.load("mnist", train=half) for half in (True, False))
    figures, tensors = lesson.resolutions(training, test)
    content = save({name: tensor.contiguous() for name, tensor in tensors.items()}, {"figures": json.dumps(figures)})
    write_atomically(arguments.folder / "resolution.safetensors", content)
    print(json.dumps(figures))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0, or 2 with one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file's or pipe's encoding on Windows has no → and no σ
            stream.reconfigure(errors="replace")
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "train":
            _train(parser, arguments)
        elif arguments.command == "import":
            importing.run(parser, arguments)
        elif arguments.command == "report":
            report.run(arguments)
        elif arguments.command == "evaluate":
            _evaluate(arguments)
        elif arguments.command == "show":
            _show(arguments)
        elif arguments.command == "encode":
            _encode(arguments)
        elif arguments.command == "seeds":
            seeds.run(arguments)
        else:
            _lesson(arguments)
    except (ValueError, RuntimeError, OSError) as error:  # ours, and a full disk: all say what to do
        print(f"python -m model: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        kept = getattr(arguments, "resume", None) or getattr(arguments, "run", None)
        out = f" --out {arguments.out}" if getattr(arguments, "out", None) else ""
        print(
            f"\nstopped; go on with: python -m model train --resume {kept}{out}" if kept else "\nstopped",
            file=sys.stderr,
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
