"""One HTML file with models, digits, words and the page that shows them: it opens from a disk, and asks for nothing."""

__all__ = [
    "DIGITS",
    "HEAD",
    "LEAST_DIGITS",
    "LEAST_TRAINING",
    "MOST_DIGITS",
    "MOST_TRAINING",
    "PAGE",
    "TITLE",
    "TRAINING",
    "Handout",
    "assemble",
    "handout",
    "policy",
    "read_models",
]

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.catalogue.titles import titles
from explorer.export.carried import Carried, Rounding
from explorer.export.packing import codes
from explorer.export.script import linked
from explorer.i18n import ENGLISH, LANGUAGES, using_language
from explorer.lesson.screens import SCREENS
from explorer.serving.addresses import STYLES, TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS
from explorer.serving.parts import BUDGET, FIRST, SECOND, few_images, make, pictures
from explorer.serving.routes import components
from explorer.settings import FRONTEND, LESSON_DATA, LOCALES, SUFFIX
from model.dataset import DATA_DIR, DATASETS, GREY
from model.errors import UserError
from model.files import digest_if_readable
from model.format import CARRIED

LEAST_DIGITS, DIGITS, MOST_DIGITS = 100, 2_000, 10_000  # test images with a page

# What a page may have no use for, modules and style sheets: with one model; without digits to train on, or lesson.
COMPARE = ("compare/view.js", "compare/compare.css")
TRAIN = ("here/view.js", "train/train.css", "here/here.css")
LEARN = ("page-lesson.js", "page-lesson.css", "learn/learn.css", "learn/print.css")
LEAST_TRAINING, TRAINING, MOST_TRAINING = 1_000, 5_000, 60_000  # training images with a page that trains
TRAINED_ON = "mnist"
ENCODER, TRACE = "encoder", "trace"
PARTS = {FIRST: "latents", SECOND: "decoder", ENCODER: "encoder", TRACE: "trace"}  # of a model, and what that is
FLOAT32 = 2**62  # bytes: a budget that all weights keep to
PAGE = "the page itself"
LESSON = "the lesson's texts"

TITLE = "Latent Space Explorer"

# With which each page begins.
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
"""
_HTML = (
    HEAD
    + """<style>{style}</style>
</head>
<body>
<noscript>This page needs JavaScript. · 這個頁面需要 JavaScript。</noscript>
{carried}<script>{script}</script>
</body>
</html>
"""
)


@dataclass(frozen=True)
class Handout:
    """A page, and what its size is made of.

    Attributes:
        html: the whole file.
        sizes: bytes of it, by what they are for.
    """

    html: bytes
    sizes: Mapping[str, int]


def read_models(paths: list[Path]) -> list[Entry]:
    """The checkpoints of some files, all of them found good.

    Raises:
        UserError: one is none, or two have one name.
    """
    found: dict[str, Entry] = {}
    for path in paths:
        name = path.name.removesuffix(SUFFIX)
        if name in found:
            raise UserError("Two of the models are called {name}: rename one of the files.", name=name)
        found[name] = Entry(name, path, "", library.checked(str(path), path))
    return list(found.values())


def handout(
    models: Sequence[Entry],
    digits: int = DIGITS,
    training: int = 0,
    lesson: Sequence[Entry] | None = None,
    rounded: Rounding = lambda _entry, _part: {},
) -> Handout:
    """The page that shows some models.

    Args:
        models: at least one, each found good; their addresses are given anew.
        digits: how many of the test images it has with it, the first ones.
        training: how many of the training images, likewise, to train on; 0: it has no such page.
        lesson: the other models that its lesson shows, see `explorer.export.lesson`; None: it has no such page.
        rounded: weights of a model's part that take fewer bytes, by the matrix' name: see `explorer.export.weights`.

    Raises:
        CheckpointError: a model has become another file meanwhile, which is none.
        OSError: a file cannot be read.
    """
    carried = Carried(rounded)
    script, style = assemble(carried, models, digits, training, lesson)
    rules = {"script-src": f"{_known(script)} 'wasm-unsafe-eval'", "style-src": _known(style), "worker-src": "blob:"}
    parts = {"policy": policy(rules), "style": style, "script": script}
    html = _HTML.format(title=TITLE, carried="".join(carried.elements.values()), **parts).encode()
    of_data = {what: size for what, size in carried.sizes.items() if what != PAGE}
    return Handout(html, {**of_data, PAGE: len(html) - sum(of_data.values())})


def assemble(
    carried: Carried, models: Sequence[Entry], digits: int, training: int = 0, lesson: Sequence[Entry] | None = None
) -> tuple[str, str]:
    """Take in all that a page of some models has with it, see `handout`; returns its script and its style sheet."""
    every = (*models, *(lesson or ()))
    unused = (
        *(() if len(every) > 1 else COMPARE),
        *(() if training else TRAIN),
        *(LEARN if lesson is None else ()),
    )
    script, others = linked("page.js", unused)
    for name, content in others.items():
        carried.add(PAGE, name, content)
    named = {entry.name: replace(entry, address=f"models/{number}") for number, entry in enumerate(every)}
    options = {
        "models": [
            _model(carried, entry, digits, (FIRST, SECOND, *((ENCODER,) if n < len(models) else ())))
            for n, entry in enumerate(named.values())
        ],
        "explored": [entry.name for entry in models],
        "pair": library.pair(library.comparable(named) or named),
        "train": _training(carried, digits, training) if training else None,
        "lesson": None,
        "languages": {
            code: {"name": name, "words": _words(carried, code, script), "titles": _titles(code, named)}
            for code, name in LANGUAGES.items()
        },
    }
    if lesson is not None:
        options["lesson"] = _lesson(carried, named, digits, training or TRAINING)
    carried.add(PAGE, "options.json", json.dumps(options).encode())
    styles = ("page.css", *STYLES, "explore/explore.css", COMPARE[1], *TRAIN[1:], *LEARN[1:])
    sheets = [name for name in styles if name not in unused]
    return script, "\n".join((FRONTEND / name).read_text(encoding="utf-8") for name in sheets)


def _model(carried: Carried, entry: Entry, digits: int, parts: Sequence[str]) -> dict[str, object]:
    """Take parts of a model in, and the images that it is about; returns what the page is told of it."""
    for part in parts:
        _part(carried, entry, part)
    header = entry.header
    config, dataset = header.config, header.train.dataset
    return {
        **library.described(entry),
        "images": _pictures(carried, entry, digits),
        "pca": _pca(carried, dataset) if config.channels == GREY else None,
        "about": {
            "dataset": header.data.title,
            "widths": config.sizes,
            "activation": config.activation,
            "metrics": header.metrics,
        },
    }


def _part(carried: Carried, entry: Entry, part: str) -> None:
    """Take in a part of a model."""
    matrices = carried.rounded(entry, part) if part in (SECOND, ENCODER) else {}
    # What is not rounded goes as float16: of an encoder, which reads what is drawn, no more, all matrices.
    budget = FLOAT32 if matrices else 0 if part == ENCODER else BUDGET
    content = make(entry.path, part, budget, (FIRST, SECOND, ENCODER))
    what = f"{entry.name}: {PARTS[part]}"
    carried.add_rounded(what, f"{entry.address}?part={part}", content, codes(content) if part == FIRST else matrices)


def _pictures(carried: Carried, entry: Entry, digits: int) -> str | None:
    """Take in the images that a model carries, else its data set's."""
    if CARRIED not in entry.header.tensors:
        return _images(carried, entry.header.train.dataset, digits)
    count = min(digits, entry.header.tensors[CARRIED].shape[0])
    return carried.add_packed(f"{count:,} test images", f"{entry.name}/images", pictures(entry.path, count))


