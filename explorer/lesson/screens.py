"""The lesson's screens: which there are, their prose in each language, and the source that belongs to them."""

__all__ = ["SCREENS", "Screen", "number_asked", "prose", "title", "within"]

import re
from dataclasses import dataclass

from explorer import i18n
from explorer.settings import LESSON_TEXT


@dataclass(frozen=True)
class Screen:
    """One idea of the lesson.

    Attributes:
        name: of its prose and of its figure.
        sources: what of `model/` is shown beside the figure.
        table: the model whose layer table is shown, too, if any.
    """

    name: str
    sources: tuple[str, ...]
    table: str = ""


SCREENS = (
    Screen("through", ("model.networks.Encoder.forward", "model.networks.Decoder.forward"), table="ae-mnist"),
    Screen("training", ("model.lesson.step",)),
    Screen("losses", ("model.losses.reconstruction",)),
    Screen("uses", ("model.metrics.knn_accuracy",)),
    Screen("holes", ("model.metrics.hole_radius", "model.metrics.hole_share", "model.lesson.resolutions")),
    Screen("vae", ("model.networks.VAE.sample", "model.losses.kl")),
    Screen("normal", ("model.metrics.elbo",)),
    Screen("generate", ("model.networks.AutoEncoder.decode", "model.networks.sigmoid")),
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


def title(screen: Screen) -> str:
    """The screen's title, in the language chosen."""
    return prose(screen).partition("\n")[0].removeprefix("# ")
