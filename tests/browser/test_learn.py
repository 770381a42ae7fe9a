"""The lesson in a real browser: each screen's figure does what the screen says, and its numbers are PyTorch's."""

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from safetensors import safe_open
from safetensors.torch import load

from explorer import i18n
from explorer.catalogue import library
from explorer.lesson.screens import SCREENS, glossary, notes, title
from explorer.lesson.source import source
from explorer.serving.addresses import (
    assets_address,
    images_address,
    labels_address,
    lesson_addresses,
    training_addresses,
)
from explorer.serving.parts import part
from explorer.settings import LESSON_DATA
from explorer.ui.invite import address_for_others
from model.checkpoint import Checkpoint
from model.config import ModelConfig
from model.data import Split
from model.losses import kl, reconstruction
from model.networks import AutoEncoder, build
from tests.browser.conftest import (
    ANY,
    COLOURS,
    NARROW,
    PHONE,
    PROJECTOR,
    TABLET,
    WIDTH,
    Explore,
    Open,
    Viewers,
    channel,
    decoded,
    grey_levels,
)
from tests.conftest import CHECKPOINTS
from tests.explorer.lesson.test_claims import seen

GREY = 1.01  # levels of 255
NUMBER = {screen.name: n for n, screen in enumerate(SCREENS, start=1)}


class Learn:
    """The Learn page, as a test drives it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, name: str, query: str = "") -> "Learn":
        self.page.goto(f"{self.address}/learn?screen={NUMBER[name]}{query}")
        return self.wait(name)

    def step(self, name: str) -> "Learn":
        """Scroll to a step of this screen."""
        step = self.page.locator(f".st-key-lesson_step_{name}")
        step.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
        return self.read(name)

    def read(self, name: str) -> "Learn":
        """Wait until a step of this screen is being read, and the figure shows what belongs to it."""
        expect(self.page.locator(f".st-key-lesson_step_{name}")).to_have_attribute("aria-current", "step")
        expect(self.page.get_by_test_id("lesson-figure")).to_have_attribute("data-step", name)
        return self

    def wait(self, name: str) -> "Learn":
        expect(
            self.page.locator(f'[data-testid="lesson-figure"][data-screen="{name}"][data-ready="true"]')
        ).to_be_visible()
        return self

    def go(self, name: str) -> "Learn":
        """By the numbered buttons."""
        self.page.locator(f".st-key-lesson_{NUMBER[name]} button:visible").click()
        return self.wait(name)

    def figure(self) -> Locator:
        return self.page.get_by_test_id("lesson-figure").locator("> div")

    def pixels(self, name: str) -> NDArray[np.int64]:
        return grey_levels(self.page.get_by_test_id(name))

    def press_map(self, x: float, y: float) -> None:
        """Press a latent point of the small map, by the class's own median as it stands there: see `place`."""
        px, py = self.place(x, y)
        self.page.mouse.click(px, py)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Page coordinates of a latent point: the probe says where one is, and the view's width how far from it."""
        script = """async ([x, y]) => {
            const own = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/plane.js")).name;
            const { Plane } = await import(own);
            const host = document.querySelector('[data-testid="lesson-map"]');
            const plane = await new Promise((resolve) => {
                const { place } = Plane.prototype;
                Plane.prototype.place = function () { resolve(this); return place.call(this); };
                const held = { deltaY: 0, ctrlKey: true, bubbles: true, cancelable: true };
                host.dispatchEvent(new WheelEvent("wheel", held));
                Plane.prototype.place = place;
            });
            const at = plane.viewport.toPixel(x, y), box = host.getBoundingClientRect();
            return [box.left + host.clientLeft + at.x, box.top + host.clientTop + at.y];
        }"""
        px, py = self.page.evaluate(script, [x, y])
        return float(px), float(py)


@pytest.fixture(scope="module")
def learn(viewers: Viewers, server: tuple[str, int]) -> Iterator[Learn]:
    """One page for all screens."""
    with viewers.lending(Explore) as lend:
        yield Learn(lend(server[0]).page, server[0]).open("through")


@pytest.fixture
def opened(new_page: Open) -> Callable[..., Learn]:
    def make(name: str, query: str = "", **options: object) -> Learn:
        explore = new_page(**options)
        return Learn(explore.page, explore.address).open(name, query)

    return make


def _index(learn: Learn) -> int:
    return int(learn.figure().get_attribute("data-index") or -1)


def _as_served(name: str, checkpoint: Checkpoint) -> AutoEncoder:
    """The model with its encoder's weights as the browser gets them: some go as float16."""
    model = build(checkpoint.config)
    whole, sent = checkpoint.model.state_dict(), load(part(CHECKPOINTS / f"{name}.safetensors", "encoder").content)
    model.load_state_dict({**whole, **{key: tensor.float() for key, tensor in sent.items()}})
    return model.eval()


