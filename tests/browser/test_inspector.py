"""Layers, overlays and panels of the Explore page: every number against PyTorch and NumPy on the same checkpoint."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from model.checkpoint import Checkpoint
from model.data import Split
from tests.browser.conftest import PHONE, Explore, Open, channel, decoded, grey_levels
from tests.conftest import SHIPPED

K = 15  # neighbours that vote
GREY = 1.01  # levels of 255: the two sides may round one value differently
OVERLAYS = ("votes", "distance", "change", "sigma")
OPAQUE = 0.85  # of an overlay's strongest colour
PANELS = ("neighbours", "image", "compress", "misfits", "draw", "walk", "figure", "save")

FIELDS = """async ({ model, z }) => {
    const { read } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
    const { Fields, CHANNELS } = await import(new URL("assets/core/scalar-fields.js", document.baseURI));
    const { BatchDecoder } = await import(new URL("assets/core/batch-decoder.js", document.baseURI));
    const { loadKernel } = await import(new URL("assets/core/gemm.js", document.baseURI));
    const file = await fetch(new URL(`checkpoints/${model}.safetensors`, document.baseURI));
    const fields = new Fields(read(await file.arrayBuffer())), all = Float32Array.from(z.flat());
    const numbers = Object.fromEntries(Object.entries(CHANNELS).map(([name, count]) => {
        const out = fields.sampleAll(name, all);
        return [name, z.map((_z, i) => [...out.subarray(i * count, (i + 1) * count)])];
    }));
    for (const kernel of [await loadKernel(), null]) {
        const sizes = new BatchDecoder(fields.model.decoder, kernel).change(all);
        numbers.apart = Math.max(numbers.apart ?? 0, ...sizes.map((size, i) => Math.abs(size / numbers.change[i] - 1)));
    }
    return numbers;
}"""


@pytest.fixture(scope="module")
def vae(shipped: dict[str, Checkpoint]) -> Checkpoint:
    return shipped["vae-mnist"]


# The oracle


def nearest(
    checkpoint: Checkpoint, z: NDArray[np.float64], k: int = K
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The k nearest test points of each latent point (n, 2), by looking at all: indices and distances (n, k)."""
    mu = checkpoint.mu.numpy().astype(np.float64)
    squared = ((z[:, None] - mu[None]) ** 2).sum(-1)
    index = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return index, np.sqrt(np.take_along_axis(squared, index, axis=1))


