"""WebKitGTK's own small browser, on a display that nobody sees, by WebDriver: https://www.w3.org/TR/webdriver2/."""

__all__ = ["webkit"]

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.engines.engine import PATIENCE, Engine, until_up
from tests.server import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key under which the standard has an element's name


class WebKit(Engine):
    touches = False

    def __init__(self, address: str, downloads: Path, size: tuple[int, int]) -> None:
        self.session = f"{address}/session"
        self.downloads = downloads
        waiting = {"timeouts": {"script": 2000 * PATIENCE}}  # the page itself gives up before
        found = self.send("", capabilities={"alwaysMatch": waiting})
        self.session += f"/{found['sessionId']}"
        self.version = f"WebKitGTK {found['capabilities']['browserVersion']}"
        # The window has bars of its own above the page.
        self.send("/window/rect", x=0, y=0, width=size[0], height=size[1])
        height = self.evaluate("() => innerHeight")
        self.send("/window/rect", x=0, y=0, width=size[0], height=2 * size[1] - height)

    def send(self, path: str, **parameters: object) -> Any:
        request = urllib.request.Request(
            self.session + path, json.dumps(parameters).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def open(self, address: str) -> None:
        self.send("/url", url=address)

    def run(self, expression: str) -> str:
        ends = "(value) => arguments[0]([value]), (error) => arguments[0]([null, `${error}`])"
        script = f"{expression}.then({ends})"
        value, *error = self.send("/execute/async", script=script, args=[])
        if error:
            raise RuntimeError(*error)
        return str(value)

    def perform(self, sources: Sequence[Mapping[str, Any]]) -> None:
        self.send("/actions", actions=sources)

    def set_file(self, selector: str, path: Path) -> None:
        name = self.send("/element", using="css selector", value=selector)[ELEMENT]
        self.send(f"/element/{name}/value", text=str(path))


@contextmanager
def webkit(folder: Path, size: tuple[int, int]) -> Iterator[WebKit]:
    """A WebKit with a home of its own in a folder, whose page has a size in px."""
    downloads = folder / "downloads"
    downloads.mkdir()
    (folder / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads}"\n', encoding="utf-8")
    reading, writing = os.pipe()
    screen = f"{size[0]}x{size[1] + 200}x24"  # with room for the window's bars
    display = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"]
    with (folder / "webkit.log").open("wb") as log, subprocess.Popen(display, pass_fds=[writing], stderr=log) as shown:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()  # empty where it ends without having started
        environment = {
            **os.environ,
            "DISPLAY": f":{number}",
            "XDG_CONFIG_HOME": str(folder),
            # Without a GPU the other way, by GL in software, has frames of 0.5 to 1.5 s, not of 16 ms.
            "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
        }
        port = free_port()
        command = ["WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as driver:
            address = f"http://127.0.0.1:{port}"
            try:
                status = f"{address}/status"
                until_up(lambda: urllib.request.urlopen(status).close(), lambda: driver.poll() is None, "WebKit")
                yield WebKit(address, downloads, size)
            finally:
                driver.kill()  # asked to end, it once did not; its browser ends with the screen
                driver.wait()
                shown.terminate()
