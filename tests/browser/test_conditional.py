"""A model that is told the label: the digit is chosen, everywhere, and drawn as PyTorch draws that class."""

import csv
import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import ANY, PHONE, Explore, Open, grey_levels
from tests.browser.test_inspector import GREY, sheet

NAME = "cvae-mnist"


@pytest.fixture(scope="module")
def model(shipped: dict[str, Checkpoint]) -> Checkpoint:
    return shipped[NAME]


@torch.no_grad()
def grey_of(model: Checkpoint, z: np.ndarray, digit: int) -> np.ndarray:
    """What PyTorch draws of a class at a latent point, grey levels (784,)."""
    image = model.model.decode(torch.from_numpy(z.astype(np.float32))[None], torch.tensor([digit]))
    return 255 * image[0].numpy()


def agrees(explore: Explore, model: Checkpoint, digit: int) -> None:
    assert np.abs(explore.pixels() - grey_of(model, explore.z(), digit)).max() <= GREY


def test_the_digit_chosen_is_drawn_at_the_point_and_over_the_whole_map(
    one_page: Explore, model: Checkpoint, test_digits: Split
) -> None:
    explore = one_page.open(f"?model={NAME}&digit=3&z=0.5,-1&show=digits", NAME)
    page = explore.page
    expect(page.get_by_test_id("codes-note")).to_contain_text("all classes lie mixed on its map")
    expect(page.locator(".lse-verdict strong")).to_be_hidden()
    expect(page.get_by_text("its neighbours say")).to_be_hidden()  # which digit it is one says oneself
    for panel in ("neighbours", "image"):  # under the note and the digits there is room for all of a panel
        page.get_by_test_id(f"tab-{panel}").click()
        sheet_of = page.get_by_test_id(f"panel-{panel}")
        assert sheet_of.evaluate("node => node.scrollHeight <= node.clientHeight")
        expect(sheet_of).to_be_in_viewport(ratio=1)
    page.get_by_test_id("tab-neighbours").click()
    chooser = page.get_by_test_id("digit-class")
    expect(chooser.get_by_role("radio", checked=True)).to_have_text("3")
    agrees(explore, model, 3)
    for digit in (3, 8):
        if digit == 8:  # another: by its button, then by the keys
            page.get_by_test_id("digit-7").click()
            page.keyboard.press("ArrowRight")
            expect(page.get_by_test_id("digit-8")).to_be_focused()
            expect(chooser).to_have_attribute("data-chosen", "8")
            page.wait_for_url(re.compile("digit=8"))
            agrees(explore, model, 8)
        # Each button shows what its digit is at this point.
        for other in (0, digit, 9):
            picture, expected = (
                page.get_by_test_id(f"digit-{other}").locator("canvas"),
                grey_of(model, explore.z(), other),
            )
            while np.abs(grey_levels(picture) - expected).max() > GREY:
                page.evaluate("new Promise(requestAnimationFrame)")  # one a frame
        opacity, where = sheet(page.get_by_test_id("manifold"))
        z = np.array([where["left"] + 4.5 * where["spacing"], where["top"] - 5.5 * where["spacing"]])
        found = opacity[28 * 5 : 28 * 6, 28 * 4 : 28 * 5].reshape(-1)
        assert np.abs(found - grey_of(model, z, digit)).max() <= GREY, digit
    # The keys' own way, over the map; and round again.
    explore.plane.focus()
    page.keyboard.press("y")
    expect(chooser).to_have_attribute("data-chosen", "9")
    page.keyboard.press("y")
    expect(chooser).to_have_attribute("data-chosen", "0")
    page.wait_for_url(re.compile(r"^(?!.*digit=)"))

    # A test digit is decoded as what it is, whatever is chosen.
    index = 61
    expect(explore.plane).to_have_attribute("data-images", "true")
    label = int(test_digits.labels[index])
    assert label != 0
    explore.open(f"?model={NAME}&image={index}&panel=image&digit=5", NAME)
    expect(page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    found = grey_levels(page.get_by_test_id("chosen-reconstruction"))
    assert np.abs(found - grey_of(model, model.mu[index].numpy(), label)).max() <= GREY
    agrees(explore, model, 5)
    with torch.no_grad():
        logits = model.model.decoder(model.mu[index][None], torch.tensor([label]))[0]
    nats = torch.nn.functional.binary_cross_entropy_with_logits(logits, test_digits.images[index], reduction="sum")
    assert float(page.get_by_test_id("loss-reconstruction").inner_text()) == pytest.approx(float(nats), abs=0.011)


def test_panels_and_layers_draw_another_digit_when_it_is_chosen(
    one_page: Explore, model: Checkpoint, test_digits: Split
) -> None:
    explore = one_page.open(f"?model={NAME}&digit=2&panel=figure&overlay=change", NAME)
    page = explore.page
    figure, key = page.get_by_test_id("figure"), page.get_by_test_id("overlay-key")
    expect(figure).to_have_attribute("data-ready", "true")
    expect(key).to_have_attribute("data-high", ANY)
    twos, here = grey_levels(figure), page.get_by_test_id("overlay-here").inner_text()
    page.get_by_test_id("digit-4").click()
    expect(page.get_by_test_id("overlay-here")).not_to_have_text(here)
    expect(figure).to_have_attribute("data-ready", "true")
    fours = grey_levels(figure)
    middle = (7 * 28 * 15 + 7) * 28 + np.arange(28)[:, None] * 28 * 15 + np.arange(28)  # of 15 × 15, the one at (0, 0)
    for grey, digit in ((twos, 2), (fours, 4)):
        assert np.abs(grey[middle].reshape(-1) - grey_of(model, np.zeros(2), digit)).max() <= GREY
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-pair").click()
    walk, strip = page.locator(".lse-walk"), page.get_by_test_id("strip-straight")
    expect(walk).to_have_attribute("data-ready", "true")
    before = grey_levels(strip)
    page.get_by_test_id("digit-6").click()
    expect(walk).to_have_attribute("data-ready", "false")
    expect(walk).to_have_attribute("data-ready", "true")
    assert np.abs(grey_levels(strip) - before).max() > 100

    # The table of all test digits: each decoded as what it is.
    page.get_by_test_id("tab-save").click()
    with page.expect_download() as download:
        page.get_by_test_id("keep-csv").click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    few = slice(0, 100)
    with torch.no_grad():
        logits = model.model.decoder(model.mu[few], model.label[few].long())
    nats = torch.nn.functional.binary_cross_entropy_with_logits(logits, test_digits.images[few], reduction="none").sum(
        1
    )
    found = [float(row["reconstruction"]) for row in rows[few]]
    np.testing.assert_allclose(found, nats, rtol=1e-4)


def test_other_pages_show_such_a_model_beside_one_that_is_not_told(new_page: Open, model: Checkpoint) -> None:
    explore = new_page()
    page = explore.page
    page.goto(f"{explore.address}/compare?a={NAME}&b=vae-mnist-beta-1&sheet=prior&seed=1&digit=3")
    images = {side: page.locator(f'[data-testid="decoded-image"][data-side="{side}"]') for side in "ab"}
    for image in images.values():
        expect(image).to_have_attribute("data-z", ANY)
    expect(page.locator('section[data-side="a"]').get_by_test_id("codes-note")).to_be_visible()
    expect(page.locator('section[data-side="b"]').get_by_test_id("codes-note")).to_be_hidden()
    other = grey_levels(images["b"])
    for digit in (3, 9):
        page.get_by_test_id(f"digit-{digit}").click()
        expect(page.get_by_test_id("digit-class")).to_have_attribute("data-chosen", str(digit))
        z = np.array((images["a"].get_attribute("data-z") or "").split(","), dtype=np.float32)
        assert np.abs(grey_levels(images["a"]) - grey_of(model, z, digit)).max() <= GREY
    assert np.array_equal(grey_levels(images["b"]), other)
    page.wait_for_url(re.compile("digit=9"))
    drawn = page.locator('[data-testid="sheet"][data-side="a"]')
    z = np.array((drawn.get_attribute("data-z") or "").split(","), dtype=np.float32)
    first = grey_levels(drawn).reshape(8 * 28, 8 * 28)[:28, :28].reshape(-1)
    assert np.abs(first - grey_of(model, z[:2], 9)).max() <= GREY
    shares = page.locator('[data-testid="shares"]')
    expect(shares.and_(page.locator('[data-side="a"]'))).to_be_hidden()
    expect(shares.and_(page.locator('[data-side="b"]'))).to_be_visible()
    head = page.get_by_test_id("scores").get_by_role("columnheader").nth(1)
    expect(head).to_have_text(f"Conditional VAE, told the labels{NAME}.safetensors")
    page.get_by_test_id("model-a").select_option("ae-mnist")
    expect(page.get_by_test_id("digit-class")).to_be_hidden()
    page.wait_for_url(re.compile(r"^(?!.*digit=)"))

    page.goto(f"{explore.address}/train?replay={NAME}")
    image = page.get_by_test_id("decoded-image")
    expect(image).to_have_attribute("data-z", ANY)
    assert np.abs(grey_levels(image) - grey_of(model, np.zeros(2), 0)).max() <= GREY
    expect(page.get_by_test_id("coordinates")).to_contain_text("as class 0")
    samples = grey_levels(page.get_by_test_id("sheet")).reshape(8, 28, 8, 28)
    assert samples[0, :, 1].any()
    page.set_viewport_size(PHONE)
    page.goto(f"{explore.address}/?model={NAME}&digit=3&lang=zh-Hant")
    explore.wait(NAME)
    boxes = [page.get_by_test_id(f"digit-{digit}").bounding_box() for digit in range(10)]
    assert all(box and box["width"] >= 44 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_drawing_is_encoded_as_the_digit_chosen(one_page: Explore, model: Checkpoint) -> None:
    explore = one_page.open(f"?model={NAME}&panel=draw&digit=7&image=0", NAME)
    page = explore.page
    expect(explore.plane).to_have_attribute("data-images", "true")
    page.get_by_test_id("pad-load").click()
    text = page.get_by_test_id("panel-draw")
    expect(text).to_contain_text("the encoder, too, was told: 7")
    seven = page.get_by_test_id("decoded-image").get_attribute("data-z")
    page.get_by_test_id("digit-1").click()
    expect(text).to_contain_text("the encoder, too, was told: 1")
    expect(page.get_by_test_id("decoded-image")).not_to_have_attribute("data-z", seven or "")
    seen = torch.from_numpy(explore.pixels("drawn-image") / 255).float()
    with torch.no_grad():
        mu = model.model.encode(seen[None], torch.tensor([1]))[0][0].numpy()
    np.testing.assert_allclose(explore.z(), mu, atol=1e-2)
    agrees(explore, model, 1)
