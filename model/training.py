"""Training as a generator of epoch reports; its state is saved after each epoch, and resumes to the same numbers."""

__all__ = [
    "DivergedError",
    "EpochReport",
    "Run",
    "best_device",
    "described",
    "finish",
    "leave_a_core",
    "on_device",
    "split",
    "train",
]

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from model import data, metrics, threads
from model.checkpoint import Checkpoint, compact
from model.config import ModelConfig, TrainConfig, from_json, to_json
from model.data import Split
from model.dataset import find, is_own
from model.distributed import Group
from model.errors import UserError
from model.files import write_atomically
from model.format import STATE_FILE, TRACE_POINTS, CheckpointError
from model.losses import kl, reconstruction
from model.metrics import Terms
from model.networks import AutoEncoder, build
from model.optimizer import AdamW

STATE_FORMAT = "latent-explorer-run/1"

HALF_MAX = 65504  # the largest number of float16
WARMUP = 0.1  # share of the steps in which one-cycle rises to its peak
PICTURES = 2_000  # test images at the most that a checkpoint of people's own carries
LOOK = 50  # steps between two looks at the loss on a GPU, which has to finish its work for each
BETAS = (0.9, 0.99)  # of AdamW; a shorter memory of squares than 0.999 suits runs of a few thousand steps


# Called after each step with how many of the epoch's steps are done and how many there are; returns the seconds that it
# waited. May raise: then the run has moved on within an epoch, and the last whole epoch is the one that was saved.
Between = Callable[[int, int], float]


class DivergedError(UserError):
    """The loss is no longer a number; the message says at which epoch and what to change."""


@dataclass(frozen=True)
class EpochReport:
    """What one epoch brought.

    Attributes:
        epoch, epochs: how many are done, and how many will be.
        train: losses of the weights as they moved, means over the epoch, with dropout.
        test: losses of the weights that are kept (their average, with `ema`), one draw an image, no dropout.
        beta, lr: at the end of the epoch.
        seconds: spent on training steps, test and trace left out.
        trace: `mu` of the first test images, float16 (points ≤ 2000, latent).
    """

    epoch: int
    epochs: int
    train: Terms
    test: Terms
    beta: float
    lr: float
    seconds: float
    trace: Tensor

    def history(self) -> dict[str, float]:
        """The numbers alone, as the checkpoint keeps them."""
        return {
            "epoch": self.epoch,
            "train_reconstruction": self.train.reconstruction,
            "train_kl": self.train.kl,
            "test_reconstruction": self.test.reconstruction,
            "test_kl": self.test.kl,
            "beta": self.beta,
            "lr": self.lr,
            "seconds": self.seconds,
        }


