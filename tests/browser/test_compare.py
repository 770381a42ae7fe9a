"""Compare in a real browser: one pointer over two models, samples, figures; against PyTorch on the same checkpoints."""

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, Route, expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import PHONE, RANGE, TITLES, Explore, Open, Viewers, decoded, grey_levels, read_axes
from tests.conftest import CHECKPOINTS

GREY = 1.01  # levels of 255
LEFT, RIGHT = "ae-mnist", "vae-mnist-beta-1"  # the page's own choice

Array = NDArray[np.float64]


class Compare:
    """The Compare page, as a test drives it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, query: str = "", left: str = LEFT, right: str = RIGHT) -> "Compare":
        self.page.goto(f"{self.address}/compare{query}")
        self.ready("a", left)
        self.ready("b", right)
        return self

    def ready(self, side: str, name: str) -> None:
        there = f'[data-checkpoint="{name}"][data-ready="true"][data-images="true"]:not([data-gliding])'
        expect(self.page.locator(f'[data-testid="latent-plane"][data-side="{side}"]{there}')).to_be_visible()

    def of(self, side: str, name: str) -> Locator:
        return self.page.locator(f'[data-testid="{name}"][data-side="{side}"]')

    def z(self, side: str) -> Array:
        text = self.of(side, "decoded-image").get_attribute("data-z")
        assert text is not None
        return np.array(text.split(","), dtype=np.float64)

    def until(self, side: str, condition: str, values: dict[str, float]) -> None:
        """Wait for a JavaScript condition on the point `z` of a side and on some values."""
        script = f"""([side, {{ {", ".join(values)} }}]) => {{
            const canvas = document.querySelector(`[data-testid="decoded-image"][data-side="${{side}}"]`);
            const z = canvas.dataset.z.split(",").map(Number);
            return {condition};
        }}"""
        self.page.wait_for_function(script, arg=[side, values])

    def until_address(self, z: Array) -> None:
        """Wait until the page's address names a point."""
        script = """([x, y]) => {
            const z = new URLSearchParams(location.search).get("z")?.split(",").map(Number) ?? [NaN, NaN];
            return Math.hypot(z[0] - x, z[1] - y) < 1e-3;
        }"""
        self.page.wait_for_function(script, arg=z.tolist())

    def to_pixel(self, side: str, x: float, y: float) -> tuple[float, float]:
        """Page coordinates of a latent point, as its axes say."""
        return read_axes(self.of(side, "latent-plane")).to_pixel(x, y)

    def drag_to(self, side: str, x: float, y: float) -> None:
        """Press somewhere else, drag there, let go; until the page shows it."""
        px, py = self.to_pixel(side, x, y)
        self.page.mouse.move(px - 40, py - 20)
        self.page.mouse.down()
        self.page.mouse.move(px, py, steps=5)
        self.page.mouse.up()
        scale = abs(self.to_pixel(side, x + 1, y)[0] - px)  # pixels a latent unit
        self.until(side, "Math.hypot(z[0] - x, z[1] - y) < slack", {"x": x, "y": y, "slack": 1.5 / scale})

    def width(self, side: str) -> float:
        """Latent units across the plane."""
        left, right = self.of(side, "latent-plane").evaluate(RANGE)
        return float(right - left)


@pytest.fixture(scope="module")
def one_page(viewers: Viewers, server: tuple[str, int]) -> Iterator[Compare]:
    """A page for most tests here: to open one takes longer than any of them."""
    with viewers.lending(Explore) as lend:
        yield Compare(lend(server[0]).page, server[0]).open()


@pytest.fixture
def compare(one_page: Compare) -> Compare:
    """The page as it opens, but for the point."""
    one_page.page.keyboard.press("Escape")
    one_page.page.get_by_test_id("match-position").click()
    for side, name in (("a", LEFT), ("b", RIGHT)):
        one_page.page.get_by_test_id(f"model-{side}").select_option(name)
        one_page.ready(side, name)
    one_page.of("a", "latent-plane").press("0")
    return one_page


