"""The handout, opened from the disk by other engines than Chromium: their threads, too, find all in the file."""

from pathlib import Path

import numpy as np
import pytest

from explorer.export.handout import MOST_DIGITS, handout, read_models
from explorer.export.lesson import models_needed
from model.checkpoint import Checkpoint
from tests.browser.conftest import READY, decoded, drawn
from tests.browser.engines.engine import Engine, Node
from tests.conftest import CHECKPOINTS

GREY = 1.01  # levels of 255
MODELS = ("vae-mnist-beta-1", "ae-mnist")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("handout") / "explorer.html"
    models = read_models([CHECKPOINTS / f"{name}.safetensors" for name in MODELS])
    path.write_bytes(handout(models, MOST_DIGITS, training=1000, lesson=models_needed(models)).html)
    return path


def test_it_opens_from_the_disk(engine: Engine, file: Path, shipped: dict[str, Checkpoint]) -> None:
    engine.open(f"{file.as_uri()}?depth=expert")
    engine.wait_for("document.querySelector(argument) && at('decoded-image').dataset.z", f'{READY}[data-images="true"]')
    engine.evaluate(
        """() => {
            window.problems = [];
            addEventListener("error", ({ message }) => window.problems.push(message));
            addEventListener("securitypolicyviolation", ({ blockedURI }) => window.problems.push(blockedURI));
        }"""
    )
    plane, image = engine.at("latent-plane"), engine.at("decoded-image")
    before = image.evaluate("(canvas) => canvas.dataset.z")
    plane.drag((0.5, 0.5), (0.45, 0.6), (0.4, 0.7))
    engine.wait_for("at('decoded-image').dataset.z !== argument && location.search.includes('z=')", before)
    z, grey = drawn(image)
    assert np.abs(grey - decoded(shipped[MODELS[0]].model, z) * 255).max() <= GREY
    engine.at("show-both").click()
    engine.wait_for("at('manifold')?.dataset.ready === 'true'")  # by the second thread
    engine.at("tab-draw").click()
    engine.at("pad").drag((0.5, 0.2), (0.5, 0.5), (0.5, 0.8))
    engine.wait_for("at('drawn-text').textContent.includes('μ = ')")
    Node(engine, 'a[href="#compare"]').click()
    engine.wait_for("document.querySelectorAll(argument).length === 2", f'{READY}[data-images="true"]')
    Node(engine, 'a[href="#train"]').click()
    engine.wait_for("at('here-play') && at('latent-plane').dataset.step === '0'")
    engine.at("here-step").click()
    engine.wait_for("at('latent-plane').dataset.step === '1'")  # by the third thread
    Node(engine, 'a[href="#learn"]').click()
    engine.wait_for("at('lesson-figure')?.dataset.ready === 'true'")
    Node(engine, ".st-key-lesson_6 button").click()
    engine.wait_for("at('lesson-figure').dataset.screen === 'vae' && at('lesson-figure').dataset.ready === 'true'")
    Node(engine, ".st-key-lesson_step_hundred").evaluate("(step) => step.scrollIntoView({ block: 'center' })")
    engine.wait_for("at('lesson-figure').dataset.step === 'hundred'")
    assert engine.evaluate("() => document.querySelectorAll('.st-key-lesson_step_draw math').length") == 10
    engine.evaluate("() => history.go(-1)")
    engine.wait_for("at('lesson-figure').dataset.screen === 'through'")
    Node(engine, 'a[href="#train"]').click()
    engine.wait_for("at('here-play')")
    engine.at("language").evaluate(
        "(list) => { list.value = 'zh-Hant'; list.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    engine.wait_for("document.documentElement.lang === 'zh-Hant' && document.title.startsWith('訓練')")
