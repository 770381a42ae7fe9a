"""Walks, the manifold figure, files to take home, keys: against PyTorch and NumPy, the files opened again."""

import csv
import io
import itertools
import statistics
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import ANY, PHONE, READY, Explore, Open, decoded, grey_levels, in_full

GREY = 1.01  # levels of 255
SIDE = 28


# A canvas becomes a PNG in the idle time between frames; without a screen there may be none, and it waits for 7 s.
# Notes each order to run the page's script again.
STATES = """() => {
    window.states = [];
    const app = document.querySelector('[data-testid="stApp"]');
    new MutationObserver(() => states.push(app.dataset.testScriptState)).observe(app, { attributes: true });
}"""
FRAMES = "async () => { for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame); }"


def _saved(explore: Explore, button: str, folder: Path, timeout: float = 30_000) -> Path:
    with explore.page.expect_download(timeout=timeout) as download:
        explore.page.get_by_test_id(button).click()
        explore.page.evaluate(FRAMES)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def _lattice(checkpoint: Checkpoint, n: int) -> NDArray[np.float64]:
    """Latent points of the figure, (n, n, 2), from the top left."""
    p = np.linspace(0.05, 0.95, n)
    if checkpoint.config.model == "vae":
        x = y = np.array([statistics.NormalDist().inv_cdf(q) for q in p])
    else:
        x, y = np.quantile(checkpoint.mu.numpy().astype(np.float64), p, axis=0).T
    return np.stack(np.meshgrid(x, y[::-1]), axis=-1)


@torch.no_grad()
def _figure(checkpoint: Checkpoint, n: int) -> NDArray[np.float64]:
    z = torch.from_numpy(_lattice(checkpoint, n).reshape(-1, 2)).float()
    cells = checkpoint.model.decode(z).numpy().reshape(n, n, SIDE, SIDE)
    return 255 * cells.transpose(0, 2, 1, 3).reshape(n * SIDE, n * SIDE).astype(np.float64)