@pytest.fixture
def opened(new_page: Open) -> Callable[..., Compare]:
    """Opens pages of their own."""

    def make(query: str = "", left: str = LEFT, right: str = RIGHT, **options: object) -> Compare:
        explore = new_page(**options)
        return Compare(explore.page, explore.address).open(query, left, right)

    return make


def _standardised(z: Array, mu: torch.Tensor) -> Array:
    cloud = mu.double().numpy()
    return np.asarray((z - cloud.mean(0)) / cloud.std(0))


def _check_side(compare: Compare, side: str, checkpoint: Checkpoint, digits: Split) -> int:
    """What stands under a map is what PyTorch says of its point; returns the nearest test image's index."""
    z = compare.z(side)
    expected = 255 * decoded(checkpoint.model, z)
    assert np.abs(grey_levels(compare.of(side, "decoded-image")) - expected).max() <= GREY
    distances = np.linalg.norm(checkpoint.mu.double().numpy() - z, axis=1)
    nearest = int(distances.argmin())
    assert compare.of(side, "nearest-image").get_attribute("data-index") == str(nearest)
    np.testing.assert_array_equal(
        grey_levels(compare.of(side, "nearest-image")), (255 * digits.images[nearest]).round().long().numpy()
    )
    section = compare.page.locator(f'section[data-side="{side}"]')
    shown = float(section.get_by_test_id("distance").inner_text())
    assert shown == pytest.approx(distances[nearest], abs=6e-4 if distances[nearest] < 10 else 0.06)
    assert section.get_by_text(f"nearest real: {digits.labels[nearest]}").is_visible()
    hole = section.get_by_test_id("hole").get_attribute("data-hole")
    assert hole == str(distances[nearest] > checkpoint.metrics["hole_radius"]).lower()
    return nearest