def _images(carried: Carried, dataset: str, digits: int) -> str | None:
    path = DATA_DIR / dataset / TEST_IMAGES
    if not digest_if_readable(path):
        return None
    return carried.add_packed(f"{digits:,} test images", f"images/{dataset}", few_images(path, digits))


def _training(carried: Carried, digits: int, training: int) -> dict[str, object]:
    """Take digits in to learn from, beside those that judge; returns what the page is told of both."""
    folder, what = DATA_DIR / TRAINED_ON, f"{training:,} training images"
    learns = {
        "images": carried.add_packed(what, "training/images", few_images(folder / TRAIN_IMAGES, training)),
        "labels": carried.add(what, "training/labels", _few_labels(folder / TRAIN_LABELS, training)),
    }
    return {
        "classes": DATASETS[TRAINED_ON].classes,
        "images": _images(carried, TRAINED_ON, digits),
        "labels": carried.add(what, "labels", _few_labels(folder / TEST_LABELS, digits)),
        "training": learns,
        "learns": training,
        "judges": digits,
    }


def _lesson(carried: Carried, models: Mapping[str, Entry], digits: int, training: int) -> dict[str, object]:
    """Take the lesson in; returns what the page is told of it."""
    # Here: the server, which imports this, needs none of it.
    from explorer.export.lesson import ASKED_FOR, files_needed, pages

    texts = {code: json.dumps(pages(code, models)).encode() for code in LANGUAGES}
    files = {name: (LESSON_DATA / f"{name}{SUFFIX}").read_bytes() for name in files_needed()}
    for name, parts in ASKED_FOR.items():
        for part in parts:
            _part(carried, models[name], part)
    few = _training(carried, digits, training)
    return {
        "screens": [{"screen": screen.name, "steps": screen.steps} for screen in SCREENS],
        "texts": {code: carried.add(LESSON, f"lesson/{code}.json", text) for code, text in texts.items()},
        "sources": {
            "models": {name: entry.address for name, entry in models.items()},
            "files": {name: carried.add(LESSON, f"lesson/{name}", content) for name, content in files.items()},
            **{key: few[key] for key in ("classes", "images", "labels", "training")},
        },
    }


def _few_labels(path: Path, count: int) -> bytes:
    """The first labels of a gzipped IDX file, as another, unpacked."""
    with gzip.open(path) as file:
        magic = file.read(8)[:4]
        return magic + count.to_bytes(4, "big") + file.read(count)


def _pca(carried: Carried, dataset: str) -> str | None:
    path = DATA_DIR / dataset / TRAIN_IMAGES
    return carried.add("PCA", f"pca/{dataset}", components(path)) if digest_if_readable(path) else None


def _words(carried: Carried, code: str, script: str) -> str | None:
    """The catalogue of a language, as far as the script has its texts; none of English."""
    if code == ENGLISH:
        return None
    words = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    said = {text: word for text, word in words.items() if json.dumps(text, ensure_ascii=False) in script}
    return carried.add(PAGE, f"locales/{code}.json", json.dumps(said).encode())


def _titles(code: str, models: Mapping[str, Entry]) -> list[str]:
    """What the models are called in a language, in their order."""
    with using_language(code):
        return list(titles(models).values())


def _known(text: str) -> str:
    """A script or style sheet as a policy knows it: by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(rules: Mapping[str, str]) -> str:
    """A page's content-security policy: nothing but what some rules allow, and pictures that it draws itself."""
    common = {"default-src": "'none'", "img-src": "blob: data:", "base-uri": "'none'", "form-action": "'none'"}
    return "; ".join(f"{name} {value}" for name, value in {**common, **rules}.items())
