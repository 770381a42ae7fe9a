"""Training on this computer, driven as a pupil would."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from model import checkpoint, metrics
from model.__main__ import main
from model.data import Split
from tests.browser.conftest import PHONE, Explore, Open, decoded, grey_levels, read_axes
from tests.browser.test_labels import COVERED
from tests.browser.test_train import RUN
from tests.proxy import proxy

SMALL = "64"  # width of the hidden layers that a busy machine trains quickly


class Here:
    """The page, as a test drives it."""

    def __init__(self, explore: Explore) -> None:
        self.page = explore.page
        self.address = explore.address
        self.plane = self.page.get_by_test_id("latent-plane")
        self.curve = self.page.get_by_test_id("here-curve")
        self.play = self.page.get_by_test_id("here-play")

    def open(self, address: str | None = None) -> "Here":
        self.page.goto(f"{address or self.address}/train")
        expect(self.plane).to_have_attribute("data-step", "0")
        return self

    def number(self, node: Locator, name: str) -> float:
        return float(node.get_attribute(f"data-{name}") or "nan")

    def until(self, condition: str) -> None:
        """Wait for a JavaScript condition on the map's `plane` and the curve's `curve`."""
        self.page.wait_for_function(
            f"""() => {{
                const [plane, curve] = ["latent-plane", "here-curve"].map((name) => {{
                    const {{ dataset }} = document.querySelector(`[data-testid="${{name}}"]`);
                    return Object.fromEntries(Object.entries(dataset).map(([key, text]) => [key, Number(text)]));
                }});
                return {condition};
            }}""",
        )

    def move(self, slider: str, value: int) -> None:
        self.page.get_by_test_id(slider).fill(str(value))


@pytest.fixture
def here(new_page: Open) -> Here:
    return Here(new_page()).open()


def test_it_trains_step_by_step_and_answers_what_pulls_at_it(here: Here) -> None:
    page, plane = here.page, here.plane
    expect(page.get_by_test_id("where-here")).to_have_attribute("aria-selected", "true")
    expect(here.curve).to_have_attribute("data-step", "0")
    assert 500 < here.number(here.curve, "reconstruction") < 600  # 784 ln 2 nats: it knows nothing yet
    page.get_by_test_id("here-step").click()
    expect(plane).to_have_attribute("data-step", "1")
    page.get_by_test_id("here-width").select_option(SMALL)  # begins anew
    expect(plane).to_have_attribute("data-step", "0")
    expect(plane).to_have_attribute("data-run", "2")

    here.play.click()
    here.until("curve.step > 60 && curve.reconstruction < 260")
    page.get_by_test_id("here-loss").select_option("mse")
    here.until("curve.reconstruction < 100")  # at the next judgement: no longer nats
    page.get_by_test_id("here-loss").select_option("bce")
    here.until("curve.reconstruction > 120 && curve.kl > 1")
    page.get_by_test_id("story-collapse").click()
    expect(page.get_by_test_id("here-watch")).to_have_text(re.compile("^Watch KL go to 0"))
    expect(page.get_by_test_id("here-beta")).to_have_attribute("aria-valuetext", "β = 50")
    here.until("curve.kl < 0.3")
    here.move("here-beta", 4)
    expect(page.get_by_test_id("here-beta")).to_have_attribute("aria-valuetext", "β = 1")
    expect(page.get_by_test_id("here-watch")).to_have_text("")
    here.until("curve.kl > 1")
    page.get_by_test_id("here-model").select_option("ae")
    expect(page.get_by_test_id("toggle-prior")).to_be_hidden()
    expect(page.get_by_test_id("here-beta")).to_be_disabled()
    here.until("curve.kl === 0")

    here.play.click()
    step = plane.get_attribute("data-step")
    expect(here.play).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("here-speed").select_option("50")
    here.play.click()
    here.until(f"plane.step >= {step} + 3")
    expect(page.get_by_test_id("here-status")).to_have_text(
        re.compile(r"^step [\d,]+ · epoch \d+\.\d · [\d.]+ s an epoch$")
    )


def test_the_point_asks_the_decoder_as_it_is_now(here: Here) -> None:
    page, plane = here.page, here.plane
    image = page.get_by_test_id("decoded-image")
    page.get_by_test_id("here-width").select_option(SMALL)
    expect(plane).to_have_attribute("data-run", "2")
    here.play.click()
    here.until("curve.step > 60")
    box = plane.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.mouse.up()
    here.play.click()
    expect(here.play).to_have_attribute("aria-pressed", "false")
    z = np.array((image.get_attribute("data-z") or "").split(","), dtype=float)
    assert np.abs(z).max() > 0.1  # off the middle; the map moves with the codes, and one of the two may be any number
    digit = grey_levels(image)
    assert digit.max() > 100
    assert digit.min() < 30
    # The digits under the points are the decoder's, too: at the corner of the map as at the point.
    page.get_by_test_id("here-step").click()
    sheet = page.get_by_test_id("here-sheet")
    expect(sheet).to_be_attached()
    assert sheet.evaluate("canvas => canvas.width % 28 + canvas.height % 28") == 0
    axes = read_axes(plane)
    assert axes.low[0] < z[0] < axes.high[0]
    strip = page.get_by_test_id("here-strip")
    assert strip.evaluate("canvas => [canvas.width, canvas.height]") == [280, 56]
    page.get_by_test_id("toggle-digits").click()
    expect(sheet).to_be_hidden()


def test_each_pull_holds_from_the_next_step_on(here: Here) -> None:
    page, curve = here.page, here.curve
    step, batch, noise = (page.get_by_test_id(f"here-{name}") for name in ("step", "batch", "noise"))
    page.get_by_test_id("here-width").select_option(SMALL)
    expect(here.plane).to_have_attribute("data-run", "2")
    step.click()
    batch.select_option("500")
    step.click()
    expect(here.plane).to_have_attribute("data-epochs", "0.010")  # 600 of 60,000
    losses = []
    for n, rate in enumerate((4, 0, 8), start=3):  # 1e-3, 1e-5, 1e-1
        here.move("here-lr", rate)
        step.click()
        expect(curve).to_have_attribute("data-step", str(n))
        losses.append(here.number(curve, "reconstruction"))
    assert abs(losses[1] - losses[0]) < 0.5
    assert abs(losses[2] - losses[1]) > 5
    noise.click()
    here.until(f"curve.reconstruction !== {losses[2]}")  # z = μ now

    watch, beta = page.get_by_test_id("here-watch"), page.get_by_test_id("here-beta")

    def tells(story: str, words: str, weight: int) -> None:
        page.get_by_test_id(f"story-{story}").click()
        expect(watch).to_have_text(re.compile(f"^{words}"))
        expect(here.play).to_have_attribute("aria-pressed", "true")
        expect(beta).to_have_attribute("aria-valuetext", f"β = {weight}")

    tells("apart", "Watch KL rise", 0)
    expect(noise).not_to_be_checked()
    page.get_by_test_id("here-model").select_option("ae")
    expect(watch).to_have_text("")
    tells("home", "Watch the circles", 1)
    expect(noise).to_be_checked()
    expect(page.get_by_test_id("here-model")).to_have_value("vae")
    tells("overfit", "Watch the two curves part", 1)  # from the beginning
    expect(page.get_by_test_id("here-images")).to_have_value("500")
    expect(batch).to_have_value("100")
    here.until("plane.run === 3 && plane.epochs > 1")
    tells("learn", "Watch one spot become a map", 1)
    expect(page.get_by_test_id("here-images")).to_have_value("60000")
    here.until("plane.run === 4 && plane.step > 3")


def test_who_takes_part_and_with_which_seed(here: Here) -> None:
    page, plane = here.page, here.plane
    for c in range(9):
        page.get_by_test_id(f"part-{c}").click()
    page.get_by_test_id("part-9").click()
    expect(page.get_by_test_id("here-watch")).to_have_text("The last one stays: of nothing there is nothing to learn.")
    expect(page.get_by_test_id("part-9")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("part-0")).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("here-images").select_option("500")
    page.get_by_test_id("here-step").click()
    expect(plane).to_have_attribute("data-step", "1")
    here.until("plane.epochs === 1")  # all 9s of the first 500 images are one batch
    first = here.number(here.curve, "reconstruction")
    page.get_by_role("button", name="Begin anew with the same seed", exact=True).click()  # not the name of a sign
    expect(plane).to_have_attribute("data-step", "0")
    page.get_by_test_id("here-step").click()
    expect(here.curve).to_have_attribute("data-step", "1")
    assert here.number(here.curve, "reconstruction") == first
    seed = page.get_by_test_id("here-seed")
    expect(seed).to_have_text("seed 0")
    seed.click()
    expect(seed).not_to_have_text("seed 0")
    expect(plane).to_have_attribute("data-step", "0")


def test_what_is_saved_is_a_checkpoint_like_any_other(
    here: Here,
    tmp_path: Path,
    test_digits: Split,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, path = here.page, tmp_path / "here.safetensors"
    page.get_by_test_id("here-width").select_option(SMALL)
    page.get_by_test_id("here-activation").select_option("gelu")
    expect(here.plane).to_have_attribute("data-run", "3")
    expect(page.get_by_test_id("here-watch")).to_have_text("")  # all images are here
    here.play.click()
    here.until("curve.step > 100")
    here.play.click()
    expect(here.play).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as download:
        page.get_by_test_id("here-keep").click()
    assert download.value.suggested_filename == "vae-mnist-bce-beta-1-seed-0.safetensors"
    download.value.save_as(path)

    kept = checkpoint.load(path)
    assert (kept.config.encoder, kept.config.decoder, kept.config.activation) == ((64,), (64,), "gelu")
    with torch.no_grad():
        mu, logvar = kept.model.encode(test_digits.images)
    assert logvar is not None
    assert kept.logvar is not None
    torch.testing.assert_close(kept.mu, mu, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(kept.logvar, logvar, rtol=1e-3, atol=1e-3)
    assert torch.equal(kept.label, test_digits.labels.to(torch.uint8))
    assert kept.train_mu is not None
    assert kept.train_mu.shape == (60_000, 2)
    torch.testing.assert_close(kept.trace[-1].float(), mu[:2000], rtol=1e-2, atol=1e-2)
    terms = metrics.elbo(kept.model, test_digits.images, samples=1)
    row = kept.history[-1]
    assert row["test_reconstruction"] == pytest.approx(terms.reconstruction, abs=1.0)
    assert row["test_kl"] == pytest.approx(terms.kl, abs=1e-2)
    for number in ("HOLE_SAMPLES", "REALISM_IMAGES", "IWAE_IMAGES"):  # of what the page does not work out
        monkeypatch.setattr(metrics, number, 50)
    main(["evaluate", str(path), "--json"])
    figures = json.loads(capsys.readouterr().out)
    near = {"reconstruction": 0.3, "elbo": 0.3, "kl": 1e-3, "mse": 1e-5, "mae": 1e-5, "knn_accuracy": 2e-3}
    for name, reach in {**near, "extent_1": 1e-3, "extent_2": 1e-3}.items():
        assert kept.metrics[name] == pytest.approx(figures[name], abs=reach), name
    assert kept.metrics.keys() == {*near, "extent_1", "extent_2"}

    with page.expect_popup() as popup:
        page.get_by_test_id("here-explore").click()
    beside = Explore(popup.value, here.address)
    beside.wait("vae-mnist-bce-beta-1-seed-0")
    z = beside.z()
    np.testing.assert_allclose(beside.pixels() / 255, decoded(kept.model, z), atol=0.01)
    popup.value.close()
    here.play.click()
    here.until(f"plane.step > {kept.history[-1]['epoch']}")  # and this page goes on


def test_numbers_of_16_bits_are_the_nearest(modules: Page) -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(2000, generator=generator) * torch.logspace(-9, 4, 2000)
    ties = torch.tensor([0.0, 2049.0, 2051.0, 65504.0, 65519.0, 2.0**-24, 2.0**-25, 3 * 2.0**-25, 1023.75])
    values = torch.cat([values, ties, -ties])
    found = modules.evaluate(
        """async (values) => {
            const { toHalf } = await import(new URL("assets/core/float16.js", document.baseURI));
            return Array.from(toHalf(Float32Array.from(values)));
        }""",
        values.tolist(),
    )
    expected = values.half().view(torch.int16).numpy().view(np.uint16)
    assert (np.array(found)[values.numpy() != 0] == expected[values.numpy() != 0]).all()


def test_it_begins_with_the_images_that_are_there(new_page: Open) -> None:
    here = Here(new_page(once=True))
    with proxy(here.address, "/slow", {"training-images": 2_000_000}) as address:
        here.open(address)
        expect(here.page.get_by_test_id("here-watch")).to_have_text(
            re.compile(r"^\d+,\d+ of 60,000 training images are here\.$")
        )
        here.page.get_by_test_id("here-step").click()
        expect(here.plane).to_have_attribute("data-step", "1")
        here.page.get_by_test_id("story-home").click()
        watch = here.page.get_by_test_id("here-watch")
        expect(watch).to_contain_text("Watch")
        assert watch.inner_text() == "Watch the circles: the KL term pulls the cloud home to the prior N(0, I)."


def test_without_simd_javascript_does_the_same(new_page: Open) -> None:
    here = Here(new_page())
    here.page.route("**/*.wasm", lambda route: route.fulfill(body=b"no kernel"))
    here.open()
    expect(here.page.get_by_test_id("here-watch")).to_have_text(
        "This browser has no WebAssembly SIMD: training is many times slower."
    )
    here.page.get_by_test_id("here-step").click()
    expect(here.plane).to_have_attribute("data-step", "1")


def test_a_loss_that_is_no_number_is_one_sentence(modules: Page) -> None:
    report = modules.evaluate(
        """() => new Promise(async (resolve) => {
            const { TrainingClient } = await import(new URL("assets/worker/training-client.js", document.baseURI));
            const at = (address) => new URL(address, document.baseURI).href;
            const client = new TrainingClient((report) => {
                if (report.kind === "error" || report.kind === "stopped") resolve(report);
            });
            const config = { model: "vae", height: 28, width: 28, latent: 2, encoder: [16], decoder: [16],
                activation: "relu", layer_norm: false, fourier: 0 };
            const settings = { model: "vae", loss: "bce", beta: 1, noise: true, lr: 1e6, batch: 100, images: 60_000,
                classes: Array(10).fill(true) };
            const addresses = { images: at("images/mnist"), labels: at("labels/mnist"),
                training: { images: at("training-images/mnist"), labels: at("training-labels/mnist") } };
            client.begin({ config, seed: 0, settings, addresses });
            client.send({ kind: "play", speed: Infinity });
        })"""
    )
    assert report == {
        "kind": "stopped",
        "error": "The loss is no longer a number: begin anew, with a lower learning rate.",
    }


def test_the_run_of_the_class_comes_to_who_has_not_begun(new_page: Open) -> None:
    snapshot = json.dumps({"runs": [RUN], "models": []})
    events = f"event: snapshot\ndata: {snapshot}\n\n"
    here = Here(new_page())
    here.page.route("**/training/events", lambda route: route.fulfill(content_type="text/event-stream", body=events))
    here.page.goto(f"{here.address}/train")
    expect(here.page.get_by_test_id("where-server")).to_have_attribute("aria-selected", "true")
    expect(here.page.get_by_test_id("job")).to_contain_text("told")
    form = here.page.get_by_role("heading", name="New run on the server")
    expect(form).to_be_visible()
    here.page.get_by_test_id("where-here").click()
    expect(here.plane).to_have_attribute("data-step", "0")
    expect(form).to_be_hidden()
    # nothing but the pages and the language stands there
    expect(here.page.get_by_test_id("stSidebar")).to_have_css("width", "192px")
    assert "where=here" in here.page.url
    here.page.reload()
    expect(here.plane).to_have_attribute("data-step", "0")
    expect(here.page.get_by_test_id("where-here")).to_have_attribute("aria-selected", "true")


def test_a_phone_shows_all_of_it(new_page: Open) -> None:
    here = Here(new_page(viewport=PHONE, has_touch=True, is_mobile=True)).open()
    page: Page = here.page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_test_id("here-watch")).to_have_text("")
    expect(page.locator(".lse-names text")).to_have_count(10)
    assert page.evaluate(COVERED) == []  # all in one place: it is untrained
    before = here.plane.bounding_box()
    for story in ("home", "apart"):  # the shortest and the longest sentence
        page.get_by_test_id(f"story-{story}").click()
        expect(page.get_by_test_id("here-watch")).to_have_text(re.compile("^Watch"))
        here.play.click()
        expect(here.play).to_have_attribute("aria-pressed", "false")
        page.evaluate("document.querySelector('.stMain').scrollTop = 0")
        assert here.plane.bounding_box() == before
    here.play.click()
    here.until("plane.step > 5")
    page.get_by_test_id("where-server").click()
    expect(page.get_by_test_id("shelf")).to_be_visible()
    expect(page.get_by_test_id("here")).to_have_count(0)
    page.get_by_test_id("where-here").click()
    here.until("plane.step > 5")  # it went on
