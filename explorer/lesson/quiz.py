"""Questions at the end of a screen, each with its answers; the browser alone knows what was chosen, and forgets it."""

__all__ = ["Question", "questions", "quiz"]

from dataclasses import dataclass
from html import escape

from explorer import i18n
from explorer.i18n import _
from explorer.lesson.screens import Screen
from explorer.settings import LESSON_QUIZ


@dataclass(frozen=True)
class Question:
    """One question: the answers to choose from, which of them is right (its index), and why."""

    text: str
    answers: tuple[str, ...]
    right: int
    reason: str


def questions(screen: Screen) -> list[Question]:
    """Those of a screen, in the language chosen: blank lines between them; `- ` before an answer, `+ ` before the right
    one, `= ` before the reason."""
    text = (LESSON_QUIZ / i18n.language() / f"{screen.name}.txt").read_text(encoding="utf-8")
    return [_question(block.splitlines()) for block in text.strip().split("\n\n")]


def _question(lines: list[str]) -> Question:
    text, *answers, reason = lines
    right = next(n for n, answer in enumerate(answers) if answer.startswith("+ "))
    return Question(text, tuple(answer[2:] for answer in answers), right, reason.removeprefix("= "))


def quiz(screen: Screen) -> str:
    """A screen's questions as HTML; learn.css shows what was chosen, and why it is right or wrong, without a script."""
    told = "".join(_html(f"{screen.name}-{n}", question) for n, question in enumerate(questions(screen)))
    return f'<section class="lse-quiz" data-testid="quiz"><h2>{escape(_("Check yourself"))}</h2>{told}</section>'


def _html(name: str, question: Question) -> str:
    answers = "".join(
        f'<label><input type="radio" name="quiz-{name}" data-right="{str(n == question.right).lower()}">'
        f"<span>{escape(answer)}</span></label>"
        for n, answer in enumerate(question.answers)
    )
    reason = escape(question.reason)
    return (
        f'<fieldset><legend>{escape(question.text)}</legend>{answers}<div role="status">'
        f'<p data-right="true"><b>{escape(_("Right."))}</b> {reason}</p>'
        f'<p data-right="false"><b>{escape(_("Not so."))}</b> {reason}</p></div></fieldset>'
    )
