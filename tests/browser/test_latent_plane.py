"""Latent spaces of more than two dimensions: what a plane through one shows is what PyTorch computes there."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from explorer.catalogue import library
from model import checkpoint
from model.config import MAPPED, ModelConfig, TrainConfig
from model.data import Split
from model.safetensors_header import CheckpointError
from model.training import described
from tests.browser.conftest import KERNELS, Open, grey_levels
from tests.browser.test_convolutions import lively

TOLERANCE = 1e-5  # on probabilities
POINTS = 300  # test images

CONFIGS = {
    "with Fourier features": ModelConfig(latent=10, encoder=(24,), decoder=(32, 24), fourier=6),
    "without a hidden layer": ModelConfig(
        model="ae", latent=3, encoder=(), decoder=(), layer_norm=False, fourier=0, activation="relu"
    ),
}

SCRIPT = """async ({ file, z, x, image, kernels }) => {
    const load = (name) => import(new URL(`assets/core/${name}.js`, document.baseURI));
    const [{ answered, decoderOf, read }, { BatchDecoder }, { Fields }, plane] =
        await Promise.all(["checkpoint", "batch-decoder", "scalar-fields", "latent-plane"].map(load));
    const model = read(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)).buffer), encoder = await model.encoder();
    const { axes, base, mu } = model.space, through = answered(model, image).base, pixels = model.decoder.pixels;
    const draw = (decoder, point) => Array.from(decoder.decode(point, new Float32Array(pixels)));
    const code = new Float32Array(2), spread = model.logvar && new Float32Array(2);
    encoder.encode(Float32Array.from(x), code, spread);
    const drawn = model.decoder.at(through), fields = new Fields({ ...model, decoder: drawn });
    fields.setBase(through);
    const points = Float32Array.from(z.flat()), many = {};
    for (const name of kernels) {
        const address = new URL(`assets/core/${name}`, document.baseURI);
        const batch = new BatchDecoder(model.decoder, name ? await WebAssembly.compileStreaming(fetch(address)) : null);
        batch.setClass(0, through);
        many[name] = { images: Array.from(batch.decode(points)), change: Array.from(batch.change(points)) };
    }
    fields.neighbours.find(...z[0]);
    return {
        u: Array.from(axes.u), v: Array.from(axes.v), base: Array.from(base), through: Array.from(through),
        share: axes.share, mu: Array.from(model.mu), logvar: model.logvar && Array.from(model.logvar),
        images: z.flatMap((point) => draw(drawn, point)), many,
        slopes: z.map((point) => fields.jacobian.size(point)),
        middle: draw(model.decoder, [0, 0]),
        own: draw(decoderOf(model, image), model.mu.subarray(2 * image, 2 * image + 2)),
        code: [...code, ...(spread ?? [])], nearest: Array.from(fields.neighbours.index),
        misfits: Array.from(fields.misfits()), far: Array.from(plane.distances(mu, axes, through)),
    };
}"""


# Of a strip of test digits over their reconstructions.
FIRST_COPY = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, canvas.height / 2, 28, 28);
    return Array.from({ length: 784 }, (_x, i) => data[4 * i]);
}"""


# Where the classes' names stand, and which are not to be seen.
NAMES = """() => [...document.querySelectorAll(".lse-names text")]
    .map((name) => name.classList.contains("lse-away") || name.getAttribute("transform")).join()"""


def some(digits: Split) -> Split:
    return Split(digits.images[:POINTS], digits.labels[:POINTS])


def write(config: ModelConfig, digits: Split, path: Path) -> checkpoint.Checkpoint:
    made = described(lively(config), TrainConfig(epochs=1), some(digits), some(digits))
    checkpoint.save(made, path)
    return made


