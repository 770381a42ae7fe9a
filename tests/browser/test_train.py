"""The Train page, driven as a teacher and a pupil would; numbers checked against PyTorch and the run's own files."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, Route, expect

from explorer import identity
from explorer.settings import INSTRUCTOR_KEY, MODEL_FILE, SPEC_FILE
from explorer.training.spec import RunSpec
from model import checkpoint
from model.checkpoint import Checkpoint
from model.data import Split
from model.training import Run
from tests.browser.conftest import (
    PHONE,
    PROJECTOR,
    RANGE,
    Explore,
    Viewers,
    choose_option,
    decoded,
    grey_levels,
    read_axes,
)
from tests.explorer.training.waiting import wait
from tests.server import QUICK, free_port, serve
from tests.systems import kill

GREY = 1  # levels of 255: rounding

# Notes every frame of points that the page draws.
RECORDER = """async () => {
    const module = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/cloud.js")).name;
    const { Cloud } = await import(module);  // the page's own instance
    const setPositions = Cloud.prototype.setPositions;
    Cloud.prototype.setPositions = function (positions) {
        window.positions = Array.from(positions);
        setPositions.call(this, positions);
    };
}"""

# Keeps the stream of the server's events, and the last snapshot that came by it.
EVENTS = """() => {
    window.EventSource = class extends EventSource {
        constructor(address) {
            super(address);
            if (!String(address).includes("training/events")) return; // the class has a stream of its own
            window.events = this;
            this.addEventListener("snapshot", (event) => {
                // Once the test has spoken, the server's own runs, of tests before, are not to be heard.
                if (window.told && event.isTrusted) return event.stopImmediatePropagation();
                window.snapshot = JSON.parse(event.data);
            });
        }
    };
}"""

# A run as the server tells of it, and its newest epoch: all points at the origin, and one dark pixel for each picture.
RUN = {
    "name": "told",
    "status": "training",
    "live": True,
    "model": "vae",
    "dataset": "mnist",
    "title": "MNIST",
    "classes": [*"0123456789"],
    "loss": "bce",
    "beta": 1,
    "lr": 1e-3,
    "epoch": 1,
    "epochs": 9,
    "done": 0,
    "steps": 20,
    "wall": 1.0,
    "finishing": 0.0,
    "owner": "somebody",
    "problem": None,
}
LACKING = (
    "No test figures yet: they follow the training (reload the page then), "
    "or `python -m model evaluate FILE --store` adds them."
)
ROW = {"epoch": 1, "train_reconstruction": 200, "test_reconstruction": 201, "train_kl": 3, "test_kl": 3.1}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
FRAME = {"trace": base64.b64encode(np.zeros((2000, 2), dtype="<f2").tobytes()).decode(), "strip": PIXEL, "sheet": PIXEL}


# Of a run, once it is on the stage: the last epoch on the map, how many the loss chart has. Its first may come soon.
AS_IT_BEGINS = """(name) => {
    const at = (id) => document.querySelector(`[data-testid="${id}"]`);
    if (at("job").dataset.job !== name) return false;
    const plot = document.querySelector(".lse-curves-plot");
    return [at("latent-plane").dataset.epoch ?? null, plot.data[0].y.length];
}"""


class Train:
    """The Train page, as a test drives it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.plane = page.get_by_test_id("latent-plane")
        self.job = page.get_by_test_id("job")
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, query: str = "") -> "Train":
        self.page.goto(f"{self.address}/train?where=server{query.replace('?', '&')}")
        expect(self.page.get_by_test_id("shelf")).to_contain_text("vae-mnist")
        return self

    def fill(self, label: str, value: str) -> None:
        field = self.page.get_by_test_id("stSidebar").get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")

    def choose(self, label: str, option: str) -> None:
        box = self.page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").filter(has_text=label)
        choose_option(box.get_by_role("combobox"), option)

    def start(self, name: str, epochs: int, conditional: bool = False) -> None:
        """Start a tiny run by the form."""
        self.page.get_by_text("More settings").click()
        if conditional:
            box = self.page.get_by_test_id("stSidebar").get_by_role("checkbox", name="Conditional")
            box.press("Space")  # a click can end beside it: the fields above it come in one by one
            expect(box).to_be_checked()
        for label, value in (
            ("Encoder", "16"),
            ("Decoder", "16"),
            ("Batch", "2000"),
            ("Name", name),
            ("Epochs", str(epochs)),
        ):
            self.fill(label, value)
        self.page.get_by_role("button", name="Start training").click()
        expect(self.job).to_have_attribute("data-job", name)

    def until(self, status: str, name: str) -> None:
        expect(self.page.locator(f'[data-testid="job"][data-job="{name}"][data-status="{status}"]')).to_be_visible()

    def epochs(self, count: int) -> None:
        self.page.wait_for_function(
            "n => Number(document.querySelector('[data-testid=latent-plane]').dataset.epoch) >= n",
            arg=count,
        )

    def listen_in(self, query: str = "") -> "Train":
        """Open it; from then on the test can speak for the server."""
        with self.page.add_init_script(f"({EVENTS})()"):
            return self.open(query)

    def tell(self, event: str, data: object) -> None:
        """An event of the server, in its JSON, or text that is none; `models` are those that there are."""
        if isinstance(data, dict) and event == "snapshot":
            data = {"models": self.page.evaluate("window.snapshot.models"), **data}
        text = data if isinstance(data, str) else json.dumps(data)
        script = "([event, data]) => { window.told = window.events.dispatchEvent(new MessageEvent(event, { data })); }"
        self.page.evaluate(script, [event, text])

    def button(self, name: str) -> Locator:
        return self.job.get_by_test_id(name)

    def positions(self) -> np.ndarray:
        """The points drawn last, (points, 2)."""
        return np.array(self.page.evaluate("window.positions")).reshape(-1, 2)

    def curve(self, name: str) -> list[float]:
        """A loss curve's numbers."""
        at = ["train_reconstruction", "test_reconstruction", "train_kl", "test_kl"].index(name)
        return list(self.page.locator(".lse-curves-plot").evaluate("(plot, at) => Array.from(plot.data[at].y)", at))

    def picture(self, name: str) -> np.ndarray:
        """Grey levels of a canvas, (height, width)."""
        canvas = self.page.get_by_test_id(name)
        return grey_levels(canvas).reshape(-1, int(canvas.evaluate("canvas => canvas.width")))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    """The app with quick runs, in a folder that the tests can look into."""
    with serve(environment={"EXPLORER_RUNS": str(runs)}, module=QUICK) as (found, _pid):
        yield found


