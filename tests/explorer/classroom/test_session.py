"""Who may lead a class and what it then gets; what it is asked and answers; what is refused, each in a sentence."""

import asyncio
import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from explorer import identity
from explorer.classroom import session
from explorer.classroom.place import PAGES, ClassError
from explorer.classroom.session import Classroom, Forbidden, LapsedError
from explorer.settings import FRONTEND, INSTRUCTOR_KEY

TEACHER, PUPIL = "teacher-teacher-teacher", "pupil-pupil-pupil-pupil"
HERE = {"seat": "first", "page": "explore", "shown": {"model": "vae-mnist", "z": "1,2"}}
POLL = {"kind": "choice", "text": "What is β?", "choices": ["a weight", "a letter"]}


@pytest.fixture(autouse=True)
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSTRUCTOR_KEY, "key of a class")
    assert identity.admit(TEACHER, "", "key of a class")


class Heard:
    """A class, and all that its pages were told."""

    def __init__(self) -> None:
        self.room = Classroom()

    def order(self, action: str, viewer: str = TEACHER, /, **values: Any) -> dict[str, Any]:
        return self.room.order(action, viewer, {"seat": "first", **values})

    def standing(self) -> dict[str, Any]:
        (message,) = self.room.events(lambda: None)
        return dict(json.loads(message.decode().partition("data: ")[2]))


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_pages_are_told_where_the_teacher_is_and_then_what_has_changed() -> None:
    async def scene() -> tuple[list[str], list[str]]:
        room = Classroom()
        stream, quiet = room.followers.listen(room.events), room.others.listen(room.events)
        told, less = [(await anext(stream)).decode()], [(await anext(quiet)).decode()]
        for action, values in (
            ("lead", HERE),
            ("show", {**HERE, "shown": {"z": "3,4"}}),
            ("show", {**HERE, "shown": {}}),  # a word, and nothing new
            ("show", {**HERE, "shown": {"z": None}}),
            ("show", {"seat": "first", "page": "learn", "shown": {"screen": "2"}}),
        ):
            answer = await asyncio.to_thread(room.order, action, TEACHER, values)
            assert answer["pages"] == {"following": 1, "others": 1}
        told += [(await anext(stream)).decode() for _ in range(4)]
        return told, [*less, *[(await anext(quiet)).decode() for _ in range(2)]]

    with ThreadPoolExecutor() as pool:
        told, less = pool.submit(lambda: asyncio.run(scene())).result()
    assert less == [told[0], told[1], told[4]]  # to those that do not follow only who leads, and on which page
    events = [(text.split("\n")[0], json.loads(text.partition("data: ")[2])) for text in told]
    nobody = {"seat": "", "page": None, "shown": None, "question": None}
    assert events == [
        ("event: standing", nobody),
        ("event: standing", {**HERE, "question": None}),
        ("event: shown", {"page": "explore", "shown": {"z": "3,4"}}),
        ("event: shown", {"page": "explore", "shown": {"z": None}}),
        ("event: standing", {"seat": "first", "page": "learn", "shown": {"screen": "2"}, "question": None}),
    ]


def test_one_page_leads_and_another_takes_over(heard: Heard) -> None:
    heard.order("lead", **HERE)
    heard.order("ask", question=POLL)
    heard.order("lead", **{**HERE, "seat": "second", "page": "learn", "shown": {"screen": "3"}})
    assert heard.standing() == {"seat": "second", "page": "learn", "shown": {"screen": "3"}, "question": None}
    with pytest.raises(ClassError, match="Another page leads"):
        heard.order("show", **HERE)
    heard.order("leave", seat="second")
    assert heard.standing()["seat"] == ""
    with pytest.raises(LapsedError, match="Nobody leads"):
        heard.order("show", **HERE)


def test_a_page_that_is_not_heard_of_leads_no_longer(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.order("lead", **HERE)
    assert not heard.room.left()
    monkeypatch.setattr(session, "PATIENCE", 0.0)
    assert heard.room.left()
    assert heard.standing()["seat"] == ""


@pytest.mark.parametrize("viewer", ["", PUPIL])
@pytest.mark.parametrize("action", ["lead", "show", "ask", "leave"])
def test_only_the_instructor_leads(action: str, viewer: str, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Forbidden, match="Only who has entered the instructor's key"):
        heard.order(action, viewer, **HERE)
    monkeypatch.setenv(INSTRUCTOR_KEY, "")  # without one nobody leads: what is another's is not a viewer's own
    with pytest.raises(Forbidden, match="Only who has entered the instructor's key"):
        heard.order(action, **HERE)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"page": "admin"}, "Expected one of explore, compare, learn, train, found 'admin'."),
        ({"page": ["explore"]}, "Expected one of explore"),
        ({"shown": {"lang": "en"}}, "found {'lang': 'en'}"),
        ({"shown": {"z": "1" * 201}}, "at most 200 characters"),
        ({"shown": {"z": "1\n2"}}, "Expected one line"),
        ({"shown": {"z": 1}}, "found 1."),
        ({"shown": {"model": "\ud800"}}, "Expected one line"),
        ({"shown": []}, "Expected some of"),
        ({"seat": ""}, "Expected one of lead"),
        ({"seat": "x" * 65}, "at most 64"),
        ({"seat": None}, "found None"),
    ],
)
def test_what_is_no_place_is_refused_and_changes_nothing(wrong: dict[str, Any], why: str, heard: Heard) -> None:
    heard.order("lead", **HERE)
    for action in ("lead", "show"):
        with pytest.raises(ClassError, match=re.escape(why)):
            heard.order(action, **{**HERE, **wrong})
    assert heard.standing() == {**HERE, "question": None}