def best_device() -> torch.device:
    """CUDA, else the CPU. Nobody has measured these small networks on Apple's MPS: it is taken only when asked for."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def leave_a_core() -> None:
    """Compute on one core fewer than there are, unless the user has said on how many: for who explores meanwhile.

    As many threads as cores wait for each other whenever a browser needs one of them. The number must stay the same
    within a run: sums in another order are other numbers, and a resumed run would not end with those of a whole one.
    """
    if threads.THREADS not in os.environ:
        torch.set_num_threads(max(1, torch.get_num_threads() - 1))


def split(config: TrainConfig) -> tuple[Split, Split]:
    """The images to train on and those to judge by: both halves, or with `validation` two parts of the training half.

    Raises:
        DataError: see `model.data.load`.
    """
    training = data.load(config.dataset, train=True)
    if not config.validation:
        return training, data.load(config.dataset, train=False)
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(0))
    held, kept = order[: config.validation], order[config.validation :]
    return (
        Split(training.images[kept], training.labels[kept]),
        Split(training.images[held], training.labels[held]),
    )


class Run:
    """One training run: weights, their average, optimizer state and what has been reported so far.

    Random numbers come from generators seeded by (seed, epoch), so nothing random needs saving, and a resumed run
    draws what the uninterrupted one would have drawn.
    """

    def __init__(
        self, model: ModelConfig, config: TrainConfig, device: torch.device | None = None, group: Group | None = None
    ) -> None:
        self.config = config
        self.group = group or Group()
        self.device = device or torch.device("cpu")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model = build(model)
            self.average = build(model)
        self.average.load_state_dict(self.model.state_dict())
        self.model.to(self.device)
        self.average.to(self.device).eval().requires_grad_(False)
        self.optimizer = AdamW(list(self.model.parameters()), config.weight_decay, BETAS)
        self.epoch = 0
        self.history: list[dict[str, float]] = []
        self.trace: list[Tensor] = []

    @property
    def kept(self) -> AutoEncoder:
        """The weights that count: the average where there is one."""
        return self.average if self.config.ema else self.model

    def change(self, beta: float, lr: float) -> None:
        """Other values from the next epoch on; warm-up and schedule still scale them.

        Raises:
            ConfigError: a value is outside its range; nothing has changed.
        """
        self.config = replace(self.config, beta=beta, lr=lr)

    def save(self, directory: Path) -> None:
        """Write the whole state to `directory`, by atomic rename."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"average.{name}": t for name, t in self.average.state_dict().items()}
        tensors |= {f"optimizer.{name}": t for name, t in self.optimizer.state().items()}
        if self.trace:
            tensors["trace"] = torch.stack(self.trace)
        metadata = {
            "format": STATE_FORMAT,
            "config": to_json(self.model.config),
            "train": to_json(self.config),
            "history": json.dumps(self.history),
        }
        # Copies: safetensors refuses tensors that share memory, and a buffer may be shared by model and average.
        copies = {name: t.detach().cpu().clone() for name, t in tensors.items()}
        write_atomically(directory / STATE_FILE, to_bytes(copies, metadata))

    @classmethod
    def resume(cls, directory: Path, device: torch.device | None = None, group: Group | None = None) -> "Run":
        """The run whose state lies in `directory`, as it was after its last whole epoch.

        Raises:
            CheckpointError: there is no state, or it is damaged.
        """
        path = directory / STATE_FILE
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                # Copies: Windows replaces no file that somebody has mapped, and the run saves its next state there.
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
            if metadata.get("format") != STATE_FORMAT:
                text, found = "{path}: expected {expected}, found {found}; start anew.", metadata.get("format")
                raise CheckpointError(text, path=path, expected=STATE_FORMAT, found=found)
            run = cls(
                from_json(ModelConfig, metadata["config"]), from_json(TrainConfig, metadata["train"]), device, group
            )
            run.history = json.loads(metadata["history"])
            run._restore(tensors)
        except FileNotFoundError as error:
            text = "{path}: expected the state of a run, found none; check --resume."
            raise CheckpointError(text, path=path) from error
        except CheckpointError:
            raise
        except (SafetensorError, OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
            text = "{path}: expected a run's state, found it damaged ({why}); start anew."
            raise CheckpointError(text, path=path, why=error) from error
        return run

    def _restore(self, tensors: dict[str, Tensor]) -> None:
        for prefix, module in (("model.", self.model), ("average.", self.average)):
            module.load_state_dict({k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)})
        prefix = "optimizer."
        self.optimizer.restore({k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)})
        self.trace = list(tensors["trace"]) if "trace" in tensors else []
        self.epoch = len(self.history)

    def run_epoch(self, training: Split, test: Split, between: Between | None = None) -> EpochReport:
        """Train one epoch, judge it, and return its report. Both splits' images must lie on the run's device.

        Raises:
            DivergedError: the loss is NaN or infinite.
        """
        config, images, labels = self.config, training.images, training.labels.to(self.device)
        generator = torch.Generator(self.device).manual_seed(config.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(images), device=self.device, generator=generator)
        batches = order.split(config.batch)
        steps, first = config.epochs * len(batches), self.epoch * len(batches)
        sums = torch.zeros(2, device=self.device)
        lr = beta = waited = 0.0
        begin = time.perf_counter()
        self.model.train()
        for i, batch in enumerate(batches):
            lr = config.lr * _schedule(config, first + i, steps)
            beta = config.beta * _ramp(first + i, config.kl_warmup * steps)
            terms = self._step(images.index_select(0, batch), labels[batch], lr, beta, generator, first + i)
            sums += terms * len(batch)
            if self.device.type == "cpu" or (i + 1) % LOOK == 0:
                self._check_finite(sums / min((i + 1) * config.batch, len(images)), i + 1, len(batches))
            if between:
                waited += between(i + 1, len(batches))
        rec, div = (sums / len(images)).tolist()
        seconds = time.perf_counter() - begin - waited
        self.model.eval()
        test_terms = metrics.elbo(
            self.kept, test.images, labels=test.labels, samples=1, loss=config.loss, seed=config.seed
        )
        train_terms = Terms(rec, div)
        for found in (train_terms, test_terms):
            self._check_finite(torch.tensor([found.reconstruction, found.kl]), len(batches), len(batches))
        self.epoch += 1
        report = EpochReport(
            epoch=self.epoch,
            epochs=config.epochs,
            train=train_terms,
            test=test_terms,
            beta=beta,
            lr=lr,
            seconds=seconds,
            trace=self.look(test),
        )
        self.history.append(report.history())
        self.trace.append(report.trace)
        return report

    def look(self, test: Split) -> Tensor:
        """`mu` of the first test images by the weights as they are, float16 (points ≤ 2000, latent)."""
        mu, _ = metrics.encode(self.kept, test.images[:TRACE_POINTS], test.labels)
        return mu.clamp(-HALF_MAX, HALF_MAX).half()  # an infinity would make the checkpoint unreadable

    def _check_finite(self, terms: Tensor, step: int, steps: int) -> None:
        """Raises DivergedError where reconstruction or KL, shape (2,), is NaN or infinite after a step of the epoch."""
        if terms.isfinite().all():
            return
        rec, div = terms.tolist()
        raise DivergedError(
            "The loss is no longer a finite number in epoch {epoch}, step {step} of {steps}"
            " (reconstruction {reconstruction}, KL {kl}): start anew with a lower learning rate (it was {lr}).",
            epoch=self.epoch + 1,
            step=step,
            steps=steps,
            reconstruction=rec,
            kl=div,
            lr=f"{self.config.lr:g}",
        )

    def _step(self, x: Tensor, y: Tensor, lr: float, beta: float, generator: torch.Generator, step: int) -> Tensor:
        """One update on images and their labels; returns the batch's mean reconstruction and KL, detached, shape (2,).

        Every process of the group gets the whole batch and draws for all of it, then keeps to its own share.
        """
        rows, own = len(x), self.group.share(len(x))
        seen = x
        if self.config.input_dropout:
            seen = _drop(x, self.config.input_dropout, generator)
        noise = torch.randn((rows, self.model.config.latent), device=self.device, generator=generator)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"):
            mu, logvar = self.model.encode(seen[own], y[own])
            logits = self.model.decoder(self.model.sample(mu, logvar, noise[own]), y[own])
        rec = reconstruction(logits, x[own], self.config.loss, self.model.config.output).sum() / rows
        div = kl(mu, logvar).sum() / rows if logvar is not None else torch.zeros_like(rec)
        (rec + beta * div).backward()
        terms = torch.stack([rec.detach(), div.detach()])
        self.group.add_up([terms, *(p.grad for p in self.model.parameters() if p.grad is not None)])
        self.optimizer.step(lr)
        if self.config.ema:
            # A young average must forget quickly, or it would be made of the random start.
            decay = min(self.config.ema, (1 + step) / (10 + step))
            with torch.no_grad():
                torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - decay)
        return terms


