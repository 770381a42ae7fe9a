"""Sixty pictures, brought to the Train form, are trained on and explored: run and model have all that it takes."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, expect

from explorer.catalogue.library import Entry
from explorer.export.handout import handout
from explorer.settings import CHECKPOINTS
from model import checkpoint
from model.checkpoint import Checkpoint
from model.format import check
from model.voters import voters
from tests.browser.conftest import Explore, Open, channel, decoded, drawn, grey_levels
from tests.browser.test_train import Train
from tests.pictures import CLASSES, folder_of_pictures

GREY = 1.0  # grey levels
SMALL = [
    *("--epochs", "60", "--beta", "0.2", "--lr", "0.005", "--input-dropout", "0"),
    *("--encoder", "64", "--decoder", "64", "--fourier", "4"),
]


def _trained(folder: Path, name: str, *arguments: str) -> Path:
    """A checkpoint made by the command line, whose data folder no server has."""
    out = folder / f"{name}.safetensors"
    command = [sys.executable, "-m", "model", "train", *SMALL, *arguments, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "EXPLORER_DATA": str(folder)})
    return out


def _bring_and_train(train: Train, folder: Path) -> Path:
    """Train on 60 pictures in three classes, one of which has markup for a name, as has their file, by the form.

    Returns:
        The checkpoint.
    """
    page, sidebar = train.page, train.page.get_by_test_id("stSidebar")
    packed = Path(shutil.make_archive(str(folder / "packed"), "zip", folder_of_pictures(folder / "pictures")))

    def bring(name: str, content: bytes) -> None:
        file = {"name": name, "mimeType": "application/zip", "buffer": content}
        sidebar.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]

    sidebar.get_by_text("Your pictures", exact=True).click()
    bring("few.zip", b"PK\x05\x06" + bytes(18))
    expect(sidebar.get_by_test_id("stAlert")).to_have_text("few.zip: expected 50 to 100000 pictures, found 0.")
    expect(sidebar.get_by_label("Epochs", exact=True)).to_have_value("3")
    bring("*Our* shapes.zip", packed.read_bytes())
    about = "*Our* shapes: 50 pictures to learn from, 10 to judge by, {0} × {0} pixels; 3 classes"
    expect(sidebar).to_contain_text(about.format(28))
    train.choose("Scaled to", "20 × 20 pixels")
    expect(sidebar).to_contain_text(about.format(20))
    for said in (", in colour; 3 classes", "; 3 classes"):
        sidebar.get_by_text("In colour", exact=True).click()
        expect(sidebar).to_contain_text(f"20 × 20 pixels{said}")
    expect(sidebar.get_by_test_id("stAlert")).to_contain_text("so few show how a map comes about")
    expect(sidebar.get_by_label("Epochs", exact=True)).to_have_value("180")
    why = sidebar.get_by_text("180 epochs in place of the preset's 3: with so few pictures an epoch has few steps.")
    expect(why).to_be_visible()
    gap = sidebar.get_by_text(about.format(20)).evaluate(
        "(node) => node.getBoundingClientRect().top"
        " - document.querySelector('[data-testid=stFileUploader]').getBoundingClientRect().bottom"
    )
    assert 0 <= gap < 40  # told where one has brought them
    expect(sidebar.get_by_text("custom")).to_have_count(0)
    page.get_by_text("More settings").click()
    expect(sidebar.get_by_label("Batch", exact=True)).to_have_value("16")
    expect(sidebar.get_by_label("Learning rate", exact=True)).to_have_value("0.00101")
    expect(sidebar.get_by_text("Only for 10 classes, as MNIST has")).to_be_visible()
    fields = {"Encoder": "64", "Decoder": "64", "Epochs": "60", "β": "0.05", "Learning rate": "0.005", "Name": "shapes"}
    for label, value in fields.items():
        train.fill(label, value)
    expect(why).to_have_count(0)
    page.get_by_role("button", name="Start training").click()
    train.until("kept", "shapes")
    expect(page.get_by_test_id("job-status")).to_contain_text("*Our* shapes")
    assert [page.get_by_test_id(f"class-{c}").inner_text() for c in range(3)] == list(CLASSES)

    with urllib.request.urlopen(f"{train.address}/runs/shapes.safetensors") as answer:
        (path := folder / "shapes.safetensors").write_bytes(answer.read())
    model = checkpoint.load(path)
    expect(train.plane).to_have_attribute("data-moment", "59.00")
    strip = train.picture("strip").reshape(2, 20, 10, 20).transpose(0, 2, 1, 3).reshape(2, 10, 400)
    assert np.array_equal(strip[0], _pictures(model)[_firsts(model)])
    assert train.picture("sheet").shape == (8 * 20, 8 * 20)
    return path


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of coloured shapes without classes, 28 × 28, whose notes have markup."""
    folder = tmp_path_factory.mktemp("unlabelled")
    for i, path in enumerate(sorted(folder_of_pictures(folder / "shapes").rglob("*.*"))):
        path.rename(folder / "shapes" / f"{i}{path.suffix}")
    dataset = ("--dataset", str(folder / "shapes"), "--channels", "3")
    return _trained(folder, "unlabelled", *dataset, "--notes", "<i>ours</i>")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of pictures in sixty classes with long names."""
    folder = tmp_path_factory.mktemp("many")
    y = np.array([f"a class whose number is {i % 60}" for i in range(360)])
    np.savez(folder / "x.npz", x=np.random.default_rng(0).integers(0, 256, (360, 28, 28), np.uint8), y=y)
    return _trained(folder, "many", "--dataset", str(folder / "x.npz"), "--epochs", "1")


def _firsts(model: Checkpoint) -> list[int]:
    """The first image of each class, the second of each, and so on: ten."""
    labels = model.label.tolist()
    return sorted(range(len(labels)), key=lambda i: (labels[:i].count(labels[i]), labels[i]))[:10]


def _pictures(model: Checkpoint) -> np.ndarray:
    assert model.images is not None
    return model.images.view(len(model.images), -1).numpy()


def test_sixty_pictures_are_trained_on_and_explored(
    unlabelled: Path, many: Path, new_page: Open, tmp_path: Path
) -> None:
    explore = new_page()
    page, sidebar = explore.page, explore.page.get_by_test_id("stSidebar")
    train = Train(page, explore.address).open()
    shapes = _bring_and_train(train, tmp_path)
    model = checkpoint.load(shapes)
    pictures = _pictures(model)
    train.button("open-in-explore").click()
    explore.wait("shapes")
    page.get_by_test_id("depth-expert").click()
    expect(explore.plane).to_have_attribute("data-images", "true")
    expect(sidebar).to_contain_text("*Our* shapes · 400–64–2–64–400")
    assert [page.get_by_test_id(f"class-{c}").inner_text() for c in range(3)] == list(CLASSES)
    assert explore.classes_drawn() == [0, 1, 2]

    # The point: what the decoder draws there, of its own size; how three of the ten test pictures vote, which is said.
    explore.press(*explore.to_pixel(0.5, -0.5))
    page.mouse.up()
    explore.until("Math.abs(z[0] - 0.5) < 0.05")
    z, grey = drawn(explore.image)
    assert grey.shape == (400,)
    assert np.abs(grey - decoded(model.model, z) * 255).max() <= GREY
    order = np.linalg.norm(model.mu.numpy() - z, axis=1).argsort()
    votes = ",".join(map(str, model.label[order[:3].tolist()].bincount(minlength=3).tolist()))
    expect(page.get_by_test_id("votes")).to_have_attribute("data-votes", votes)
    expect(page.get_by_test_id("panel-neighbours")).to_contain_text("only 10 test images, so 3 vote in place of 15")
    for button, index in zip(page.get_by_test_id("nearest").locator("button").all(), order[:5], strict=True):
        expect(button).to_have_attribute("data-index", str(index))
        assert np.array_equal(grey_levels(button.locator("canvas")), pictures[index])

    # A dot: its picture beside the reconstruction, under the pointer and in the panel.
    index = int(np.abs(model.mu.numpy()).max(axis=1).argmax())
    page.mouse.move(*explore.to_pixel(*model.mu[index].tolist()))
    card = page.get_by_test_id("hover-card")
    expect(card).to_have_attribute("data-index", str(index))
    expect(card).to_contain_text(CLASSES[int(model.label[index])])
    original, copy = (grey_levels(card.locator("canvas").nth(i)) for i in (0, 1))
    assert np.array_equal(original, pictures[index])
    assert np.abs(copy - decoded(model.model, model.mu[index].numpy()) * 255).max() <= GREY
    page.mouse.click(*explore.to_pixel(*model.mu[index].tolist()))
    page.get_by_role("tab", name="Image", exact=True).click()
    expect(page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    assert np.array_equal(explore.pixels("chosen-original"), pictures[index])

    # The other panels.
    page.get_by_role("tab", name="Compress").click()
    expect(page.get_by_test_id("compress")).to_contain_text("400 numbers → 2: 200 : 1.")
    expect(page.get_by_test_id("compress-pca-code")).to_have_text(re.compile("^not here"))
    page.get_by_role("tab", name="Misfits").click()
    apart = np.linalg.norm(model.mu[:, None] - model.mu, axis=2) + np.diag([np.inf] * 10)
    near = model.label[apart.argsort(axis=1, kind="stable")[:, :3].copy()]
    odd = sum(int(of.bincount(minlength=3).argmax() != own) for of, own in zip(near, model.label, strict=True))
    expect(page.get_by_test_id("misfits")).to_have_attribute("data-count", str(odd))
    expect(page.get_by_test_id("panel-misfits")).to_contain_text(f"{odd or 'None'} of 10 test images")
    draw = page.get_by_role("tab", name="Draw")
    expect(draw).to_have_attribute("aria-disabled", "true")
    expect(draw).to_have_attribute("title", re.compile("^This model reads images of 20 × 20"))
    page.get_by_role("tab", name="Walk").click()
    page.get_by_test_id("walk-pair").click()
    expect(page.get_by_role("tabpanel", name="Walk").locator('[data-ready="true"]')).to_be_visible()
    page.get_by_role("tab", name="Figure").click()
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("show-both").click()
    expect(page.get_by_test_id("manifold")).to_have_attribute("data-ready", "true")

    # Without classes there is nobody to vote, and all else is there; and in colour.
    explore.upload(unlabelled)
    explore.wait("unlabelled")
    other = checkpoint.load(unlabelled)
    expect(sidebar.get_by_text("<i>ours</i>")).to_be_visible()
    expect(explore.plane).to_have_attribute("data-images", "true")
    assert page.locator(".lse-legend button").count() == 0
    page.get_by_role("tab", name="Neighbours").click()
    expect(page.get_by_test_id("nearest").locator("button").first).to_be_visible()
    expect(page.get_by_test_id("votes")).to_be_hidden()
    page.get_by_role("tab", name="Misfits").click()
    expect(page.get_by_text("These pictures have no classes")).to_be_visible()
    index = int(np.abs(other.mu.numpy()).max(axis=1).argmax())
    page.mouse.move(*explore.to_pixel(*other.mu[index].tolist()))
    expect(card).to_have_text("a picture → its reconstruction")
    assert np.array_equal(_colours(card.locator("canvas").first), _pictures(other)[index])
    copy = decoded(other.model, other.mu[index].numpy()) * 255
    assert np.abs(_colours(card.locator("canvas").nth(1)) - copy).max() <= GREY
    assert np.abs(copy.reshape(3, -1)[0] - copy.reshape(3, -1)[2]).max() > 5  # red is not blue
    page.mouse.click(*explore.to_pixel(*other.mu[index].tolist()))
    expect(page.get_by_test_id("chosen")).to_have_attribute("data-index", str(index))
    explore.until(f"Math.abs(z[0] - {other.mu[index, 0]}) < 1e-5")
    assert np.abs(_colours(explore.image) - copy).max() <= GREY
    _in_colour(explore, other)

    # Sixty classes leave the map its room: one scrolls to the last of them.
    explore.upload(many)
    explore.wait("many")
    plane, last = explore.plane.bounding_box(), page.get_by_test_id("class-59")
    assert plane is not None
    assert plane["height"] > 400
    last.click()
    expect(last).to_have_attribute("aria-pressed", "false")

    # Beyond ten classes colours come again, with another mark: a plus has arms, where a disc has nothing any more.
    model = checkpoint.load(many)
    right = explore.to_latent(*np.add(explore.to_pixel(0, 0), (3, 0)))
    for c, mark, arm in ((5, "disc", False), (15, "plus", True), (25, "cross", False)):
        expect(page.get_by_test_id(f"class-{c}")).to_have_attribute("data-mark", mark)
        page.get_by_test_id(f"class-{c}").dblclick()  # it alone: one picture
        at = model.mu[model.label == c].numpy()
        middle, side = explore.dots_at(np.concatenate([at, at + right]))
        assert middle[3] > 200
        assert (side[3] > 100) == arm

    page.goto(f"{explore.address}/compare?a=shapes&b=vae-mnist")
    scores = page.get_by_test_id("scores")
    expect(scores).to_contain_text("Over the 10 / 10,000 test images")
    expect(scores).to_contain_text("7 / 15-NN accuracy")  # of 50 training images
    expect(page.get_by_test_id("few")).to_contain_text("judged by 10 test images: each of them is 10.0 % of a figure")

    # What was trained is gone when it is deleted.
    train.open()
    page.get_by_test_id("model-shapes").get_by_test_id("discard").click()
    expect(page.get_by_test_id("model-shapes")).to_have_count(0)
    _same_in_both_languages(shapes, explore)
    assert explore.errors == []


def _colours(canvas: Locator) -> np.ndarray:
    """Levels of red, then of green, then of blue."""
    return np.concatenate([channel(canvas, number) for number in range(3)]).astype(np.int64)


def _in_colour(explore: Explore, model: Checkpoint) -> None:
    """Panels and layers have the decoder's colours; what needs grey says so."""
    page, side = explore.page, 28
    page.get_by_role("tab", name="Image", exact=True).click()
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    index = int(page.get_by_test_id("chosen").get_attribute("data-index") or -1)
    x = torch.from_numpy(_pictures(model)[index]) / 255
    nats = bce(model.model.decoder(model.mu[index]), x, reduction="sum").item()  # over pixels and channels
    assert abs(float(page.get_by_test_id("loss-reconstruction").inner_text()) - nats) < 0.01 + 1e-5 * nats
    page.get_by_role("tab", name="Compress").click()
    expect(page.get_by_test_id("compress")).to_contain_text("2352 numbers → 2")
    expect(page.get_by_test_id("compress-pca-code")).to_have_text("not here: it is computed of grey images alone")
    draw, panel = page.get_by_role("tab", name="Draw"), page.get_by_test_id("panel-draw")
    expect(draw).to_have_attribute("aria-disabled", "true")
    sentence = "This model reads pictures in colour, the pad draws in grey: choose another model."
    expect(draw).to_have_attribute("title", sentence)
    expect(panel.locator(".lse-meaning")).to_have_text(sentence)  # who was there with the model before is told
    assert panel.locator(":scope > :not(.lse-meaning):not([hidden])").count() == 0

    page.get_by_role("tab", name="Figure").click()
    expect(page.get_by_test_id("figure")).to_have_attribute("data-ready", "true")
    sheet = _colours(page.get_by_test_id("figure"))
    n = round((len(sheet) / 3) ** 0.5) // side
    cells = sheet.reshape(3, n, side, n, side).transpose(1, 3, 0, 2, 4).reshape(n * n, -1)
    at = [NormalDist().inv_cdf(0.05 + 0.9 * i / (n - 1)) for i in range(n)]
    corners = model.model.decode(torch.tensor([[at[0], at[-1]], [at[-1], at[0]]])).detach().numpy()
    assert np.abs(cells[[0, -1]] - 255 * corners).max() <= GREY
    page.get_by_test_id("show-digits").click()
    manifold = page.get_by_test_id("manifold")
    expect(manifold).to_have_attribute("data-ready", "true")
    red, _green, blue = _colours(manifold.locator("canvas").last).reshape(3, -1)
    assert np.abs(red - blue).max() > 5
    page.get_by_test_id("show-points").click()

    page.get_by_role("tab", name="Walk").click()
    page.get_by_test_id("walk-pair").click()
    expect(page.locator(".lse-walk")).to_have_attribute("data-ready", "true")
    with page.expect_download() as download:
        page.get_by_test_id("walk-gif").click()
    with Image.open(download.value.path()) as film:
        first = np.asarray(film.convert("RGB")).astype(int)
    assert np.abs(first[..., 0] - first[..., 2]).max() > 5
    strip = page.locator(".lse-walk canvas").first
    red, _green, blue = _colours(strip).reshape(3, side, -1)
    times = len(first) // side
    assert np.abs(first[times // 2 :: times, times // 2 :: times, 0] - red[:, :side]).max() <= 16  # 256 colours a frame


def _same_in_both_languages(shapes: Path, explore: Explore) -> None:
    """The served modules read what the file says, as Python does; and a handout has the pictures in it."""
    page = explore.modules()
    found = page.evaluate(
        """async (bytes) => {
            const base = new URL("assets/core/", document.baseURI);
            const [{ read }, { readDataset }, { parse }, { votersAmong }] = await Promise.all(
                ["checkpoint", "dataset", "safetensors", "voters"].map((name) => import(new URL(`${name}.js`, base))));
            const { buffer } = Uint8Array.from(bytes), model = read(buffer);
            const { metadata } = parse(buffer);
            const voters = Array.from({ length: 300 }, (_x, count) => votersAmong(count));
            return [model.dataset, model.label.length, readDataset(metadata.data, model.config), voters];
        }""",
        list(shapes.read_bytes()),
    )
    model = checkpoint.load(shapes)
    assert found[:2] == [model.train.dataset, 10]
    assert found[2] == {"title": "*Our* shapes", "classes": list(CLASSES), "notes": ""}
    assert found[3] == [voters(count) for count in range(300)]
    made = handout([Entry("shapes", shapes, "", check("shapes", shapes))])
    assert made.sizes["10 test images"] > 0


def test_train_shows_how_a_model_of_own_pictures_came_about(new_page: Open) -> None:
    """The shipped bars, of no data set with a name: their trace, the first pictures of each class over their copies."""
    explore = new_page()
    page = explore.page
    page.goto(f"{explore.address}/train?replay=vae-bars")
    expect(explore.plane).to_have_attribute("data-ready", "true")
    model = checkpoint.load(CHECKPOINTS / "vae-bars.safetensors")
    firsts = _firsts(model)
    page.wait_for_function("document.querySelector('[data-testid=strip]').width === 10 * 28")
    strip = grey_levels(page.get_by_test_id("strip")).reshape(2, 28, 10, 28).transpose(0, 2, 1, 3).reshape(2, 10, 784)
    assert np.array_equal(strip[0], _pictures(model)[firsts])
    with torch.no_grad():
        assert np.abs(strip[1] - 255 * model.model.decode(model.mu[firsts]).numpy()).max() <= GREY
    assert explore.errors == []
