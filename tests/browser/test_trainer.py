"""What trains in the browser computes what PyTorch does, through the modules that the app serves."""

import base64
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

from model import lesson
from model.config import ModelConfig
from model.data import Split
from model.losses import kl, reconstruction
from model.networks import AutoEncoder, build
from model.optimizer import AdamW
from model.training import BETAS
from tests.browser.conftest import KERNELS

IMAGES = 50  # a step's; no multiple of a tile's rows
STEPS = 20
LR = 1e-3
BETA = 0.7

# By kernel, from the same weights: losses of each step, gradients of the first, and the last images' codes.
SCRIPT = """async ({ config, kernels, pull, weights, x, epsilon, images, lr }) => {
    const { Trainer } = await import(new URL("assets/core/trainer.js", document.baseURI));
    const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const text = (array) => {
        const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    };
    const kernelOf = (name) => WebAssembly.compileStreaming(fetch(new URL(`assets/core/${name}`, document.baseURI)));
    const tensors = new Map(Object.entries(weights).map(([name, values]) => [name, floats(values)]));
    const all = floats(x), noise = floats(epsilon), pixels = config.height * config.width;
    const answers = [];
    for (const kernel of kernels) {
        const trainer = new Trainer(config, images + 3, 0, kernel ? await kernelOf(kernel) : null);
        trainer.layers.load(trainer.parameters, tensors);
        const losses = [];
        let gradients = {};
        for (let step = 0; step < noise.length / images / 2; step++) {
            trainer.x.set(all.subarray(step * images * pixels, (step + 1) * images * pixels));
            trainer.epsilon.set(noise.subarray(2 * step * images, 2 * (step + 1) * images));
            const { reconstruction, kl } = trainer.step(images, pull, lr);
            losses.push([reconstruction, kl]);
            if (step) continue;
            const found = trainer.layers.tensors(trainer.gradients, config.model);
            gradients = Object.fromEntries([...found].map(([name, tensor]) => [name, text(tensor)]));
        }
        const mu = new Float32Array(2 * images);
        trainer.encode(images, mu);
        answers.push({ losses, gradients, mu: text(mu) });
    }
    return answers;
}"""


class Answer(NamedTuple):
    """What the browser computes with one kernel.

    Attributes:
        losses: reconstruction and KL of each step, shape (steps, 2).
        gradients: of the first step, flat, by the parameter's name.
        mu: codes of the last images after the last step, flat.
    """

    losses: np.ndarray
    gradients: dict[str, np.ndarray]
    mu: np.ndarray


def text(tensor: Tensor) -> str:
    return base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def train_here(
    page: Page, model: AutoEncoder, loss: str, x: Tensor, noise: Tensor, lr: float = LR, rule: str = "adam"
) -> list[Answer]:
    """What the browser makes of these batches, an answer a kernel."""
    answers = page.evaluate(
        SCRIPT,
        {
            "config": vars(model.config),
            "kernels": KERNELS,
            "pull": {"model": model.config.model, "loss": loss, "beta": BETA, "rule": rule},
            "weights": {name: text(tensor) for name, tensor in model.state_dict().items()},
            "x": text(x),
            "epsilon": text(noise),
            "images": IMAGES,
            "lr": lr,
        },
    )
    return [
        Answer(np.array(a["losses"]), {name: floats(g) for name, g in a["gradients"].items()}, floats(a["mu"]))
        for a in answers
    ]