@torch.no_grad()
def test_through_shows_the_activations_of_each_layer(
    learn: Learn, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    learn.go("through")
    expect(learn.figure()).to_have_attribute("data-z", re.compile(","))  # the encoder has come, too
    model = _as_served("ae-mnist", shipped["ae-mnist"])
    learn.page.get_by_test_id("through-other").click()
    x = test_digits.images[_index(learn)]
    np.testing.assert_array_equal(learn.pixels("through-image"), (255 * x).round().long().numpy())

    def check(part: str, hidden: torch.nn.Module, h: torch.Tensor) -> None:
        for i, layer in enumerate(hidden.children()):
            h = layer(h)
            positive = h.clamp(min=0)
            expected = 255 * (positive / positive.max()).numpy()
            assert np.abs(learn.pixels(f"{part}-{i}") - expected).max() <= GREY, (part, i)

    check("encoder", model.encoder.hidden, x)
    z = np.array((learn.figure().get_attribute("data-z") or "").split(","), dtype=np.float32)
    np.testing.assert_allclose(z, model.encode(x[None])[0][0].numpy(), atol=1e-4)
    # The point is dragged elsewhere: the encoder's layers stay, the decoder follows.
    before = learn.pixels("encoder-1")
    learn.press_map(-4.0, -1.0)
    z = np.array((learn.figure().get_attribute("data-z") or "").split(","), dtype=np.float32)
    assert np.hypot(*(z - [-4.0, -1.0])) < 0.2
    check("decoder", model.decoder.hidden, torch.from_numpy(z))
    assert np.abs(learn.pixels("through-back") - 255 * decoded(model, z)).max() <= GREY
    np.testing.assert_array_equal(learn.pixels("encoder-1"), before)
    # Where the next digit will land is to be said before it does.
    learn.step("plane")
    said, probe = learn.page.get_by_test_id("through-error"), learn.page.locator("[data-testid=lesson-map] .lse-probe")
    expect(said).to_have_text("Where will it land? Press on the map.")
    expect(probe).to_be_hidden()
    mu = model.encode(test_digits.images[_index(learn)][None])[0][0]
    learn.press_map(float(mu[0]) - 2, float(mu[1]))
    nearest = (shipped["ae-mnist"].mu - mu).square().sum(1).argsort()[:15]
    votes = test_digits.labels[nearest].bincount()
    expect(said).to_have_text(
        re.compile(
            rf"^Your press, the yellow ring, lies (1\.9|2\.0)\d from there\. "
            rf"{votes.max()} of the 15 nearest say: {votes.argmax()}$"
        )
    )
    expect(probe).to_be_visible()
    z = np.array((learn.figure().get_attribute("data-z") or "").split(","), dtype=np.float32)
    np.testing.assert_allclose(z, mu.numpy(), atol=1e-4)
    learn.page.get_by_test_id("through-other").click()
    expect(probe).to_be_hidden()
    learn.page.get_by_test_id("lesson-map").focus()
    learn.page.keyboard.press("ArrowLeft")
    expect(probe).to_be_visible()
    expect(said).to_have_text("Where will it land? Press on the map.")
    learn.page.keyboard.press("Enter")
    expect(said).to_contain_text("of the 15 nearest say")


# The same network, begun with the same seed and stepped by hand; by each of some settings. The digits stay for others.
BY_HAND = """async ({ steps, config, shown, all }) => {
    const module = (name) => import(new URL(`assets/${name}.js`, document.baseURI));
    const { TrainingLoop } = await module("worker/training-loop");
    const { ArrivingImages, Images, loadLabels } = await module("core/images");
    const kernel = await (await module("core/gemm")).loadKernel();
    const at = (address) => new URL(address, document.baseURI).href;
    window.digits ??= await (async () => {
        const images = new ArrivingImages();
        await images.fetch(at("training-images/mnist"), () => {});
        const training = { images, label: await loadLabels(at("training-labels/mnist")) };
        const test = { images: await Images.load(at("images/mnist")), label: await loadLabels(at("labels/mnist")) };
        return { training, test };
    })();
    return all.map((settings) => {
        const loop = new TrainingLoop(config, 0, kernel, digits, settings);
        const losses = [], weights = [];
        const first = () => [...loop.decoder().get("decoder.hidden.0.linear.weight")];
        for (let step = 0; step < steps; step++) {
            weights.push(first());
            losses.push(loop.step().reconstruction);
        }
        const codes = Float32Array.from(shown.flatMap((i) => [...loop.look().subarray(2 * i, 2 * i + 2)]));
        return { losses, weights: [...weights, first()], copies: [...loop.trainer.draw(codes)] };
    });
}"""


def _network(kind: str, width: int) -> dict[str, object]:
    """A config of the lesson's that trains in the browser."""
    return vars(
        ModelConfig(model=kind, encoder=(width,), decoder=(width,), activation="relu", layer_norm=False, fourier=0)
    )


def _settings(**changed: object) -> dict[str, object]:
    first = {"model": "ae", "loss": "bce", "beta": 1, "noise": True, "lr": 1e-3, "batch": 100, "images": 60_000}
    return {**first, "classes": [True] * 10, **changed}


def test_training_takes_steps_of_its_own(
    learn: Learn, modules: Page, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    learn.go("training")
    page, figure = learn.page, learn.figure()
    text, words, plot = (page.get_by_test_id(name) for name in ("step-loss", "live-words", "loss-plot"))
    expect(text).to_contain_text("Step 0: test digits 54")  # 784 ln 2: it knows nothing yet
    expect(words).to_have_attribute("data-images", "60000")  # of fewer it would draw other batches
    page.get_by_test_id("live-many").click()
    expect(figure).to_have_attribute("data-step", "10")
    page.get_by_test_id("live-step").click()
    shown = (0, 3, 2, 1, 753, 4)
    [found] = modules.evaluate(
        BY_HAND,
        {
            "steps": 11,
            "config": _network("ae", 128),
            "shown": shown,
            "all": [_settings(lr=0.005, rule="descent")],
        },
    )
    expect(text).to_contain_text(f"Step 11: batch {found['losses'][10]:.1f}, test digits")
    learn.step("weights")
    expect(page.get_by_text("the last step: −η × gradient")).to_be_visible()
    weights = np.array(found["weights"])
    for name, values in (("step-weights", weights[11]), ("step-moves", weights[11] - weights[10])):
        strength = np.abs(values) / np.abs(values).max()
        red = np.where(values < 0, 63, 255) * strength
        assert np.abs(learn.pixels(name) - red).max() <= 3, name
    x, copies, apart = (learn.pixels(f"step-{name}").reshape(28, 6, 28) for name in ("x", "back", "difference"))
    for column, index in enumerate(shown):
        digit = (255 * test_digits.images[index]).round().long().numpy().reshape(28, 28)
        np.testing.assert_array_equal(x[:, column], digit)
        assert np.abs(np.abs(x - copies) - apart)[:, column].max() <= 1
        copy = np.array(found["copies"]).reshape(len(shown), 28, 28)[column]
        assert np.abs(copies[:, column] - copy).max() <= 2

    # The first phase ends where the loss falls below that of the best single answer.
    mean = test_digits.images[:1000].mean(0).double()
    average = float(-(torch.xlogy(mean, mean) + torch.xlogy(1 - mean, 1 - mean)).sum())
    expect(plot).to_have_attribute("aria-label", re.compile(f"not yet below that of the average image, {average:.1f}"))
    learn.step("phases")
    for _press in range(15):
        page.get_by_test_id("live-many").click()
    expect(figure).to_have_attribute("data-step", "161")
    expect(plot).to_have_attribute("data-crossed", re.compile(r"^[1-9]\d+$"))
    expect(plot).to_contain_text("2. the two numbers count")
    assert int(plot.get_attribute("data-crossed") or 0) > 80  # about a hundred, so the notes for teachers
    told = re.search(r"test digits ([\d.]+) nats", text.inner_text())
    assert told
    assert float(told[1]) < average

    # Too high a rate: the loss explodes. With a lower one the next press begins anew.
    learn.step("rate")
    page.get_by_test_id("rate-0.05").click()
    page.get_by_test_id("live-again").click()
    page.get_by_test_id("live-play").click()
    expect(words).to_contain_text("no longer a number")
    page.get_by_test_id("rate-0.005").click()
    page.get_by_test_id("live-step").click()
    expect(text).to_contain_text(f"Step 1: batch {found['losses'][0]:.1f}")
    history = {
        row["epoch"]: row["test_reconstruction"] + row["test_kl"] for row in shipped["vae-mnist-baseline"].history
    }
    for epoch in (1, 5, 13, 15):
        expect(page.get_by_test_id("baseline-losses")).to_contain_text(f"{epoch}: {history[epoch]:.1f}")


@torch.no_grad()
def test_losses_learn_side_by_side_and_show_mean_and_median(
    learn: Learn, modules: Page, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    learn.go("losses")
    page, figure, losses = learn.page, learn.figure(), ("mse", "mae")
    expect(page.get_by_test_id("live-words")).to_have_attribute("data-images", "60000")
    learn.step("twice")
    page.get_by_test_id("live-many").click()
    expect(figure).to_have_attribute("data-step", "10")
    order = {"steps": 10, "config": _network("ae", 256), "shown": [_index(learn)]}
    hand = modules.evaluate(BY_HAND, {**order, "all": [_settings(loss=loss) for loss in losses]})
    for loss, found in zip(losses, hand, strict=True):
        assert np.abs(learn.pixels(f"losses-{loss}") - found["copies"]).max() <= 2, loss
    for steps in (20, 30, 40):
        page.get_by_test_id("live-many").click()
        expect(figure).to_have_attribute("data-step", str(steps))
    # Each has found one answer to all digits: by MSE their mean, by MAE their median, which stand in the second row.
    for loss, own, other in (("mse", "mean", "median"), ("mae", "median", "mean")):
        copy = learn.pixels(f"losses-{loss}")
        distance = {name: float(np.abs(copy - learn.pixels(f"pixel-{name}")).mean()) for name in (own, other)}
        assert distance[own] < 0.7 * distance[other]
        grey = 100 * ((copy > 25.5) & (copy < 229.5)).mean()
        caption = page.locator(f'figure:has([data-testid="losses-{loss}"]) figcaption').first
        expect(caption).to_have_text(f"by {loss.upper()}: {grey:.0f} % of pixels grey")
    learn.step("pair")
    page.get_by_test_id("pair-ours").click()
    x = test_digits.images[_index(learn)]
    for name in losses:
        model = shipped[f"ae-mnist-{name}"].model
        back = model.decode(model.encode(x[None])[0])[0]
        assert np.abs(learn.pixels(f"losses-{name}") - 255 * back.numpy()).max() <= GREY
        numbers = page.locator(f'figure:has([data-testid="losses-{name}"]) .lse-numbers').inner_text()
        mse, mae = (float(text) for text in re.findall(r"\d\.\d{4}", numbers))
        assert mse == pytest.approx(float((x - back).square().mean()), abs=1e-4)
        assert mae == pytest.approx(float((x - back).abs().mean()), abs=1e-4)
    learn.step("class")
    images = (255 * test_digits.images).round().numpy()
    for button, chosen in (("of-all", images), ("of-3", images[test_digits.labels.numpy() == 3])):
        learn.page.get_by_test_id(button).click()
        assert np.abs(learn.pixels("pixel-mean") - chosen.mean(0)).max() <= GREY
        median = np.sort(chosen, axis=0)[(len(chosen) - 1) // 2]
        np.testing.assert_array_equal(learn.pixels("pixel-median"), median)
        black = int((median == 0).sum())
        expect(learn.page.locator('figure:has([data-testid="pixel-median"]) figcaption')).to_contain_text(
            f"{black} of 784"
        )
    box = learn.page.get_by_test_id("pixel-mean").bounding_box()
    assert box is not None
    learn.page.get_by_test_id("pixel-mean").click(
        position={"x": box["width"] * 12.5 / 28, "y": box["height"] * 9.5 / 28}
    )
    text = learn.page.get_by_test_id("pixel-text")
    expect(text).to_contain_text("row 10, column 13")
    expect(text).to_contain_text(f"mean {chosen[:, 9 * 28 + 12].mean() / 255:.3f}")
    expect(text).to_contain_text(f"median {median[9 * 28 + 12] / 255:.3f}")
    # The arrow keys go on from there, and turn no page.
    grid = learn.page.get_by_role("grid", name="Median of each pixel")
    grid.press("ArrowDown")
    grid.press("ArrowRight")
    expect(text).to_contain_text("row 11, column 14")
    mean = f"mean {chosen[:, 10 * 28 + 13].mean() / 255:.3f}"
    expect(text).to_contain_text(mean)
    cell = grid.get_by_role("gridcell", name=mean)
    expect(grid).to_have_attribute("aria-activedescendant", cell.get_attribute("id") or "")
    expect(cell).to_have_attribute("aria-colindex", "14")
    learn.wait("losses")


# A clock that goes on by 16 ms at a time.
COARSE_CLOCK = """() => {
    const now = performance.now.bind(performance);
    performance.now = () => 16 * Math.floor(now() / 16);
}"""


def test_uses_searches_in_784_dimensions_and_in_2(
    learn: Learn, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    learn.go("uses").step("time")
    learn.page.get_by_test_id("uses-other").click()
    index = _index(learn)
    spaces = {"784": (255 * test_digits.images).round().double().numpy(), "2": shipped["ae-mnist"].mu.double().numpy()}
    for name, points in spaces.items():
        distance = ((points - points[index]) ** 2).sum(1)
        distance[index] = np.inf
        row = learn.page.get_by_test_id(f"found-{name}")
        found = [int(i) for i in (row.get_attribute("data-found") or "").split(",")]
        assert len(found) == 15
        np.testing.assert_allclose(distance[found], np.sort(distance)[:15])
        votes = np.bincount(test_digits.labels[found].numpy(), minlength=10)
        expect(row).to_have_text(f"{votes.max()} of the 15 nearest say: {votes.argmax()}")
        shown = learn.page.get_by_test_id(f"found-{name}-0")
        assert shown.get_attribute("data-index") == str(found[0])
    times = learn.page.get_by_test_id("uses-times")
    before = times.inner_text()
    learn.page.evaluate(COARSE_CLOCK)
    learn.page.get_by_test_id("uses-other").click()
    learn.page.evaluate("delete performance.now")
    for text in (before, times.inner_text()):
        slow, fast = (float(found) for found in re.findall(r"([\d.]+) ms", text))
        assert slow > fast > 0


def _game(learn: Learn) -> Locator:
    return learn.page.get_by_test_id("find-game")


def test_holes_can_be_fallen_into_and_a_3_be_found(learn: Learn, shipped: dict[str, Checkpoint]) -> None:
    learn.go("holes")
    expect(learn.page.get_by_test_id("holes-task")).to_have_text("Find a 3.")
    model = shipped["ae-mnist"]
    verdict, score = learn.page.get_by_test_id("holes-verdict"), learn.page.get_by_test_id("holes-score")
    learn.press_map(6.0, -10.0)
    expect(verdict).to_contain_text("A hole")
    expect(score).to_have_text("Presses: 1; into holes: 1")
    z = np.array((_game(learn).get_attribute("data-z") or "").split(","), dtype=np.float32)
    assert np.linalg.norm(model.mu.numpy() - z, axis=1).min() > model.metrics["hole_radius"]
    assert np.abs(learn.pixels("holes-decoded") - 255 * decoded(model.model, z)).max() <= GREY
    expect(learn.page.locator(".lse-small-map .lse-cloud")).to_be_hidden()
    learn.page.get_by_test_id("holes-show").click()
    cloud = learn.page.locator(".lse-small-map .lse-cloud")
    expect(cloud).to_be_visible()
    # What is looked for stands out of the others.
    colours = np.stack([channel(cloud, number) for number in range(4)])
    assert {tuple(colour) for colour in colours[:3, colours[3] == 255].T} == {tuple(COLOURS[3])}
    assert (colours[3] > 0).sum() > 3 * (colours[3] == 255).sum()
    # Where 3s lie densest: the one with the most 3s among its 15 nearest.
    mu, label = model.mu.double().numpy(), model.label.numpy()
    threes = mu[label == 3]
    share = [(label[np.argsort(((mu - three) ** 2).sum(1))[:15]] == 3).mean() for three in threes[:200]]
    again = learn.page.get_by_test_id("holes-again")
    expect(again).to_be_hidden()
    best = threes[int(np.argmax(share))]
    whole = learn.page.get_by_test_id("holes-whole")
    expect(whole).to_be_hidden()
    learn.press_map(*best)  # now that there is something to see, the map comes nearer
    whole.click()
    expect(whole).to_be_hidden()
    expect(verdict).to_have_text(re.compile(r"There it is.* (\d+) of the 15 nearest .* (\d+) of the 15 most like"))
    assert min(int(n) for n in re.findall(r"(\d+) of the 15", verdict.inner_text())) >= 8
    expect(score).to_have_text("Found. Presses it took: 2; into holes: 1")
    learn.press_map(6.0, -10.0)  # whoever looks on is told of it, and has found it nonetheless
    expect(verdict).to_contain_text("A hole")
    expect(score).to_have_text("Found. Presses it took: 2; into holes: 1")
    again.click()
    expect(learn.page.get_by_test_id("holes-task")).to_have_text("Find a 3.")
    expect(again).to_be_hidden()
    learn.press_map(*best)
    expect(score).to_have_text("Found. Presses it took: 1; into holes: 0")
    # The normal distribution fitted to the codes.
    fitted = learn.page.get_by_test_id("find-game").get_by_test_id("posterior")
    expect(fitted).to_be_hidden()
    learn.step("rule")
    expect(fitted).to_be_visible()
    expect(cloud).to_be_visible()
    expect(whole).to_be_hidden()
    ellipse = fitted.locator("ellipse").first
    across, along = (float(ellipse.get_attribute(name) or 0) for name in ("rx", "ry"))
    values, vectors = np.linalg.eigh(np.cov(model.mu.numpy().T))
    assert across / along == pytest.approx(np.sqrt(values[1] / values[0]), rel=0.01)
    turn = -float((ellipse.get_attribute("transform") or "")[len("rotate(") :].split()[0])
    assert np.tan(np.radians(turn)) == pytest.approx(vectors[1, 1] / vectors[0, 1], rel=0.01)
    learn.step("larger")
    expect(learn.page.get_by_test_id("holes-task")).to_be_hidden()
    with safe_open(LESSON_DATA / "resolution.safetensors", framework="np") as file:
        figures = json.loads(file.metadata()["figures"])
        for side in (28, 56):
            np.testing.assert_array_equal(learn.pixels(f"x_hat-{side}-1"), file.get_tensor(f"x_hat_{side}")[1])
            text = learn.page.get_by_test_id(f"resolution-{side}")
            for number in (
                f"{100 * figures[f'sharpness_{side}']:.1f} %",
                f"{figures[f'edge_{side}']:.1f} pixels",
                f"{figures[f'rmse_{side}']:.3f}",
            ):
                expect(text).to_contain_text(number)


def test_vae_drags_epsilon_draws_a_hundred_and_the_gradient_arrives(
    learn: Learn, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    learn.go("vae").step("draw")
    page = learn.page
    square, sheet = page.get_by_test_id("epsilon"), page.get_by_test_id("vae-sheet")
    box = square.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=4)
    page.mouse.up()
    epsilon = torch.tensor([float(e) for e in (square.get_attribute("data-epsilon") or "").split(",")]).double()
    assert epsilon.tolist() == pytest.approx([1.5, 1.5], abs=0.06)
    model, index = shipped["vae-mnist-baseline"], _index(learn)
    assert model.logvar is not None
    mu, logvar, x = model.mu[index], model.logvar[index], test_digits.images[index]
    sigma = (logvar / 2).exp()
    z = (mu + sigma * epsilon.float()).requires_grad_()
    loss, divergence = reconstruction(model.model.decoder(z), x, "bce"), float(kl(mu, logvar))
    (gradient,) = torch.autograd.grad(loss, z)
    shown = [float(g) for g in (learn.figure().get_attribute("data-gradient") or "").split(",")]
    assert shown == pytest.approx(gradient.tolist(), rel=0.02, abs=0.5)
    assert np.abs(learn.pixels("vae-z") - 255 * decoded(model.model, z.detach().numpy())).max() <= GREY
    numbers = page.get_by_test_id("vae-numbers").inner_text().replace("−", "-")
    assert f"({z[0]:.3f},\u00a0{z[1]:.3f})" in numbers
    expect(page.get_by_test_id("vae-r")).to_have_text(f"{loss.item():.1f} nats; full bar: 300")
    expect(page.get_by_test_id("vae-kl")).to_have_text(f"{divergence:.2f} nats; full bar: 15")
    total = float(re.findall(r"\d[\d.]*", page.get_by_test_id("vae-loss").inner_text())[-1])
    assert total == pytest.approx(loss.item() + divergence, abs=0.05)
    median = (model.logvar / 2).exp().flatten().quantile(0.5).item()
    expect(page.get_by_test_id("vae-spread")).to_contain_text(f"{median:.3f}")

    # A hundred draws, others at each press: of the cloud's mean and width, decoded.
    first = sheet.get_attribute("data-z") or ""
    learn.step("hundred")
    page.get_by_test_id("vae-hundred").click()
    expect(sheet).not_to_have_attribute("data-z", first)
    for text in (first, sheet.get_attribute("data-z") or ""):
        draws = np.array(text.split(","), dtype=np.float32).reshape(100, 2)
        drawn = (draws - mu.numpy()) / sigma.numpy()
        assert np.abs(drawn.mean(0)).max() < 0.4  # four times its standard error
        assert np.abs(drawn.std(0) - 1).max() < 0.3
    dots = page.get_by_test_id("lesson-near").get_by_test_id("posterior").locator("path")
    assert (dots.get_attribute("d") or "").count("M") == 100
    grey = learn.pixels("vae-sheet").reshape(10, 28, 10, 28).transpose(0, 2, 1, 3).reshape(100, 784)
    with torch.no_grad():
        assert np.abs(grey - 255 * model.model.decode(torch.from_numpy(draws)).numpy()).max() <= GREY
    for axis in (0, 1):
        along = mu.repeat(13, 1)
        along[:, axis] += sigma[axis] * torch.linspace(-3, 3, 13)
        strip = learn.pixels(f"vae-strip-{axis + 1}").reshape(28, 13, 28).transpose(1, 0, 2).reshape(13, 784)
        with torch.no_grad():
            assert np.abs(strip - 255 * model.model.decode(along).numpy()).max() <= GREY


def test_vae_trains_on_as_beta_pulls(learn: Learn, shipped: dict[str, Checkpoint]) -> None:
    learn.go("uses")
    with learn.page.expect_worker() as began:
        learn.go("losses")
    with began.value.expect_event("close"):  # a screen's own thread ends with it
        learn.go("vae")
    learn.step("beta")
    page, figure, beta = learn.page, learn.figure(), learn.page.get_by_test_id("vae-beta")
    words = page.get_by_test_id("live-words")
    # Where the weights to begin with do not come, it is said, and the next press asks again.
    page.context.route("**/vae-mnist-baseline.safetensors*part=encoder*", lambda route: route.fulfill(status=404))
    page.get_by_test_id("live-step").click()
    expect(words).to_contain_text("no longer on the server")
    expect(page.get_by_test_id("vae-r")).to_be_visible()
    page.context.unroute_all()

    def number(name: str) -> float:
        return float(re.findall(r"\d+\.\d+", page.get_by_test_id(name).inner_text())[0])

    def until(condition: str) -> None:
        page.wait_for_function(
            f"""() => {{
                const [kl, sigma] = ["vae-kl", "vae-spread"].map((name) =>
                    parseFloat(document.querySelector(`[data-testid="${{name}}"]`).textContent.match(/[0-9.]+/)));
                return {condition};
            }}"""
        )

    model, index = shipped["vae-mnist-baseline"], _index(learn)
    assert model.logvar is not None
    divergence = float(kl(model.mu[index], model.logvar[index]))
    page.get_by_test_id("live-again").click()
    expect(figure).to_have_attribute("data-step", "0")  # the shipped model, as the thread has it
    assert number("vae-kl") == pytest.approx(divergence, abs=0.05)
    beta.focus()
    for key in ("PageUp", "End", "PageDown", "PageUp"):
        page.keyboard.press(key)  # a slider's own: none turns the page
    learn.read("beta")
    # Two bars in one column.
    above, below = page.evaluate("""() => ["vae-r", "vae-kl"].map((name) => {
        const row = document.querySelector(`[data-testid=${name}]`).parentElement;
        const { left, right, top, bottom } = row.getBoundingClientRect();
        return { left, right, top, bottom };
    })""")
    assert (above["left"], above["right"]) == (below["left"], below["right"])
    assert above["bottom"] <= below["top"]
    expect(beta).to_have_attribute("aria-valuetext", "β = 50")
    expect(page.get_by_test_id("live-play")).to_have_attribute("aria-pressed", "true")
    until("kl < 2 && sigma > 0.25")
    beta.fill("0")
    until("kl > 4 && sigma < 0.06")
    page.get_by_test_id("live-play").click()
    expect(page.get_by_test_id("live-play")).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("live-again").click()
    expect(figure).to_have_attribute("data-step", "0")
    assert number("vae-kl") == pytest.approx(divergence, abs=0.05)


# The share of a map's width that its dots span.
COLUMNS = """(canvas) => {
    const { width, height } = canvas, { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const used = [...Array(width).keys()].filter((x) =>
        [...Array(height).keys()].some((y) => data[4 * (y * width + x) + 3]));
    return (used.at(-1) - used[0]) / width;
}"""


def test_normal_has_the_histograms(learn: Learn, shipped: dict[str, Checkpoint]) -> None:
    learn.go("normal")
    for name in ("ae-mnist", "vae-mnist-beta-4", "vae-mnist-beta-1"):
        learn.page.get_by_test_id(name).click()
        expect(learn.figure()).to_have_attribute("data-model", name)
        model = shipped[name]
        bells = learn.page.get_by_test_id("histogram-1").locator("path")
        expect(bells).to_have_count(2 if model.logvar is None else 1)  # one is fitted where none was given
        expect(learn.page.get_by_test_id("posterior")).to_be_visible(visible=model.logvar is None)
        dots = learn.page.locator(".lse-cloud").evaluate(COLUMNS)
        if model.logvar is not None:  # on axes from −8 to 8, of which N(0, 1) takes half
            assert 0.4 < dots < 0.75
        mu = model.mu.double().numpy()
        noise = np.zeros(2) if model.logvar is None else model.logvar.double().exp().numpy().mean(0)
        for axis in (0, 1):
            text = learn.page.get_by_test_id(f"moments-{axis + 1}").inner_text().replace("−", "-")
            mean, deviation = (float(t) for t in re.findall(r"-?[\d.]+", text))
            assert mean == pytest.approx(mu[:, axis].mean(), abs=0.02)
            assert deviation == pytest.approx(np.sqrt(mu[:, axis].var() + noise[axis]), abs=0.02)
            density = np.array(
                (learn.page.get_by_test_id(f"histogram-{axis + 1}").get_attribute("data-density") or "").split(","),
                float,
            )
            reach = 8
            width = 2 * reach / len(density)
            assert density.sum() * width == pytest.approx((np.abs(mu[:, axis]) < reach).mean(), abs=0.003)
            if model.logvar is None:
                expected, _edges = np.histogram(mu[:, axis], bins=len(density), range=(-reach, reach))
                assert np.abs(density - expected / len(mu) / width).max() <= 3 / len(mu) / width


def test_generate_samples_and_encodes_what_is_drawn(learn: Learn, shipped: dict[str, Checkpoint]) -> None:
    learn.go("generate")
    model = shipped["vae-mnist"].model
    sheet = learn.page.get_by_test_id("lesson-sheet")
    before = sheet.get_attribute("data-z")
    learn.page.get_by_test_id("lesson-sample").click()
    expect(sheet).not_to_have_attribute("data-z", before or "")
    z = np.array((sheet.get_attribute("data-z") or "").split(","), dtype=np.float32).reshape(64, 2)
    grey = grey_levels(sheet).reshape(8, 28, 8, 28).transpose(0, 2, 1, 3).reshape(64, 784)
    with torch.no_grad():
        expected = 255 * model.decode(torch.from_numpy(z)).numpy()
    assert np.abs(grey - expected).max() <= GREY
    learn.step("manifold")
    expect(learn.page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    learn.step("yours")
    pad = learn.page.get_by_test_id("pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    learn.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    learn.page.mouse.down()
    learn.page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.8, steps=5)
    learn.page.mouse.up()
    expect(learn.page.get_by_test_id("drawn-text")).to_contain_text("μ = (")
    seen = torch.from_numpy(learn.pixels("drawn-image") / 255).float()
    with torch.no_grad():
        mu = model.encode(seen[None])[0][0]
    shown = learn.page.get_by_test_id("drawn-text").inner_text().replace("−", "-")
    assert [float(t) for t in re.findall(r"-?\d+\.\d+", shown)] == pytest.approx(mu.tolist(), abs=0.01)
    distance = (shipped["vae-mnist"].mu - mu).norm(dim=1)
    votes = shipped["vae-mnist"].label[distance.topk(15, largest=False).indices].bincount(minlength=10)
    told = f"{votes.max()} of the 15 nearest say: {votes.argmax()}"
    expect(learn.page.get_by_test_id("lesson-votes")).to_have_text(told)
    # The sheet's draws are another step's; a press asks of where it is.
    small = learn.page.locator('[data-testid="lesson-map"]:visible')
    expect(small.get_by_test_id("sample-marks")).to_have_attribute("data-count", "0")
    learn.press_map(-2.0, 0.3)
    votes = (
        shipped["vae-mnist"]
        .label[(shipped["vae-mnist"].mu - torch.tensor([-2.0, 0.3])).norm(dim=1).topk(15, largest=False).indices]
        .bincount(minlength=10)
    )
    expect(learn.page.get_by_test_id("lesson-votes")).to_contain_text(f"nearest say: {votes.argmax()}")
    learn.step("sample")
    expect(small.get_by_test_id("sample-marks")).to_have_attribute("data-count", "64")


@torch.no_grad()
def test_a_digit_is_looked_for_then_ordered_by_labels_and_of_the_network(
    learn: Learn, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    page, vae, told = learn.page, shipped["vae-mnist"], shipped["cvae-mnist"]
    learn.go("generate").step("find")
    # The game of screen 5, on this map.
    expect(page.get_by_test_id("holes-task")).to_have_text("Find a 3.")
    box = page.get_by_test_id("find-game").get_by_test_id("lesson-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("holes-score")).to_have_text("Presses: 1; into holes: 0")
    answer = page.locator(".st-key-lesson_step_find details")
    expect(answer).not_to_have_attribute("open", ANY)  # it would be given away
    expect(answer).to_contain_text("9 %")
    z = np.array((_game(learn).get_attribute("data-z") or "").split(","), dtype=np.float32)
    assert np.abs(z).max() < 0.5
    assert np.abs(learn.pixels("holes-decoded") - 255 * decoded(vae.model, z)).max() <= GREY

    def look(sheet: Locator, digit: int) -> torch.Tensor:
        """The draws as they are shown, each judged: their z, (25, 2)."""
        chooser = page.get_by_test_id("digit-class").filter(visible=True)
        expect(chooser).to_have_attribute("data-chosen", str(digit))
        expect(sheet).to_have_attribute("data-seen", re.compile(r"^(-?\d,){24}-?\d$"))
        z = np.array((sheet.get_attribute("data-z") or "").split(","), dtype=np.float32).reshape(25, 2)
        grey = grey_levels(sheet).reshape(5, 28, 5, 28).transpose(0, 2, 1, 3).reshape(25, 784)
        model = told if sheet.get_attribute("data-testid") == "lesson-told" else vae
        images = model.model.decode(torch.from_numpy(z), torch.full((25,), digit))
        assert np.abs(grey - 255 * images.numpy()).max() <= GREY
        judged = seen(images, test_digits)
        assert [int(c) for c in (sheet.get_attribute("data-seen") or "").split(",")] == judged.tolist()
        right = page.get_by_test_id(f"{sheet.get_attribute('data-testid')}-right")
        expect(right).to_contain_text(f"{int((judged == digit).sum())} of 25 are a {digit}")
        none = int((judged < 0).sum())
        expect(right).to_contain_text(f"Like no digit: {none}." if none else f"{digit}, as more than half")
        return torch.from_numpy(z)

    learn.step("votes")
    sheet = page.get_by_test_id("lesson-voted")
    prose = page.locator(".st-key-lesson_step_votes, .st-key-lesson_step_order")
    assert not any("Order a 3" in text for text in prose.all_inner_texts())  # any digit may be ordered
    for digit in (3, 2):
        if digit == 2:  # some draws of which are blots
            page.get_by_test_id("digit-2").filter(visible=True).click()
        votes = look(sheet, digit)
        nearest = torch.cdist(votes, vae.mu).topk(15, largest=False).indices
        assert ((vae.label[nearest] == digit).sum(1) >= 8).all()
        # The heat is as strong as the share of the votes.
        heat = page.get_by_test_id("vote-heat")
        expect(heat).to_have_attribute("data-ready", "true")
        canvas = heat.locator("canvas")
        expect(canvas).to_have_count(1)
        where = {key: float(value) for key, value in canvas.evaluate("c => ({ ...c.dataset })").items()}
        width = int(canvas.evaluate("c => c.width"))
        opacity = channel(canvas, 3).reshape(-1, width)
        some = np.arange(0, opacity.size, 5)
        rows, columns = np.divmod(some, width)
        places = np.stack([columns + 0.5, -rows - 0.5], axis=1) * where["spacing"] + (where["left"], where["top"])
        voters = torch.cdist(torch.from_numpy(places).float(), vae.mu).topk(15, largest=False).indices
        shares = (vae.label[voters] == digit).float().mean(1).numpy()
        shares[np.hypot(*places.T) > 3] = 0  # where next to nothing is drawn, nothing is promised
        assert shares.max() > 0.9
        assert np.abs(opacity.reshape(-1)[some] - 0.8 * 255 * shares)[shares > 0].mean() < 2
    expect(page.get_by_test_id("lesson-voted-right")).to_contain_text("Like no digit")

    learn.step("order")
    sheet = page.get_by_test_id("lesson-told")
    first = look(sheet, 2)  # what is ordered stays so
    page.get_by_test_id("digit-2").filter(visible=True).focus()
    page.keyboard.press("ArrowRight")  # which turns no screen here
    assert torch.equal(look(sheet, 3), first)  # the same z
    page.get_by_test_id("lesson-told-again").click()
    expect(sheet).not_to_have_attribute("data-z", ",".join(map(str, first.flatten().tolist())))
    assert not torch.equal(look(sheet, 3), first)


def test_the_source_beside_a_figure_is_the_source(learn: Learn) -> None:
    learn.go("losses")
    learn.page.locator(".st-key-lesson_end summary").first.click()
    expect(learn.page.get_by_text("For teachers")).to_have_count(0)
    code = learn.page.get_by_test_id("stCode").first.inner_text()
    assert code == source("model.losses.reconstruction")


def test_a_screen_prints_as_a_worksheet_of_two_pages_at_most(learn: Learn) -> None:
    margins = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")
    page = learn.open(SCREENS[0].name).page  # nothing that a test before has unfolded, or a teacher's notes
    for screen in SCREENS:
        learn.go(screen.name)
        sheets = page.pdf(format="A4", margin=margins)  # type: ignore[arg-type]
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 2, screen.name
    learn.go("vae")
    page.locator(".st-key-lesson_end summary").first.click()
    code = page.get_by_test_id("stCode").first
    expect(code).to_be_visible()
    page.emulate_media(media="print")
    expect(code).to_be_visible()  # whole, as it is unfolded; what is folded is left out
    assert code.evaluate("node => node.scrollWidth <= node.clientWidth")
    expect(page.locator(".stMain details:visible")).to_have_count(1)
    expect(page.locator(".stSidebar:visible, .stAppHeader:visible, button:visible")).to_have_count(0)
    page.emulate_media(media="screen")
    view = page.locator(".lse-lesson")  # after printing it fits its column again
    assert (
        view.evaluate("({ style }) => [style.width, style.zoom, style.getPropertyValue('--lesson-height')].join('')")
        == ""
    )


def test_the_source_is_coloured_without_streamlits_highlighter(viewers: Viewers, server: tuple[str, int]) -> None:
    with viewers.lending(Learn) as lend:
        learn = lend(server[0], once=True)  # with an empty cache
        fetched: list[str] = []
        learn.page.on("request", lambda request: fetched.append(request.url))
        learn.open("losses")
        expect(learn.page.locator(".lse-code .lse-keyword").first).to_have_text("def")
        learn.go("through")  # where a model's summary stands
        expect(learn.page.locator(".lse-code").first).to_contain_text("hidden.0.linear")
        assert [url for url in fetched if re.search("Highlighter|SourceCodeVF-Italic", url)] == []
        colours = ".lse-code span"
        light = learn.page.locator(colours).evaluate_all("nodes => nodes.map((node) => getComputedStyle(node).color)")
        learn.page.emulate_media(color_scheme="dark")
        expect(learn.page.locator(".stApp")).to_have_css("color-scheme", "dark")
        dark = learn.page.locator(colours).evaluate_all("nodes => nodes.map((node) => getComputedStyle(node).color)")
        assert all(one != other for one, other in zip(light, dark, strict=True))


def test_a_phone_scrolls_the_source_and_not_the_page_and_it_can_be_copied(opened: Callable[..., Learn]) -> None:
    learn = opened("losses", viewport=PHONE)
    hint, top = learn.page.locator(".lse-scroll"), "document.querySelector('.stMain').scrollTop"
    expect(hint).to_be_visible()
    assert learn.page.evaluate(top) == 0  # the title is seen
    learn.page.evaluate(f"{top} = 1")
    expect(hint).to_be_hidden()
    learn.page.locator(".st-key-lesson_end summary").first.click()
    code = learn.page.get_by_test_id("stCode").first
    assert code.evaluate("node => node.scrollWidth > node.clientWidth")
    assert learn.page.locator(".stMain").evaluate("node => node.scrollWidth <= node.clientWidth")

    learn.page.set_viewport_size(PROJECTOR)
    learn.page.context.grant_permissions(["clipboard-read"])
    block = learn.page.locator(".lse-code").first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button")).to_have_text("Copied")
    copied = learn.page.evaluate("navigator.clipboard.readText()")
    assert copied == source("model.losses.reconstruction").rstrip()
    expect(block.get_by_role("button")).to_have_text("Copy")


def test_next_and_back_by_button_and_key_and_the_address_keeps_the_place(opened: Callable[..., Learn]) -> None:
    learn = opened("uses")
    page, steps = learn.page, SCREENS[NUMBER["uses"] - 1].steps
    for step in steps[1:]:
        page.keyboard.press("PageDown")
        learn.read(step)
    assert f"step={steps[-1]}" in page.url
    page.keyboard.press("PageDown")  # behind the last step lie the questions
    expect(page.get_by_test_id("quiz").get_by_role("heading")).to_be_in_viewport()
    page.keyboard.press("PageUp")
    learn.read(steps[-1])
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")  # on its way
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")  # and behind those the next screen
    learn.wait("holes").read("find")
    assert f"screen={NUMBER['holes']}" in page.url
    assert "step" not in page.url
    page.keyboard.press("PageUp")  # and back, to where it was left
    learn.wait("uses").read(steps[-1])
    page.keyboard.press("ArrowLeft")
    learn.read(steps[-2])
    page.reload()
    learn.wait("uses").read(steps[-2])
    page.locator(".st-key-lesson_next button").click()
    learn.wait("holes").read("find")
    page.locator(".st-key-lesson_back button").click()
    learn.wait("uses").read(steps[0])
    page.go_back()
    learn.wait("holes").read("find")
    page.go_back()
    learn.wait("uses").read(steps[-2])
    page.go_forward()
    learn.wait("holes").read("find")
    assert "step" not in page.url


def test_a_link_holds_what_was_set_in_each_figure(opened: Callable[..., Learn]) -> None:
    learn = opened("normal", "&side=ae-mnist&image=4")
    page, figure, url = learn.page, learn.figure(), "location.search"
    expect(figure).to_have_attribute("data-model", "ae-mnist")
    expect(page.get_by_test_id("ae-mnist")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("vae-mnist-beta-4").click()
    page.wait_for_function(f"{url}.includes('side=vae-mnist-beta-4')")
    # The next screen's figure has a place of its own; Back and Forward know both.
    page.locator(".st-key-lesson_next button:visible").click()
    learn.wait("generate").step("order")
    assert "side=" not in page.evaluate(url)
    page.get_by_test_id("digit-5").filter(visible=True).click()
    page.wait_for_function(f"{url}.includes('order=5')")
    page.go_back()
    learn.wait("normal")
    expect(figure).to_have_attribute("data-model", "vae-mnist-beta-4")
    assert "order=" not in page.evaluate(url)
    page.go_forward()
    learn.wait("generate").read("order")
    expect(page.get_by_test_id("lesson-told")).to_have_attribute("data-seen", ANY)
    expect(page.get_by_test_id("digit-class").filter(visible=True)).to_have_attribute("data-chosen", "5")
    sheets = [page.get_by_test_id(name) for name in ("lesson-sheet", "lesson-told")]  # and what was drawn
    first = [sheet.get_attribute("data-z") for sheet in sheets]
    page.get_by_test_id("lesson-told-again").click()
    learn.step("sample").page.get_by_test_id("lesson-sample").click()
    page.wait_for_function(f"{url}.includes('draws=') && {url}.includes('sample=')")
    drawn = [sheet.get_attribute("data-z") or "" for sheet in sheets]
    assert all(now != before for now, before in zip(drawn, first, strict=True))
    page.reload()
    learn.wait("generate").read("sample").step("order")
    for sheet, z in zip(sheets, drawn, strict=True):
        expect(sheet).to_have_attribute("data-z", z)

    learn.open("vae", "&step=terms&beta=50&image=4&epsilon=1,-1.5&hundred=7").read("terms")
    expect(page.get_by_test_id("epsilon")).to_have_attribute("data-epsilon", "1,-1.5")
    expect(page.get_by_test_id("vae-sheet")).to_have_attribute("data-z", ANY)
    hundred = page.get_by_test_id("vae-sheet").get_attribute("data-z") or ""
    page.get_by_test_id("vae-draw").click()
    page.wait_for_function(f"!{url}.includes('epsilon=1,-1.5&') && {url}.includes('epsilon=')")
    beta, total = page.get_by_test_id("vae-beta"), page.get_by_test_id("vae-loss")
    expect(beta).to_have_attribute("aria-valuetext", "β = 50")
    expect(total).to_contain_text(" + 50 × ")
    expect(page.get_by_test_id("live-play")).to_have_attribute("aria-pressed", "false")  # a link trains nothing
    assert _index(learn) == 4
    page.get_by_test_id("vae-other").click()
    page.wait_for_function(f"!{url}.includes('image=4&') && {url}.includes('image=')")
    other = _index(learn)
    page.keyboard.press("PageDown")
    learn.read("beta")
    page.get_by_test_id("lesson-map").click()
    expect(figure).not_to_have_attribute("data-index", str(other))
    page.wait_for_function(f"!{url}.includes('image={other}')")
    page.go_back()  # to the step before, and to its image
    learn.read("terms")
    assert _index(learn) == other
    for name, query, shown in (
        ("vae", "&step=hundred&beta=50&image=4&hundred=7", {}),
        ("through", "&step=drag&image=12&z=1.5,-2", {"data-index": "12", "data-z": "1.5,-2"}),
        ("losses", "&image=12&of=of-7&pixel=40", {"data-index": "12", "data-gathered": "7"}),
        ("holes", "&find=7", {}),
    ):
        learn.open(name, query)
        for attribute, value in shown.items():
            expect(figure).to_have_attribute(attribute, value)
        if name == "losses":
            expect(page.get_by_test_id("pixel-text")).to_contain_text("row 2, column 13")
        if name == "vae":
            expect(page.get_by_test_id("vae-sheet")).to_have_attribute("data-z", hundred)
    expect(page.get_by_test_id("holes-task")).to_have_text("Find a 7.")
    page.get_by_test_id("holes-other").click()
    expect(page.get_by_test_id("holes-task")).not_to_have_text("Find a 7.")
    page.wait_for_function(f"!{url}.includes('find=7')")


def test_no_quick_press_is_lost_and_a_map_in_focus_does_not_stop_the_remote(opened: Callable[..., Learn]) -> None:
    learn = opened("through")
    learn.page.get_by_test_id("lesson-map").focus()
    learn.page.keyboard.press("PageDown")
    learn.read(SCREENS[0].steps[1])
    on = learn.page.locator(".st-key-lesson_next button:visible")
    for _press in range(4):
        on.click()
    learn.wait(SCREENS[4].name)
    back = learn.page.locator(".st-key-lesson_back button:visible")
    for _press in range(3):
        back.click()
    learn.wait(SCREENS[1].name)
    learn.page.mouse.wheel(0, 5000)
    learn.page.locator(".st-key-lesson_on button:visible").click()
    learn.wait(SCREENS[2].name)
    learn.page.wait_for_function("document.querySelector('.stMain').scrollTop === 0")


def test_a_turn_that_the_page_cannot_take_now_does_not_stop_the_next(opened: Callable[..., Learn]) -> None:
    learn = opened("through", f"&step={SCREENS[0].steps[-1]}")
    learn.read(SCREENS[0].steps[-1])
    style = learn.page.add_style_tag(content=".st-key-lesson_bar { display: none !important }")
    learn.page.keyboard.press("PageDown")  # to the questions
    learn.page.keyboard.press("PageDown")
    style.evaluate("(node) => node.remove()")
    learn.page.keyboard.press("PageDown")
    learn.wait(SCREENS[1].name)


# Top and bottom of what is being read, of the figure, and of the bar; the smallest type; what is wider than the page;
# words of a chart that lie on others.
LAID_OUT = """() => {
    const edges = (nodes) => {
        const boxes = nodes.map((node) => node.getBoundingClientRect());
        return [Math.min(...boxes.map(({ top }) => top)), Math.max(...boxes.map(({ bottom }) => bottom))];
    };
    const step = document.querySelector("[class*=st-key-lesson_step_][aria-current]");
    const told = [...step.querySelectorAll(".stMarkdown, details")].filter((n) => !n.parentElement.closest("details"));
    const figure = document.querySelector('[data-testid="lesson-figure"] > div');
    const sizes = [], main = document.querySelector(".stMain");
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { data, parentElement: parent } = texts.currentNode, range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const away = parent.closest(".katex, .lse-hidden, style, details:not([open]) > :not(summary)");
        if (!data.trim() || away || !range.getClientRects().length) continue;
        const svg = parent.closest("svg"), wide = svg?.viewBox.baseVal?.width;
        sizes.push(parseFloat(getComputedStyle(parent).fontSize) * (wide ? svg.clientWidth / wide : 1));
    }
    const piled = [...figure.querySelectorAll("svg.lse-loss-plot")].flatMap((chart) => {
        const words = [...chart.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect()]);
        const onIt = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.3 * a.height;
        return words.filter(([, a], i) => words.slice(0, i).some(([, b]) => onIt(a, b))).map(([text]) => text);
    });
    return {
        piled,
        told: edges(told), figure: edges([figure]), bar: edges([document.querySelector(".st-key-lesson_bar")])[1],
        column: edges([document.querySelector(".stColumn:has(.st-key-lesson_view)")])[1],
        smallest: Math.min(...sizes), over: main.scrollWidth - main.clientWidth,
    };
}"""


# A chart has its words, which come with its first numbers.
CHARTED = "[...document.querySelectorAll('svg.lse-loss-plot')].every((chart) => chart.querySelector('text'))"
# How a class has it, from the projector to the phone: size, class mode, the figure beside the prose, the smallest type.
LOOKS = (
    (PROJECTOR, False, True, 14),
    (PROJECTOR, True, True, 18),
    (TABLET, False, False, 0),
    (PHONE, False, False, 0),
)
# Back to a screen's first step, also where a page of another size still goes to the step that was read there.
FROM_THE_TOP = """(step) => {
    document.querySelector(".stMain").scrollTop = 0;
    return document.querySelector('[data-testid="lesson-figure"]').dataset.step === step;
}"""


def test_each_step_and_its_figure_are_in_view_together(opened: Callable[..., Learn]) -> None:
    """In each look, wherever the reader is taken: each screen is opened once, and gone through in all of them."""
    learn = opened("through", reduced_motion="reduce")
    page, wrong, looks, big = learn.page, [], list(LOOKS), False
    page.evaluate("delete Element.prototype.requestFullscreen")  # of a whole screen the size is not ours
    for number, screen in enumerate(SCREENS):
        for _past in ("the last step", "the questions")[: 2 * number]:
            page.keyboard.press("PageDown")
        learn.wait(screen.name).read(screen.steps[0])
        page.wait_for_function(CHARTED)
        for size, class_mode, beside, smallest in looks:
            if big != class_mode:
                page.get_by_test_id("class-mode").evaluate("(button) => button.click()")  # not in sight in all sizes
                big = class_mode
            page.set_viewport_size(size)
            page.wait_for_function(FROM_THE_TOP, arg=screen.steps[0])
            for n, step in enumerate(screen.steps):
                if n:
                    page.keyboard.press("PageDown")
                found = learn.read(step).page.evaluate(LAID_OUT)
                (top, bottom), (above, below), height = found["told"], found["figure"], size["height"]
                room = found["bar"] if beside else found["column"]
                hangs = not beside and below > found["column"]  # a figure above the prose into it
                within = room <= top + 1 and bottom <= height and found["bar"] <= above + 1 and below <= height
                if hangs or not within or found["piled"] or found["over"] > 0 or round(found["smallest"], 1) < smallest:
                    wrong.append((screen.name, step, size, class_mode, found))
        looks.reverse()
    assert wrong == []


def test_a_plain_page_can_be_its_host(new_page: Open) -> None:
    page = new_page().modules()
    options = {
        "number": 2,
        "count": 3,
        "screen": "training",
        "models": {"vae-mnist-baseline": library.current()[0]["vae-mnist-baseline"].address},
        "files": lesson_addresses(),
        "images": images_address("mnist"),
        "labels": labels_address("mnist"),
        "training": training_addresses("mnist"),
        "classes": [],
    }
    page.evaluate(
        """async ([assets, options]) => {
            const { mount } = await import(new URL(`${assets}/learn/view.js`, document.baseURI).href);
            window.asked = [];
            const host = {
                turnTo: (number) => window.asked.push(number) > 0,
                onTurn: () => () => {},
                followSteps: () => ({ show: () => {}, move: () => false, end: () => {} }),
            };
            mount(document.body.appendChild(document.createElement("div")), options, host);
        }""",
        [assets_address(), options],
    )
    expect(page.get_by_test_id("step-loss")).to_contain_text("nats")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    assert page.evaluate("asked") == [3]
    page.get_by_test_id("live-step").focus()
    page.keyboard.press("f")
    expect(page.locator("html")).to_have_class("lse-class-mode")
    assert page.url.endswith("?screen=2&class=1")


def test_a_view_that_cannot_be_fetched_is_said(new_page: Open) -> None:
    explore = new_page()
    explore.page.route("**/learn/view.js", lambda route: route.abort())
    explore.page.goto(f"{explore.address}/learn?lang=zh-Hant")
    expect(explore.page.get_by_role("alert").filter(has_text="無法取得頁面的這個部分")).to_be_visible()


def test_a_pinch_on_a_small_map_leaves_the_point_the_image_and_the_score(opened: Callable[..., Learn]) -> None:
    learn = opened("through", viewport=PHONE, has_touch=True, is_mobile=True)
    client = learn.page.context.new_cdp_session(learn.page)
    small = learn.page.get_by_test_id("lesson-map")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def pinch(shown: str, figure: Locator) -> None:
        """Two fingers come down one after the other and part; `shown` is what the first one changes for a moment."""
        small.scroll_into_view_if_needed()
        box = small.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3
        before = figure.get_attribute(shown)
        touch("touchStart", (x, y))
        expect(figure).not_to_have_attribute(shown, before or "")
        touch("touchStart", (x, y), (x + 30, y))
        expect(figure).to_have_attribute(shown, before or "")
        touch("touchMove", (x - 10, y), (x + 40, y))
        touch("touchEnd")
        expect(figure).to_have_attribute(shown, before or "")

    pinch("data-z", learn.figure())
    learn.go("vae")
    pinch("data-index", learn.figure())
    learn.go("holes")
    score = learn.page.get_by_test_id("holes-score")
    small.tap(position={"x": 5, "y": 5})
    expect(score).to_have_text("Presses: 1; into holes: 1")
    expect(learn.page.get_by_test_id("sample-marks")).to_have_attribute("data-count", "1")
    pinch("data-z", _game(learn))
    expect(score).to_have_text("Presses: 1; into holes: 1")
    expect(learn.page.get_by_test_id("sample-marks")).to_have_attribute("data-count", "1")
    learn.page.get_by_test_id("holes-other").click()
    small.press("ArrowRight")  # of the map in focus: a press; it does not turn the screen
    expect(score).to_contain_text("1; into")


def test_class_mode_has_big_type_and_no_sidebar(opened: Callable[..., Learn]) -> None:
    learn = opened("through")
    size = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    small = learn.page.evaluate(size)
    learn.page.get_by_role("button", name="Invite the class").click()
    invitation = learn.page.get_by_test_id("invite")
    expect(invitation).to_have_text(f"{address_for_others(learn.page.url)}?screen=1")  # as the page is now
    code = invitation.get_by_role("img", name="QR code")
    assert code.evaluate("async (code) => (await code.decode(), code.clientWidth)") > 300
    learn.page.keyboard.press("Escape")
    expect(invitation).to_be_hidden()
    learn.page.get_by_test_id("class-mode").focus()
    learn.page.keyboard.press("f")
    expect(learn.page.get_by_test_id("stSidebar")).to_be_hidden()
    assert learn.page.evaluate(size) > 1.2 * small
    assert "class=1" in learn.page.url
    learn.page.reload()
    learn.wait("through")
    expect(learn.page.get_by_test_id("stSidebar")).to_be_hidden()
    learn.page.keyboard.press("f")  # a letter, with nothing focused
    expect(learn.page.get_by_test_id("class-mode")).to_have_text("Leave class mode (Esc)")
    word, meaning = learn.page.locator('[href="#term-encoder"]'), learn.page.get_by_role("tooltip")
    word.focus()
    expect(meaning).to_be_visible()
    expect(meaning).to_have_text(glossary()["encoder"])
    expect(word).to_have_accessible_description(glossary()["encoder"])
    learn.page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    word.evaluate("(word) => word.blur()")
    word.hover()
    expect(meaning).to_be_visible()
    learn.page.mouse.move(1, 1)
    expect(meaning).to_be_hidden()
    expect(learn.page.get_by_test_id("class-mode")).to_have_text("Leave class mode (Esc)")
    learn.page.keyboard.press("Escape")
    expect(learn.page.get_by_test_id("stSidebar")).to_be_visible()


def test_the_questions_at_a_screens_end_explain_each_answer(learn: Learn) -> None:
    learn.go("vae")
    question = learn.page.get_by_role("group", name="What does a VAE's encoder answer")
    told = question.get_by_role("status")
    question.get_by_label("A point").check()
    expect(told).to_have_text(re.compile("Not so. Together they are a cloud"), use_inner_text=True)
    question.get_by_label("A mean").check()
    expect(told).to_have_text(re.compile("Right. Together they are a cloud"), use_inner_text=True)
    learn.page.keyboard.press("PageUp")  # the remote works on, with an answer in focus: to the last step
    learn.page.keyboard.press("PageUp")
    expect(learn.page.locator(".st-key-lesson_step_beta")).not_to_have_attribute("aria-current", "step")
    learn.go("normal").go("vae")
    expect(learn.page.get_by_test_id("quiz").locator(":checked")).to_have_count(0)  # it is kept nowhere
    expect(learn.page.get_by_test_id("onward")).to_have_count(0)
    # The last screen's are not the end: its model is open in Explore, and the lesson once more for who teaches it.
    ways = learn.go("generate").page.get_by_test_id("onward").get_by_role("link")
    ways.filter(has_text="Teach the lesson").click()
    expect(learn.wait("through").page.locator(".st-key-lesson_end details", has_text="For teachers")).to_be_attached()
    learn.go("generate")
    ways.filter(has_text="Explore").click()
    expect(learn.page.get_by_test_id("latent-plane")).to_have_attribute("data-checkpoint", "vae-mnist")
    learn.open("vae")


def test_in_chinese_on_a_phone(opened: Callable[..., Learn]) -> None:
    learn = opened("through", "&lang=zh-Hant&teacher=1", viewport=NARROW, has_touch=True, is_mobile=True)
    for screen in SCREENS:
        learn.go(screen.name)
        with i18n.using_language("zh-Hant"):
            expect(learn.page.get_by_role("heading", name=title(screen))).to_be_visible()
            aim = notes(screen).partition("：")[0].replace("**", "")  # while the address asks for them
        expect(learn.page.locator(".st-key-lesson_end details", has_text="給老師")).to_contain_text(aim)
        assert learn.page.evaluate(WIDTH) <= NARROW["width"], screen.name
        assert "*" not in learn.page.locator(".stMain").inner_text(), screen.name  # emphasis that Markdown did not take
    ways = learn.page.get_by_test_id("onward").get_by_role("link")
    expect(ways).to_have_count(4)
    assert all("lang=zh-Hant" in str(way.get_attribute("href")) for way in ways.all())
    learn.go("through").page.locator('[href="#term-encoder"]').tap()
    with i18n.using_language("zh-Hant"):
        expect(learn.page.get_by_role("tooltip")).to_have_text(glossary()["encoder"])


def test_the_first_screen_waits_for_few_images(new_page: Open) -> None:
    explore = new_page(once=True)
    asked: list[str] = []
    explore.page.on("request", lambda request: asked.append(request.url))
    explore.page.goto(f"{explore.address}/learn")
    expect(explore.page.locator('[data-testid="lesson-figure"][data-ready="true"]')).to_be_visible()
    assert ["part=few" in address for address in asked if "/images/" in address] == [True]
    for _ in range(20):
        explore.page.get_by_test_id("through-other").click()
        expect(explore.page.locator(".lse-through")).to_have_attribute("data-index", re.compile(r"^\d{1,3}$"))