Join = Callable[..., Train]


@pytest.fixture
def join(viewers: Viewers) -> Iterator[Join]:
    """Opens pages, each a viewer's own."""
    with viewers.lending(Train) as lend:
        yield lend


def _grid(images: torch.Tensor, columns: int) -> np.ndarray:
    """(n, 784) → one picture of grey levels, row by row."""
    rows = [
        np.hstack([image.reshape(28, 28) for image in row]) for row in np.split(images.numpy(), len(images) // columns)
    ]
    return np.vstack(rows) * 255


ONE_EPOCH = """async () => {
    const { LossChart } = await import(new URL("assets/train/loss-chart.js", document.baseURI));
    const chart = new LossChart((error) => { throw error; });
    Object.assign(chart.host.style, { position: "relative", width: "400px", height: "300px" });
    document.body.replaceChildren(chart.node);
    const row = { epoch: 1, train_reconstruction: 190, test_reconstruction: 180, train_kl: 4, test_kl: 5 };
    chart.setRows([row], 1, true);
    chart.setCursor(1);
}"""


def test_a_single_epoch_is_seen_on_the_loss_chart(modules: Page) -> None:
    modules.evaluate(ONE_EPOCH)
    points = modules.locator(".lse-curves-plot .point")
    expect(points).to_have_count(4)
    widths = points.evaluate_all("points => points.map((point) => point.getBoundingClientRect().width)")
    cursor = modules.locator(".lse-cursor").evaluate("node => node.offsetWidth || 2")
    assert min(widths) > 4 * cursor


def test_a_class_watches_a_run_from_its_start_to_explore(
    viewers: Viewers, tmp_path: Path, small_checkpoint: Path, test_digits: Split
) -> None:
    """On the app as it is, and all of the training digits; beside a run without figures, and what cannot be read."""
    made = checkpoint.load(small_checkpoint)
    RunSpec(made.config, made.train, "somebody", 1.0).write(tmp_path / "bare")
    checkpoint.save(replace(made, metrics={}), tmp_path / "bare" / MODEL_FILE)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / SPEC_FILE).write_text("{", encoding="utf-8")
    with serve(environment={"EXPLORER_RUNS": str(tmp_path)}) as (address, _pid), viewers.lending(Train) as join:
        pupil = join(address, reduced_motion="reduce").open()
        alert = pupil.page.get_by_test_id("stSidebar").get_by_test_id("stAlert")
        expect(alert).to_contain_text("The run broken cannot be read and is left out, its folder is kept")
        expect(pupil.page.get_by_test_id("model-bare")).to_contain_text(LACKING)
        _watch(join(address).open(), pupil, tmp_path / "watched", test_digits)
        # A model without figures says so on every page.
        pupil.page.goto(f"{address}/?model=bare")
        expect(pupil.page.get_by_test_id("stSidebar")).to_contain_text("No test figures yet: they follow the training")
        pupil.page.goto(f"{address}/compare?a=vae-mnist&b=bare")
        expect(pupil.page.get_by_text(f"bare · VAE: {LACKING}")).to_be_visible()


