"""The Explore page, driven as a class would drive it; numbers checked against PyTorch, NumPy and MNIST itself."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import PHONE, PROJECTOR, READY, TITLES, Explore, Open, decoded, grey_levels
from tests.conftest import CHECKPOINTS
from tests.server import free_port, serve

GREY = 1  # levels of 255: rounding


@pytest.fixture
def vae(shipped: dict[str, Checkpoint]) -> Checkpoint:
    return shipped["vae-mnist"]


def _agrees_with_torch(explore: Explore, checkpoint: Checkpoint) -> None:
    expected = decoded(checkpoint.model, explore.z()) * 255
    assert np.abs(explore.pixels() - expected).max() <= GREY


@pytest.fixture(scope="module")
def lonely(shipped: dict[str, Checkpoint]) -> list[int]:
    """Test points inside the 2σ circle, those with nobody near first: a click there can only mean this one."""
    mu = shipped["vae-mnist"].mu.numpy()
    inside = np.flatnonzero(np.hypot(*mu.T) < 2.5)
    gaps = [np.partition(np.hypot(*(mu - mu[i]).T), 1)[1] for i in inside]
    return [int(i) for i in inside[np.argsort(gaps)[::-1]]]


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


# The point


def test_it_opens_on_the_shipped_vae(
    new_page: Open, vae: Checkpoint, lonely: list[int], server: tuple[str, int]
) -> None:
    explore = new_page().open()
    _agrees_with_torch(explore, vae)
    inside = np.hypot(*vae.mu.numpy().T) < 2.5
    assert (explore.dots_at(vae.mu.numpy()[inside])[:, 3] > 0).all()
    alone = lonely[:20]
    assert explore.classes_of(explore.dots_at(vae.mu.numpy()[alone])).tolist() == vae.label[alone].tolist()
    assert explore.classes_drawn() == list(range(10))
    if (maps := Path(f"/proc/{server[1]}/maps")).exists():
        assert "libtorch" not in maps.read_text(encoding="utf-8"), "the server of the Explore page has loaded torch"


def test_the_map_is_as_high_before_its_classes_are_known(explore: Explore) -> None:
    full, empty = explore.page.evaluate("""() => {
        const bar = document.querySelector(".lse-bar"), legend = bar.querySelector(".lse-legend");
        const chips = [...legend.children], full = bar.offsetHeight;
        legend.replaceChildren();
        const empty = bar.offsetHeight;
        legend.replaceChildren(...chips);
        return [full, empty];
    }""")
    assert empty == full


def test_drag_is_live_and_exact_and_silent(new_page: Open, vae: Checkpoint) -> None:
    explore = new_page()
    sent: list[str] = []
    frames: list[object] = []

    def note(request: Request) -> None:
        if not request.url.endswith("/favicon.png"):  # the tab's icon comes when Chromium likes
            sent.append(request.url)

    explore.page.on("request", note)
    explore.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(frame)))
    explore.open()
    assert frames, "the page is connected, and what it sends is seen"
    expect(explore.plane).to_have_attribute("data-images", "true")
    x, y = explore.centre()
    explore.press(x, y)
    frames.clear()
    sent.clear()
    before = explore.z()
    for step in range(1, 9):
        explore.page.mouse.move(x + 20 * step, y - 11 * step)
        explore.until("z[0] !== argument", float(before[0]))
        before = explore.z()
        np.testing.assert_allclose(before, explore.to_latent(x + 20 * step, y - 11 * step), atol=1e-3)
        _agrees_with_torch(explore, vae)
    assert (frames, sent) == ([], [])
    explore.page.mouse.up()
    explore.until("Math.abs((new URL(location).searchParams.get('z') ?? 'none').split(',')[0] - z[0]) < 1e-3")
    assert (frames, sent) == ([], [])


def test_click_moves_the_point(explore: Explore, vae: Checkpoint) -> None:
    x, y = explore.to_pixel(-3.9, 3.9)  # a corner: no test point there
    explore.page.mouse.click(x, y)
    explore.until("z[0] < -3")
    np.testing.assert_allclose(explore.z(), explore.to_latent(x, y), atol=1e-3)
    _agrees_with_torch(explore, vae)
    assert explore.image_index() == "-1"


# What makes a browser compute the styles of all about it anew, since `:has()` might depend on it.
COUNT_CHANGES = """() => {
    window.changes = [];
    new MutationObserver((records) => {
        for (const { type, target, addedNodes } of records) {
            if (type === "attributes" || addedNodes.length) window.changes.push(target.outerHTML);
        }
    }).observe(document.querySelector(".lse"), { childList: true, subtree: true, attributeFilter: ["hidden"] });
}"""


def test_a_drag_writes_into_the_texts_that_are_there(explore: Explore) -> None:
    explore.press(*explore.to_pixel(-1, 1))
    explore.until("Math.abs(z[0] + 1) < 0.05")
    explore.page.evaluate(COUNT_CHANGES)
    explore.page.mouse.move(*explore.to_pixel(1, -1), steps=5)
    explore.until("Math.abs(z[0] - 1) < 0.05")
    explore.page.mouse.up()
    assert explore.page.evaluate("window.changes") == []


def test_sliders_move_the_point_while_they_are_dragged(explore: Explore, vae: Checkpoint) -> None:
    for name, axis in (("z1", 0), ("z2", 1)):
        slider = explore.page.get_by_test_id(name)
        assert slider.get_attribute("aria-label")
        box = slider.bounding_box()
        assert box is not None
        other = explore.z()[1 - axis]
        explore.press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        explore.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
        explore.until(f"Math.abs(z[{axis}]) > 0.5")
        assert explore.z()[1 - axis] == other
        assert explore.z()[axis] == pytest.approx(float(slider.input_value()), abs=1e-6)
        _agrees_with_torch(explore, vae)
        explore.page.mouse.up()


def test_a_typed_number_moves_the_point_and_a_wrong_one_is_refused(explore: Explore, vae: Checkpoint) -> None:
    field = explore.page.get_by_test_id("z1-number")
    field.fill("-1.2345")
    explore.until("Math.abs(z[0] + 1.2345) < 1e-6")
    _agrees_with_torch(explore, vae)
    field.fill("99")
    message = field.evaluate("node => node.validationMessage")
    assert re.fullmatch(r"A number from -[\d.]+ to [\d.]+\.", message)
    refusal = explore.page.get_by_text(re.compile(r"^z₁ goes from −[\d.]+ to [\d.]+; it is as before\.$"))
    expect(refusal).to_be_hidden()
    field.press("Tab")
    assert explore.z()[0] == pytest.approx(-1.2345)
    assert float(field.input_value()) == pytest.approx(-1.23, abs=0.01)
    expect(refusal).to_be_visible()
    explore.page.get_by_test_id("z1").press("ArrowRight")
    expect(refusal).to_be_hidden()


def test_arrow_keys_move_the_point_and_shift_moves_it_further(explore: Explore, vae: Checkpoint) -> None:
    keyboard = explore.page.keyboard
    keyboard.press("ArrowRight")
    explore.until("z[0] > 0")
    step = float(explore.z()[0])
    keyboard.press("ArrowDown")
    explore.until("z[1] < 0")
    assert explore.z()[1] == pytest.approx(-step)
    keyboard.press("Shift+ArrowLeft")
    explore.until("z[0] < 0")
    assert explore.z()[0] == pytest.approx(step - 5 * step, abs=1e-6)
    _agrees_with_torch(explore, vae)
    explore.until("Math.abs(new URL(location).searchParams.get('z').split(',')[0] - z[0]) < 1e-4")


def test_arrow_keys_in_a_field_are_the_fields_own(explore: Explore) -> None:
    explore.page.get_by_test_id("z2-number").focus()
    explore.page.keyboard.press("ArrowLeft")
    explore.page.get_by_test_id("z1").focus()
    explore.page.keyboard.press("ArrowRight")
    explore.until("z[0] > 0")
    assert explore.z()[1] == 0


def test_touch_drags_with_one_finger_and_zooms_with_two(new_page: Open, vae: Checkpoint) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).open()
    client = explore.page.context.new_cdp_session(explore.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    x, y = explore.centre()
    touch("touchStart", (x, y))
    for step in range(1, 6):
        touch("touchMove", (x + 12 * step, y + 12 * step))
    explore.until(
        "Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 0.01", explore.to_latent(x + 60, y + 60).tolist()
    )
    _agrees_with_torch(explore, vae)
    touch("touchEnd")
    scrolled = explore.page.evaluate("document.querySelector('.stMain').scrollTop")
    assert scrolled == 0

    before = explore.z()
    span = explore.to_latent(x + 100, y)[0] - explore.to_latent(x, y)[0]
    touch("touchStart", (x - 20, y))
    explore.until("z[0] !== argument", float(before[0]))  # the first finger, alone for a moment, moves it
    touch("touchStart", (x - 20, y), (x + 20, y))
    explore.until("z[0] === argument", float(before[0]))  # the second takes that back
    for step in range(1, 6):
        touch("touchMove", (x - 20 - 10 * step, y), (x + 20 + 10 * step, y))
    touch("touchEnd")
    explore.page.wait_for_url(re.compile("view="))
    assert (explore.to_latent(x + 100, y)[0] - explore.to_latent(x, y)[0]) < 0.6 * span
    assert np.array_equal(explore.z(), before)


def test_the_votes_are_those_of_a_plain_search(explore: Explore, vae: Checkpoint) -> None:
    mu, label = vae.mu.numpy(), vae.label.numpy()
    x, y = explore.centre()
    for dx, dy in ((-150, 40), (90, -120), (10, 200)):
        before = explore.z()
        explore.page.mouse.click(x + dx, y + dy)
        explore.until("z[0] !== argument", float(before[0]))
        z = explore.z()
        nearest = np.argsort(((mu - z) ** 2).sum(1), kind="stable")[:15]
        expected = np.bincount(label[nearest], minlength=10).tolist()
        votes = explore.page.get_by_test_id("votes").get_attribute("data-votes") or ""
        assert [int(v) for v in votes.split(",")] == expected
        assert explore.page.locator(".lse-verdict strong").inner_text() == str(int(np.argmax(expected)))


# Test points


def test_hover_shows_a_test_points_own_image(
    explore: Explore, vae: Checkpoint, test_digits: Split, lonely: list[int]
) -> None:
    expect(explore.plane).to_have_attribute("data-images", "true")
    index = lonely[0]
    card = explore.page.get_by_test_id("hover-card")
    x, y = explore.to_pixel(*vae.mu[index].tolist())
    before = explore.z()
    explore.page.mouse.move(x + 1, y + 1)
    expect(card).to_be_visible()
    expect(card).to_have_attribute("data-index", str(index))
    expect(card).to_contain_text(str(int(vae.label[index])))
    original, reconstruction = (grey_levels(card.locator("canvas").nth(i)) for i in (0, 1))
    assert np.array_equal(original, np.round(test_digits.images[index].numpy() * 255))
    assert np.abs(reconstruction - decoded(vae.model, vae.mu[index].numpy()) * 255).max() <= GREY
    explore.page.mouse.move(*explore.to_pixel(-3.9, 3.9))
    expect(card).to_be_hidden()
    assert np.array_equal(explore.z(), before)


def test_click_on_a_dot_chooses_it(one_page: Explore, vae: Checkpoint, test_digits: Split, lonely: list[int]) -> None:
    explore = one_page.open()
    expect(explore.plane).to_have_attribute("data-images", "true")
    index = lonely[1]
    mu = vae.mu[index].numpy()
    x, y = explore.to_pixel(*mu.tolist())
    explore.page.mouse.click(x + 1, y - 1)
    expect(explore.page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    explore.until("Math.abs(z[0] - argument) < 1e-6", float(mu[0]))
    assert np.array_equal(explore.z(), mu)
    expect(explore.page.get_by_test_id("panel-neighbours")).to_be_visible()  # what was open stays
    explore.page.get_by_test_id("tab-image").click()
    x_true, x_hat = test_digits.images[index].numpy(), decoded(vae.model, mu)
    assert np.array_equal(explore.pixels("chosen-original"), np.round(x_true * 255))
    assert np.abs(explore.pixels("chosen-reconstruction") - x_hat * 255).max() <= GREY
    rmse = float(np.sqrt(np.mean((x_true - x_hat) ** 2)))
    text = explore.page.get_by_test_id("chosen-error").inner_text()
    assert f"Test image {index}: {int(vae.label[index])}" in text
    assert float(text.split()[-1]) == pytest.approx(rmse, abs=5e-4)
    explore.plane.press("Escape")
    expect(explore.page.get_by_test_id("chosen")).to_have_attribute("data-index", "-1")


def test_a_hidden_class_is_neither_drawn_nor_met(explore: Explore, vae: Checkpoint, lonely: list[int]) -> None:
    index = lonely[0]
    c = int(vae.label[index])
    chip = explore.page.get_by_test_id(f"class-{c}")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    assert explore.classes_drawn() == [i for i in range(10) if i != c]
    explore.page.mouse.move(*explore.to_pixel(*vae.mu[index].tolist()))
    expect(explore.page.get_by_test_id("hover-card")).to_be_hidden()
    chip.dblclick()  # alone
    expect(chip).to_have_attribute("aria-pressed", "true")
    assert explore.classes_drawn() == [c]


# The view


def test_the_wheel_zooms_about_the_pointer_and_leaves_the_point(explore: Explore) -> None:
    x, y = explore.centre()
    x, y = x + 100, y - 60
    explore.page.mouse.move(x, y)
    fixed, before = explore.to_latent(x, y), explore.z()
    span = explore.to_latent(x + 50, y)[0] - fixed[0]
    explore.page.mouse.wheel(0, -400)
    explore.page.wait_for_url(re.compile("view="))
    np.testing.assert_allclose(explore.to_latent(x, y), fixed, atol=0.01)
    assert explore.to_latent(x + 50, y)[0] - fixed[0] < 0.7 * span
    assert np.array_equal(explore.z(), before)
    back = explore.page.get_by_role("button", name="Back to the view before")
    explore.page.mouse.move(x, y)
    explore.plane.press("q")
    explore.page.wait_for_url(lambda url: "view=" not in url)
    expect(back).to_be_hidden()
    explore.page.mouse.wheel(0, -400)
    explore.page.wait_for_url(re.compile("view="))
    expect(back).to_be_visible()
    near = explore.page.url
    explore.page.get_by_role("button", name="Show the whole map").click()
    explore.page.wait_for_url(lambda url: "view=" not in url)
    back.click()
    explore.page.wait_for_url(near)
    explore.page.get_by_role("button", name="Show the whole map").click()
    explore.page.wait_for_url(lambda url: "view=" not in url)


def test_panning_moves_the_map_and_not_the_point(explore: Explore) -> None:
    x, y = explore.centre()
    before, under = explore.z(), explore.to_latent(x, y)
    explore.page.keyboard.down("Shift")
    explore.press(x, y)
    explore.page.mouse.move(x + 80, y + 30, steps=4)
    explore.page.mouse.up()
    explore.page.keyboard.up("Shift")
    explore.page.wait_for_url(re.compile("view="))
    np.testing.assert_allclose(explore.to_latent(x + 80, y + 30), under, atol=0.01)
    assert np.array_equal(explore.z(), before)
    explore.page.get_by_role("button", name="Drag moves the map").click()
    explore.press(x, y)
    explore.page.mouse.move(x - 80, y - 30, steps=4)
    explore.page.mouse.up()
    assert np.array_equal(explore.z(), before)
    explore.page.get_by_role("button", name="Drag moves the map").click()  # for the tests to come


# Models and links


def test_choosing_a_model_keeps_the_point(explore: Explore, shipped: dict[str, Checkpoint]) -> None:
    explore.page.keyboard.press("Shift+ArrowRight")
    explore.until("z[0] > 0")
    before = explore.z()
    explore.pick("vae-mnist-baseline")
    explore.wait("vae-mnist-baseline")
    assert np.array_equal(explore.z(), before)
    _agrees_with_torch(explore, shipped["vae-mnist-baseline"])
    figure = shipped["vae-mnist-baseline"].metrics["elbo"]
    expect(explore.page.get_by_test_id("stSidebar")).to_contain_text(f"−{-figure:.1f} nats")
    explore.plane.focus()  # the picker keeps the arrow keys to itself while it has the focus
    explore.page.keyboard.press("ArrowRight")
    explore.until("z[0] > argument", float(before[0]))
    assert _query(explore.page)["model"] == ["vae-mnist-baseline"]
    small = float(explore.z()[0] - before[0])
    assert small < float(before[0])  # one step and not two: the rerun added no second listener


def test_an_autoencoder_has_no_prior_and_axes_that_fit(one_page: Explore, shipped: dict[str, Checkpoint]) -> None:
    explore = one_page.open("?model=ae-mnist", model="ae-mnist")
    _agrees_with_torch(explore, shipped["ae-mnist"])
    expect(explore.page.get_by_test_id("toggle-prior")).to_be_hidden()
    mu = shipped["ae-mnist"].mu.numpy()
    x, y = explore.centre()
    box = explore.plane.bounding_box()
    assert box is not None
    low = explore.to_latent(box["x"], box["y"] + box["height"])
    high = explore.to_latent(box["x"] + box["width"], box["y"])
    inside = ((low <= mu) & (mu <= high)).all(1)
    assert inside.mean() > 0.99
    assert (high - low).max() < 3 * np.ptp(mu, axis=0).max()
    explore.page.mouse.click(x + 60, y + 45)
    explore.until("z[0] !== 0")
    _agrees_with_torch(explore, shipped["ae-mnist"])


def test_a_link_opens_the_same_view(new_page: Open, explore: Explore, vae: Checkpoint, lonely: list[int]) -> None:
    expect(explore.plane).to_have_attribute("data-images", "true")
    index = lonely[0]
    explore.page.mouse.click(*explore.to_pixel(*vae.mu[index].tolist()))
    expect(explore.page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    explore.page.get_by_test_id("class-3").click()
    explore.page.get_by_test_id("toggle-prior").click()
    explore.page.mouse.move(*explore.centre())
    explore.page.mouse.wheel(0, -200)
    explore.page.wait_for_url(re.compile("view="))
    explore.page.keyboard.press("ArrowLeft")
    explore.until("z[0] < argument", float(vae.mu[index, 0]))

    other = new_page()
    other.page.goto(explore.page.url)
    other.wait("vae-mnist")
    np.testing.assert_allclose(other.z(), explore.z(), atol=1e-3)
    expect(other.page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    expect(other.page.get_by_test_id("class-3")).to_have_attribute("aria-pressed", "false")
    expect(other.page.get_by_test_id("toggle-prior")).to_have_attribute("aria-pressed", "false")
    x, y = explore.centre()
    np.testing.assert_allclose(other.to_latent(x, y), explore.to_latent(x, y), atol=1e-2)
    expect(other.page.locator(".lse-prior")).to_be_hidden()


def test_a_link_to_an_unknown_model_says_so(one_page: Explore) -> None:
    explore = one_page.open("?model=absent&z=1,1")
    alert = explore.sidebar_alert()
    expect(alert).to_contain_text(f"the model absent, which is not here; this is {TITLES['vae-mnist']}")
    assert explore.z().tolist() == [1, 1]
    explore = one_page.open(f"?model=absent{'x' * 500}")
    expect(explore.sidebar_alert()).to_contain_text(re.compile("asks for the model absentx{54}…, which"))


def test_a_link_cannot_write_into_the_page(one_page: Explore) -> None:
    name = "![x](http://127.0.0.1:9/x.png)[click](http://127.0.0.1:9)"
    explore = one_page.open(f"?model={name}")
    expect(explore.sidebar_alert()).to_contain_text(f"asks for the model {name}, which")
    assert explore.sidebar_alert().locator("img, a").count() == 0


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("?z=nan,1", "z=nan,1"),
        ("?z=1&panel=walk", "z=1"),
        ("?z=1e999,0&overlay=heat&digit=77", "z=1e999,0, overlay=heat, digit=77"),
        ("?image=99999999", "image=99999999"),
        ("?view=1,2,-3&hide=x,3,-1", "hide=x,3,-1, view=1,2,-3"),
    ],
)
def test_a_malformed_link_falls_back_and_says_where(query: str, parts: str, one_page: Explore, vae: Checkpoint) -> None:
    explore = one_page.open(query)
    assert explore.z().tolist() == [0, 0]
    _agrees_with_torch(explore, vae)
    note = explore.page.get_by_test_id("link-note")
    expect(note).to_have_text(f"Not understood in the link: {parts}. All else is as it says.")
    for name in re.findall("panel=(walk)", query):
        expect(explore.page.get_by_test_id(f"panel-{name}")).to_be_visible()
    if "hide=" in query:
        expect(explore.page.get_by_test_id("class-3")).to_have_attribute("aria-pressed", "false")
    explore.page.mouse.click(*explore.to_pixel(1, 1))
    expect(note).to_be_hidden()


def test_the_point_is_seen_whole_in_a_corner(explore: Explore) -> None:
    box = explore.plane.bounding_box()
    assert box is not None
    explore.press(*explore.centre())
    explore.page.mouse.move(box["x"] + box["width"] + 50, box["y"] + box["height"] + 50, steps=4)
    explore.until("z[0] > 3 && z[1] < -3")
    point = explore.page.locator(".lse-probe")
    expect(point).to_be_visible()
    cut = """(node) => {
        const { right, bottom } = node.getBoundingClientRect(), found = [];
        for (let up = node.parentElement; up; up = up.parentElement) {
            const box = up.getBoundingClientRect(), { overflowX, overflowY } = getComputedStyle(up);
            if (overflowX !== "visible" && box.right < right) found.push(up.className);
            if (overflowY !== "visible" && box.bottom < bottom) found.push(up.className);
        }
        return found;
    }"""
    assert point.evaluate(cut) == []
    explore.page.mouse.up()
    explore.page.mouse.move(*explore.centre())
    explore.page.mouse.wheel(0, -400)  # the corner is out of sight, and the point with it
    expect(point).to_be_hidden()


# Uploads


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (_cut, "expected the whole file, found one that ends before"),
    "foreign": (lambda _: b"\x89PNG" + bytes(4000), "expected a safetensors file, found something else"),
    "newer": (
        lambda content: content.replace(b"latent-explorer/2", b"latent-explorer/9"),
        "found latent-explorer/9; update",
    ),
}


def test_a_bad_upload_gets_one_sentence_and_the_last_good_model_stays(
    one_page: Explore, small_checkpoint: Path, tmp_path: Path, vae: Checkpoint
) -> None:
    explore = one_page.open()
    for name, (damage, words) in DAMAGES.items():
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(damage(small_checkpoint.read_bytes()))
        explore.upload(path)
        expect(explore.sidebar_alert()).to_contain_text(words)
        expect(explore.sidebar_alert()).to_contain_text("The last good model stays.")
    explore.wait("vae-mnist")
    explore.page.keyboard.press("ArrowUp")
    explore.until("z[1] > 0")
    _agrees_with_torch(explore, vae)


def test_an_upload_for_which_there_is_no_room_gets_one_sentence(one_page: Explore, server: tuple[str, int]) -> None:
    if sys.platform != "linux":
        pytest.skip("only there the limits of another process can be set")
    import resource

    explore = one_page.open()
    unlimited = resource.prlimit(server[1], resource.RLIMIT_FSIZE)
    # The server can write no larger file: the system refuses, as it does on a full disk.
    resource.prlimit(server[1], resource.RLIMIT_FSIZE, (100_000, unlimited[1]))
    try:
        explore.upload(CHECKPOINTS / "vae-mnist-baseline.safetensors")
        expect(explore.sidebar_alert()).to_contain_text("the server could not keep it (File too large)")
    finally:
        resource.prlimit(server[1], resource.RLIMIT_FSIZE, unlimited)
    explore.wait("vae-mnist")


def test_an_upload_that_a_page_has_looked_at_takes_no_memory(
    new_page: Open, server: tuple[str, int], small_checkpoint: Path
) -> None:
    explore = new_page().open()
    explore.upload(small_checkpoint)
    explore.wait("small")
    explore.page.keyboard.press("ArrowUp")
    metrics = explore.page.request.get(f"{server[0]}/_stcore/metrics").text()
    held = [line for line in metrics.splitlines() if "UploadedFileManager" in line]
    assert [float(line.rpartition(" ")[2]) for line in held] == [0.0]
    explore.page.get_by_role("link", name="Compare").click()
    expect(explore.page.locator(READY)).to_have_count(2)
    explore.page.get_by_role("link", name="Explore").click()
    explore.wait("small")


def test_an_upload_is_its_viewers_alone_and_outlives_a_reload(
    new_page: Open, small_checkpoint: Path, tmp_path: Path
) -> None:
    from model import checkpoint

    path = tmp_path / "my-model.safetensors"
    path.write_bytes(small_checkpoint.read_bytes())
    explore = new_page().open()
    explore.upload(path)
    explore.wait("my-model")
    _agrees_with_torch(explore, checkpoint.load(path))
    explore.page.reload()
    explore.wait("my-model")
    explore.pick("vae-mnist")
    explore.wait("vae-mnist")
    other = new_page().open("?model=my-model")
    expect(other.sidebar_alert()).to_contain_text("my-model, which is not here")


def test_after_a_restart_of_the_server_the_first_choice_counts(
    browser: Browser, small_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(small_checkpoint.read_bytes())
    port, temporary = free_port(), tmp_path / "tmp"
    temporary.mkdir()
    with serve(port=port, environment={"TMPDIR": str(temporary)}) as (address, _pid):
        explore = Explore(browser.new_page(viewport=PROJECTOR), address).open()
        explore.upload(path)
        explore.wait("mine")
    if sys.platform != "win32":  # where a process is ended at once
        assert list(temporary.iterdir()) == []
    explore.page.keyboard.press("ArrowRight")  # the page needs no server to explore
    explore.until("z[0] > 0")
    with serve(port=port):
        explore.page.wait_for_event("websocket")  # it has connected again
        explore.pick("ae-mnist")
        explore.wait("ae-mnist")
        explore.pick("vae-mnist")
        explore.wait("vae-mnist")
        assert explore.page.get_by_test_id("stException").count() == 0
    assert explore.errors == []


# Looks


def _luminance(colour: str) -> float:
    red, green, blue = (int(v) / 255 for v in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_plane_follows_the_theme_as_it_opens_and_as_it_changes(
    scheme: Literal["light", "dark"], new_page: Open
) -> None:
    explore = new_page()
    page = explore.page
    page.emulate_media(color_scheme=scheme)
    explore.open()
    _legible(page, dark=scheme == "dark")
    old = page.evaluate(TICK_COLOUR)
    page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    page.wait_for_function(f"old => {TICK_COLOUR} !== old", arg=old)
    _legible(page, dark=scheme != "dark")


TICK_COLOUR = "getComputedStyle(document.querySelector('.lse-ticks text')).fill"


def _legible(page: Page, dark: bool) -> None:
    background = page.locator(".stApp").evaluate("n => getComputedStyle(n).backgroundColor")
    title = page.get_by_test_id("tab-neighbours").evaluate("n => getComputedStyle(n).color")
    assert (_luminance(background) < 0.5) == dark
    assert abs(_luminance(page.evaluate(TICK_COLOUR)) - _luminance(background)) > 0.5
    assert abs(_luminance(title) - _luminance(background)) > 0.5


def test_a_projector_shows_everything_without_scrolling(explore: Explore) -> None:
    for name in ("latent-plane", "decoded-image", "z1", "z2", "votes", "nearest", "class-9", "toggle-numerals"):
        box = explore.page.get_by_test_id(name).bounding_box()
        assert box is not None, name
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= PROJECTOR["height"], name
        assert box["x"] + box["width"] <= PROJECTOR["width"], name
    sidebar = explore.page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("combobox", name="Language")).to_be_in_viewport(ratio=1)
    image = explore.image.bounding_box()
    assert image is not None
    assert image["width"] == image["height"] >= 240
    assert explore.image.evaluate("c => [c.width, c.height]") == [28, 28]


def test_a_class_sees_map_digit_and_sliders_first_and_the_rest_when_it_is_asked_for(new_page: Open) -> None:
    explore = new_page().open("?depth=look")
    page, address = explore.page, explore.page.url
    depths = {name: page.get_by_test_id(f"depth-{name}") for name in ("look", "ask", "expert")}
    deep = ("show-both", "tab-draw", "overlay", "tab-figure", "toggle-training")

    def shown(depth: str, count: int) -> None:
        for name, button in depths.items():
            expect(button).to_have_attribute("aria-pressed", str(name == depth).lower())
        for i, name in enumerate(deep):
            expect(page.get_by_test_id(name)).to_be_visible(visible=i < count)

    shown("look", 0)
    for name in ("latent-plane", "decoded-image", "z1", "z2", "seen"):
        expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    image = explore.image.bounding_box()
    assert image is not None
    assert image["width"] >= 390
    depths["ask"].click()
    shown("ask", 2)
    page.wait_for_url(re.compile("depth=ask"))
    depths["expert"].click()
    shown("expert", 5)
    page.get_by_test_id("overlay").select_option("votes")
    page.wait_for_url(re.compile(r"^(?!.*depth=).*overlay=votes"))  # which says as much
    depths["look"].click()  # what cannot be seen any more is as it was
    shown("look", 0)
    expect(page.get_by_test_id("overlay-key")).to_be_hidden()
    page.wait_for_url(re.compile(r"^(?!.*(depth|overlay)=)"))
    page.go_back()
    shown("expert", 5)
    expect(page.get_by_test_id("overlay")).to_have_value("votes")
    page.go_back()
    shown("ask", 2)
    page.go_forward()
    page.go_forward()
    shown("look", 0)
    explore.plane.press("m")  # each key brings into sight what it changes
    shown("ask", 2)
    explore.plane.press("o")
    shown("expert", 5)
    for query, depth, count in (("?panel=walk", "ask", 2), ("?panel=figure", "expert", 5), ("", "look", 0)):
        page.goto(f"{explore.address}/{query}")
        explore.wait("vae-mnist")
        shown(depth, count)
    assert page.url.rstrip("/") == address.partition("?")[0].rstrip("/")


def test_a_phone_shows_plane_digit_and_sliders_at_once(new_page: Open) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True).open("?depth=look")
    for name in ("latent-plane", "decoded-image", "z1", "z2", "seen"):
        box = explore.page.get_by_test_id(name).bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= PHONE["width"], name
        assert box["y"] + box["height"] <= PHONE["height"], name
    assert explore.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("device", ["phone", "sidebar closed"])
def test_streamlits_header_takes_no_press_from_the_map(device: str, new_page: Open) -> None:
    phone = device == "phone"
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True) if phone else new_page()
    explore.open()
    page = explore.page
    if not phone:
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click(force=True)
    for name in ("class-0", "class-3", "show-both"):
        node = page.get_by_test_id(name)
        before = node.get_attribute("aria-pressed")
        node.click()
        expect(node).not_to_have_attribute("aria-pressed", before or "")


def test_the_way_to_train_and_back_keeps_the_place(one_page: Explore) -> None:
    explore = one_page.open("?model=ae-mnist&z=2,1&overlay=votes&show=both&class=0", "ae-mnist")
    explore.page.get_by_test_id("z1-number").fill("1")
    explore.page.wait_for_url(re.compile("z=1,1"))
    # The class is invited to the place where the teacher is now.
    explore.page.get_by_role("button", name="Invite the class").click()
    invitation = explore.page.get_by_test_id("invite")
    shown = re.compile(r"\?model=ae-mnist&z=1,1&overlay=votes&show=both$")
    expect(invitation).to_have_text(shown)
    code = invitation.get_by_role("img", name="QR code")
    assert code.evaluate("async (code) => (await code.decode(), code.clientWidth)") > 300
    [address] = parse_qs(urlparse(code.get_attribute("src") or "").query)["address"]
    assert address == invitation.inner_text()
    explore.page.keyboard.press("Escape")
    expect(invitation).to_be_hidden()
    links = explore.page.get_by_test_id("stSidebarNavLink")
    links.filter(has_text="Train").click()
    explore.page.wait_for_url("**/train**")
    links.filter(has_text="Explore").click()
    explore.wait("ae-mnist")
    assert explore.z().tolist() == [1, 1]
    expect(explore.page.get_by_test_id("overlay")).to_have_value("votes")
    expect(explore.page.get_by_test_id("show-both")).to_have_attribute("aria-pressed", "true")


COUNT_CONTEXTS = """window.contexts = 0;
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    if (kind.includes("webgl")) window.contexts++;
    return getContext.call(this, kind, ...rest);
};"""


def test_no_map_takes_one_of_the_browsers_few_webgl_contexts(new_page: Open) -> None:
    explore = new_page()
    with explore.page.add_init_script(COUNT_CONTEXTS):
        for path in ("", "compare", "train?replay=vae-mnist"):
            explore.page.goto(f"{explore.address}/{path}")
            expect(explore.page.locator(READY).first).to_be_visible()
            assert explore.page.evaluate("window.contexts") == 0, path


def test_points_that_the_browser_has_lost_are_there_again(explore: Explore) -> None:
    before = explore.dots()
    explore.page.locator(".lse-cloud").evaluate("""(canvas) => {
        canvas.getContext("2d").reset();
        canvas.dispatchEvent(new Event("contextrestored"));
    }""")
    assert before.any()
    assert np.array_equal(explore.dots(), before)
