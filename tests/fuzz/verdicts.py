"""What both readers say of a file: accepted, refused in one sentence, a traceback, or nothing at all."""

__all__ = ["CONVOLUTIONAL", "LINEAR", "Verdicts", "base", "compare"]

import base64
import collections
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model import checkpoint
from model.checkpoint import Checkpoint
from model.config import ModelConfig, TrainConfig
from model.format import CheckpointError
from model.layers import Layer
from model.networks import build

POINTS = 1000
LIMIT = 10  # seconds within which a reader answers
LONGEST = 800  # characters of a complaint

# A worker reads, so that one that hangs can be ended.
SCRIPT = r"""async ({ base, files, limit, longest }) => {
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const address = new URL("assets/core/", document.baseURI);
    const source = `
        import { read } from "${address}checkpoint.js";
        import { CheckpointError } from "${address}safetensors.js";
        onmessage = async ({ data }) => {
            try {
                const model = read(data);
                await Promise.all([model.encoder(), model.trace(), model.training?.()]);
                model.decoder.decode([0, 0], new Float32Array(model.decoder.pixels));
                postMessage(["accepted", ""]);
            } catch (error) {
                const words = error.message.length <= ${longest} && !/[\\n\\p{Surrogate}]/u.test(error.message);
                postMessage([error instanceof CheckpointError && words ? "refused" : "traceback", String(error)]);
            }
        };
        postMessage("ready");`;
    const script = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const answer = (worker) => new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), 1000 * limit);
        worker.onmessage = ({ data }) => (clearTimeout(timer), resolve(data));
    });
    const start = async () => {
        const worker = new Worker(script, { type: "module" });
        if (!(await answer(worker))) throw new Error("The worker does not start.");
        return worker;
    };
    const inflated = (text) =>
        new Response(new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
    const whole = bytes(base);
    let worker = await start();
    const verdicts = [];
    for (const [before, middle, after] of files) {
        const parts = [whole.subarray(0, before), await inflated(middle), whole.subarray(whole.length - after)];
        const buffer = await new Blob(parts).arrayBuffer();
        worker.postMessage(buffer, [buffer]);
        const verdict = await answer(worker);
        verdicts.push(verdict ?? ["hang", ""]);
        if (!verdict) {
            worker.terminate();
            worker = await start();
        }
    }
    worker.terminate();
    return verdicts;
}"""


LINEAR = ModelConfig(height=8, width=9, encoder=(8,), decoder=(8,), fourier=2)
CONVOLUTIONAL = ModelConfig(
    height=8, width=9, activation="relu", layer_norm=False, fourier=0,
    encoder=(Layer("normalize", (0.5, 0.5)), Layer("conv", (3,), 3, 1, (1, 1)), Layer("pool", (2,)), 8),
    decoder=(8, 24, Layer("reshape", (2, 4, 3)), Layer("upsample", (2,)), Layer("conv", (2,), 3, 1, (1, 1)),
             Layer("transpose", (3,), 2, 1, (0, 1)), 72),
)  # fmt: skip


def base(path: Path, config: ModelConfig = LINEAR) -> bytes:
    """A small and good checkpoint, written to `path`: images of 8 × 9 pixels, random weights, latents and pictures."""
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = build(config)
    mu = torch.randn(POINTS, 2, generator=generator)
    made = Checkpoint(
        model=model,
        train=TrainConfig(epochs=2),
        mu=mu,
        logvar=-mu.abs(),
        label=(torch.arange(POINTS) % 10).byte(),
        trace=torch.stack([mu[:5], mu[5:10]]).half(),
        history=[{"epoch": 1, "beta": 0.5}, {"epoch": 2, "beta": 1.0}],
        metrics={"elbo": -150.25},
        train_mu=mu[:20].half(),
        train_label=(torch.arange(20) % 10).byte(),
        images=torch.randint(0, 256, (30, 8, 9), generator=generator).byte(),
    )
    checkpoint.save(made, path)
    return path.read_bytes()


def _python_verdict(content: bytes, path: Path) -> tuple[str, str]:
    """What Python says of a file, which is written to `path`: accepted, refused, traceback or hang; and the words."""
    path.write_bytes(content)
    begin = time.monotonic()
    try:
        latent = checkpoint.load(path).config.latent
        # The app shows no other; the command line does.
        verdict = ("accepted", "") if latent == 2 else ("refused", f"latent {latent}")
    except CheckpointError as error:
        text = str(error).replace(str(path), "")
        text.encode()
        verdict = ("refused" if len(text) <= LONGEST and "\n" not in text else "traceback", text)
    except Exception as error:
        verdict = ("traceback", repr(error)[:LONGEST])
    return verdict if time.monotonic() - begin <= LIMIT else ("hang", "")


def _browser_verdicts(content: bytes, files: Iterable[bytes], evaluate: Callable[..., Any]) -> list[tuple[str, str]]:
    """What the served modules say of files, each of which is mostly `content`."""
    argument = {
        "base": base64.b64encode(content).decode(),
        "files": [_difference(content, file) for file in files],
        "limit": LIMIT,
        "longest": LONGEST,
    }
    return [(verdict, words) for verdict, words in evaluate(SCRIPT, argument)]


def _difference(content: bytes, file: bytes) -> tuple[int, str, int]:
    """How many bytes are the same at the beginning, all others deflated in base64, how many are the same at the end."""
    shorter = min(len(content), len(file))
    before = _same(content[:shorter], file[:shorter])
    rest = shorter - before
    after = _same(content[len(content) - rest :][::-1], file[len(file) - rest :][::-1])
    return before, base64.b64encode(zlib.compress(file[before : len(file) - after], 1)).decode(), after


def _same(a: bytes, b: bytes) -> int:
    different = np.flatnonzero(np.frombuffer(a, np.uint8) != np.frombuffer(b, np.uint8))
    return int(different[0]) if len(different) else len(a)


@dataclass
class Verdicts:
    """How often both readers said what, and the files of which they must not have said it."""

    table: collections.Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)


def compare(content: bytes, files: dict[str, bytes], folder: Path, evaluate: Callable[..., Any]) -> Verdicts:
    """Give files, by name, to both readers."""
    found = Verdicts()
    answers = _browser_verdicts(content, files.values(), evaluate)
    for (name, file), (browser, words) in zip(files.items(), answers, strict=True):
        python, sentence = _python_verdict(file, folder / "damaged.safetensors")
        found.table[python, browser] += 1
        if python != browser or python not in ("accepted", "refused"):
            found.wrong.append(f"{name}: Python {python} ({sentence}), browser {browser} ({words})")
    return found
