"""Networks of convolutions: JavaScript computes what PyTorch does, and every page shows them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from model.config import ConfigError, ModelConfig, from_json, to_json
from model.layers import Layer
from model.networks import AutoEncoder, build
from tests.browser.conftest import KERNELS, Evaluates

TOLERANCE = 1e-5  # on probabilities


def conv(channels: int, kernel: int, stride: int, *padding: int) -> Layer:
    return Layer("conv", (channels,), kernel, stride, padding)


def transpose(channels: int, kernel: int, stride: int, *padding: int) -> Layer:
    return Layer("transpose", (channels,), kernel, stride, padding)


# The layers that the papers and tutorials have: Keras's example; PyTorch's usual ones, with output_padding; a decoder
# that upsamples, of another size, its Linear last; and images that begin as the latent point itself.
KERAS = ModelConfig(
    encoder=(conv(32, 3, 2, 0, 1), conv(64, 3, 2, 0, 1), 16),
    decoder=(3136, Layer("reshape", (64, 7, 7)), transpose(64, 3, 2, 0, 1), transpose(32, 3, 2, 0, 1),
             transpose(1, 3, 1, 1, 1)),
    activation="relu", layer_norm=False, fourier=0,
)  # fmt: skip
CONFIGS = {
    "Keras": KERAS,
    "PyTorch": ModelConfig(
        model="ae", activation="gelu_erf", layer_norm=False, fourier=0, output="linear",
        encoder=(Layer("normalize", (0.1307, 0.3081)), conv(16, 4, 2, 1, 1), conv(32, 5, 2, 2, 2)),
        decoder=(16, 1568, Layer("reshape", (32, 7, 7)), transpose(16, 5, 2, 2, 1), transpose(1, 4, 2, 1, 1)),
    ),
    "upsampling": ModelConfig(
        height=20, width=12, activation="silu", layer_norm=False, fourier=3,
        encoder=(conv(5, 3, 1, 1, 1), Layer("pool", (3,)), conv(7, 3, 3, 1, 1)),
        decoder=(60, Layer("reshape", (4, 5, 3)), Layer("upsample", (2,)), conv(6, 3, 1, 1, 1), Layer("upsample", (2,)),
                 conv(3, 5, 1, 2, 2), Layer("reshape", (720, 1, 1))),
    ),
    "in colour": ModelConfig(
        height=16, width=12, channels=3, activation="elu", layer_norm=False, fourier=2,
        encoder=(conv(6, 3, 2, 1, 1), 20),
        decoder=(72, Layer("reshape", (6, 4, 3)), transpose(8, 4, 4, 0, 0), conv(3, 3, 1, 1, 1)),
    ),
    "in colour, Linear": ModelConfig(channels=3, encoder=(40,), decoder=(40,)),
    "from a point": ModelConfig(
        model="ae", activation="leaky_relu", layer_norm=False, fourier=0, encoder=(conv(8, 7, 7, 0, 0),),
        decoder=(Layer("reshape", (2, 1, 1)), transpose(24, 7, 1, 0, 0), transpose(12, 2, 2, 0, 0), conv(6, 3, 1, 1, 1),
                 transpose(1, 3, 2, 1, 0)),
    ),
}  # fmt: skip

# Numbers go as text, float32 in base64: as lists they take Playwright seconds.
SCRIPT = """async ({ config, weights, kernels, z, x }) => {
    const load = (name) => import(new URL(`assets/core/${name}.js`, document.baseURI));
    const [{ Decoder, Encoder, weightShapes }, { Jacobian }, { BatchDecoder }, { readModelConfig }] =
        await Promise.all(["network", "jacobian", "batch-decoder", "config"].map(load));
    const read = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const write = (numbers) => {
        let text = "";
        for (const byte of new Uint8Array(numbers.buffer)) text += String.fromCharCode(byte);
        return btoa(text);
    };
    const known = readModelConfig(config), shapes = weightShapes(known);
    const arrays = new Map(Object.entries(weights).map(([name, text]) => [name, read(text)]));
    const points = read(z), digits = read(x), found = {};
    const rows = (numbers, size) =>
        Array.from({ length: numbers.length / size }, (_x, i) => numbers.slice(i * size, (i + 1) * size));
    const joined = (parts) => Float32Array.from(parts.flatMap((part) => [...part]));
    for (const name of kernels) {
        const address = new URL(`assets/core/${name}`, document.baseURI);
        const kernel = name ? await WebAssembly.compileStreaming(fetch(address)) : null;
        const decoder = new Decoder(known, arrays, kernel), encoder = new Encoder(known, arrays, kernel);
        const jacobian = new Jacobian(decoder), batch = new BatchDecoder(decoder, kernel);
        const images = rows(points, 2).map((point) => decoder.decode(point, new Float32Array(decoder.pixels)));
        const codes = rows(digits, decoder.pixels).map((image) => {
            const mu = new Float32Array(2), logvar = known.model === "vae" ? new Float32Array(2) : null;
            encoder.encode(image, mu, logvar);
            return [...mu, ...(logvar ?? [])];
        });
        const slopes = rows(points, 2).map((point) => jacobian.size(point));
        const all = { images: joined(images), codes: joined(codes), all: batch.decode(points),
            slopes: Float32Array.from(slopes), change: batch.change(points) };
        found[name] = Object.fromEntries(Object.entries(all).map(([key, numbers]) => [key, write(numbers)]));
    }
    return { shapes: Object.fromEntries(shapes), found };
}"""


def text_of(tensor: torch.Tensor) -> str:
    return base64.b64encode(tensor.contiguous().numpy().tobytes()).decode()


@torch.no_grad()
def lively(config: ModelConfig) -> AutoEncoder:
    """With weights of which the numbers stay as large as they are, from layer to layer: fresh ones draw grey alone."""
    torch.manual_seed(0)
    model = build(config).eval()
    for module in (*model.encoder.hidden, *model.decoder.hidden, model.decoder.logits):
        for parameter in module.parameters():
            parameter.mul_(2.5)
    return model


@pytest.mark.parametrize("name", CONFIGS)
def test_decoder_encoder_and_slopes_agree(name: str, modules: Page) -> None:
    agree(CONFIGS[name], modules, KERNELS)


@torch.no_grad()
def agree(config: ModelConfig, page: Evaluates, kernels: Sequence[str]) -> None:
    """Decoder, encoder and slopes of a page's modules are PyTorch's: one by one and many at once, by each kernel."""
    model = lively(config)
    z, x = 2 * torch.randn(40, 2), torch.rand(3, config.pixels)  # more than are decoded at once
    weights = {key: text_of(tensor) for key, tensor in model.state_dict().items()}
    argument = {"config": to_json(config), "weights": weights, "kernels": kernels, "z": text_of(z), "x": text_of(x)}
    answer = page.evaluate(SCRIPT, argument)
    assert answer["shapes"] == {key: list(tensor.shape) for key, tensor in model.state_dict().items()}
    images = model.decode(z).numpy()
    assert images.std() > 0.05, "it draws something"
    codes = torch.cat([part for part in model.encode(x) if part is not None], dim=1).numpy()
    jacobians = torch.func.vmap(torch.func.jacfwd(lambda point: model.decode(point[None])[0]))(z)
    slopes = jacobians.flatten(1).norm(dim=1).numpy()
    for kernel, texts in answer["found"].items():
        own = {key: np.frombuffer(base64.b64decode(text), np.float32) for key, text in texts.items()}
        assert np.abs(own["images"].reshape(images.shape) - images).max() <= TOLERANCE, kernel
        assert np.abs(own["all"].reshape(images.shape) - images).max() <= TOLERANCE, kernel
        np.testing.assert_allclose(own["codes"].reshape(codes.shape), codes, rtol=1e-4, atol=1e-4, err_msg=kernel)
        for key in ("slopes", "change"):
            np.testing.assert_allclose(own[key], slopes, rtol=1e-3, err_msg=f"{kernel} {key}")


# What may stand in the place of the encoder's first layer, and what may not: of a kind, a key, a number or a size too
# many, too few or too large.
GOOD: list[object] = [
    {"conv": 4, "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": 4.0, "kernel": 3, "stride": 1, "padding": [0, 0.0]},
    {"transpose": 1, "kernel": 5, "stride": 2, "padding": [2, -3]},
    {"upsample": 2},
    {"pool": 8},
    {"reshape": [4, 14, 14]},
    {"normalize": [0, 1]},
    {"normalize": [-0.5, 0.5]},
    8,
]
BAD: list[object] = [
    {"conv": 0, "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": 1025, "kernel": 1, "stride": 8, "padding": [0, 0]},
    {"conv": 4.5, "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": "4", "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": True, "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": [4], "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"conv": 4, "kernel": 33, "stride": 2, "padding": [30, 30]},
    {"conv": 4, "kernel": 3, "stride": 0, "padding": [1, 0]},
    {"conv": 4, "kernel": 3, "stride": 9, "padding": [1, 0]},
    {"conv": 4, "kernel": 3, "stride": 2, "padding": [1, -1]},
    {"conv": 4, "kernel": 3, "stride": 2, "padding": [1]},
    {"conv": 4, "kernel": 3, "stride": 2, "padding": 1},
    {"conv": 4, "kernel": 3, "stride": 2, "padding": [1, None]},
    {"conv": 4, "kernel": 3, "stride": 2},
    {"conv": 4, "kernel": 30, "stride": 2, "padding": [0, 0]},
    {"conv": 1024, "kernel": 1, "stride": 1, "padding": [0, 0]},
    {"conv": 64, "kernel": 32, "stride": 8, "padding": [8, 8]},
    {"conv": 4, "transpose": 4, "kernel": 3, "stride": 2, "padding": [1, 0]},
    {"transpose": 1, "kernel": 1, "stride": 1, "padding": [20, 20]},
    {"transpose": 1, "kernel": 1, "stride": 1, "padding": [0, -33]},
    {"upsample": 1},
    {"upsample": 9},
    {"pool": 1},
    {"pool": [2]},
    {"upsample": 2, "kernel": 3},
    {"upsample": 2, "reshape": [4, 14, 14]},
    {"reshape": [4, 14, 13]},
    {"reshape": [784]},
    {"reshape": [-4, -14, 14]},
    {"normalize": [0, 0]},
    {"normalize": [0, True]},
    {"normalize": 1},
    {"dropout": 0.5},
    {"constructor": 1},
    {},
    [],
    None,
    8.5,
]


def test_both_take_the_same_layers(modules: Page) -> None:
    plain = json.loads(to_json(replace(KERAS, encoder=(8,))))
    texts = [json.dumps(plain | {"encoder": [layer, 8]}) for layer in (*GOOD, *BAD)]
    decoders: list[list[object]] = [
        [3136],
        [{"reshape": [2, 1, 1]}, {"transpose": 1, "kernel": 28, "stride": 1, "padding": [0, 0]}],
    ]
    wrong: list[list[object]] = [
        [784, {"reshape": [1, 28, 28]}, {"pool": 2}, 8],
        [{"upsample": 2}],
        [{"reshape": [2, 1, 1]}, {"transpose": 1, "kernel": 27, "stride": 1, "padding": [0, 0]}],
    ]
    texts += [json.dumps(plain | {"decoder": decoder}) for decoder in (*decoders, *wrong)]
    texts += [json.dumps(plain | {"encoder": [GOOD[0]], name: True}) for name in ("layer_norm", "conditional")]
    expected = [True] * len(GOOD) + [False] * len(BAD) + [True] * 2 + [False] * 5

    def known(text: str) -> bool:
        try:
            config = from_json(ModelConfig, text)
        except ConfigError:
            return False
        return from_json(ModelConfig, to_json(config)) == config

    assert list(map(known, texts)) == expected
    found = modules.evaluate(
        """async (texts) => {
            const { readModelConfig } = await import(new URL("assets/core/config.js", document.baseURI));
            return texts.map((text) => {
                try { return Boolean(readModelConfig(text)); }
                catch (error) { return error.constructor.name === "CheckpointError" ? false : String(error); }
            });
        }""",
        texts,
    )
    assert found == expected
