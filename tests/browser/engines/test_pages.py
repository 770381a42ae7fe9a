"""Compare, Learn and Train in other engines than Chromium: each does what it is there for."""

import numpy as np

from explorer.lesson.screens import SCREENS
from model.checkpoint import Checkpoint
from tests.browser.conftest import READY, decoded, drawn
from tests.browser.engines.engine import ENTER, PAGE_DOWN, Engine, Node

GREY = 1.01  # levels of 255


def test_one_pointer_moves_two_models(engine: Engine, address: str, shipped: dict[str, Checkpoint]) -> None:
    engine.open(f"{address}/compare")
    engine.wait_for("document.querySelectorAll(argument).length === 2", f'{READY}[data-images="true"]')
    sides = {side: Node(engine, f'[data-testid="decoded-image"][data-side="{side}"]') for side in "ab"}
    text = "(canvas) => canvas.dataset.z"
    before = [image.evaluate(text) for image in sides.values()]
    Node(engine, '[data-testid="latent-plane"][data-side="a"]').drag((0.5, 0.5), (0.6, 0.4), (0.7, 0.3))
    moved = """[...document.querySelectorAll('[data-testid="decoded-image"]')]
        .every((canvas, i) => canvas.dataset.z !== argument[i])"""
    engine.wait_for(moved, before)
    for (side, image), name in zip(sides.items(), ("ae-mnist", "vae-mnist-beta-1"), strict=True):
        z, grey = drawn(image)
        assert np.abs(grey - decoded(shipped[name].model, z) * 255).max() <= GREY, side


def test_the_lesson_goes_from_screen_to_screen(engine: Engine, address: str) -> None:
    engine.open(f"{address}/learn")
    for screen in SCREENS:
        ready = f'[data-testid="lesson-figure"][data-screen="{screen.name}"][data-ready="true"]'
        engine.wait_for("document.querySelector(argument)?.checkVisibility()", ready)
        for _step in (*screen.steps, "its questions"):
            engine.keys(PAGE_DOWN)  # as a presenter's remote has it


def test_a_run_on_this_computer_comes_back(engine: Engine, address: str) -> None:
    engine.open(f"{address}/train?where=here")
    engine.wait_for("at('latent-plane')?.dataset.step === '0'")
    engine.at("here-play").click()
    engine.wait_for("Number(at('latent-plane').dataset.step) > 20")
    engine.at("here-play").click()
    engine.wait_for("at('here-play').getAttribute('aria-pressed') === 'false'")
    engine.open(f"{address}/train?where=here")
    engine.wait_for("at('here-watch')?.textContent.startsWith('Your run is back, kept at step ')")
    engine.wait_for("Number(at('latent-plane').dataset.step) > 20")


def test_a_run_is_watched_from_its_start_to_its_end(engine: Engine, address: str) -> None:
    name = f"seen-by-{engine.version.split()[0]}"
    engine.open(f"{address}/train?where=server")
    sidebar = '[data-testid="stSidebar"]'
    # The last that a run of Streamlit's script brings: after it nothing is put back.
    engine.wait_for("document.querySelector(argument)?.textContent.includes('of training')", sidebar)
    for label, value in (("Name", name), ("Epochs", "3")):
        Node(engine, f'{sidebar} input[aria-label="{label}"]').fill(value)
        engine.keys(ENTER)
    Node(engine, f'{sidebar} [data-testid="stBaseButton-primary"]').click()
    engine.wait_for("at('job')?.dataset.job === argument", name)
    engine.wait_for("Number(at('latent-plane').dataset.epoch) >= 1")
    engine.at("latent-plane").drag((0.4, 0.4), (0.6, 0.6))
    engine.wait_for("at('decoded-image').dataset.z")
    engine.wait_for("at('job').dataset.status === 'kept' && at('latent-plane').dataset.epoch === '3'")
    engine.open(engine.at("open-in-explore").evaluate("(link) => link.href"))
    there = f'{READY}[data-checkpoint="{name}"]'
    engine.wait_for("document.querySelector(argument) && at('decoded-image').dataset.z", there)