@pytest.mark.parametrize("name", CONFIGS)
@torch.no_grad()
def test_a_plane_shows_what_lies_on_it(name: str, modules: Page, test_digits: Split, tmp_path: Path) -> None:
    path, image = tmp_path / "wide.safetensors", 7
    made = write(CONFIGS[name], test_digits, path)
    model, mu = made.model, made.mu.double().numpy()
    z = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    file = base64.b64encode(path.read_bytes()).decode()
    argument = {"file": file, "z": z.tolist(), "x": test_digits.images[400].tolist(), "image": image}
    found = modules.evaluate(SCRIPT, {**argument, "kernels": KERNELS})

    values, vectors = np.linalg.eigh(np.cov(mu.T, bias=True))
    axes = np.array([found["u"], found["v"]])
    np.testing.assert_allclose(np.abs(axes @ vectors[:, [-1, -2]]), np.eye(2), atol=1e-6)
    assert found["share"] == pytest.approx(values[-2:].sum() / values.sum())
    flat = mu @ axes.T
    np.testing.assert_allclose(np.array(found["mu"]).reshape(-1, 2), flat, atol=1e-5)
    if made.logvar is not None:
        along = np.log(made.logvar.double().exp().numpy() @ axes.T**2)
        np.testing.assert_allclose(np.array(found["logvar"]).reshape(-1, 2), along, atol=1e-5)

    through = np.array(found["through"])
    np.testing.assert_allclose(through + flat[image] @ axes, mu[image], atol=1e-6)
    np.testing.assert_allclose(np.array(found["base"]), mu.mean(0) - mu.mean(0) @ axes.T @ axes, atol=1e-6)
    points = torch.from_numpy(z @ axes + through).float()
    images = model.decode(points).numpy()
    assert images.std() > 0.05, "it draws something"
    plane = torch.from_numpy(axes).float()
    on_plane = torch.func.vmap(
        torch.func.jacfwd(lambda p: model.decode((p @ plane + torch.from_numpy(through).float())[None])[0])
    )
    slopes = on_plane(torch.from_numpy(z)).flatten(1).norm(dim=1).numpy()
    for kernel, many in [("", {"images": found["images"], "change": found["slopes"]}), *found["many"].items()]:
        assert np.abs(np.array(many["images"]).reshape(images.shape) - images).max() <= TOLERANCE, kernel
        np.testing.assert_allclose(many["change"], slopes, rtol=1e-3, err_msg=kernel)
    for key, at in (("middle", np.array(found["base"])), ("own", mu[image])):
        expected = model.decode(torch.from_numpy(at).float()[None])[0].numpy()
        assert np.abs(np.array(found[key]) - expected).max() <= TOLERANCE, key

    code, spread = model.encode(test_digits.images[400:401])
    answer = code[0].double().numpy() @ axes.T
    if spread is not None:
        answer = np.concatenate([answer, np.log(spread[0].double().exp().numpy() @ axes.T**2)])
    np.testing.assert_allclose(found["code"], answer, rtol=1e-4, atol=1e-4)

    near = np.linalg.norm(mu - points[0].double().numpy(), axis=1)
    assert found["nearest"] == np.argsort(near, kind="stable")[:15].tolist()  # in all dimensions
    apart = np.linalg.norm(mu[:, None] - mu, axis=2)
    np.fill_diagonal(apart, np.inf)
    labels = made.label.numpy()
    votes = [np.bincount(labels[np.argsort(row, kind="stable")[:15]], minlength=10).argmax() for row in apart]
    odd = np.flatnonzero(votes != labels)
    assert found["misfits"] == [number for i in odd for number in (i, votes[i])]
    off = np.linalg.norm(mu - flat @ axes - through, axis=1)
    np.testing.assert_allclose(found["far"], off, atol=1e-3)


