"""What `pip install` makes of the repository, started in an empty folder: it needs nothing from where it was built."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Explore, Viewers
from tests.server import ROOT, serve


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def test_the_app_and_the_command_line_start_from_a_wheel_in_an_empty_folder(viewers: Viewers, tmp_path: Path) -> None:
    built, site, empty = (tmp_path / name for name in ("built", "site", "empty"))
    empty.mkdir()
    # What is built with and what is needed is here already: its own packages are all that is installed.
    pip("wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(built))
    (wheel,) = built.iterdir()
    pip("install", str(wheel), "--no-deps", "--target", str(site))
    environment = {"PYTHONPATH": str(site)}
    program = [sys.executable, str(site / "bin" / "latent-explorer")]
    with (
        serve(program=program, checkout=empty, environment=environment) as (address, _pid),
        viewers.lending(Explore) as lend,
    ):
        explore = lend(address, once=True).open()
        explore.press(*explore.centre())
        explore.page.mouse.up()
        expect(explore.plane).to_have_attribute("data-images", "true")  # MNIST is there, too
        explore.page.goto(f"{address}/learn?screen=6")
        expect(explore.page.get_by_text("The same in Keras 3")).to_be_visible()
    command = [sys.executable, str(site / "bin" / "latent-model"), "show"]
    shown = subprocess.run(
        [*command, str(site / "explorer" / "shipped" / "checkpoints" / "vae-mnist.safetensors")],
        cwd=empty,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    assert b"decoder" in shown.stdout