@pytest.mark.parametrize(("name", "n"), [("vae-mnist", 12), ("ae-mnist", 5)])
def test_the_figure_is_what_pytorch_decodes_cell_by_cell(
    name: str, n: int, one_page: Explore, shipped: dict[str, Checkpoint], tmp_path: Path
) -> None:
    explore = one_page.open(f"?model={name}&panel=figure", name)
    page = explore.page
    page.get_by_test_id("figure-n").fill(str(n))
    figure = page.locator(f'[data-testid="figure"][data-ready="true"][width="{n * SIDE}"]')
    expect(figure).to_be_visible()
    expected = _figure(shipped[name], n)
    shown = grey_levels(figure).reshape(n * SIDE, n * SIDE)
    assert np.abs(shown - expected).max() <= GREY

    row, column = 1, n - 2
    box = figure.bounding_box()
    assert box is not None
    x, y = (box["x"] + (column + 0.4) * box["width"] / n, box["y"] + (row + 0.6) * box["height"] / n)
    z = _lattice(shipped[name], n)[row, column]
    page.mouse.move(x, y)
    text = page.get_by_test_id("figure-z").inner_text().replace("−", "-")
    np.testing.assert_allclose([float(v) for v in text[5:-1].split(",")], z, atol=0.006)
    page.mouse.click(x, y)
    explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-4", z.tolist())

    with Image.open(_saved(explore, "figure-png", tmp_path)) as saved:
        times = saved.width // (n * SIDE)
        assert saved.width == saved.height == times * n * SIDE >= 2400
        assert np.array_equal(np.asarray(saved.convert("L"))[times // 2 :: times, times // 2 :: times], shown)

    grid = page.get_by_role("grid", name=f"{n} × {n} decoded images")
    for key in ("Home", "ArrowRight", "ArrowDown"):  # from the cell that the pointer was at
        grid.press(key)
    expect(grid.get_by_role("gridcell", name="row 3, column 2")).to_be_visible()
    grid.press("Enter")
    second = _lattice(shipped[name], n)[2, 1].tolist()
    explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-4", second)

    page.get_by_test_id("figure-large").click()
    expect(page.locator("dialog.lse-large canvas")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.lse-large")).to_be_hidden()
    expect(figure).to_be_visible()


def _surface(checkpoint: Checkpoint, path: NDArray[np.float64]) -> float:
    """Length of a path (points, 2) in the image space alone, the straight pieces finely cut."""
    steps = np.linspace(0, 1, 20, endpoint=False)[:, None]
    fine = np.concatenate([a + steps * (b - a) for a, b in itertools.pairwise(path)] + [path[-1:]])
    with torch.no_grad():
        images = checkpoint.model.decode(torch.from_numpy(fine).float()).numpy()
    return float(np.linalg.norm(np.diff(images, axis=0), axis=1).sum())


def _length(explore: Explore, way: str) -> float:
    return float(explore.page.get_by_test_id(f"length-{way}").inner_text().split()[1])


def test_a_walk_is_never_longer_than_the_straight_line(
    one_page: Explore, shipped: dict[str, Checkpoint], tmp_path: Path
) -> None:
    explore = one_page.open("?panel=walk")
    page, vae = explore.page, shipped["vae-mnist"]
    walk = page.locator(".lse-walk")
    shorter = 0
    for a, b in (((-1.9, -0.3), (1.9, 2.0)), ((-0.6, -0.7), (0.6, 0.0))):
        for end, (x, y) in (("a", a), ("b", b)):
            page.get_by_test_id("z1-number").fill(str(x))
            page.get_by_test_id("z2-number").fill(str(y))
            explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-6", [x, y])
            page.get_by_test_id(f"walk-{end}").click()
        expect(walk).to_have_attribute("data-ready", "true")
        straight, shortest = _length(explore, "straight"), _length(explore, "shortest")
        assert shortest <= straight
        shorter += shortest < 0.95 * straight
        # Along the line the images alone make up nearly all of the length, and they are PyTorch's.
        assert _surface(vae, np.array([a, b])) <= straight * 1.02
        strip = grey_levels(page.get_by_test_id("strip-straight")).reshape(SIDE, 10, SIDE)
        for frame in (0, 4, 9):
            z = np.array(a) + (np.array(b) - np.array(a)) * frame / 9
            assert np.abs(strip[:, frame].reshape(-1) - 255 * decoded(vae.model, z)).max() <= GREY
    assert shorter > 0  # it does go round where that is shorter

    # Play, pause, scrub.
    z = float(explore.z()[0])
    page.get_by_test_id("walk-play").click()
    explore.until("z[0] !== argument", z)
    page.get_by_test_id("tab-image").click()
    expect(walk).to_have_attribute("data-playing", "false")  # out of sight nothing moves the point
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-scrub").fill("1")
    explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) < 1e-4", list(b))

    # Files, opened again.
    strips = np.stack([grey_levels(page.get_by_test_id(f"strip-{way}")) for way in ("straight", "shortest")])
    with Image.open(_saved(explore, "walk-png", tmp_path)) as saved:
        assert np.array_equal(np.asarray(saved.convert("L"))[4::8, 4::8], strips.reshape(2 * SIDE, 10 * SIDE))
    with Image.open(_saved(explore, "walk-gif", tmp_path)) as film:
        assert (film.size, getattr(film, "n_frames", 0)) == ((8 * SIDE, 8 * SIDE), 126)
        assert film.info["loop"] == 0
        first = np.asarray(film.convert("L"))[4::8, 4::8].astype(np.float64)
        assert np.abs(first.reshape(-1) - 255 * decoded(vae.model, np.array(a))).max() <= GREY
        film.seek(63)
        last = np.asarray(film.convert("L"))[4::8, 4::8].astype(np.float64)
        assert np.abs(last.reshape(-1) - 255 * decoded(vae.model, np.array(b))).max() <= GREY

    # At random, until somebody takes the point, however that is.
    page.get_by_test_id("way-random").click()
    expect(walk).to_have_attribute("data-playing", "true")
    page.get_by_test_id("z1-number").focus()
    expect(walk).to_have_attribute("data-playing", "false")
    page.get_by_test_id("z1-number").fill("1")
    explore.until("z[0] === 1")
    page.get_by_test_id("way-random").click()
    explore.until("Math.hypot(z[0] - argument[0], z[1] - argument[1]) > 0.05", explore.z().tolist())
    explore.press(*explore.centre())
    expect(walk).to_have_attribute("data-playing", "false")
    page.mouse.up()


def test_a_walk_moves_less_for_those_who_ask_for_it(new_page: Open) -> None:
    explore = new_page()
    explore.page.emulate_media(reduced_motion="reduce")
    explore.open("?panel=walk")
    explore.page.get_by_test_id("way-random").click()
    explore.until("z[0] !== 0")
    assert _pictures_a_second(explore) <= 5
    explore.page.emulate_media(reduced_motion="no-preference")
    assert _pictures_a_second(explore) > 20


def _pictures_a_second(explore: Explore) -> int:
    """How many different points are shown in 60 frames."""
    return int(
        explore.page.evaluate(
            """async () => {
            const points = new Set();
            for (let frame = 0; frame < 60; frame++) {
                await new Promise(requestAnimationFrame);
                points.add(document.querySelector('[data-testid="decoded-image"]').dataset.z);
            }
            return points.size;
        }"""
        )
    )


def test_a_random_walk_is_distributed_as_the_prior(modules: Page) -> None:
    points = np.array(
        modules.evaluate(
            """async () => {
                const { randomWalk } = await import(new URL("assets/core/random-walk.js", document.baseURI));
                const of = (seed) => randomWalk([0, 0], [1, 1], seed);
                const starts = Array.from({ length: 2000 }, (_x, seed) => of(2 * seed)(1));
                const walk = of(7), pace = Array.from({ length: 600 }, (_x, i) => walk(i / 60));
                return [starts, pace];
            }"""
        )[0]
    )
    assert np.abs(points.mean(0)).max() < 5 / np.sqrt(2000)
    assert np.abs(points.std(0) - 1).max() < 5 / np.sqrt(2 * 2000)


def test_the_map_and_the_latents_can_be_saved(
    one_page: Explore, shipped: dict[str, Checkpoint], test_digits: Split, tmp_path: Path
) -> None:
    vae = shipped["vae-mnist-baseline"]
    explore = one_page.open(
        "?model=vae-mnist-baseline&panel=save&show=both&image=61&overlay=votes", "vae-mnist-baseline"
    )
    page = explore.page
    expect(page.get_by_test_id("manifold")).to_have_attribute("data-ready", "true")
    expect(explore.plane).to_have_attribute("data-images", "true")
    page.wait_for_function("document.getAnimations().length === 0")  # the model has just come: no longer dimmed
    path = _saved(explore, "keep-png", tmp_path)
    with Image.open(path) as saved, Image.open(io.BytesIO(explore.plane.screenshot())) as screen:
        inner = (saved.width // 2, saved.height // 2)  # without the border
        assert abs(screen.width - 2 - inner[0]) <= 1
        assert abs(screen.height - 2 - inner[1]) <= 1
        small = np.asarray(saved.convert("RGB").resize(inner, Image.Resampling.BOX), dtype=np.float64)
        seen = np.asarray(screen.convert("RGB"), dtype=np.float64)[:, 1 : inner[0] + 1]
        # The same picture, but for the buttons, the invitation and the grid's lines; it may begin within a pixel.
        apart = [np.abs(small - seen[top : top + inner[1]]) for top in (1, 2)]
        assert min(np.median(difference) for difference in apart) <= 1
        assert min((difference.max(-1) > 60).mean() for difference in apart) < 0.11
        # So are the words on it, in the page's type.
        whole = explore.plane.bounding_box()
        assert whole is not None
        top = 1 + int(np.argmin([np.median(difference) for difference in apart]))
        for words in (".lse-axis-x", ".lse-axis-y", '[data-testid="overlay-key"]', '.lse-ticks[data-axis="x"]'):
            box = explore.plane.locator(words).bounding_box()
            assert box is not None
            left, right = (round(box["x"] - whole["x"] - 1 + side) for side in (0, box["width"]))
            above, below = (round(box["y"] - whole["y"] - 1 + side) for side in (0, box["height"]))
            part, shown = small[above:below, left:right], seen[top : top + inner[1]][above:below, left:right]
            blurred = [
                Image.fromarray(one.astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.5)) for one in (part, shown)
            ]
            agreement = np.corrcoef([np.asarray(one, dtype=float).ravel() for one in blurred])[0, 1]
            assert agreement > 0.85, words

    handed_out = page.context.new_page()
    handed_out.goto(_saved(explore, "keep-html", tmp_path).as_uri() + in_full(""))
    expect(handed_out.locator(f'{READY}[data-checkpoint="vae-mnist-baseline"]')).to_be_visible()
    expect(handed_out.get_by_test_id("decoded-image")).to_have_attribute("data-z", ANY)
    handed_out.get_by_test_id("tab-save").click()
    expect(handed_out.get_by_test_id("keep-html")).to_be_hidden()  # it has no server to make another
    handed_out.close()

    with _saved(explore, "keep-csv", tmp_path, 120_000).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == list(range(10_000))
    table = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    assert vae.logvar is not None
    assert np.array_equal(table["label"], vae.label.numpy())
    for name, column in (("mu1", vae.mu[:, 0]), ("mu2", vae.mu[:, 1]), ("logvar1", vae.logvar[:, 0])):
        assert np.array_equal(table[name].astype(np.float32), column.numpy()), name
    with torch.no_grad():
        logits = vae.model.decoder(vae.mu)
        nats = torch.nn.functional.binary_cross_entropy_with_logits(logits, test_digits.images, reduction="none").sum(1)
    np.testing.assert_allclose(table["reconstruction"], nats.numpy(), rtol=1e-4)
    posterior = torch.distributions.Normal(vae.mu, torch.exp(vae.logvar / 2))
    prior = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
    divergence = torch.distributions.kl_divergence(posterior, prior).sum(1)
    np.testing.assert_allclose(table["kl"], divergence.numpy(), rtol=1e-4, atol=1e-5)


def test_a_saved_map_is_as_sharp_as_any_screen(new_page: Open, tmp_path: Path) -> None:
    explore = new_page(viewport=PHONE, device_scale_factor=3, has_touch=True, is_mobile=True).open("?panel=save")
    box = explore.plane.bounding_box()
    assert box is not None
    with Image.open(_saved(explore, "keep-png", tmp_path)) as saved:
        assert saved.width >= 3 * (box["width"] - 2)
        assert saved.width * saved.height < 17e6


def test_keys_do_what_their_list_says(explore: Explore) -> None:
    page = explore.page
    expect(explore.plane).to_have_attribute("data-images", "true")
    listed = page.get_by_test_id("keys")
    page.evaluate(STATES)
    page.locator(".stMain").focus()  # as after a press beside everything: no letter acts, not even one of Streamlit's
    for key in ("?", "m", "s", "r", "c"):
        page.keyboard.press(key)
    page.get_by_test_id("toggle-prior").press("m")
    expect(listed).to_be_hidden()
    expect(page.get_by_test_id("show-points")).to_have_attribute("aria-pressed", "true")
    explore.plane.focus()
    page.keyboard.press("?")
    expect(listed).to_be_visible()
    expect(listed).to_contain_text("Those of a panel open it first, and act while the focus is in a panel, too.")
    assert listed.locator("kbd").count() == listed.locator("dd").count() >= 30
    page.keyboard.press("?")
    expect(listed).to_be_hidden()
    page.keyboard.press("m")
    expect(page.get_by_test_id("show-digits")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("o")
    expect(page.get_by_test_id("overlay")).to_have_value("votes")
    page.keyboard.press("p")
    expect(page.get_by_test_id("toggle-prior")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("+")
    page.wait_for_url("**view=**")
    page.keyboard.press("0")
    page.wait_for_url(lambda url: "view=" not in url)
    page.keyboard.press("i")
    expect(page.get_by_test_id("chosen")).not_to_have_attribute("data-index", "-1")
    page.keyboard.press("]")
    expect(page.get_by_test_id("panel-misfits")).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_test_id("panel-neighbours")).to_be_visible()
    z = float(explore.z()[0])
    page.keyboard.press("r")
    explore.until("z[0] !== argument", z)
    page.keyboard.press(">")  # of another panel, which it opens
    expect(page.get_by_test_id("walk-speed")).to_be_visible()
    expect(page.get_by_test_id("walk-speed")).to_have_value("2")
    page.get_by_test_id("walk-a").focus()
    page.keyboard.press("j")
    large = page.get_by_role("dialog", name="The manifold figure")
    expect(large).to_be_visible()
    expect(page.get_by_test_id("panel-figure")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    page.keyboard.press("[")  # the focus went along to the panel in sight
    with page.expect_file_chooser():
        expect(page.get_by_test_id("panel-walk")).to_be_visible()  # by then the chooser is watched for
        page.keyboard.press("e")
    expect(page.get_by_test_id("panel-draw")).to_be_visible()
    page.get_by_test_id("tab-walk").click()
    page.get_by_test_id("walk-a").focus()
    page.keyboard.press("<")  # the panel's own
    expect(page.get_by_test_id("walk-speed")).to_have_value("1")
    page.keyboard.press("o")  # the map's
    expect(page.get_by_test_id("overlay")).to_have_value("votes")
    field = page.get_by_test_id("z1-number")
    field.focus()
    page.keyboard.press("m")  # a field's own
    expect(page.get_by_test_id("show-digits")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("states") == []
    _all_is_reached_by_tab_and_has_a_name(explore)


def _all_is_reached_by_tab_and_has_a_name(explore: Explore) -> None:
    page = explore.page
    for panel in ("neighbours", "image", "compress", "misfits", "draw", "walk", "figure", "save"):
        page.get_by_test_id(f"tab-{panel}").click()
        nameless = page.locator(".lse").evaluate(
            """root => [...root.querySelectorAll("button, input, select, [role=tab], canvas[tabindex]")]
                .filter((n) => n.checkVisibility() && n.type !== "file")
                .filter((n) => !(n.getAttribute("aria-label") || n.textContent.trim() || n.title))
                .map((n) => n.outerHTML)"""
        )
        assert nameless == []
        unreachable = page.locator(".lse").evaluate(
            """root => [...root.querySelectorAll("button, input, select")]
                .filter((n) => n.checkVisibility() && n.tabIndex < 0 && n.role !== "tab").map((n) => n.outerHTML)"""
        )
        assert unreachable == []
