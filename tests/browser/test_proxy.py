"""The app behind real proxies, configured as docs/proxy.md says: pages, uploads, events, orders, the WebSocket."""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.settings import INSTRUCTOR_KEY
from tests.browser.conftest import Explore, Viewers
from tests.browser.test_class import KEY, is_told, is_where, lead
from tests.server import ROOT, free_port, serve

PLACES = "/usr/sbin:/usr/local/sbin"  # of servers, beside the path of who is no root
START = 30  # seconds

# What surrounds the recipe where a test runs it: all that is written lies in its folder.
NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {recipe}
}}
"""
CADDY = "{{\n    admin off\n    storage file_system {folder}\n}}\n{recipe}"


def recipe(language: str) -> str:
    """The documented configuration."""
    text = (ROOT / "docs" / "proxy.md").read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def nginx(app: str, port: int, folder: Path) -> tuple[list[str], str]:
    """The command's arguments, and the recipe on other ports and without a name."""
    text = recipe("nginx").replace("http://127.0.0.1:8501", app).replace("listen 80;", f"listen 127.0.0.1:{port};")
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, recipe=text), encoding="utf-8")
    return ["-p", str(folder), "-c", str(config)], text


def caddy(app: str, port: int, folder: Path) -> tuple[list[str], str]:
    """The same of Caddy: without a name it asks for no certificate."""
    text = recipe("caddy").replace("127.0.0.1:8501", app.removeprefix("http://"))
    text = text.replace("school.example {", f"http://127.0.0.1:{port} {{")
    config = folder / "Caddyfile"
    config.write_text(CADDY.format(folder=folder, recipe=text), encoding="utf-8")
    return ["run", "--config", str(config), "--adapter", "caddyfile"], text


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """The app below /latent, as the recipe starts it; its address without the path."""
    module = "tests.explorer.classroom.quick_class"
    with serve(environment={INSTRUCTOR_KEY: KEY}, base_path="/latent", module=module) as (address, _pid):
        yield address.removesuffix("/latent")


@contextmanager
def running(command: list[str], address: str, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START
            while True:
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError):
                    assert process.poll() is None, log.read_text(encoding="utf-8")
                    assert time.monotonic() < deadline
                    time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(timeout=START)


@pytest.mark.parametrize(("name", "configured"), [("nginx", nginx), ("caddy", caddy)])
def test_a_class_comes_through_a_proxy(
    name: str,
    configured: Callable[[str, int, Path], tuple[list[str], str]],
    app: str,
    viewers: Viewers,
    small_checkpoint: Path,
    tmp_path: Path,
) -> None:
    program = shutil.which(name) or shutil.which(name, path=PLACES)
    if not program:
        pytest.skip(f"{name} is not installed here: docs/proxy.md is not tested with it")
    port = free_port()
    arguments, text = configured(app, port, tmp_path)
    assert app.removeprefix("http://") in text
    assert str(port) in text
    address = f"http://127.0.0.1:{port}/latent"
    with running([program, *arguments], address, tmp_path / "log"), viewers.lending(Explore) as lend:
        teacher, pupil = lend(address, once=True), lend(address, once=True)
        lead(teacher)  # orders
        pupil.open(full=False)
        is_told(pupil, "You follow the teacher")  # events
        x, y = teacher.centre()
        teacher.press(x + 60, y - 40)
        teacher.page.mouse.up()
        is_where(pupil, teacher)
        teacher.page.get_by_role("link", name="Compare", exact=True).click()
        expect(pupil.plane).to_have_count(2)
        teacher.page.get_by_test_id("class-stop").click()
        pupil.page.get_by_role("link", name="Explore", exact=True).click()
        pupil.wait("vae-mnist")
        pupil.upload(small_checkpoint)
        pupil.wait("small")
        assert pupil.page.url.startswith(f"{address}/")