def test_ten_dimensions_are_explored(new_page: Open, test_digits: Split, tmp_path: Path) -> None:
    path = tmp_path / "wide.safetensors"
    made = write(CONFIGS["with Fourier features"], test_digits, path)
    explore = new_page().open()
    page = explore.page
    explore.upload(path)
    explore.wait("wide")
    expect(page.get_by_test_id("codes-note")).to_contain_text("A latent space of 10 dimensions")
    explore.plane.press("i")
    page.wait_for_function("() => document.querySelector('[data-testid=chosen]').dataset.index !== '-1'")
    index = int(explore.image_index() or "")

    def draws(z: torch.Tensor) -> None:
        """What lies there is drawn, to the grey level."""
        with torch.no_grad():
            expected = (255 * made.model.decode(z[None])[0].numpy()).round()
        page.wait_for_function(
            """([expected]) => {
                const image = document.querySelector('[data-testid=decoded-image]').getContext('2d');
                const { data } = image.getImageData(0, 0, 28, 28);
                return expected.every((level, i) => Math.abs(data[4 * i] - level) <= 1);
            }""",
            arg=[expected.tolist()],
        )
        assert np.abs(grey_levels(explore.image).reshape(-1) - expected).max() <= 1

    draws(made.mu[index])  # the image's own reconstruction: the plane goes through its code
    near = (made.mu - made.mu[index]).square().sum(1).argsort(stable=True)[:15]
    votes = made.label[near].long().bincount(minlength=10)
    expect(page.locator(".lse-verdict strong")).to_have_text(str(int(votes.argmax())))
    expect(page.locator(".lse-verdict")).to_contain_text(f"{int(votes.max())} of 15")  # about its own code
    page.get_by_text("All 10 dimensions").click()
    field = page.get_by_test_id("dimension-4-number")
    field.fill("0.5")
    field.press("Enter")
    moved = made.mu[index].clone()
    moved[3] = 0.5
    draws(moved)
    page.wait_for_url("**off=*")
    page.reload()  # the link keeps it
    explore.wait("wide")
    draws(moved)
    page.get_by_text("All 10 dimensions").click()
    expect(field).to_have_value("0.500")
    before = page.evaluate(NAMES)
    field.fill("3")
    field.press("Enter")
    page.wait_for_function(f"(before) => ({NAMES})() !== before", arg=before)  # they follow the points on the plane
    page.get_by_test_id("plane-0").select_option("2")
    page.wait_for_url("**plane=2,1**")
    expect(page.locator(".lse-axis-x")).to_have_text("z₂")
    explore.wait("wide")
    np.testing.assert_allclose(explore.z(), made.mu[index][[1, 0]], atol=1e-3)
    draws(made.mu[index])
    compress = page.get_by_test_id("tab-compress")
    expect(compress).to_have_attribute("aria-disabled", "true")
    expect(compress).to_have_attribute("title", re.compile("needs a model with two latent dimensions"))
    compress.click(force=True)
    expect(page.get_by_test_id("panel-neighbours")).to_be_visible()
    page.get_by_test_id("tab-image").click()
    explore.plane.press("]")
    expect(page.get_by_test_id("panel-draw")).to_be_visible()
    page.goto(f"{explore.address}/train?where=server&replay=wide")
    expect(page.locator(".lse-axis-x")).to_have_text("PC₁")
    page.wait_for_function("() => document.querySelector('[data-testid=strip]').width >= 280")
    first = int(np.flatnonzero(made.label.numpy() == 0)[0])
    copy = page.get_by_test_id("strip").evaluate(FIRST_COPY)
    with torch.no_grad():
        expected = (255 * made.model.decode(made.mu[first][None])[0].numpy()).round()
    assert np.abs(np.array(copy) - expected).max() <= 1  # each on the plane through its own code
    page.goto(f"{explore.address}/compare")
    expect(page.get_by_test_id("model-a")).to_be_visible()
    expect(page.get_by_test_id("model-a").locator("option", has_text="wide · VAE, 10 dimensions")).to_be_disabled()


@pytest.mark.parametrize("change", [{"latent": 1}, {"latent": MAPPED + 1}, {"latent": 3, "conditional": True}])
def test_what_no_plane_can_show_is_refused_in_both_languages(
    change: dict[str, int], modules: Page, test_digits: Split, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    write(ModelConfig(**{"encoder": (4,), "decoder": (4,), "fourier": 0, **change}), test_digits, path)  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match="expected a latent space of 2 to 64 dimensions"):
        library.checked(path.name, path)
    told = modules.evaluate(
        """async (file) => {
            const { read } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
            const { buffer } = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
            try { read(buffer); } catch (error) { return error.message; }
        }""",
        base64.b64encode(path.read_bytes()).decode(),
    )
    assert told.startswith("Expected")
    assert "latent" in told
