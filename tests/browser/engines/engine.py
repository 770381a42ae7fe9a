"""A browser with one page, driven by the W3C's WebDriver; what its two forms, BiDi and Classic, have in common."""

__all__ = ["ENTER", "PAGE_DOWN", "PATIENCE", "RIGHT", "Engine", "Node", "finger", "moved", "until_up"]

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

CONTROL, ENTER, RIGHT, PAGE_DOWN = "\ue009", "\ue006", "\ue014", "\ue00f"  # keys, by the standard's names
PATIENCE = 120  # seconds until what does not come is given up

T = TypeVar("T")

# Left, top, width and height of an element that is in sight, and stays where it is from one frame to the next.
RESTING = """await (async () => {
    const node = document.querySelector(argument);
    if (!node?.checkVisibility()) return null;
    const box = () => {
        node.scrollIntoView({ block: "nearest", behavior: "instant" });
        const { left, top, width, height } = node.getBoundingClientRect();
        return [left, top, width, height];
    };
    const before = box();
    await new Promise(requestAnimationFrame);
    return `${before}` === `${box()}` && before;
})()"""


class Engine(ABC):
    """Real input only: what a pointer or a key does goes through the browser's own events.

    Attributes:
        version: as the browser tells it.
        downloads: the folder in which it saves.
        touches: whether its driver knows fingers.
    """

    version: str
    downloads: Path
    touches: bool

    @abstractmethod
    def open(self, address: str) -> None:
        """Go there, and wait until the document is loaded."""

    @abstractmethod
    def run(self, expression: str) -> str:
        """The text to which a promise in JavaScript comes; an error says why it came to none."""

    @abstractmethod
    def perform(self, sources: Sequence[Mapping[str, Any]]) -> None:
        """Actions of input sources, as https://www.w3.org/TR/webdriver2/#actions has them; what is pressed stays so."""

    @abstractmethod
    def set_file(self, selector: str, path: Path) -> None:
        """Choose a file in an `<input type="file">`."""

    def evaluate(self, script: str, argument: object = None) -> Any:
        """What a JavaScript function, which may be asynchronous, returns, as far as JSON knows it."""
        call = f"({script})({json.dumps(argument)})"
        return json.loads(self.run(f"(async () => JSON.stringify((await {call}) ?? null))()"))

    def wait_for(self, condition: str, argument: object = None) -> Any:
        """What a JavaScript expression comes to, once that is true; it may use `argument`, `await`, and `at`: the
        element of a test id."""
        script = f"""async (argument) => {{
            const at = (name) => document.querySelector(`[data-testid="${{name}}"]`);
            const end = performance.now() + {1000 * PATIENCE};
            while (performance.now() < end) {{
                const found = {condition};
                if (found) return found;
                await new Promise((resolve) => setTimeout(resolve, 10));
            }}
        }}"""
        found = self.evaluate(script, argument)
        assert found is not None, f"it does not come: {condition}, argument {argument}"
        return found

    def at(self, name: str) -> "Node":
        """The first element of that test id."""
        return Node(self, f'[data-testid="{name}"]')

    def saved(self, name: str) -> Path:
        """The file that the page saves under that name, once all of it is there."""
        path = self.downloads / name
        until(lambda: path.exists() and path.stat().st_size > 0 and list(self.downloads.iterdir()) == [path], name)
        return path

    def pointer(self, *actions: Mapping[str, Any], kind: str = "mouse") -> None:
        self.perform([{"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": actions}])

    def move(self, x: float, y: float, kind: str = "mouse") -> None:
        self.pointer(moved(x, y), kind=kind)

    def press(self, x: float, y: float, kind: str = "mouse") -> None:
        self.pointer(moved(x, y), {"type": "pointerDown", "button": 0}, kind=kind)

    def release(self, kind: str = "mouse") -> None:
        self.pointer({"type": "pointerUp", "button": 0}, kind=kind)

    def wheel(self, x: float, y: float, travel: int) -> None:
        scroll = {"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": travel}
        self.perform([{"type": "wheel", "id": "wheel", "actions": [scroll]}])

    def keys(self, *keys: str) -> None:
        """Press keys one after the other; of several in one text all are held at once."""
        actions = []
        for held in keys:
            actions += [{"type": "keyDown", "value": key} for key in held]
            actions += [{"type": "keyUp", "value": key} for key in reversed(held)]
        self.perform([{"type": "key", "id": "keyboard", "actions": actions}])


class Node:
    """The first element of a selector, whichever that is when it is asked."""

    def __init__(self, engine: Engine, selector: str) -> None:
        self.engine = engine
        self.selector = selector

    def evaluate(self, expression: str, arg: object = None) -> Any:
        """What a JavaScript function of the element, and of what else is given, returns."""
        call = f"([selector, arg]) => ({expression})(document.querySelector(selector), arg)"
        return self.engine.evaluate(call, [self.selector, arg])

    def place(self, across: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        """A point of it on the page, px, by parts of its width and its height."""
        left, top, width, height = self.engine.wait_for(RESTING, self.selector)
        return left + across * width, top + down * height

    def click(self) -> None:
        self.engine.press(*self.place())
        self.engine.release()

    def drag(self, *places: tuple[float, float], kind: str = "mouse") -> None:
        """Press at the first of some places, by parts of its width and its height, go to the others, let go."""
        first, *others = [self.place(*place) for place in places]
        self.engine.press(*first, kind)
        for x, y in others:
            self.engine.move(x, y, kind)
        self.engine.release(kind)

    def focus(self) -> None:
        found = "document.querySelector(argument)"
        self.engine.wait_for(f"({found}?.focus(), {found} ?? 0) === document.activeElement", self.selector)

    def fill(self, text: str) -> None:
        """Type a text in the place of what is there."""
        self.focus()
        self.engine.keys(CONTROL + "a", *text)


def moved(x: float, y: float, duration: float = 0) -> dict[str, Any]:
    """Of a pointer's actions the one that goes to a place, px, in a time, ms."""
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": round(duration)}


def finger(start: float, end: float, y: float) -> dict[str, Any]:
    """An input source of its own: a finger that is put down, goes to the side, px, and is lifted."""
    down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
    actions = [moved(start, y), down, moved(end, y, 100), up]
    return {"type": "pointer", "id": f"finger at {start}", "parameters": {"pointerType": "touch"}, "actions": actions}


def until(condition: Callable[[], bool], name: str) -> None:
    """Wait for what happens outside a page."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{name} does not come"
        time.sleep(0.02)


def until_up(connect: Callable[[], T], running: Callable[[], bool], name: str) -> T:
    """What `connect` returns, once a program that has been started listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return connect()
        except OSError as error:
            if not running() or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {error}") from None
            time.sleep(0.02)