def loss_of(model: AutoEncoder, loss: str, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    mu, logvar = model.encode(x)
    logits = model.decoder(model.sample(mu, logvar, noise))
    divergence = torch.zeros(()) if logvar is None else kl(mu, logvar).mean()
    return reconstruction(logits, x, loss).mean(), divergence


def model_of(kind: str, activation: str, hidden: tuple[int, ...] = (60, 36)) -> AutoEncoder:
    decoder = hidden[::-1]
    return build(
        ModelConfig(model=kind, encoder=hidden, decoder=decoder, activation=activation, layer_norm=False, fourier=0)
    )


@pytest.mark.parametrize(
    ("loss", "kind", "activation"), list(product(("bce", "mse", "mae"), ("vae", "ae"), ("relu", "gelu")))
)
def test_gradients_are_those_of_autograd(
    loss: str, kind: str, activation: str, modules: Page, test_digits: Split
) -> None:
    model, x = model_of(kind, activation), test_digits.images[:IMAGES]
    noise = torch.randn(IMAGES, 2)
    terms = loss_of(model, loss, x, noise)
    (terms[0] + BETA * terms[1]).backward()
    for kernel, answer in zip(KERNELS, train_here(modules, model, loss, x, noise), strict=True):
        np.testing.assert_allclose(answer.losses[0], [term.item() for term in terms], rtol=1e-5)
        assert set(answer.gradients) == {name for name, _ in model.named_parameters()}
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None
            expected = parameter.grad.numpy().ravel()
            distance = np.linalg.norm(answer.gradients[name] - expected)
            assert distance <= 1e-4 * np.linalg.norm(expected), f"{name} by {kernel or 'JavaScript'}"


@pytest.mark.parametrize(
    ("kind", "hidden"), [("vae", (256,)), ("ae", ())], ids=["the baseline", "an AutoEncoder without hidden layers"]
)
def test_twenty_steps_end_where_pytorch_does(
    kind: str, hidden: tuple[int, ...], modules: Page, train_digits: Split
) -> None:
    model = model_of(kind, "relu", hidden)
    x, noise = train_digits.images[: STEPS * IMAGES], torch.randn(STEPS * IMAGES, 2)
    answers = train_here(modules, model, "bce", x, noise)
    optimizer, losses = AdamW(list(model.parameters()), 0.0, BETAS), []
    for images, epsilon in zip(x.split(IMAGES), noise.split(IMAGES), strict=True):
        terms = loss_of(model, "bce", images, epsilon)
        (terms[0] + BETA * terms[1]).backward()
        optimizer.step(LR)
        losses.append([term.item() for term in terms])
    codes = model.encode(x[-IMAGES:])[0].detach().numpy().ravel()
    for answer in answers:
        np.testing.assert_allclose(answer.losses.sum(1), np.sum(losses, axis=1), rtol=1e-3)
        np.testing.assert_allclose(answer.mu, codes, rtol=1e-2, atol=1e-2)


def test_plain_descent_is_the_lessons_step(modules: Page, train_digits: Split) -> None:
    model, x, rate = model_of("ae", "relu", (128,)), train_digits.images[: 5 * IMAGES], 0.005
    answers = train_here(modules, model, "bce", x, torch.zeros(len(x), 2), rate, "descent")
    losses = [lesson.step(model, batch, rate) for batch in x.split(IMAGES)]
    for answer in answers:
        np.testing.assert_allclose(answer.losses[:, 0], losses, rtol=1e-4)
        np.testing.assert_allclose(answer.mu, model.encode(x[-IMAGES:])[0].detach().numpy().ravel(), atol=1e-3)


def test_weights_begin_as_pytorchs_do(modules: Page) -> None:
    config = model_of("vae", "relu").config
    first, again, other = modules.evaluate(
        """async ({ config }) => {
            const { Trainer } = await import(new URL("assets/core/trainer.js", document.baseURI));
            const weights = (seed) => {
                const { layers, parameters } = new Trainer(config, 1, seed, null);
                const tensors = layers.tensors(parameters, "vae");
                return Object.fromEntries([...tensors].map(([name, tensor]) => [name, Array.from(tensor)]));
            };
            return [weights(0), weights(0), weights(1)];
        }""",
        {"config": vars(config)},
    )
    assert first == again != other
    for name, module in build(config).named_modules():
        if isinstance(module, torch.nn.Linear):
            weight, bias = (np.array(first[f"{name}.{part}"]) for part in ("weight", "bias"))
            reach = module.in_features**-0.5
            assert max(np.abs(weight).max(), np.abs(bias).max()) <= reach
            assert weight.size == module.weight.numel()
            assert abs(weight.mean()) <= 4 * reach / (3 * weight.size) ** 0.5
            np.testing.assert_allclose(weight.std(), reach / 3**0.5, rtol=3 / weight.size**0.5)