@torch.no_grad()
def _watch(teacher: Train, pupil: Train, folder: Path, test_digits: Split) -> None:
    expect(teacher.plane).to_have_attribute("data-ready", "true")
    expect(
        teacher.page.get_by_text(re.compile(r"about \d+ (s|min) in all, .*: \d+ (s|min) of training, \d+ s for"))
    ).to_be_visible()
    for viewer in (teacher, pupil):
        viewer.page.evaluate(RECORDER)
    teacher.start("watched", 2)
    for viewer in (teacher, pupil):
        viewer.epochs(2)
        expect(viewer.plane).to_have_attribute("data-moment", "1.00")
    expect(pupil.page.locator("[data-testid=job] button")).to_have_count(0)

    run = Run.resume(folder)
    model = run.kept
    for viewer in (teacher, pupil):
        assert np.array_equal(viewer.positions(), run.trace[-1].float().numpy())
        for name in ("train_reconstruction", "test_reconstruction", "train_kl", "test_kl"):
            np.testing.assert_allclose(viewer.curve(name), [row[name] for row in run.history])
        firsts = torch.stack([test_digits.images[int((test_digits.labels == c).nonzero()[0])] for c in range(10)])
        strip = _grid(torch.cat([firsts, model.decode(model.encode(firsts)[0])]), 10)
        assert np.abs(viewer.picture("strip") - strip).max() <= GREY
        noise = torch.randn((64, 2), generator=torch.Generator().manual_seed(0))
        assert np.abs(viewer.picture("sheet") - _grid(model.decode(noise), 8)).max() <= GREY

    box = pupil.plane.bounding_box()
    assert box is not None
    pupil.page.mouse.move(box["x"] + 200, box["y"] + 150)
    pupil.page.mouse.down()
    pupil.page.mouse.move(box["x"] + 260, box["y"] + 190, steps=4)
    image = pupil.page.get_by_test_id("decoded-image")
    expect(image).to_have_attribute("data-z", re.compile("."))
    z = np.array((image.get_attribute("data-z") or "").split(","), dtype=np.float32)
    assert np.abs(pupil.picture("decoded-image").ravel() - decoded(model, z) * 255).max() <= GREY
    pupil.page.mouse.up()

    teacher.until("kept", "watched")
    teacher.button("open-in-explore").click()
    explore = Explore(teacher.page, teacher.address)
    explore.wait("watched")
    assert np.abs(explore.pixels() - decoded(model, explore.z()) * 255).max() <= GREY
    expect(teacher.page.get_by_test_id("stSidebar")).to_contain_text("2 epochs")


def test_pause_change_reload_stop_keep_and_delete(address: str, runs: Path, join: Join) -> None:
    teacher = join(address, reduced_motion="reduce").open()
    teacher.start("steered", 2000)
    teacher.epochs(3)
    teacher.page.get_by_test_id("replay-epoch").fill("1")  # whoever looks back is not pulled along
    teacher.epochs(int(teacher.plane.get_attribute("data-epoch") or 0) + 2)
    expect(teacher.plane).to_have_attribute("data-moment", "0.00")
    teacher.button("pause").click()
    teacher.until("paused", "steered")
    teacher.page.reload()  # the run is the server's, and its teacher is known again
    teacher.until("paused", "steered")
    slider = teacher.page.get_by_test_id("live-beta")
    slider.fill("6")
    teacher.button("resume").click()
    teacher.until("training", "steered")
    expect(teacher.page.get_by_test_id("job-status")).to_contain_text("β 6")
    held = int(teacher.plane.get_attribute("data-epoch") or 0)
    teacher.epochs(held + 3)
    expect(teacher.page.get_by_test_id("time-left")).to_contain_text(
        re.compile(r"^\d+ (s|min) (left, test figures included|of training left)$")
    )
    teacher.button("stop").click()
    teacher.until("kept", "steered")
    run = Run.resume(runs / "steered")
    assert run.config.beta == 6
    row = teacher.page.get_by_test_id("model-steered")
    expect(row).to_contain_text(f"{run.epoch} epochs")
    with teacher.page.expect_download() as download:
        row.get_by_test_id("download").click()
    assert download.value.suggested_filename == "steered.safetensors"
    assert Path(download.value.path()).read_bytes() == (runs / "steered" / "model.safetensors").read_bytes()
    row.get_by_test_id("discard").click()
    expect(row).to_have_count(0)
    assert not (runs / "steered").exists()


