"""Who leads the class, what it is shown, and what it answers; a server that starts anew knows nothing of it."""

__all__ = ["Classroom", "Forbidden", "LapsedError", "classroom"]

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from explorer import identity
from explorer.broadcast import Broadcast
from explorer.classroom.place import ClassError, Place, point, read_change, read_place, read_question, text
from model.errors import quoted

PATIENCE = 15.0  # seconds without a word from the page that leads, after which nobody does
LOOKS = 3  # in that time, after a word from it
MOST_ANSWERS = 2000  # to a question: a name costs nothing, and all of them are kept
SEAT = 64  # characters of a page's name


class Forbidden(ClassError):
    """The viewer may not do this."""


class LapsedError(ClassError):
    """Nobody leads: the page was not heard of for too long, or the server has started anew."""


class Classroom:
    """One class a server. Its methods are called in threads; none waits for anything but another of them.

    Attributes:
        followers: the pages that follow, which are told of each change.
        others: those that are open and do not, which are told who leads and what is asked.
    """

    def __init__(self) -> None:
        self.followers, self.others = Broadcast(), Broadcast()
        self._lock = threading.Lock()
        self._seat = ""  # the page that leads, by the name that it gave itself
        self._heard = 0.0  # when, by the clock that never goes back
        self._place: Place | None = None
        self._question: dict[str, Any] | None = None  # as pages get it
        self._asked = 0  # questions so far: the number of the last
        self._answers: dict[str, Any] = {}  # by viewer
        self._watched = False  # whether `watch` looks again

    def order(self, action: str, viewer: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a page asks for; returns what it is told.

        Raises:
            Forbidden: that takes the instructor's key.
            LapsedError: the page led, and does no longer.
            ClassError: what it sent cannot be used, or another page leads.
        """
        if action == "answer":
            return self._answer(viewer, values)
        if not identity.is_instructor(viewer):
            raise Forbidden("Only who has entered the instructor's key may lead the class.")
        seat = text(values.get("seat"), SEAT)
        acts: dict[str, Callable[[str, Mapping[str, Any]], None]] = {
            "lead": self._lead,
            "show": self._show,
            "ask": self._ask,
            "leave": self._leave,
        }
        if not seat or action not in acts:
            raise ClassError("Expected one of {known}, found {found}.", known=", ".join(acts), found=quoted(action))
        with self._lock:
            if action != "lead":
                self._check(seat)
            acts[action](seat, values)
            self._heard = time.monotonic()
            return {"pages": self._pages(), "answers": self._tally()}

    def _check(self, seat: str) -> None:
        if not self._seat:
            raise LapsedError("Nobody leads the class.")
        if self._seat != seat:
            raise ClassError("Another page leads the class now.")

    def _lead(self, seat: str, values: Mapping[str, Any]) -> None:
        place = read_place(values.get("page"), values.get("shown"))
        if seat != self._seat:
            self._end()
        self._seat, self._place = seat, place
        self._publish_standing()

    def _show(self, _seat: str, values: Mapping[str, Any]) -> None:
        page, shown = values.get("page"), values.get("shown", {})
        if self._place is None or page != self._place.page:
            self._place = read_place(page, shown)
            self._publish_standing()
        elif change := read_change(self._place.page, shown):
            now = {**self._place.shown, **change}
            self._place = Place(self._place.page, {name: value for name, value in now.items() if value is not None})
            self.followers.publish("shown", {"page": page, "shown": change})

    def _ask(self, _seat: str, values: Mapping[str, Any]) -> None:
        asked = values.get("question")
        if asked is None:
            self._question = None
        else:
            question = read_question(asked if isinstance(asked, dict) else {})
            self._asked += 1
            self._question = {"number": self._asked, **asdict(question)}
        self._answers.clear()
        self._publish_standing()

    def _leave(self, _seat: str, _values: Mapping[str, Any]) -> None:
        self._end()
        self._publish_standing()

    def _end(self) -> None:
        self._seat, self._place, self._question = "", None, None
        self._answers.clear()

    def _answer(self, viewer: str, values: Mapping[str, Any]) -> dict[str, Any]:
        if not viewer:
            raise Forbidden("To answer, allow this page to keep a cookie: each browser answers once.")
        name, answer = identity.mark(viewer), values.get("answer")
        with self._lock:
            question = self._question
            if question is None or values.get("number") != question["number"]:
                raise ClassError("That question is over.")
            if question["kind"] == "place":
                given: object = point(answer)
            elif isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < len(question["choices"]):
                raise ClassError("Expected one of {known}, found {found}.", known="0, 1, …", found=quoted(answer))
            else:
                given = answer
            if name not in self._answers and len(self._answers) >= MOST_ANSWERS:
                raise ClassError("There are {most} answers already: no more are taken.", most=MOST_ANSWERS)
            self._answers[name] = given
        return {}

    def _tally(self) -> list[Any] | None:
        """To a question for a place all points, else how many chose each; None: nothing is asked."""
        if self._question is None:
            return None
        if self._question["kind"] == "place":
            return list(self._answers.values())
        counts = Counter(self._answers.values())
        return [counts[i] for i in range(len(self._question["choices"]))]

    def _pages(self) -> dict[str, int]:
        """How many follow, and how many are open beside those."""
        return {"following": self.followers.watching, "others": self.others.watching}

    def events(self, admit: Callable[[], None]) -> Iterable[bytes]:
        """What a new watcher is told first; see `Broadcast.listen`."""
        with self._lock:
            admit()
            return [Broadcast.encode("standing", self._standing())]

    def _standing(self) -> dict[str, Any]:
        place = self._place
        return {
            "seat": self._seat,
            "page": place and place.page,
            "shown": place and dict(place.shown),
            "question": self._question,
        }

    def _publish_standing(self) -> None:
        for pages in (self.followers, self.others):
            pages.publish("standing", self._standing())

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the event loop: while somebody leads, look from time to time whether that page is still heard of."""
        if not self._watched:
            self._watched = True
            loop.call_later(PATIENCE / LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watched = False
        if not self.left():
            self.watch(loop)

    def left(self) -> bool:
        """Whether nobody leads, or no longer from now on: the page that did was not heard of for too long."""
        with self._lock:
            if self._seat and time.monotonic() - self._heard >= PATIENCE:
                self._leave("", {})
            return not self._seat


classroom = Classroom()