def votes(label: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Winner, the lowest class of several, and its share, of each row of labels (n, k)."""
    counts = np.stack([(label == c).sum(1) for c in range(10)], axis=1)
    return counts.argmax(1), counts.max(1) / label.shape[1]


def jacobian_size(checkpoint: Checkpoint, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frobenius norm of the decoder's Jacobian at each latent point (n, 2), by reverse-mode
    differentiation; of a conditional model for class 0."""
    one = torch.func.jacrev(lambda point: checkpoint.model.decode(point[None], torch.tensor([0]))[0])
    with torch.no_grad():
        return np.array([float(one(torch.tensor(point, dtype=torch.float32)).norm()) for point in z])


def overlay_values(checkpoint: Checkpoint, overlay: str, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """What an overlay shows at latent points (n, 2); of the votes the winner's share."""
    if overlay == "change":
        return jacobian_size(checkpoint, z)
    index, distance = nearest(checkpoint, z)
    if overlay == "distance":
        return distance[:, 0]
    if overlay == "votes":
        return votes(checkpoint.label.numpy()[index])[1]
    assert checkpoint.logvar is not None
    return np.exp(checkpoint.logvar.numpy() / 2).mean(1)[index].mean(1)


def text_of(page: Explore, name: str) -> str:
    return page.page.get_by_test_id(name).inner_text()


def number(page: Explore, name: str) -> float:
    return float(text_of(page, name).replace("−", "-"))


def indices(row: Locator) -> list[int]:
    return [int(i) for i in row.locator("button:visible").evaluate_all("all => all.map((b) => b.dataset.index)")]


def open_with_images(explore: Explore, query: str = "", model: str = "vae-mnist") -> Explore:
    explore.open(query, model)
    expect(explore.plane).to_have_attribute("data-images", "true")
    return explore


def sheet(layer: Locator) -> tuple[NDArray[np.float64], dict[str, float]]:
    """The finest canvas of a layer, once it is whole: opacity 0 to 255, (height, width), and where it lies."""
    expect(layer).to_have_attribute("data-ready", "true")
    canvas = layer.locator("canvas")
    expect(canvas).to_have_count(1)
    width = int(canvas.evaluate("c => c.width"))
    opacity = channel(canvas, 3).reshape(-1, width).astype(np.float64)
    where = canvas.evaluate("c => ({ ...c.dataset })")
    return opacity, {key: float(value) for key, value in where.items()}


# Numbers


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_overlays_measure(name: str, modules: Page, shipped: dict[str, Checkpoint]) -> None:
    checkpoint = shipped[name]
    rng = np.random.default_rng(0)
    low, high = checkpoint.mu.min(0).values.numpy(), checkpoint.mu.max(0).values.numpy()
    z = rng.uniform(low - 1, high + 1, (50, 2)).astype(np.float32).astype(np.float64)
    found = modules.evaluate(FIELDS, {"model": name, "z": z.tolist()})
    index, distance = nearest(checkpoint, z)
    winner, share = votes(checkpoint.label.numpy()[index])
    np.testing.assert_array_equal(np.array(found["votes"])[:, 0], winner)
    np.testing.assert_allclose(np.array(found["votes"])[:, 1], share, rtol=1e-6)
    np.testing.assert_allclose(np.array(found["distance"])[:, 0], distance[:, 0], rtol=1e-6)
    np.testing.assert_allclose(np.array(found["change"])[:, 0], jacobian_size(checkpoint, z), rtol=1e-4)
    assert found["apart"] <= 1e-4, "many at once"
    if checkpoint.logvar is not None:
        expected = overlay_values(checkpoint, "sigma", z)
        np.testing.assert_allclose(np.array(found["sigma"])[:, 0], expected, rtol=1e-5)


def test_neighbours_are_those_of_a_plain_search_among_equals_too(modules: Page) -> None:
    """Whole numbers: many points lie in one place, and many are equally far."""
    points = np.random.default_rng(1).integers(0, 12, (900, 2)).astype(np.float64)
    found = modules.evaluate(
        """async ({ points, excepts }) => {
            const { Neighbours } = await import(new URL("assets/core/knn.js", document.baseURI));
            const neighbours = new Neighbours(Float32Array.from(points.flat()), 15);
            return excepts.map((i) => {
                neighbours.find(points[i][0], points[i][1], i);
                return Array.from(neighbours.index);
            });
        }""",
        {"points": points.tolist(), "excepts": list(range(100))},
    )
    squared = ((points[:100, None] - points[None]) ** 2).sum(-1)
    squared[np.arange(100), np.arange(100)] = np.inf
    np.testing.assert_array_equal(found, np.argsort(squared, axis=1, kind="stable")[:, :15])


# Layers


def test_each_overlay_is_drawn_where_its_numbers_are(explore: Explore, vae: Checkpoint) -> None:
    for overlay in OVERLAYS:
        _overlay_agrees(explore, vae, overlay)


def _overlay_agrees(explore: Explore, vae: Checkpoint, overlay: str) -> None:
    page = explore.page
    page.get_by_test_id("overlay").select_option(overlay)
    key = page.get_by_test_id("overlay-key")
    expect(key).to_be_visible()
    expect(key).to_have_attribute("data-high", re.compile(r"\d"))
    opacity, where = sheet(page.get_by_test_id("field"))
    rng = np.random.default_rng(2)
    rows, columns = (rng.integers(0, size, 60) for size in opacity.shape)
    x = where["left"] + (columns + 0.5) * where["spacing"]
    y = where["top"] - (rows + 0.5) * where["spacing"]
    values = overlay_values(vae, overlay, np.stack([x, y], axis=1))
    scale = float(key.get_attribute("data-high") or "nan")
    expected = 255 * OPAQUE * np.minimum(values / scale, 1)
    assert np.abs(opacity[rows, columns] - expected).max() <= GREY
    # The lattice lies on the map where it says: its corner on the screen is the corner's latent point.
    box = page.get_by_test_id("field").locator("canvas").bounding_box()
    assert box is not None
    np.testing.assert_allclose((box["x"], box["y"]), explore.to_pixel(where["left"], where["top"]), atol=0.1)
    # The number at the point, with three digits, follows it.
    x_now = float(explore.z()[0])
    explore.press(*explore.to_pixel(-1.7 if x_now > 0 else 1.7, -0.4))
    explore.until("z[0] !== argument", x_now)
    z = explore.z().astype(np.float64)[None]
    here = text_of(explore, "overlay-here").split()
    if overlay == "votes":
        winner, share = votes(vae.label.numpy()[nearest(vae, z)[0]])
        assert here[1:3] == [f"{winner[0]},", f"{round(100 * share[0])}"]
    else:
        assert float(here[1]) == pytest.approx(float(overlay_values(vae, overlay, z)[0]), rel=6e-3)
    page.mouse.up()
    page.get_by_test_id("overlay").select_option("")
    expect(key).to_be_hidden()
    expect(page.get_by_test_id("field")).to_be_hidden()


def _tile_agrees(explore: Explore, vae: Checkpoint) -> float:
    """Compare some digits of the manifold with what PyTorch decodes there; returns the lattice's spacing."""
    opacity, where = sheet(explore.page.get_by_test_id("manifold"))
    rows, columns = opacity.shape[0] // 28, opacity.shape[1] // 28
    for row, column in ((0, 0), (rows // 2, columns // 2), (rows - 1, 3)):
        z = [where["left"] + (column + 0.5) * where["spacing"], where["top"] - (row + 0.5) * where["spacing"]]
        found = opacity[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
        assert np.abs(found.reshape(-1) - 255 * decoded(vae.model, np.array(z))).max() <= GREY
    return where["spacing"]


def test_the_manifold_is_decoded_anew_as_the_view_changes(explore: Explore, vae: Checkpoint) -> None:
    page = explore.page
    page.get_by_test_id("show-digits").click()
    home = _tile_agrees(explore, vae)
    page.mouse.move(*explore.centre())
    page.mouse.wheel(0, -1000)
    page.wait_for_url(re.compile("view="))
    near = _tile_agrees(explore, vae)
    assert near < home / 2
    page.keyboard.down("Shift")
    explore.press(*explore.centre())
    x, y = explore.centre()
    page.mouse.move(x + 250, y + 100, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert _tile_agrees(explore, vae) == near


def test_points_digits_or_both(explore: Explore) -> None:
    page = explore.page
    points = page.locator(".lse-cloud")
    manifold = page.get_by_test_id("manifold")
    for show, has_points, has_digits in (("digits", False, True), ("both", True, True), ("points", True, False)):
        page.get_by_test_id(f"show-{show}").click()
        expect(page.get_by_test_id(f"show-{show}")).to_have_attribute("aria-pressed", "true")
        expect(manifold).to_be_visible(visible=has_digits)
        assert points.evaluate("n => getComputedStyle(n).visibility") == ("visible" if has_points else "hidden")


def test_the_training_digits_are_shown_beneath(explore: Explore, vae: Checkpoint) -> None:
    page = explore.page
    page.get_by_test_id("toggle-training").click()
    expect(page.get_by_test_id("toggle-training")).to_have_attribute("aria-pressed", "true")
    assert vae.train_mu is not None
    mu, test_mu = vae.train_mu.float().numpy()[:2000], vae.mu.numpy()
    mu = mu[np.hypot(*mu.T) < 2.5]
    gap = np.hypot(*(mu[:, None] - test_mu).transpose(2, 0, 1)).min(1)
    opacity = explore.dots_at(mu)[:, 3]
    assert (opacity > 0).all()
    assert set(opacity[np.argsort(gap)[-20:]]) == {77}  # where no test point lies on them
    assert set(explore.dots_at(test_mu[np.hypot(*test_mu.T) < 2.5])[:, 3]) == {255}
    page.get_by_test_id("class-3").click()
    assert explore.classes_drawn() == [i for i in range(10) if i != 3]


# Panels


def test_the_posterior_is_to_scale_and_can_be_drawn_from(
    one_page: Explore, vae: Checkpoint, test_digits: Split
) -> None:
    index = 61
    explore = open_with_images(one_page, f"?image={index}&panel=image")
    page = explore.page
    assert vae.logvar is not None
    mu, logvar, x = vae.mu[index], vae.logvar[index], test_digits.images[index]
    sigma = torch.exp(logvar / 2).numpy()

    def agrees_at(z: NDArray[np.float32]) -> None:
        logits = vae.model.decoder(torch.from_numpy(z)[None])[0]
        nats = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum").item()
        prior = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
        posterior = torch.distributions.Normal(mu, torch.exp(logvar / 2))
        divergence = torch.distributions.kl_divergence(posterior, prior).sum().item()
        assert number(explore, "loss-reconstruction") == pytest.approx(nats, abs=0.011)
        assert number(explore, "loss-kl") == pytest.approx(divergence, abs=0.006)
        assert number(explore, "loss-total") == pytest.approx(nats + divergence, abs=0.011)
        shown = explore.pixels("chosen-reconstruction")
        assert np.abs(shown - 255 * decoded(vae.model, z)).max() <= GREY

    with torch.no_grad():
        agrees_at(mu.numpy())
        page.get_by_test_id("zoom-posterior").click()
        ellipses = page.get_by_test_id("posterior").locator("ellipse")
        for times in (1, 2):
            box = ellipses.nth(times - 1).bounding_box()
            assert box is not None
            left, bottom = explore.to_pixel(*(mu.numpy() - times * sigma).tolist())
            right, top = explore.to_pixel(*(mu.numpy() + times * sigma).tolist())
            stroke = 3  # px, on both sides, in the box
            np.testing.assert_allclose((box["width"], box["height"]), (right - left, bottom - top), atol=stroke)
            np.testing.assert_allclose(box["x"] + box["width"] / 2, (left + right) / 2, atol=1)
        page.get_by_test_id("resample").click()
        explore.until("z[0] !== argument", float(mu[0]))
        agrees_at(explore.z())
        # A link opens what is seen.
        explore.until("Math.abs((new URL(location).searchParams.get('z') ?? 'none').split(',')[0] - z[0]) < 1e-4")

    # Many draws have the posterior's mean and spread: five standard errors, and no seed in sight.
    count = 60
    draws = np.array(
        page.evaluate(
            """async (count) => {
                const button = document.querySelector('[data-testid="resample"]');
                const canvas = document.querySelector('[data-testid="decoded-image"]');
                const found = [];
                for (let i = 0; i < count; i++) {
                    button.click();
                    await new Promise(requestAnimationFrame);
                    found.push(canvas.dataset.z.split(",").map(Number));
                }
                return found;
            }""",
            count,
        )
    )
    epsilon = (draws - mu.numpy()) / sigma
    assert np.abs(epsilon.mean(0)).max() < 5 / np.sqrt(count)
    assert np.abs(epsilon.std(0) - 1).max() < 5 / np.sqrt(2 * count)
    assert (
        page.get_by_test_id("posterior").locator("path").evaluate("p => p.getAttribute('d').split('M').length") > count
    )


def test_an_autoencoder_has_no_posterior(one_page: Explore, shipped: dict[str, Checkpoint], test_digits: Split) -> None:
    index = 5
    explore = open_with_images(one_page, f"?model=ae-mnist&image={index}&panel=image&overlay=sigma", "ae-mnist")
    page = explore.page
    expect(page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    for name in ("posterior", "resample", "zoom-posterior", "overlay-key"):
        expect(page.get_by_test_id(name)).to_be_hidden()
    expect(page.get_by_test_id("panel-image")).to_contain_text("there is no σ")
    assert page.get_by_test_id("loss-kl").count() == 0
    checkpoint = shipped["ae-mnist"]
    with torch.no_grad():
        logits = checkpoint.model.decoder(checkpoint.mu[index][None])[0]
        nats = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, test_digits.images[index], reduction="sum"
        ).item()
    assert number(explore, "loss-reconstruction") == pytest.approx(nats, abs=0.011)
    assert page.locator('[data-testid="overlay"] option[value="sigma"]').is_disabled()


def test_the_nearest_images_follow_the_point_and_lead_to_theirs(
    explore: Explore, vae: Checkpoint, test_digits: Split
) -> None:
    page = explore.page
    row = page.get_by_test_id("nearest")
    page.get_by_test_id("tab-neighbours").click()  # chosen: no other opens by itself
    explore.press(*explore.to_pixel(1.2, 0.6))
    explore.until("z[0] > 1")
    index, distance = nearest(vae, explore.z().astype(np.float64)[None], 5)
    assert indices(row) == index[0].tolist()
    shown = [float(text) for text in row.locator("span").all_inner_texts()]
    np.testing.assert_allclose(shown, distance[0], atol=5.1e-4)
    for n in range(5):
        grey = grey_levels(row.locator("canvas").nth(n))
        assert np.array_equal(grey, np.round(test_digits.images[index[0, n]].numpy() * 255))
    page.mouse.up()
    row.locator("button").nth(3).click()
    explore.until("Math.abs(z[0] - argument) < 1e-6", float(vae.mu[index[0, 3], 0]))
    assert explore.image_index() == str(index[0, 3])
    assert indices(row)[0] == index[0, 3]


def _others(mu: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """The nearest of the other points, (rows, k), by looking at all."""
    squared = (mu[rows, None] - mu[None]).square().sum(-1)
    squared[torch.arange(len(rows)), rows] = torch.inf
    return squared.topk(K, largest=False).indices


def test_misfits_are_those_whose_neighbours_vote_against_them(one_page: Explore, vae: Checkpoint) -> None:
    explore = open_with_images(one_page, "?z=0.5,0.5")
    page = explore.page
    page.get_by_test_id("tab-misfits").click()
    row = page.get_by_test_id("misfits")
    label = vae.label.numpy()
    mu = vae.mu.double()
    index = torch.cat([_others(mu, rows) for rows in torch.arange(len(mu)).split(1000)]).numpy()
    winner, _share = votes(label[index])
    misfits = np.flatnonzero(winner != label)
    expect(row).to_have_attribute("data-count", str(len(misfits)))
    far = ((vae.mu.numpy().astype(np.float64)[misfits] - explore.z()) ** 2).sum(1)
    first = misfits[np.argsort(far, kind="stable")]
    shown = indices(row)
    assert shown == first[: len(shown)].tolist()
    assert row.locator("span").first.inner_text() == f"{label[first[0]]} → {winner[first[0]]}"
    marks = explore.plane.get_by_test_id("sample-marks")
    expect(marks).to_have_attribute("data-count", str(len(shown)))  # they are seen on the map, too
    page.get_by_test_id("tab-neighbours").click()
    expect(marks).to_have_attribute("data-count", "0")
    page.get_by_test_id("tab-misfits").click()
    row.locator("button").nth(4).click()
    explore.until("Math.abs(z[0] - argument) < 1e-6", float(vae.mu[first[4], 0]))
    assert explore.image_index() == str(first[4])
    assert indices(row)[0] == first[4]


def test_compression_beside_pca(one_page: Explore, vae: Checkpoint, train_digits: Split, test_digits: Split) -> None:
    index = 61
    explore = open_with_images(one_page, f"?image={index}&panel=compress")
    covariance = torch.cov(train_digits.images.T.double())
    components = torch.linalg.eigh(covariance).eigenvectors[:, -2:]
    mean = train_digits.images.double().mean(0)
    x = test_digits.images[index].double()
    back = (mean + components @ (components.T @ (x - mean))).clamp(0, 1)
    expect(explore.page.get_by_test_id("compress-pca-error")).not_to_be_empty()
    assert number(explore, "compress-pca-error") == pytest.approx(float((x - back).square().mean().sqrt()), abs=6e-4)
    assert np.abs(explore.pixels("compress-pca") - 255 * back.numpy()).max() <= GREY
    x_hat = decoded(vae.model, vae.mu[index].numpy())
    rmse = float(np.sqrt(np.mean((x.numpy() - x_hat) ** 2)))
    assert number(explore, "compress-model-error") == pytest.approx(rmse, abs=6e-4)
    assert np.abs(explore.pixels("compress-model") - 255 * x_hat).max() <= GREY
    assert "392 : 1" in text_of(explore, "compress-ratio")


def test_one_panel_is_open_at_a_time_and_none_needs_scrolling(one_page: Explore) -> None:
    explore = open_with_images(one_page, "?image=61")
    page = explore.page
    for panel in PANELS:
        page.get_by_test_id(f"tab-{panel}").click()
        shown = [name for name in PANELS if page.get_by_test_id(f"panel-{name}").is_visible()]
        assert shown == [panel]
        sheet = page.get_by_test_id(f"panel-{panel}")
        assert sheet.locator(".lse-meaning").inner_text().endswith(".")
        assert sheet.evaluate("n => n.scrollHeight - n.clientHeight") <= 0, panel
    tasks = [["Neighbours", "Misfits", "Walk", "Figure"], ["Image", "Compress", "Draw", "Save"]]
    assert [row.split("\n") for row in page.locator(".lse-tabs > div").all_inner_texts()] == tasks
    page.get_by_test_id("tab-save").press("ArrowRight")
    expect(page.get_by_test_id("panel-neighbours")).to_be_visible()
    assert explore.z()[0] == pytest.approx(0.1131, abs=0.01)  # the arrow key was the tabs' own


def test_a_phone_holds_panels_and_overlay(new_page: Open) -> None:
    explore = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    open_with_images(explore, "?image=61&overlay=distance&show=both")
    page = explore.page
    for name in ("latent-plane", "decoded-image", "z1"):
        box = page.get_by_test_id(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE["height"], name
    for panel in PANELS:
        page.get_by_test_id(f"tab-{panel}").tap()
        expect(page.get_by_test_id(f"panel-{panel}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        box = page.get_by_test_id(f"panel-{panel}").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"]


def test_a_link_opens_the_same_layers_and_panel(explore: Explore, new_page: Open) -> None:
    page = explore.page
    page.get_by_test_id("show-both").click()
    page.get_by_test_id("overlay").select_option("votes")
    page.get_by_test_id("toggle-training").click()
    page.get_by_test_id("tab-compress").click()
    other = new_page()
    other.page.goto(page.url)
    other.wait("vae-mnist")
    expect(other.page.get_by_test_id("show-both")).to_have_attribute("aria-pressed", "true")
    expect(other.page.get_by_test_id("overlay")).to_have_value("votes")
    expect(other.page.get_by_test_id("toggle-training")).to_have_attribute("aria-pressed", "true")
    expect(other.page.get_by_test_id("panel-compress")).to_be_visible()
    expect(other.page.get_by_test_id("overlay-key")).to_be_visible()
    expect(other.page.get_by_test_id("manifold")).to_be_visible()


def test_layers_follow_to_another_model(one_page: Explore, shipped: dict[str, Checkpoint]) -> None:
    explore = open_with_images(one_page, "?show=digits&overlay=votes&panel=misfits")
    page = explore.page
    _tile_agrees(explore, shipped["vae-mnist"])
    before = page.get_by_test_id("misfits").get_attribute("data-count")
    explore.pick("vae-mnist-baseline")
    explore.wait("vae-mnist-baseline")
    _tile_agrees(explore, shipped["vae-mnist-baseline"])
    expect(page.get_by_test_id("misfits")).not_to_have_attribute("data-count", before or "")
    expect(page.get_by_test_id("misfits")).to_have_attribute("data-count", re.compile(r"^\d+$"))