def test_the_next_run_waits_in_sight(address: str, runs: Path, join: Join) -> None:
    teacher = join(address, reduced_motion="reduce").open("?replay=ae-mnist")
    teacher.start("now", 2000)  # and it comes on the stage, whatever was there
    teacher.fill("Name", "later")
    teacher.page.get_by_role("button", name="Start training").click()
    expect(teacher.page.get_by_test_id("queue")).to_have_text("then: later")
    waiting = teacher.page.get_by_test_id("run-later")
    expect(waiting).to_contain_text("waiting")
    waiting.get_by_test_id("discard").click()
    expect(waiting).to_have_count(0)
    teacher.epochs(2)
    teacher.button("discard").click()
    expect(teacher.page.get_by_test_id("source")).to_have_value("vae-mnist")
    # The page has heard of it before the folder is gone, and until then the name is taken.
    wait(lambda: not (runs / "now").exists(), lambda: "its folder stays")
    teacher.fill("Name", "now")  # another run of that name begins with nothing
    teacher.page.get_by_role("button", name="Start training").click()
    begun = teacher.page.wait_for_function(AS_IT_BEGINS, arg="now").json_value()
    assert begun == [None, 0]
    teacher.button("discard").click()
    expect(teacher.page.get_by_test_id("source")).to_have_value("vae-mnist")


def test_two_who_start_under_the_name_that_both_were_offered_each_get_a_run(address: str, join: Join) -> None:
    viewers = [join(address, reduced_motion="reduce").open() for _ in range(2)]
    fields = [viewer.page.get_by_test_id("stSidebar").get_by_label("Name", exact=True) for viewer in viewers]
    first = fields[0].input_value()
    expect(fields[1]).to_have_value(first)
    second = re.sub(r"\d+", lambda number: str(int(number[0]) + 1), first)
    for viewer in viewers:
        viewer.page.get_by_role("button", name="Start training").click()
        expect(viewer.job).to_have_attribute("data-job", first)
    expect(viewers[0].page.get_by_test_id("queue")).to_have_text(f"then: {second}")
    expect(fields[1]).to_have_value(re.sub(r"\d+", lambda number: str(int(number[0]) + 1), second))
    viewers[1].page.get_by_test_id(f"run-{second}").get_by_test_id("discard").click()
    expect(viewers[0].page.get_by_test_id(f"run-{second}")).to_have_count(0)
    viewers[0].button("discard").click()
    expect(viewers[0].page.get_by_test_id(f"run-{first}")).to_have_count(0)


def test_the_map_of_an_autoencoder_grows_with_its_codes(address: str, join: Join) -> None:
    teacher = join(address).open()
    expect(teacher.plane).to_have_attribute("data-ready", "true")
    teacher.page.evaluate(RECORDER)
    teacher.choose("Model", "AutoEncoder")
    teacher.start("plain", 3, conditional=True)
    teacher.epochs(3)
    expect(teacher.plane).to_have_attribute("data-moment", "2.00")
    expect(teacher.page.get_by_test_id("toggle-prior")).to_be_hidden()
    axes = read_axes(teacher.plane)
    positions = teacher.positions()
    inside = ((positions > axes.low) & (positions < axes.high)).all(1)
    assert inside.mean() > 0.97
    assert (axes.high - axes.low).max() < 5 * np.ptp(positions, axis=0).max()
    assert len(teacher.page.locator(".lse-curves-plot").evaluate("plot => plot.data")) == 2  # no KL
    teacher.until("kept", "plain")
    teacher.open()  # as a pupil who comes late
    expect(teacher.plane).to_have_attribute("data-checkpoint", "plain")
    expect(teacher.page.get_by_test_id("source")).to_have_value("plain")
    where = teacher.page.get_by_test_id("coordinates")
    expect(where).to_contain_text("as class 0")  # it is told one: the box said so
    assert re.match(r"decoded at z = \([^ ]+,\u00a0[^ ]+\), as", where.text_content() or "")  # no line breaks within
    row = teacher.page.get_by_test_id("model-plain")
    row.get_by_test_id("discard").click()
    expect(teacher.plane).to_have_attribute("data-checkpoint", "vae-mnist")


