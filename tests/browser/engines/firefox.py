"""Firefox as it is installed, by WebDriver BiDi, which it speaks itself: https://www.w3.org/TR/webdriver-bidi/."""

__all__ = ["firefox"]

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser.engines.engine import Engine, until_up
from tests.server import free_port


class Firefox(Engine):
    touches = True

    def __init__(self, socket: ClientConnection, downloads: Path, size: tuple[int, int]) -> None:
        self.socket = socket
        self.numbers = itertools.count()
        self.downloads = downloads
        self.version = f"Firefox {self.send('session.new', capabilities={})['capabilities']['browserVersion']}"
        saving = {"type": "allowed", "destinationFolder": str(downloads)}
        self.send("browser.setDownloadBehavior", downloadBehavior=saving)
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]
        viewport = {"width": size[0], "height": size[1]}
        self.send("browsingContext.setViewport", context=self.context, viewport=viewport)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """The answer to a command; nothing else is sent, for no event is subscribed to."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = json.loads(self.socket.recv())
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['message']}")
        return dict(answer["result"])

    def open(self, address: str) -> None:
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def run(self, expression: str) -> str:
        found = self.send("script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True)
        if found["type"] == "exception":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return str(found["result"]["value"])

    def perform(self, sources: Sequence[Mapping[str, Any]]) -> None:
        self.send("input.performActions", context=self.context, actions=sources)

    def set_file(self, selector: str, path: Path) -> None:
        locator = {"type": "css", "value": selector}
        [node] = self.send("browsingContext.locateNodes", context=self.context, locator=locator)["nodes"]
        element = {"sharedId": node["sharedId"]}
        self.send("input.setFiles", context=self.context, element=element, files=[str(path)])


@contextmanager
def firefox(folder: Path, size: tuple[int, int]) -> Iterator[Firefox]:
    """A Firefox with a profile of its own in a folder, whose page has a size in px."""
    program = shutil.which("firefox-esr") or "firefox"
    port = free_port()
    profile, downloads = folder / "profile", folder / "downloads"
    for made in (profile, downloads):
        made.mkdir()
    command = [program, "--headless", "--no-remote", "--profile", str(profile), f"--remote-debugging-port={port}"]
    with (folder / "firefox.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        address = f"ws://127.0.0.1:{port}/session"
        try:
            socket = until_up(lambda: connect(address, max_size=None), lambda: process.poll() is None, "Firefox")
            with socket:
                browser = Firefox(socket, downloads, size)
                yield browser
                browser.send("browser.close")
        finally:
            process.terminate()