def _drop(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """`x` with a `share` of its numbers set to 0, to the nearest 256th, and the others scaled up to keep the mean.

    One random byte a number: `bernoulli_` draws a whole word for each on one core, and took 7 % of a step.
    """
    threshold = round(256 * share)
    words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
    octets = words.random_(-(2**63), None, generator=generator).view(torch.uint8)
    keep = octets[: x.numel()].view_as(x) >= threshold
    return x * keep * (256 / (256 - threshold))


def _ramp(step: int, length: float) -> float:
    return min(1.0, step / length) if length >= 1 else 1.0


def _schedule(config: TrainConfig, step: int, steps: int) -> float:
    """One-cycle: linear rise, cosine fall to 0 (Smith & Topin 2018, arXiv:1708.07120); or 1 throughout."""
    if config.schedule == "constant":
        return 1.0
    rise = max(1.0, WARMUP * steps)
    if step < rise:
        return (step + 1) / (rise + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1.0, steps - rise)))


def on_device(split: Split, device: torch.device) -> Split:
    """The same split with its images on `device`."""
    return Split(split.images.to(device), split.labels)


def train(
    run: Run, training: Split, test: Split, directory: Path | None = None, between: Between | None = None
) -> Iterator[EpochReport]:
    """Run to the last epoch, one report each; with a `directory` the state is saved there before each report.

    Raises:
        DivergedError: the loss is NaN or infinite; the state of the last good epoch stays in `directory`.
    """
    training, test = on_device(training, run.device), on_device(test, run.device)
    while run.epoch < run.config.epochs:
        report = run.run_epoch(training, test, between)
        if directory is not None and run.group.first:
            run.save(directory)
        yield report


def finish(run: Run, training: Split, test: Split) -> Checkpoint:
    """The checkpoint of a run as it stands: its kept weights, latents of both halves, trace and history, no figures."""
    model = build(run.kept.config)
    model.load_state_dict({name: t.cpu() for name, t in run.kept.state_dict().items()})
    made = described(model, run.config, training, test)
    return replace(made, trace=torch.stack(run.trace), history=run.history)


def described(model: AutoEncoder, config: TrainConfig, training: Split, test: Split, imported: str = "") -> Checkpoint:
    """The checkpoint of a model as it is, with the latents of both halves; its trace is of one epoch.

    It lacks the figures, for which `model.metrics.evaluate` takes longer than all this.

    Args:
        config: how it was trained.
        imported: see `Checkpoint`.
    """
    model.eval()
    images = None
    if is_own(config.dataset):
        levels = test.images[:PICTURES].mul(255).round().byte()
        images = levels.view(-1, *model.config.picture)
    mu, logvar = metrics.encode(model, test.images, test.labels)
    train_mu, _ = metrics.encode(model, training.images, training.labels)
    compact_mu = compact(train_mu)
    return Checkpoint(
        model=model,
        train=config,
        mu=mu,
        logvar=logvar,
        label=test.labels.to(torch.uint8),
        trace=mu[None, :TRACE_POINTS].clamp(-HALF_MAX, HALF_MAX).half(),
        train_mu=compact_mu,
        train_label=None if compact_mu is None else training.labels.to(torch.uint8),
        imported=imported,
        data=find(config.dataset),
        images=images,
    )
