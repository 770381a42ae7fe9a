"""JavaScript and PyTorch compute the same functions, through the modules that the app serves."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, Route
from safetensors.torch import load_file, save_file

from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.config import ACTIVATIONS, ModelConfig, to_json
from model.data import Split
from model.format import read_metadata, weight_shapes
from model.networks import build
from tests.browser.conftest import KERNELS, Open
from tests.conftest import CHECKPOINTS, SHIPPED

POINTS = 60
TOLERANCE = 1e-5  # on probabilities

SCRIPT = """async ({ model, kernels, z, x, y }) => {
    const { read } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
    const { BatchDecoder } = await import(new URL("assets/core/batch-decoder.js", document.baseURI));
    const file = await fetch(new URL(`checkpoints/${model}.safetensors`, document.baseURI));
    const checkpoint = read(await file.arrayBuffer());
    const { decoder, config } = checkpoint, encoder = await checkpoint.encoder();
    const decode = (point, i) => decoder.ofClass(y[i]).decode(point, new Float32Array(decoder.pixels));
    const images = z.map((point, i) => Array.from(decode(point, i)));
    const codes = x.map((image, i) => {
        const mu = new Float32Array(2), logvar = config.model === "vae" ? new Float32Array(2) : null;
        encoder.ofClass(y[i]).encode(Float32Array.from(image), mu, logvar);
        return [...mu, ...(logvar ?? [])];
    });
    const apart = {};  // of the images one by one from those of many at once, by kernel
    for (const name of kernels) {
        const address = new URL(`assets/core/${name}`, document.baseURI);
        const kernel = name && await WebAssembly.compileStreaming(fetch(address));
        const batch = new BatchDecoder(decoder, kernel || null);
        apart[name] = 0;
        for (const label of config.conditional ? new Set(y) : [0]) {
            batch.setClass(label);
            const all = batch.decode(Float32Array.from(z.flat()));
            images.forEach((image, n) => {
                if (config.conditional && y[n] !== label) return;
                image.forEach((p, i) => (apart[name] = Math.max(apart[name], Math.abs(p - all[n * image.length + i]))));
            });
        }
    }
    return { images, codes, apart };
}"""


@pytest.mark.parametrize("name", SHIPPED)
@torch.no_grad()
def test_decoder_and_encoder_agree(
    name: str, modules: Page, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    checkpoint = shipped[name]
    rng = np.random.default_rng(0)
    low, high = checkpoint.mu.min(0).values.numpy(), checkpoint.mu.max(0).values.numpy()
    z = rng.uniform(low - 1, high + 1, (POINTS, 2)).astype(np.float32)
    x, y = test_digits.images[:20], test_digits.labels[:POINTS]
    argument = {"model": name, "kernels": KERNELS, "z": z.tolist(), "x": x.tolist(), "y": y.tolist()}
    found = modules.evaluate(SCRIPT, argument)
    expected = checkpoint.model.decode(torch.from_numpy(z), y).numpy()
    assert np.abs(np.array(found["images"]) - expected).max() <= TOLERANCE
    assert {kernel: apart for kernel, apart in found["apart"].items() if not apart <= TOLERANCE} == {}
    assert found["apart"][""] == 0, "plain JavaScript adds up in the same order"
    codes = torch.cat([part for part in checkpoint.model.encode(x, y[:20]) if part is not None], dim=1).numpy()
    np.testing.assert_allclose(np.array(found["codes"]), codes, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_every_activation_and_its_slope_agree(modules: Page) -> None:
    """Also at sums far from 0."""
    z = 20 * torch.rand(40, 2, generator=torch.Generator().manual_seed(0)) - 10
    for activation, output in [*((name, "sigmoid") for name in ACTIVATIONS), ("tanh", "linear")]:
        torch.manual_seed(1)
        config = ModelConfig(
            encoder=(), decoder=(24, 16), activation=activation, layer_norm=False, fourier=0, output=output
        )
        model = build(config)
        weights = {k: t.flatten().tolist() for k, t in model.state_dict().items() if k.startswith("decoder.")}
        found = modules.evaluate(
            """async ({ config, weights, z }) => {
                const load = (name) => import(new URL(`assets/core/${name}.js`, document.baseURI));
                const [{ Decoder }, { Jacobian }] = await Promise.all([load("network"), load("jacobian")]);
                const arrays = Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)]);
                const decoder = new Decoder(JSON.parse(config), new Map(arrays)), jacobian = new Jacobian(decoder);
                const image = (point) => Array.from(decoder.decode(point, new Float32Array(decoder.pixels)));
                return [z.map(image), z.map((point) => jacobian.size(point))];
            }""",
            {"config": to_json(config), "weights": weights, "z": z.tolist()},
        )
        assert np.abs(np.array(found[0]) - model.decode(z).numpy()).max() <= TOLERANCE, activation
        slopes = torch.func.vmap(torch.func.jacfwd(lambda point, m=model: m.decode(point[None])[0]))(z)
        np.testing.assert_allclose(found[1], slopes.flatten(1).norm(dim=1).numpy(), rtol=1e-4, err_msg=activation)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
@torch.no_grad()
def test_weights_of_two_bytes_are_converted_alike(dtype: torch.dtype, modules: Page, tmp_path: Path) -> None:
    shipped, path = CHECKPOINTS / "vae-mnist-baseline.safetensors", tmp_path / "half.safetensors"
    tensors = load_file(shipped)
    for name in weight_shapes(checkpoints.load(shipped).config):
        tensors[name] = tensors[name].to(dtype)
    save_file(tensors, path, read_metadata(shipped))
    z = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(0))
    found = modules.evaluate(
        """async ({ file, z }) => {
            const { read } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
            const { decoder } = read(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)).buffer);
            return z.map((point) => Array.from(decoder.decode(point, new Float32Array(decoder.pixels))));
        }""",
        {"file": base64.b64encode(path.read_bytes()).decode(), "z": z.tolist()},
    )
    model = checkpoints.load(path).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert np.abs(np.array(found) - model.decode(z).numpy()).max() <= TOLERANCE


def test_a_wrong_file_is_one_sentence_in_javascript_too(new_page: Open) -> None:
    explore = new_page().open()
    messages = explore.page.evaluate(
        """async () => {
            const { read } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
            const address = new URL("checkpoints/vae-mnist-baseline.safetensors", document.baseURI);
            const good = await (await fetch(address)).arrayBuffer();
            read(good);
            const wrong = {
                empty: new ArrayBuffer(0),
                noise: new Uint8Array(1000).fill(137).buffer,
                half: good.slice(0, good.byteLength / 2),
                nan: (() => {
                    const copy = good.slice(0);
                    const length = Number(new DataView(copy).getBigUint64(0, true));
                    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(copy, 8, length)));
                    const at = 8 + length + header["test.mu"].data_offsets[0];
                    new DataView(copy).setFloat32(at, NaN, true);
                    return copy;
                })(),
            };
            const messages = {};
            for (const [name, buffer] of Object.entries(wrong)) {
                try { read(buffer); messages[name] = "accepted"; }
                catch (error) { messages[name] = `${error.constructor.name}: ${error.message}`; }
            }
            return messages;
        }"""
    )
    for name, words in {
        "empty": "found 0 bytes",
        "noise": "found something else",
        "half": "found one that ends inside",
        "nan": "NaN or infinity in test.mu",
    }.items():
        assert messages[name].startswith("CheckpointError: Expected"), messages[name]
        assert words in messages[name]


def test_parts_of_two_models_are_not_mixed(modules: Page) -> None:
    def other(route: Route) -> None:
        route.continue_(url=route.request.url.replace("vae-mnist-beta-1", "vae-mnist-beta-4"))

    modules.route(re.compile("part=encoder"), other, times=1)
    script = """async () => {
        const { load } = await import(new URL("assets/core/checkpoint.js", document.baseURI));
        const checkpoint = await load(new URL("checkpoints/vae-mnist-beta-1.safetensors", document.baseURI));
        const first = await checkpoint.encoder().catch((error) => error.message);
        return [first, (await checkpoint.encoder()).layers.length, (await checkpoint.training()).label.length];
    }"""
    problem, layers, points = modules.evaluate(script)
    assert problem == "The model has become another one on the server: reload the page."
    assert (layers, points) == (2, 60_000)  # asked again, it is the right one
