"""The science as a library: what it gives is what the network and the file have, and the notebook of docs/ runs."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import model as public
from explorer.settings import FRONTEND, ROOT
from model.__main__ import main
from model.checkpoint import save
from model.data import Split
from model.figures import COLOURS
from model.notebook import TrainedModel
from tests.conftest import CHECKPOINTS


@pytest.fixture(scope="module")
def vae() -> TrainedModel:
    return public.load(CHECKPOINTS / "vae-mnist-baseline.safetensors")


@torch.no_grad()
def test_images_become_codes_and_points_images(vae: TrainedModel, test_digits: Split) -> None:
    x = test_digits.images[:50]
    expected = vae.model.encode(x)[0].numpy()
    np.testing.assert_allclose(expected, vae.mu[:50], atol=1e-4)
    for images in (x, x.numpy(), x.view(-1, 28, 28), np.rint(255 * x.numpy()).astype(np.uint8)):
        np.testing.assert_allclose(vae.encode(images), expected, atol=1e-4)
    np.testing.assert_allclose(vae.encode(x[7].view(28, 28)), expected[7:8], atol=1e-4)
    z = [[0.5, -1.0], [2.0, 0.0]]
    images = vae.decode(z)
    assert images.shape == (2, 28, 28)
    np.testing.assert_array_equal(images.reshape(2, -1), vae.model.decode(torch.tensor(z)).numpy())
    np.testing.assert_allclose(vae.decode(z[0])[0], images[0], atol=1e-6)


def test_a_conditional_model_is_told_the_class(test_digits: Split) -> None:
    model = public.load(str(CHECKPOINTS / "cvae-mnist.safetensors"))
    code = model.encode(test_digits.images[:5], test_digits.labels[:5])
    np.testing.assert_allclose(code, model.mu[:5], atol=1e-4)
    assert np.abs(model.decode([0, 0], [3]) - model.decode([0, 0], [8])).max() > 0.5
    three, eight = (grey(model.figure.samples(4, digit=digit)) for digit in (3, 8))
    assert (three != eight).any()


def test_latents_are_records(vae: TrainedModel) -> None:
    assert vae.latents.dtype.names == ("label", "z1", "z2", "logvar1", "logvar2")
    assert vae.latents.shape == (10_000,)
    np.testing.assert_array_equal(vae.latents.z2, vae.mu[:, 1])
    np.testing.assert_array_equal(vae.latents.label, vae.label)
    assert "logvar1" not in public.load(CHECKPOINTS / "ae-mnist.safetensors").latents.dtype.names


def grey(figure: Any) -> np.ndarray:
    return np.asarray(figure.data[0].z)


def test_figures_show_what_the_model_has(vae: TrainedModel) -> None:
    assert list(COLOURS) == re.findall(r'"(#\w{6})"', (FRONTEND / "core" / "palette.js").read_text(encoding="utf-8"))
    shown = vae.figure.map()
    assert [trace.marker.color for trace in shown.data] == list(COLOURS)
    for digit, trace in enumerate(shown.data):
        np.testing.assert_array_equal(trace.customdata, np.flatnonzero(vae.label.numpy() == digit))
        np.testing.assert_array_equal(trace.x, vae.mu[trace.customdata, 0])
    assert [shape.x1 for shape in shown.layout.shapes] == [1, 2, 3]

    sheet = grey(vae.figure.manifold(n=4))
    quantile = float(torch.distributions.Normal(0, 1).icdf(torch.tensor(0.125)))
    np.testing.assert_array_equal(
        sheet[:28, :28], np.rint(255 * vae.decode([quantile, -quantile])[0])
    )  # at the left, on top
    walk = grey(vae.figure.walk(3, (1.0, 2.0), steps=5))
    assert walk.shape == (28, 5 * 28)
    for part, z in ((walk[:, :28], vae.mu[3]), (walk[:, -28:], [1.0, 2.0])):
        np.testing.assert_allclose(part, 255 * vae.decode(z)[0], atol=0.6)
    assert grey(vae.figure.samples(10, seed=1)).shape == (4 * 28, 3 * 28)
    losses = {trace.name: trace.y for trace in vae.figure.losses().data}
    assert list(losses["test KL"]) == [row["test_kl"] for row in vae.history]


def test_a_figure_of_images_is_saved_to_the_pixel(vae: TrainedModel, tmp_path: Path) -> None:
    figure, file = vae.figure.manifold(n=3), tmp_path / "manifold.png"
    public.save_png(figure, file, scale=2)
    with Image.open(file) as picture:
        saved = np.asarray(picture)
    assert saved.shape == (2 * 84, 2 * 84)
    for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
        np.testing.assert_array_equal(saved[corner[0] :: 2, corner[1] :: 2], grey(figure))
    with pytest.raises(ValueError, match="found a drawing"):
        public.save_png(vae.figure.map(), file)
    with pytest.raises(ValueError, match="from 1 to 32, found 0"):
        public.save_png(figure, file, scale=0)


def test_an_autoencoders_manifold_reaches_as_far_as_its_codes() -> None:
    model = public.load(CHECKPOINTS / "ae-mnist.safetensors")
    corner = [np.quantile(model.mu[:, 0], 0.005), np.quantile(model.mu[:, 1], 0.995)]
    np.testing.assert_allclose(grey(model.figure.manifold(n=3))[:28, :28], 255 * model.decode(corner)[0], atol=0.6)
    assert not model.figure.map().layout.shapes


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("encode(np.zeros((2, 28, 27)))", r"28 × 28 pixels, found shape \(2, 28, 27\)"),
        ("encode(np.full((1, 784), 1.5))", "found 1.5 to 1.5"),
        ("decode([1, 2, 3])", r"2 numbers, found shape \(1, 3\)"),
        ("figure.manifold(n=1)", "from 2 to 60, found 1"),
        ("figure.walk(0, 10000)", "from 0 to 9999, found 10000"),
        ("figure.walk(0, (1, np.nan))", "2 finite numbers"),
        ("figure.samples(digit=10)", "from 0 to 9, found 10"),
        ("figure.samples(0)", "from 1 to 3600"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call: str, found: str, vae: TrainedModel) -> None:
    with pytest.raises(ValueError, match=found):
        eval(f"vae.{call}", {"vae": vae, "np": np})


def test_train_takes_the_settings_of_both_configs(few_digits: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.training.data.load", lambda _name, train: few_digits)
    made = public.train("baseline", progress=False, encoder=(16,), decoder=(16,), epochs=2)
    assert (made.config.encoder, made.config.activation, len(made.history)) == ((16,), "relu", 2)
    with pytest.raises(ValueError, match="found epoch"):
        public.train(epoch=2)
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        public.fit  # noqa: B018 - asking is the test


def test_a_reports_texts_are_no_markup(small_checkpoint: Path, tmp_path: Path) -> None:
    file, page = tmp_path / "<b>mine.safetensors", tmp_path / "report.html"
    save(replace(public.load(small_checkpoint), imported="<script>alert(1)</script>.pt", history=[]), file)
    assert main(["report", str(file), "-o", str(page)]) == 0
    html = page.read_text(encoding="utf-8")
    assert "<h1>&lt;b&gt;mine</h1>" in html
    assert "imported from &lt;script&gt;" in html
    assert "<script>alert(1)" not in html
    assert html.count('class="plotly-graph-div"') == 3  # nobody knows its losses
    assert "15 neighbours" in html


def test_the_notebook_runs(tmp_path: Path) -> None:
    cells = json.loads((ROOT / "docs" / "latent_space.ipynb").read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")
    program = tmp_path / "notebook.py"
    program.write_text(source, encoding="utf-8")
    subprocess.run([sys.executable, program], cwd=ROOT / "docs", check=True, capture_output=True)