def test_the_first_epoch_is_on_the_map(address: str, join: Join) -> None:
    pupil = join(address).listen_in()
    own = {**RUN, "epoch": 0}
    pupil.tell("snapshot", {"runs": [own]})
    expect(pupil.job).to_have_attribute("data-job", "told")
    expect(pupil.plane).to_have_attribute("data-ready", "true")
    places = np.linspace(-2, 2, 4000, dtype="<f2")
    frame = {**FRAME, "trace": base64.b64encode(places.tobytes()).decode()}
    pupil.tell("epoch", {"run": {**own, "epoch": 1}, "row": ROW, "wall": 1.0, **frame})
    expect(pupil.plane).to_have_attribute("data-epoch", "1")
    pupil.page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".lse-cloud");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, i) => i % 4 === 3 && value > 0).length > 1000;
        }"""
    )


def test_nonsense_is_refused_where_it_is_typed(address: str, join: Join) -> None:
    teacher = join(address).open()
    sidebar = teacher.page.get_by_test_id("stSidebar")
    start = teacher.page.get_by_role("button", name="Start training")
    teacher.page.get_by_text("More settings").click()
    teacher.fill("Encoder", "512, wide")
    expect(sidebar.get_by_test_id("stAlert")).to_contain_text("Encoder must be up to 12 whole numbers from 1 to 8192")
    expect(start).to_be_disabled()
    teacher.fill("Encoder", ", ".join(["8192"] * 12))
    expect(sidebar.get_by_test_id("stAlert")).to_contain_text("This run would take")
    expect(start).to_be_disabled()
    teacher.fill("Encoder", "512, 256")
    expect(start).to_be_enabled()
    teacher.fill("Name", "vae-mnist")
    expect(sidebar.get_by_test_id("stAlert")).to_contain_text("There is a model vae-mnist already")
    expect(start).to_be_disabled()
    teacher.fill("Name", "fine")
    expect(start).to_be_enabled()
    teacher.fill("Epochs", "0")
    expect(sidebar.get_by_test_id("stAlert")).to_have_text("Epochs must be a whole number from 1 to 10000; found 0.")
    expect(start).to_be_disabled()
    expect(sidebar.get_by_label("Encoder", exact=True)).to_be_visible()  # a sentence that comes shuts nothing
    teacher.fill("Epochs", "9")
    teacher.fill("β", "0,5")
    teacher.page.get_by_role("link", name="Explore", exact=True).click()
    Explore(teacher.page, address).wait("vae-mnist")
    teacher.page.get_by_role("link", name="Train", exact=True).click()
    teacher.page.get_by_test_id("where-server").click()
    expect(sidebar.get_by_label("Epochs", exact=True)).to_have_value("9")
    sidebar.get_by_label("Epochs", exact=True).fill("0")
    start.click()  # no Enter before: what stands in the field counts
    expect(sidebar.get_by_test_id("stAlert").first).to_contain_text("Epochs must be a whole number")
    assert teacher.page.get_by_test_id("job").get_attribute("data-job") == ""


def test_a_preset_fills_in_the_fields(address: str, join: Join) -> None:
    teacher = join(address).open()
    teacher.choose("Preset", "baseline")
    sidebar = teacher.page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_label("Epochs", exact=True)).to_have_value("15")
    expect(sidebar.get_by_text("custom")).to_have_count(0)
    teacher.page.get_by_text("More settings").click()
    for label, value in (("Encoder", "256"), ("Batch", "100"), ("Learning rate", "0.001")):
        expect(sidebar.get_by_label(label, exact=True)).to_have_value(value)
    sidebar.get_by_label("Batch", exact=True).fill("200")
    sidebar.get_by_label("Batch", exact=True).press("Enter")
    expect(sidebar.get_by_text("custom: Batch changed")).to_be_visible()


# Replay


def test_any_model_with_a_trace_is_replayed(address: str, join: Join, shipped: dict[str, Checkpoint]) -> None:
    pupil = join(address).open("?replay=ae-mnist")
    expect(pupil.plane).to_have_attribute("data-ready", "true")
    pupil.page.evaluate(RECORDER)
    checkpoint = shipped["ae-mnist"]
    slider = pupil.page.get_by_test_id("replay-epoch")
    assert slider.get_attribute("max") == str(len(checkpoint.trace))
    for epoch in (1, 12, 30):
        slider.fill(str(epoch))
        expect(pupil.plane).to_have_attribute("data-moment", f"{epoch - 1}.00")
        assert np.array_equal(pupil.positions(), checkpoint.trace[epoch - 1].float().numpy())
        cursor, expected = pupil.page.evaluate(
            """epoch => {
                const box = (name) => document.querySelector(name).getBoundingClientRect();
                const axis = document.querySelector(".lse-curves-plot")._fullLayout.xaxis;
                const cursor = box(".lse-cursor");
                return [cursor.x + cursor.width / 2, box(".lse-curves").x + axis._offset + axis.d2p(epoch)];
            }""",
            epoch,
        )
        assert abs(cursor - expected) < 1.5
    np.testing.assert_allclose(
        pupil.curve("test_reconstruction"), [row["test_reconstruction"] for row in checkpoint.history]
    )
    expect(pupil.page.get_by_test_id("replay-label")).to_have_text("epoch 30 of 30")
    pupil.page.get_by_test_id("replay-speed").select_option("4")
    pupil.page.get_by_test_id("replay-play").click()
    pupil.page.wait_for_function(
        """() => {
            const moment = Number(document.querySelector("[data-testid=latent-plane]").dataset.moment);
            return moment > 2 && moment < 28 && moment % 1 !== 0;  // between two epochs the points are under way
        }"""
    )
    pupil.page.get_by_test_id("source").select_option("vae-mnist")
    expect(pupil.plane).to_have_attribute("data-checkpoint", "vae-mnist")
    assert "replay=vae-mnist" in pupil.page.url


def test_a_link_to_an_unknown_model_says_so(address: str, join: Join) -> None:
    pupil = join(address).open(f"?replay=nowhere{'x' * 500}")
    message = pupil.page.get_by_test_id("message")
    expect(message).to_have_text(re.compile("The model nowherex{57}… is not here"))
    assert message.evaluate("node => node.scrollWidth <= node.clientWidth"), "it is cut off"
    expect(pupil.plane).to_have_attribute("data-checkpoint", "vae-mnist")
    pupil.page.set_viewport_size(PHONE)  # where it stands in the middle of its box
    left, right = message.evaluate("n => [getComputedStyle(n).paddingLeft, getComputedStyle(n).paddingRight]")
    assert left == right


# Who may do what, and what a crash leaves


def test_with_a_key_only_the_instructor_trains(viewers: Viewers) -> None:
    with (
        serve(environment={INSTRUCTOR_KEY: "chalk and talk"}, module=QUICK) as (address, _pid),
        viewers.lending(Train) as join,
    ):
        teacher = join(address, reduced_motion="reduce").open()
        start = teacher.page.get_by_role("button", name="Start training")
        field = teacher.page.get_by_label("Instructor's key")
        expect(field).to_be_visible()
        expect(start).to_have_count(0)
        teacher.page.get_by_test_id("where-here").click()  # which takes no key
        expect(field).to_be_hidden()
        expect(teacher.page.get_by_test_id("here-play")).to_be_visible()
        teacher.page.get_by_test_id("where-server").click()
        field.fill("guess")
        field.press("Enter")
        expect(teacher.page.get_by_text("That is not the key of this server")).to_be_visible()
        field.fill("chalk and talk")
        field.press("Enter")
        expect(start).to_be_visible()
        assert "chalk" not in teacher.page.url
        teacher.start("keyed", 2000)
        teacher.epochs(1)
        teacher.button("pause").click()  # it would go on beside all that follows
        teacher.until("paused", "keyed")
        pupil = join(address).open()
        pupil.until("paused", "keyed")
        expect(pupil.page.locator("[data-testid=job] button")).to_have_count(0)
        refused = pupil.page.evaluate(
            """async () => {
                const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
                const answer = await fetch("training/keyed/discard", options);
                return [answer.status, (await answer.json()).problem];
            }"""
        )
        assert refused == [403, "Only who has entered the instructor's key may do this."]
        teacher.button("discard").click()
        expect(pupil.page.get_by_test_id("source")).to_have_value("vae-mnist")


def test_after_a_killed_server_the_page_offers_to_resume(join: Join, tmp_path: Path) -> None:
    port = free_port()
    environment = {"EXPLORER_RUNS": str(tmp_path)}
    with serve(port=port, environment=environment, module=QUICK) as (address, pid):
        teacher = join(address, reduced_motion="reduce").open()
        teacher.start("survivor", 2000)
        teacher.epochs(2)
        kill(pid)
        expect(teacher.page.get_by_text("connection lost, trying again")).to_be_visible()
    with serve(port=port, environment=environment, module=QUICK):
        teacher.until("interrupted", "survivor")  # by itself: the page connects again
        expect(teacher.job).to_contain_text(re.compile(r"\d+ of 2000 epochs are done and saved"))
        done = re.search(r"(\d+) of 2000", teacher.job.inner_text())
        assert done
        teacher.button("resume").click()
        teacher.epochs(int(done[1]) + 1)
        teacher.button("stop").click()
        teacher.until("kept", "survivor")
        epochs = Run.resume(tmp_path / "survivor").epoch
        assert epochs > int(done[1])
        expect(teacher.page.get_by_test_id("model-survivor")).to_contain_text(f"{epochs} epochs")


# What the server tells


def test_a_malformed_event_is_reported_once_and_stops_no_other(address: str, join: Join) -> None:
    pupil = join(address).listen_in("?replay=vae-mnist")
    expect(pupil.plane).to_have_attribute("data-ready", "true")
    message = pupil.page.get_by_test_id("message")
    pupil.tell("epoch", "no JSON")
    expect(message).to_contain_text("The page could not use what the server told it")
    pupil.page.get_by_test_id("source").select_option("ae-mnist")
    expect(message).to_be_hidden()
    pupil.tell("epoch", {"run": RUN})
    pupil.tell("snapshot", {"runs": [{**RUN, "status": "queued", "live": False}]})
    expect(pupil.page.get_by_test_id("run-told")).to_contain_text("waiting")
    expect(message).to_be_hidden()
    pupil.tell("snapshot", {"runs": None})
    expect(message).to_contain_text("The page could not use what the server told it")
    pupil.tell("snapshot", {"runs": []})
    expect(pupil.page.get_by_test_id("run-told")).to_have_count(0)


def test_who_watched_a_run_to_its_end_goes_on_seeing_it_whatever_failed_before(address: str, join: Join) -> None:
    pupil = join(address).listen_in()
    [viewer] = [str(c["value"]) for c in pupil.page.context.cookies() if c["name"] == identity.COOKIE]
    own = {**RUN, "owner": identity.mark(viewer)}
    failed = {**own, "name": "failed", "status": "interrupted", "live": False}
    pupil.tell("snapshot", {"runs": [failed]})
    expect(pupil.job).to_have_attribute("data-job", "failed")  # it can be resumed
    pupil.tell("snapshot", {"runs": [failed, own]})
    pupil.tell("history", {"run": own, "rows": [ROW], "frame": FRAME})
    expect(pupil.job).to_have_attribute("data-job", "told")
    kept = {**own, "status": "kept", "live": False}
    pupil.tell("snapshot", {"runs": [failed, kept]})
    pupil.until("kept", "told")
    pupil.tell("snapshot", {"runs": [failed]})  # and when that is deleted
    expect(pupil.job).to_have_attribute("data-job", "failed")


def test_a_run_can_be_explored_while_its_figures_follow(address: str, join: Join) -> None:
    pupil = join(address).listen_in()
    measured = {**RUN, "status": "measuring", "epoch": 9, "finishing": 40.0}
    pupil.tell("snapshot", {"runs": [measured]})
    pupil.until("measuring", "told")
    expect(pupil.button("open-in-explore")).to_have_count(0)  # its file is still being written
    model = {**pupil.page.evaluate("window.snapshot.models[0]"), "name": "told", "trained": True, "metrics": {}}
    pupil.tell("snapshot", {"runs": [measured], "models": [model]})
    expect(pupil.button("open-in-explore")).to_be_visible()
    expect(pupil.job).to_contain_text("its test figures follow")
    expect(pupil.page.get_by_test_id("model-told")).to_contain_text("No test figures yet")
    progress = pupil.page.get_by_test_id("job-progress")
    expect(progress).to_have_attribute("aria-valuenow", "18")  # of 9 epochs of a second each, and 40 s of figures
    pupil.tell("progress", {"run": {**measured, "done": 5, "steps": 20}})
    expect(progress).to_have_attribute("aria-valuenow", "39")
    expect(pupil.page.get_by_test_id("time-left")).to_have_text("30 s left")


def test_a_problem_is_told_in_the_language_of_the_page(address: str, join: Join) -> None:
    pupil = join(address).listen_in("?lang=zh-Hant")
    # No sentence of a run, but they are in the catalogue: one within the other.
    problem = {
        "text": "The server refused ({status}).",
        "values": {"status": {"text": "{min} min", "values": {"min": 7}}},
    }
    pupil.tell("snapshot", {"runs": [{**RUN, "status": "interrupted", "live": False, "problem": problem}]})
    row = pupil.page.get_by_test_id("run-told")
    expect(row).to_contain_text("7")
    expect(row).not_to_contain_text(re.compile("refused|min|{"))


def test_a_decoder_is_asked_for_once_an_epoch_and_dropped_when_its_run_has_left(address: str, join: Join) -> None:
    pupil = join(address).listen_in()
    page, message = pupil.page, pupil.page.get_by_test_id("message")
    waiting: list[Route] = []
    page.route("**/training/told/decoder", lambda route: waiting.append(route))
    pupil.tell("snapshot", {"runs": [RUN]})
    pupil.tell("history", {"run": RUN, "rows": [ROW], "frame": FRAME})
    expect(pupil.plane).to_have_attribute("data-checkpoint", "told")
    expect(pupil.plane).to_have_attribute("data-ready", "true")
    box = pupil.plane.bounding_box()
    assert box is not None

    def drag() -> None:
        page.mouse.move(box["x"] + 100, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 140, steps=6)
        page.mouse.up()

    with page.expect_request("**/decoder"):
        drag()
    waiting.pop().fulfill(status=500)
    expect(message).to_contain_text("500")
    drag()
    assert waiting == []  # not at each move, in vain
    second = {**RUN, "epoch": 2}
    with page.expect_request("**/decoder"):  # somebody is dragging: the next epoch brings the next decoder
        pupil.tell("epoch", {"run": second, "row": {**ROW, "epoch": 2}, "wall": 1.0, **FRAME})
    with page.expect_event(
        "requestfailed", lambda request: request.url.endswith("/decoder")
    ):  # nobody wants it any more
        page.get_by_test_id("source").select_option("ae-mnist")
    expect(pupil.plane).to_have_attribute("data-checkpoint", "ae-mnist")
    image = page.get_by_test_id("decoded-image")
    expect(image).to_have_attribute("data-z", re.compile("."))
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(message).to_be_hidden()
    page.get_by_test_id("source").select_option("")
    expect(pupil.plane).to_have_attribute("data-checkpoint", "told")
    with page.expect_request("**/decoder"):  # what was under way when it left keeps nobody from asking
        drag()


# The point


def test_a_phone_is_not_scrolled_sideways_and_two_fingers_move_its_map(address: str, join: Join) -> None:
    pupil = join(address, viewport=PHONE, has_touch=True, is_mobile=True).open("?replay=vae-mnist")
    expect(pupil.plane).to_have_attribute("data-ready", "true")
    assert pupil.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    client = pupil.page.context.new_cdp_session(pupil.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def span() -> float:
        left, right = pupil.plane.evaluate(RANGE)
        return float(right - left)

    image = pupil.page.get_by_test_id("decoded-image")
    expect(image).to_have_attribute("data-z", "0,0")
    box = pupil.plane.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    x, y, before = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4, span()
    touch("touchStart", (x - 20, y))
    expect(image).not_to_have_attribute("data-z", "0,0")  # the first finger, alone for a moment, moves it
    touch("touchStart", (x - 20, y), (x + 20, y))
    expect(image).to_have_attribute("data-z", "0,0")  # the second takes that back
    for step in range(1, 6):
        touch("touchMove", (x - 20 - 10 * step, y), (x + 20 + 10 * step, y))
    touch("touchEnd")
    pupil.page.wait_for_function(
        f"""before => {{
            const [left, right] = ({RANGE})(document.querySelector('[data-testid="latent-plane"]'));
            return right - left < 0.6 * before;
        }}""",
        arg=before,
    )
    expect(image).to_have_attribute("data-z", "0,0")


# Looks


def test_a_projector_shows_the_stage_without_scrolling(address: str, join: Join) -> None:
    viewer = join(address)
    held: list[Route] = []
    viewer.page.route("**/images/**", lambda route: held.append(route), times=1)
    with viewer.page.expect_request("**/images/**"):
        viewer.open()
    strip = viewer.page.get_by_test_id("strip")
    awaited = strip.bounding_box()
    held[0].continue_()
    expect(viewer.plane).to_have_attribute("data-ready", "true")
    expect(viewer.page.get_by_text("test images over what the finished model makes of them")).to_be_visible()
    drawn = strip.bounding_box()
    assert awaited is not None
    assert drawn is not None
    assert drawn["height"] == awaited["height"], "what lies below it jumps"
    for name in ("source", "job", "latent-plane", "replay-epoch", "loss-curves", "strip", "sheet", "decoded-image"):
        box = viewer.page.get_by_test_id(name).bounding_box()
        assert box is not None, name
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= PROJECTOR["height"], name
        assert box["x"] + box["width"] <= PROJECTOR["width"], name
    start = viewer.page.get_by_role("button", name="Start training").bounding_box()
    assert start is not None
    assert start["y"] + start["height"] <= PROJECTOR["height"]
