"""The lesson's screens: which there are, their words in each language, the source that belongs to them."""

__all__ = [
    "SCREENS",
    "Screen",
    "Step",
    "glossary",
    "notes",
    "number_asked",
    "prose",
    "short_title",
    "steps",
    "title",
    "within",
]

import re
from dataclasses import dataclass

from explorer import i18n
from explorer.settings import LESSON_GLOSSARY, LESSON_NOTES, LESSON_TEXT


@dataclass(frozen=True)
class Screen:
    """One idea of the lesson.

    Attributes:
        name: of its prose and of its figure.
        steps: names of what is told one after the other; the figure shows what belongs to each.
        sources: what of `model/` can be opened under the prose.
        table: the model whose layer table can be opened, too, if any.
        keras: the file of the same in Keras, if there is one.
    """

    name: str
    steps: tuple[str, ...]
    sources: tuple[str, ...]
    table: str = ""
    keras: str = ""


@dataclass(frozen=True)
class Step:
    """What is told at once, Markdown with LaTeX; `title` and `folded`: what can be opened under it, or nothing."""

    name: str
    text: str
    title: str = ""
    folded: str = ""


SCREENS = (
    Screen(
        "through",
        ("networks", "bottleneck", "plane", "send", "drag"),
        ("model.networks.Encoder.forward", "model.networks.Decoder.forward"),
        table="ae-mnist",
    ),
    Screen("training", ("loop", "step", "phases", "rate", "weights", "epochs"), ("model.lesson.step",)),
    Screen("losses", ("number", "twice", "answers", "pair", "class", "entropy"), ("model.losses.reconstruction",)),
    Screen("uses", ("compress", "search", "vote", "time"), ("model.metrics.knn_accuracy",)),
    Screen(
        "holes",
        ("find", "points", "hole", "rule", "larger"),
        ("model.metrics.hole_radius", "model.metrics.hole_share", "model.lesson.resolutions"),
    ),
    Screen(
        "vae",
        ("cloud", "hundred", "axes", "draw", "terms", "beta"),
        ("model.networks.VAE.sample", "model.losses.kl"),
        table="vae-mnist-baseline",
        keras="docs/vae_in_keras.py",
    ),
    Screen("normal", ("together", "bell", "compare"), ("model.metrics.elbo",)),
    Screen(
        "generate",
        ("sample", "manifold", "find", "votes", "order", "yours"),
        ("model.networks.AutoEncoder.decode", "model.networks.sigmoid"),
    ),
)


def within(number: int) -> int:
    """The nearest number of a screen, from 1."""
    return min(max(number, 1), len(SCREENS))


def number_asked(text: str) -> int:
    """The number of the screen that an address asks for; the first where it asks for none."""
    return within(int(text) if re.fullmatch("[0-9]{1,9}", text) else 1)


def prose(screen: Screen) -> str:
    """What a screen tells, Markdown with LaTeX, in the language chosen; its first line is the title."""
    path = LESSON_TEXT / i18n.language() / f"{screen.name}.md"
    return path.read_text(encoding="utf-8")


def glossary() -> dict[str, str]:
    """What technical words mean, in the language chosen, by the name in a link of the prose: `[word](#term-name)`."""
    lines = (LESSON_GLOSSARY / f"{i18n.language()}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def steps(screen: Screen) -> list[Step]:
    """The prose without its title: a line of `---` lies between two steps, `+++ title` before what is folded; each
    technical word with its meaning as the link's title, which `learn/glossary.js` shows."""
    meanings = glossary()
    text = re.sub(r"\(#term-([a-z-]+)\)", lambda link: f'(#term-{link[1]} "{meanings[link[1]]}")', prose(screen))
    told = text.partition("\n")[2].split("\n---\n")
    return [_step(name, text) for name, text in zip(screen.steps, told, strict=True)]


def _step(name: str, text: str) -> Step:
    shown, _, rest = text.partition("\n+++ ")
    heading, _, folded = rest.partition("\n")
    return Step(name, shown.strip(), heading, folded.strip())


def notes(screen: Screen) -> str:
    """What a teacher may want to know of a screen, Markdown, in the language chosen; `{step}` in it is its number."""
    text = (LESSON_NOTES / i18n.language() / f"{screen.name}.md").read_text(encoding="utf-8")
    return text.format_map({name: n for n, name in enumerate(screen.steps, start=1)})


def title(screen: Screen) -> str:
    """The screen's title, in the language chosen."""
    return _heading(screen)[0]


def short_title(screen: Screen) -> str:
    """One word for it, for the bar."""
    return _heading(screen)[1]


def _heading(screen: Screen) -> list[str]:
    return prose(screen).partition("\n")[0].removeprefix("# ").split(" | ")
