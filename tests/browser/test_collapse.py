"""A model whose codes do not differ, on one axis or on both: the page says so, and claims nothing of who is near."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from model import checkpoint, training
from model.config import ModelConfig, TrainConfig
from model.data import Split
from tests.browser.conftest import PHONE, PROJECTOR, Open

NOTES = """async () => {
    const { codesNote } = await import(new URL("assets/core/active-units.js", document.baseURI));
    const { distance } = await import(new URL("assets/core/format.js", document.baseURI));
    const note = (model, [x, y]) => {
        const mu = Float32Array.from({ length: 2000 }, (_v, i) => (i % 2 ? y(i >> 1) : x(i >> 1)));
        return codesNote({ config: { model }, mu })?.text ?? "";
    };
    const wide = (i) => Math.sin(i), none = () => 0, dim = (i) => 0.05 * Math.sin(i) + 0.2;
    return {
        vae: note("vae", [wide, wide]),
        vaeOff: note("vae", [dim, dim]),
        vaeDead: note("vae", [wide, dim]),
        ae: note("ae", [wide, wide]),
        aeSmall: note("ae", [dim, dim]),
        aeOff: note("ae", [none, none]),
        aeRounding: note("ae", [(i) => 1e-17 * wide(i), none]),
        aeDead: note("ae", [none, wide]),
        distances: [0, 1e-17, 0.02, 3, 12].map(distance),
    };
}"""


@pytest.fixture(scope="module")
def collapsed(few_digits: Split, test_digits: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAE that weighs its KL term by 1000."""
    run = training.Run(ModelConfig(encoder=(16,), decoder=(16,)), TrainConfig(epochs=6, batch=100, beta=1000))
    for _report in training.train(run, few_digits, test_digits):
        pass
    path = tmp_path_factory.mktemp("collapsed") / "beta-1000.safetensors"
    checkpoint.save(training.finish(run, few_digits, test_digits), path)
    return path


def test_a_collapsed_posterior_is_said_and_its_neighbours_are_not_asked(new_page: Open, collapsed: Path) -> None:
    explore = new_page().open()
    page = explore.page
    expect(page.get_by_test_id("codes-note")).to_be_hidden()
    explore.upload(collapsed)
    explore.wait("beta-1000")
    note = page.get_by_test_id("codes-note")
    expect(note).to_contain_text("The posterior has collapsed: every image lies at (0.00, 0.00)")
    expect(note).to_contain_text("smaller β, or with KL warm-up")
    expect(note).to_contain_text("Burda et al. 2016")
    expect(page.locator(".lse-verdict strong")).to_be_hidden()
    expect(page.locator(".lse-verdict")).not_to_contain_text("of 15")
    expect(page.get_by_test_id("votes")).to_be_hidden()
    expect(page.get_by_test_id("nearest")).to_be_hidden()
    expect(page.locator(".lse-names text")).to_have_count(10)
    expect(page.locator(".lse-names text:visible")).to_have_count(0)  # no class has a place of its own
    for size in (PROJECTOR, PHONE):
        page.set_viewport_size(size)
        expect(note).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{explore.address}/compare?b=beta-1000")
    right = page.locator('section[data-side="b"]')
    expect(right.get_by_test_id("codes-note")).to_contain_text("The posterior has collapsed")
    expect(right.get_by_test_id("hole")).to_be_hidden()
    expect(page.locator('section[data-side="a"]').get_by_test_id("codes-note")).to_be_hidden()
    page.goto(f"{explore.address}/train?replay=beta-1000")
    expect(note).to_contain_text("The posterior has collapsed")
    page.get_by_test_id("source").select_option("vae-mnist")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-checkpoint", "vae-mnist")
    expect(note).to_be_hidden()


def test_each_way_of_codes_that_do_not_differ_has_its_sentence(modules: Page) -> None:
    found = modules.evaluate(NOTES)
    assert found["vae"] == found["ae"] == found["aeSmall"] == ""
    assert found["vaeOff"].startswith("The posterior has collapsed: every image lies at (0.20,\u00a00.20)")
    assert found["vaeDead"].startswith("The axis z₂ is unused: every image lies at 0.20 on it")
    for name in ("aeOff", "aeRounding"):
        assert found[name].startswith("All codes are the same: the encoder puts every image at (0.00,\u00a00.00)")
    assert found["aeDead"].startswith("The axis z₁ is unused: the encoder puts every image at 0.00 on it")
    assert "posterior" not in found["aeOff"] + found["aeDead"]
    assert found["distances"] == ["0.000", "< 0.001", "0.020", "3.000", "12.0"]