SCHEMAS = {
    "explore": ["explore/state.js PLACE"],
    "compare": ["compare/state.js SCHEMA", "compare/state.js VIEWS"],
    "learn": ["learn/view.js ADDRESS", *(f"learn/{path.name} PLACE" for path in (FRONTEND / "learn").glob("*.js"))],
    "train": ["train/view.js ADDRESS", "train/followed.js POINT"],
}


@pytest.mark.parametrize("page", SCHEMAS)
def test_all_that_an_address_says_may_be_shown_to_a_class(page: str) -> None:
    names = {"model"}
    for module, name in map(str.split, SCHEMAS[page]):
        text = (FRONTEND / module).read_text(encoding="utf-8")
        if not (schema := re.search(rf"^(?:export )?const {name} = \{{(.*?)\}};$", text, re.MULTILINE | re.DOTALL)):
            continue  # a figure without anything that a link keeps
        lines = "\n" in schema[1]
        flat = re.sub(r"\{[^{}]*(\{[^{}]*\})?[^{}]*\}", "", schema[1])
        names |= set(re.findall(r"^  ([\w-]+)[:,]" if lines else r'([\w-]+)"?: ', flat, re.MULTILINE))
    assert names == PAGES[page] | {"model"}


def test_answers_come_without_names_one_of_each_viewer(heard: Heard) -> None:
    heard.order("lead", **HERE)
    assert heard.order("show", **HERE)["answers"] is None
    assert heard.order("ask", question=POLL)["answers"] == [0, 0]
    number = heard.standing()["question"]["number"]
    for viewer, answer in ((PUPIL, 0), (TEACHER, 0), (PUPIL, 1)):
        assert heard.order("answer", viewer, number=number, answer=answer) == {}
    assert heard.order("show", **HERE)["answers"] == [1, 1]
    assert PUPIL not in json.dumps(heard.standing())
    heard.order("ask", question={"kind": "place", "text": "Where is a 3?", "model": "vae-mnist"})
    with pytest.raises(ClassError, match="That question is over"):
        heard.order("answer", PUPIL, number=number, answer=0)
    heard.order("answer", PUPIL, number=number + 1, answer=[1, -0.25])
    assert heard.order("show", **HERE)["answers"] == [(1, -0.25)]
    assert heard.order("ask", question=None)["answers"] is None
    with pytest.raises(Forbidden, match="allow this page to keep a cookie"):
        heard.order("answer", "", number=number, answer=0)


@pytest.mark.parametrize("answer", [2, -1, "0", None, True, 0.5, [0], [1, 2]])
def test_what_is_no_choice_is_refused(answer: object, heard: Heard) -> None:
    heard.order("lead", **HERE)
    heard.order("ask", question=POLL)
    with pytest.raises(ClassError, match="Expected one of"):
        heard.order("answer", PUPIL, number=1, answer=answer)


@pytest.mark.parametrize("answer", [0, [1], [1, 2, 3], ["1", 2], [True, 1], [float("nan"), 0], [1e9, 0], {}, None])
def test_what_is_no_point_is_refused(answer: object, heard: Heard) -> None:
    heard.order("lead", **HERE)
    heard.order("ask", question={"kind": "place", "text": "Where?", "model": "vae-mnist"})
    with pytest.raises(ClassError, match="Expected a point of the map"):
        heard.order("answer", PUPIL, number=1, answer=answer)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"text": ""}, "Write what the class is asked"),
        ({"text": "x" * 201}, "at most 200"),
        ({"text": "a\nb"}, "Expected one line"),
        ({"kind": "essay"}, "Expected 2 to 5 answers"),
        ({"choices": ["one"]}, "Expected 2 to 5 answers"),
        ({"choices": list("abcdef")}, "Expected 2 to 5 answers"),
        ({"choices": ["a", " "]}, "words of its own"),
        ({"choices": ["a", "a "]}, "words of its own"),
        ({"choices": ["a", "x" * 81]}, "at most 80"),
        ({"images": ["AAAA"]}, "A picture for each answer"),
        ({"images": ["AAAA", "AAAA"]}, "Expected a picture of 784"),
        ({"images": ["<img>", "x"]}, "Expected a picture of 784"),
    ],
)
def test_what_is_no_question_is_refused(wrong: dict[str, Any], why: str, heard: Heard) -> None:
    heard.order("lead", **HERE)
    with pytest.raises(ClassError, match=f"(?i){why}"):
        heard.order("ask", question={**POLL, **wrong})
    assert heard.standing()["question"] is None


def test_a_question_may_be_about_pictures(heard: Heard) -> None:
    images = [base64.b64encode(bytes([grey]) * 784).decode() for grey in (0, 255)]
    heard.order("lead", **HERE)
    heard.order("ask", question={**POLL, "images": images})
    assert heard.standing()["question"]["images"] == images


def test_answers_of_invented_names_fill_no_memory(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_ANSWERS", 2)
    heard.order("lead", **HERE)
    heard.order("ask", question=POLL)
    for name in "ab":
        heard.order("answer", name * 20, number=1, answer=0)
    with pytest.raises(ClassError, match="There are 2 answers already"):
        heard.order("answer", "c" * 20, number=1, answer=0)
    heard.order("answer", "a" * 20, number=1, answer=1)  # may change its mind
    assert heard.order("show", **HERE)["answers"] == [1, 1]