@pytest.mark.parametrize(
    ("side", "point"), [("a", (-6.0, 1.0)), ("a", (4.0, -9.0)), ("b", (1.0, 1.5)), ("b", (-3.0, 3.0))]
)
def test_move_in_one_map_and_the_other_follows_at_the_same_standardised_position(
    side: str, point: tuple[float, float], compare: Compare, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    compare.drag_to(side, *point)
    left, right = shipped[LEFT], shipped[RIGHT]
    np.testing.assert_allclose(
        _standardised(compare.z("a"), left.mu), _standardised(compare.z("b"), right.mu), atol=1e-5
    )
    _check_side(compare, "a", left, test_digits)
    _check_side(compare, "b", right, test_digits)


def test_both_verdicts_are_seen_on_an_autoencoders_map(compare: Compare) -> None:
    hole = compare.page.locator('section[data-side="a"]').get_by_test_id("hole")
    compare.drag_to("a", 4.0, -9.0)
    expect(hole).to_contain_text("a hole: no image within 0.45")
    compare.drag_to("a", 0.5, 0.5)
    expect(hole).to_contain_text("no hole: an image within 0.45")


@pytest.mark.parametrize("side", ["a", "b"])
def test_or_at_the_same_test_image(
    side: str, compare: Compare, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    compare.page.get_by_test_id("match-image").click()
    compare.drag_to(side, 0.8, -1.0)
    models = {"a": shipped[LEFT], "b": shipped[RIGHT]}
    nearest = _check_side(compare, side, models[side], test_digits)
    other = "b" if side == "a" else "a"
    np.testing.assert_allclose(compare.z(other), models[other].mu[nearest].numpy(), atol=1e-6)
    assert _check_side(compare, other, models[other], test_digits) == nearest
    compare.until_address(compare.z(side))
    # Another model of the same images: the point stays with the image.
    compare.page.get_by_test_id(f"model-{side}").select_option("vae-mnist")
    compare.ready(side, "vae-mnist")
    np.testing.assert_allclose(compare.z(side), shipped["vae-mnist"].mu[nearest].numpy(), atol=1e-6)
    compare.until_address(compare.z(side))


def test_the_first_thing_seen_is_a_hole_on_the_left_and_none_on_the_right(opened: Callable[..., Compare]) -> None:
    compare = opened()
    for side, verdict in (("a", "true"), ("b", "false")):
        section = compare.page.locator(f'section[data-side="{side}"]')
        expect(section.get_by_test_id("hole")).to_have_attribute("data-hole", verdict)


def test_arrow_keys_move_the_map_used_last(compare: Compare) -> None:
    compare.drag_to("b", 0.5, 0.5)
    before = {side: compare.z(side) for side in "ab"}
    compare.page.keyboard.press("ArrowRight")
    compare.until("b", "z[0] > x", {"x": before["b"][0]})
    assert compare.z("a")[0] > before["a"][0]
    assert compare.z("b")[1] == before["b"][1]


def test_each_map_has_axes_that_fit_or_both_one_scale(compare: Compare, shipped: dict[str, Checkpoint]) -> None:
    def wait(condition: str) -> None:
        compare.page.wait_for_function(f"""() => {{
            const [a, b] = [...document.querySelectorAll('[data-testid="latent-plane"]')].map({RANGE});
            return {condition};
        }}""")

    apart = {side: compare.width(side) for side in "ab"}
    for side, name in (("a", LEFT), ("b", RIGHT)):
        # A cloud as large as its map: at least 998 of 1,000 codes on it, and on an axis most of its length.
        mu = shipped[name].mu.double()
        span = (mu.quantile(0.999, dim=0) - mu.quantile(0.001, dim=0)).max().item()
        assert 0.4 * apart[side] < span < 1.6 * apart[side]
    compare.page.get_by_test_id("common-scale").click()
    wait("a[0] === b[0] && a[1] === b[1]")
    assert compare.width("b") >= max(apart.values()) * 0.99
    compare.page.mouse.move(*compare.to_pixel("a", 1, 1))
    compare.page.mouse.wheel(0, -300)
    wait(f"a[0] === b[0] && a[1] === b[1] && a[1] - a[0] < {0.9 * max(apart.values())}")
    compare.page.get_by_test_id("common-scale").click()
    wait(f"Math.abs(a[1] - a[0] - {apart['a']}) < 1e-6 && Math.abs(b[1] - b[0] - {apart['b']}) < 1e-6")


def test_it_says_that_both_sides_show_one_model_and_who_has_no_prior(compare: Compare) -> None:
    alike, priorless = compare.page.get_by_test_id("alike"), compare.page.get_by_test_id("priorless")
    expect(priorless).to_be_visible()
    expect(alike).to_be_hidden()
    compare.page.get_by_test_id("draw-prior").click()
    captions = compare.page.locator(".lse-sheet-figure > figcaption")
    expect(captions).to_have_text(["64 from N(0, I), decoded: not its prior, it has none", "64 from N(0, I), decoded"])
    compare.page.get_by_test_id("model-a").select_option(RIGHT)
    expect(alike).to_be_visible()
    expect(priorless).to_be_hidden()


def test_what_lies_at_both_points_is_read_out_when_one_is_let_go(compare: Compare) -> None:
    compare.drag_to("a", 4.0, -9.0)
    parts = []
    for side, name in (("a", "left"), ("b", "right")):
        section = compare.page.locator(f'section[data-side="{side}"]')
        where, verdict = (section.get_by_test_id(part).inner_text() for part in ("where", "hole"))
        parts.append(f"{name}: {where}, {section.locator('.lse-found figcaption').nth(1).inner_text()}, {verdict}")
    expect(compare.page.locator(".lse-compare > [aria-live]")).to_have_text("; ".join(parts))


def test_a_model_that_does_not_come_leaves_the_last_one_and_says_so(
    opened: Callable[..., Compare], shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    compare = opened()
    compare.page.route("**/ae-mnist-mae.safetensors*", lambda route: route.fulfill(body="not a checkpoint"))
    compare.page.get_by_test_id("loss-mae-a").click()
    alert = compare.page.get_by_role("alert").filter(has_text="AutoEncoder, absolute error: ")
    expect(alert).to_be_visible()
    expect(compare.page.get_by_test_id("model-a")).to_have_value(LEFT)
    expect(compare.page.get_by_test_id("loss-bce-a")).to_have_attribute("aria-pressed", "true")
    compare.drag_to("b", 1.0, 1.5)
    expect(alert).to_be_hidden()
    _check_side(compare, "a", shipped[LEFT], test_digits)
    compare.page.get_by_test_id("loss-mse-a").click()
    compare.ready("a", "ae-mnist-mse")


def _sheet(compare: Compare, side: str) -> tuple[Array, Array]:
    """The 64 latent points, (64, 2), and grey levels, (64, 784), of a sheet."""
    text = compare.of(side, "sheet").get_attribute("data-z")
    assert text is not None
    grey = grey_levels(compare.of(side, "sheet")).reshape(8, 28, 8, 28).transpose(0, 2, 1, 3).reshape(64, 784)
    return np.array(text.split(","), dtype=np.float64).reshape(64, 2), grey.astype(np.float64)


def _check_sheet(z: Array, grey: Array, checkpoint: Checkpoint) -> None:
    with torch.no_grad():
        expected = checkpoint.model.decode(torch.from_numpy(z).float()).numpy()
    assert np.abs(grey - 255 * expected).max() <= GREY


def _check_shares(bars: Locator, model: Checkpoint) -> None:
    """Of 1,000 samples as many are of each class as of many more, drawn by PyTorch, give or take what chance does."""
    shown = np.array((bars.get_attribute("data-shares") or "").split(","), dtype=float)
    z = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0))
    nearest = torch.cat([torch.cdist(part, model.mu).argmin(1) for part in z.split(2_000)])
    share = torch.bincount(model.label.long()[nearest], minlength=10).numpy() / len(z)
    assert shown.sum() == pytest.approx(1)
    assert (np.abs(shown - share) < 5 * np.sqrt(share / 1_000) + 0.002).all()


def test_draw_64_from_the_prior_with_the_same_z(compare: Compare, shipped: dict[str, Checkpoint]) -> None:
    compare.page.get_by_test_id("draw-prior").click()
    expect(compare.of("b", "sheet")).to_have_attribute("data-model", RIGHT)
    (left, left_grey), (right, right_grey) = _sheet(compare, "a"), _sheet(compare, "b")
    np.testing.assert_array_equal(left, right)
    assert np.abs(left.mean(0)).max() < 0.5  # four standard errors
    assert np.abs(left.std(0) - 1).max() < 0.35
    _check_sheet(left, left_grey, shipped[LEFT])
    _check_sheet(right, right_grey, shipped[RIGHT])
    for side in "ab":
        plane = compare.of(side, "latent-plane")
        expect(plane.get_by_test_id("sample-marks")).to_have_attribute("data-count", "64")
        _check_shares(compare.of(side, "shares"), shipped[{"a": LEFT, "b": RIGHT}[side]])
    compare.page.get_by_test_id("draw-prior").click()
    assert not np.array_equal(_sheet(compare, "a")[0], left)
    # The same z for whichever model is there.
    again = _sheet(compare, "a")[0]
    compare.page.get_by_test_id("loss-mae-a").click()
    compare.ready("a", "ae-mnist-mae")
    expect(compare.of("a", "sheet")).to_have_attribute("data-model", "ae-mnist-mae")
    z, grey = _sheet(compare, "a")
    np.testing.assert_array_equal(z, again)
    _check_sheet(z, grey, shipped["ae-mnist-mae"])


def test_an_autoencoder_draws_from_its_own_box_a_vae_from_its_prior(
    compare: Compare, shipped: dict[str, Checkpoint]
) -> None:
    compare.page.get_by_test_id("draw-box").click()
    expect(compare.of("a", "sheet")).to_have_attribute("data-model", LEFT)
    (left, left_grey), (right, right_grey) = _sheet(compare, "a"), _sheet(compare, "b")
    mu = shipped[LEFT].mu.double().numpy()
    low, high = mu.min(0), mu.max(0)
    share = (left - low) / (high - low)
    assert share.min() >= 0
    assert share.max() <= 1
    assert np.abs(share.mean(0) - 0.5).max() < 0.15  # four standard errors
    assert np.abs(right).max() < 4.5
    _check_sheet(left, left_grey, shipped[LEFT])
    _check_sheet(right, right_grey, shipped[RIGHT])
    # A sample that is clicked is where the point goes.
    box = compare.of("a", "sheet").bounding_box()
    assert box is not None
    compare.of("a", "sheet").click(position={"x": box["width"] * 2.5 / 8, "y": box["height"] * 1.5 / 8})
    x, y = left[1 * 8 + 2]
    compare.until("a", "Math.hypot(z[0] - x, z[1] - y) < 1e-4", {"x": x, "y": y})
    # Or one that the arrow keys come to from there.
    grid = compare.page.get_by_role("grid", name=f"{TITLES[LEFT]}: 64 from its own box")
    grid.press("ArrowDown")
    grid.press("End")
    expect(grid.get_by_role("gridcell", name="sample 24 of 64: z = (")).to_be_visible()
    grid.press("Enter")
    x, y = left[2 * 8 + 7]
    compare.until("a", "Math.hypot(z[0] - x, z[1] - y) < 1e-4", {"x": x, "y": y})


def test_the_beta_slider_steps_through_the_family_and_the_points_glide(
    compare: Compare, shipped: dict[str, Checkpoint]
) -> None:
    slider, value = compare.page.get_by_test_id("beta-b"), compare.page.get_by_test_id("beta-value-b")
    expect(value).to_have_text("β = 1")
    assert slider.get_attribute("max") == "2"
    # What the canvas shows on the way: the cloud's module is asked, which draws whatever it is given.
    compare.page.evaluate("""async () => {
        const own = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/cloud.js")).name;
        const { Cloud } = await import(own), { setPositions } = Cloud.prototype;
        window.shown = [];
        Cloud.prototype.setPositions = function (mu) {
            window.shown.push([...mu.slice(0, 20)]);
            return setPositions.call(this, mu);
        };
    }""")
    slider.press("ArrowRight")
    expect(value).to_have_text("β = 4")
    compare.ready("b", "vae-mnist-beta-4")
    frames = np.array(compare.page.evaluate("window.shown"))
    start, end = (shipped[name].mu[:10].double().numpy().ravel() for name in (RIGHT, "vae-mnist-beta-4"))
    assert len(frames) > 3
    np.testing.assert_allclose(frames[0], start, atol=1e-5)
    np.testing.assert_allclose(frames[-1], end, atol=1e-5)
    way = (frames - start) @ (end - start) / ((end - start) @ (end - start))
    assert (np.diff(way) >= -1e-6).all()
    np.testing.assert_allclose(
        frames, start + way[:, None] * (end - start), atol=1e-3
    )  # each point on its straight line
    for key, beta, name in (("ArrowLeft", "1", RIGHT), ("ArrowLeft", "0.25", "vae-mnist-beta-0.25")):
        slider.press(key)
        expect(value).to_have_text(f"β = {beta}")
        compare.ready("b", name)
    assert (
        compare.page.get_by_test_id("elbo-b")
        .inner_text()
        .startswith(f"{shipped['vae-mnist-beta-0.25'].metrics['elbo']:.1f}".replace("-", "−"))
    )


ROWS: dict[str, Callable[[dict[str, float]], str]] = {
    "reconstruction": lambda m: f"{m['reconstruction']:.1f} nats",
    "mse": lambda m: f"{m['mse']:.4f}",
    "mae": lambda m: f"{m['mae']:.4f}",
    "elbo": lambda m: f"{m['elbo']:.1f} nats".replace("-", "−") if "elbo" in m else "–",
    "knn": lambda m: f"{100 * m['knn_accuracy']:.1f} %",
    "extent": lambda m: f"{m['extent_1']:.1f} × {m['extent_2']:.1f}",
    "holes-prior": lambda m: f"{100 * m['holes_prior']:.1f} %",
    "holes-box": lambda m: f"{100 * m['holes_box']:.1f} %",
    "realism-prior": lambda m: f"{m['realism_prior']:.3f}",
    "realism-box": lambda m: f"{m['realism_box']:.3f}",
    "coverage-prior": lambda m: f"{m['coverage_prior']:.3f}",
    "coverage-box": lambda m: f"{m['coverage_box']:.3f}",
}


def test_the_table_has_the_checkpoints_figures_and_says_better_where_all_seeds_do(
    compare: Compare, shipped: dict[str, Checkpoint]
) -> None:
    page, told = compare.page, json.loads((CHECKPOINTS / "seeds.json").read_text(encoding="utf-8"))
    for side, name in (("a", LEFT), ("b", RIGHT)):
        for row, text in ROWS.items():
            own, *more = page.get_by_test_id(f"{row}-{side}").inner_text().splitlines()
            assert own == text(shipped[name].metrics), row
            assert any(line.startswith("3 seeds: ") for line in more) == (own != "–" and row != "extent"), row
    for row, key, lower in (("reconstruction", "reconstruction", True), ("knn", "knn_accuracy", False)):
        values = [np.array(told[name][key]) * (1 if lower else -100) for name in (LEFT, RIGHT)]
        for i, side in enumerate("ab"):
            of, other = abs(values[i]), values[1 - i]
            cell = page.get_by_test_id(f"{row}-{side}")
            expect(cell).to_contain_text(f"3 seeds: {of.mean():.1f} ({of.min():.1f} to {of.max():.1f})")
            expect(cell.get_by_text("better")).to_have_count(int(values[i].max() < other.min()))
    table, once = page.get_by_test_id("scores"), page.get_by_test_id("once")
    expect(table.get_by_text("higher is better")).to_have_count(2)  # of the measure
    expect(once).to_contain_text("trained from 3 seeds")
    page.get_by_test_id("loss-mse-a").click()  # a single run bears no verdict
    compare.ready("a", "ae-mnist-mse")
    expect(once).to_contain_text("trained once, from one seed")
    expect(table.get_by_text("seeds")).to_have_count(0)


def test_the_address_holds_it_all(
    opened: Callable[..., Compare], shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    query = "?a=vae-mnist&b=vae-mnist-beta-4&on=b&z=0.5,-1.25&match=image&scale=common&hide=1,7&sheet=box&seed=5"
    compare = opened(query, "vae-mnist", "vae-mnist-beta-4")
    np.testing.assert_allclose(compare.z("b"), [0.5, -1.25])
    nearest = _check_side(compare, "b", shipped["vae-mnist-beta-4"], test_digits)
    np.testing.assert_allclose(compare.z("a"), shipped["vae-mnist"].mu[nearest].numpy(), atol=1e-6)
    expect(compare.page.get_by_test_id("common-scale")).to_have_attribute("aria-pressed", "true")
    for label, pressed in ((1, "false"), (2, "true"), (7, "false")):
        expect(compare.page.get_by_test_id(f"class-{label}")).to_have_attribute("aria-pressed", pressed)
    first = _sheet(compare, "a")[0]
    # The way to another page and back keeps it, and a reload does.
    nav = compare.page.get_by_test_id("stSidebarNav")
    nav.get_by_text("Train").click()
    expect(compare.page.get_by_test_id("here")).to_be_visible()
    nav.get_by_text("Compare").click()
    compare.ready("a", "vae-mnist")
    compare.ready("b", "vae-mnist-beta-4")
    np.testing.assert_array_equal(_sheet(compare, "a")[0], first)
    compare.page.wait_for_url(lambda url: "seed=5" in url)
    compare.page.reload()
    compare.ready("a", "vae-mnist")
    compare.ready("b", "vae-mnist-beta-4")
    np.testing.assert_allclose(compare.z("b"), [0.5, -1.25])
    np.testing.assert_array_equal(_sheet(compare, "a")[0], first)


def test_a_link_of_nonsense_is_shown_as_far_as_it_goes(opened: Callable[..., Compare]) -> None:
    compare = opened(f"?a=nowhere{'x' * 500}&z=1e300,abc&hide=99,x,3&seed=-1&sheet=cube")
    alert = compare.page.get_by_role("alert").filter(has_text="asks for the model nowhere")
    expect(alert).to_be_visible()
    assert alert.evaluate("node => node.scrollWidth <= node.clientWidth"), "it is cut off"
    assert np.isfinite(compare.z("a")).all()
    expect(compare.page.get_by_test_id("class-3")).to_have_attribute("aria-pressed", "false")
    compare.drag_to("a", 1.0, 1.0)
    expect(alert).to_be_hidden()
    compare.page.wait_for_url(lambda url: "a=ae-mnist" in url and "hide=3" in url)


def test_a_phone_has_both_maps_in_sight_and_a_finger_moves_both(
    opened: Callable[..., Compare], shipped: dict[str, Checkpoint]
) -> None:
    compare = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    boxes = [compare.of(side, "latent-plane").bounding_box() for side in "ab"]
    for box in boxes:
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"]
        assert box["y"] + box["height"] <= PHONE["height"]
    assert compare.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    compare.page.touchscreen.tap(*compare.to_pixel("b", 1, -1))
    compare.until("b", "Math.abs(z[0] - x) < 0.1", {"x": 1.0})
    np.testing.assert_allclose(
        _standardised(compare.z("a"), shipped[LEFT].mu), _standardised(compare.z("b"), shipped[RIGHT].mu), atol=1e-5
    )


@pytest.mark.parametrize("match", ["position", "image"])
def test_a_pinch_leaves_both_points_where_they_are(match: str, opened: Callable[..., Compare]) -> None:
    compare = opened(f"?match={match}", viewport=PHONE, has_touch=True, is_mobile=True)
    client = compare.page.context.new_cdp_session(compare.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    for side in "ab":
        before, width = {one: compare.z(one) for one in "ab"}, compare.width(side)
        box = compare.of(side, "latent-plane").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch("touchStart", (x - 15, y))
        compare.until(side, "z[0] !== x", {"x": before[side][0]})  # the first finger, alone for a moment, moves it
        touch("touchStart", (x - 15, y), (x + 15, y))
        for one in "ab":
            compare.until(one, "z[0] === x && z[1] === y", dict(zip("xy", before[one].tolist(), strict=True)))
        for step in range(1, 6):
            touch("touchMove", (x - 15 - 7 * step, y), (x + 15 + 7 * step, y))
        touch("touchEnd")
        compare.page.wait_for_function(
            f"""([side, width]) => {{
                const plane = document.querySelector(`[data-testid="latent-plane"][data-side="${{side}}"]`);
                const [left, right] = ({RANGE})(plane);
                return right - left < width;
            }}""",
            arg=[side, 0.6 * width],
        )
        for one in "ab":
            np.testing.assert_array_equal(compare.z(one), before[one])


def test_a_model_left_for_another_that_has_not_come_keeps_waiting_for_its_images(new_page: Open) -> None:
    explore = new_page()
    compare = Compare(explore.page, explore.address)
    held: list[Route] = []
    for pattern in ("**/images/*", "**/vae-mnist-beta-4.safetensors*"):
        compare.page.route(pattern, lambda route: held.append(route))
    compare.page.goto(f"{compare.address}/compare")
    plane = compare.of("b", "latent-plane")
    expect(plane).to_have_attribute("data-ready", "true")
    models = compare.page.get_by_test_id("model-b")
    models.select_option("vae-mnist-beta-4")
    models.select_option(RIGHT)
    for route in held:
        route.continue_()
    compare.ready("b", RIGHT)
    expect(compare.of("b", "nearest-image")).to_have_attribute("data-index", re.compile(r"\d+"))
