"""How fast training is: against the plain recipe, against the machine's own matmul rate, and in the app.

python -m tests.benchmarks.training [PART …]  parts: recipe, whole, matmul, app, company, drag, watchers; all by default

- recipe: training seconds to the test loss 154.7 (BCE + KL, single sample) of the default recipe, and of the plain
  baseline recipe through a `DataLoader`, in turn; and whole-process wall times of both.
- whole: the command line from its start, torch's import included, to a file that can be explored, and to its figures:
  wall and processor time, the best of some rounds; the preset quick (goal: 8 s on two quiet cores), and one epoch that
  reaches 154.7 (goal: 3.3 s, a tenth of the original program's 33).
- matmul: seconds an epoch of the baseline network at batch 500 in float32, and what share of the rate at which this
  machine multiplies large matrices its multiply-adds make.
- app: seconds an epoch, all in, of the same run by the command line and in the app, in turn.
- company: seconds an epoch of the default recipe on few images, alone, beside two processes that compute all the time
  and beside another run; and of the app's worker, alone and beside a drag in Explore, whose frame intervals are told.
  In turn, each company against alone; the first also without what `model.threads` sets. Two and a half minutes.
- drag: frame intervals while the point is dragged in Explore and a run trains on all cores.
- watchers: processor time of the server while 200 connections watch a run.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import torch
from playwright.sync_api import Browser, Page, sync_playwright
from torch.utils.data import DataLoader, TensorDataset

from model import metrics, training
from model.config import PRESETS, ModelConfig, TrainConfig
from model.data import Split
from model.format import STATE_FILE, read_metadata
from model.losses import kl, reconstruction
from model.networks import build
from model.threads import SPIN_COUNT
from tests.benchmarks.drag import MOVES, ROWS, measure, ready, recorded, resident_mb, spiral
from tests.browser.conftest import PROJECTOR, Explore, launch
from tests.browser.test_train import Train
from tests.server import ROOT, serve

if sys.platform == "win32":
    sys.exit("These benchmarks stop processes and let them go on: run them on Linux.")

TARGET = 154.7  # nats: what the original program reached in 15 epochs
ROUNDS = 3
TURNS = 8
FEW = 10_000  # images an epoch of the runs in company
AS_IT_COMES = {SPIN_COUNT: "300000"}  # libgomp's own
WATCHERS = 200
MOST_EPOCHS = 40

BASELINE = PRESETS["baseline"]

# What `train` is asked for, from its start to the end.
WHOLE = {
    "quick": ["--preset", "quick"],
    "to the target": [
        *("--epochs", "1", "--batch", "150", "--schedule", "constant", "--kl-warmup", "0.4", "--input-dropout", "0"),
        *("--encoder", "128,64", "--decoder", "256"),
    ],
}


def plain_recipe() -> Iterator[tuple[float, float]]:
    """The baseline as the textbook has it: a `DataLoader`, Adam at 1e-3; training seconds so far and test loss."""
    config = TrainConfig(**BASELINE.train)
    digits, judge = training.split(config)
    torch.manual_seed(0)
    model = build(ModelConfig(**BASELINE.model))
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    loader = DataLoader(TensorDataset(digits.images, digits.labels), batch_size=config.batch, shuffle=True)
    seconds = 0.0
    while True:
        begin = time.perf_counter()
        for x, _label in loader:
            mu, logvar = model.encode(x)
            assert logvar is not None
            logits = model.decoder(model.sample(mu, logvar, torch.randn_like(mu)))
            loss = (reconstruction(logits, x, "bce") + kl(mu, logvar)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds += time.perf_counter() - begin
        yield seconds, metrics.elbo(model, judge.images, samples=1).total


def default_recipe() -> Iterator[tuple[float, float]]:
    """What `train` does with no options."""
    run = training.Run(ModelConfig(), TrainConfig())
    seconds = 0.0
    for report in training.train(run, *training.split(run.config)):
        seconds += report.seconds
        yield seconds, report.test.total


def to_target(recipe: Callable[[], Iterator[tuple[float, float]]]) -> tuple[int, float, float]:
    """Epochs and training seconds until the test loss is down to the target, and that loss."""
    for epoch, (seconds, loss) in enumerate(recipe(), start=1):
        if loss <= TARGET or epoch == MOST_EPOCHS:
            return epoch, seconds, loss
    raise RuntimeError("the recipe ended before it reached the target")


def told(values: list[float], form: str = ".1f") -> str:
    """The median of some rounds, and how far they lie apart."""
    return f"{statistics.median(values):{form}} (rounds: {min(values):{form}} to {max(values):{form}})"


def recipe() -> None:
    rows: dict[str, list[float]] = {"plain": [], "default": []}
    walls: dict[str, list[float]] = {"plain": [], "default": []}
    for _ in range(ROUNDS):
        for name in rows:
            begin = time.perf_counter()
            command = [sys.executable, "-m", "tests.benchmarks.training", f"one-{name}"]
            made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            epochs, seconds, loss = json.loads(made.stdout)
            walls[name].append(time.perf_counter() - begin)
            rows[name].append(seconds)
            took = f"{seconds:6.2f} s of training to {loss:.2f} nats, {walls[name][-1]:.1f} s in all"
            print(f"  {name:<8} {epochs:>2} epochs, {took}")
    ratios = [plain / default for plain, default in zip(rows["plain"], rows["default"], strict=True)]
    whole = [plain / default for plain, default in zip(walls["plain"], walls["default"], strict=True)]
    print(f"training to {TARGET} nats, times less: {told(ratios)}")
    print(f"whole process, times less: {told(whole)}")


def whole() -> None:
    for name, settings in WHOLE.items():
        rounds = [from_start(settings) for _ in range(ROUNDS)]
        walls, spent, all_walls, all_spent, losses = zip(*rounds, strict=True)
        print(f"{name} ({' '.join(settings)}): test loss {losses[0]:.2f} nats")
        print(f"  explorable after {min(walls):.1f} s, {min(spent):.1f} s of processor time")
        print(f"  with its figures {min(all_walls):.1f} s, {min(all_spent):.1f} s of processor time")


def from_start(settings: list[str]) -> tuple[float, float, float, float, float]:
    """Wall and processor seconds of `train` until its file can be explored; both to the end; and the test loss."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "made.safetensors"
        command = [sys.executable, "-m", "model", "train", *settings, "--out", str(out)]
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout
        process.stdout.readline()
        explorable, spent = time.perf_counter() - begin, cpu_seconds(process.pid)
        process.stdout.read()
        _pid, _status, usage = os.wait4(process.pid, 0)
        last = json.loads(read_metadata(out)["history"])[-1]
    loss = last["test_reconstruction"] + last["test_kl"]
    return explorable, spent, time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, loss


def matmul() -> None:
    size = 2048
    a, b = torch.randn(size, size), torch.randn(size, size)
    model = ModelConfig(**BASELINE.model)
    config = TrainConfig(**{**BASELINE.train, "batch": 500})
    digits, judge = training.split(config)
    run = training.Run(model, config)
    run.run_epoch(digits, judge)
    shares = []
    for _ in range(ROUNDS):
        rate = 2 * size**3 / min(_timed(lambda: torch.mm(a, b)) for _ in range(20))
        report = run.run_epoch(digits, judge)
        # Forward, and backward to inputs and to weights: three products a matrix; the images need no gradient.
        matrices = sum(p.numel() for p in run.model.parameters() if p.ndim > 1)
        first = next(p.numel() for p in run.model.parameters())
        work = 2 * (3 * matrices - first) * len(digits)
        shares.append(work / report.seconds / rate)
        speeds = f"matmul {rate / 1e9:.0f} GFLOP/s, training {work / report.seconds / 1e9:.0f}"
        print(f"  an epoch {report.seconds:.2f} s; {speeds}")
    print(f"baseline network, batch 500, float32, share of the machine's matmul rate: {told(shares, '.0%')}")


def _timed(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


@contextmanager
def server() -> Iterator[tuple[str, int, Path]]:
    with tempfile.TemporaryDirectory() as runs, serve(environment={"EXPLORER_RUNS": runs}) as (address, pid):
        yield address, pid, Path(runs)


def start_run(page: Page, address: str, epochs: int) -> Train:
    """Start a run of the default network by the form, and wait for its first epoch."""
    teacher = Train(page, address).open()
    teacher.fill("Epochs", str(epochs))
    page.get_by_role("button", name="Start training").click()
    teacher.epochs(1)
    return teacher


def app() -> None:
    """Both runs go on side by side, and are let go in turn for two epochs: this machine's own moods fall on both."""
    forever = 1000
    with (
        tempfile.TemporaryDirectory() as folder,
        server() as (address, pid, runs),
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        context = browser.new_context(viewport=PROJECTOR)
        start_run(context.new_page(), address, forever)
        context.close()
        inside = next(child for child in children(pid) if b"explorer.training.worker" in command_line(child))
        os.kill(inside, signal.SIGSTOP)
        command = [sys.executable, "-m", "model", "train", "--epochs", str(forever), "--run", folder]
        alone = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        states = {alone.pid: Path(folder) / "state.safetensors", inside: runs / "run-1" / "state.safetensors"}
        ratios = []
        for _ in range(TURNS):
            seconds = {}
            for process, state in states.items():
                with let_go(process):
                    (seconds[process],) = epoch_seconds(state)
            ratios.append(seconds[inside] / seconds[alone.pid])
            print(f"  an epoch by the command line {seconds[alone.pid]:.2f} s, in the app {seconds[inside]:.2f} s")
        for process in states:
            os.kill(process, signal.SIGKILL)
        alone.wait()
    print(f"an epoch in the app, in epochs by the command line: {told(ratios, '.3f')}")


@contextmanager
def let_go(*processes: int) -> Iterator[None]:
    """Processes that were stopped go on for as long as this lasts."""
    for process in processes:
        os.kill(process, signal.SIGCONT)
    yield
    for process in processes:
        os.kill(process, signal.SIGSTOP)


def epoch_seconds(*states: Path) -> list[float]:
    """Wait until each of some runs that go on has saved its state three times; mean times from one save to the next."""

    def saved(state: Path) -> int:
        return state.stat().st_mtime_ns if state.exists() else 0

    last = [saved(state) for state in states]
    times: list[list[int]] = [[] for _ in states]
    while min(map(len, times)) < 3:
        for i, state in enumerate(states):
            if (now := saved(state)) != last[i]:
                times[i].append(now)
                last[i] = now
        time.sleep(0.005)
    return [(found[-1] - found[0]) / (len(found) - 1) / 1e9 for found in times]


def children(pid: int) -> list[int]:
    """The processes that a process has started (Linux)."""
    lists = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for found in lists for child in found.read_text(encoding="utf-8").split()]


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def show(name: str, values: list[float]) -> None:
    p50, p99 = np.percentile(values, [50, 99])
    print(f"{name:<32}p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   max {max(values):6.2f} ms   n {len(values)}")


def small_run(folder: Path) -> None:
    """The default recipe on few images, until the process is killed; its state lies in the folder."""
    digits, judge = (Split(half.images[:FEW], half.labels[:FEW]) for half in training.split(TrainConfig()))
    run = training.Run(ModelConfig(), TrainConfig(epochs=10_000))
    for _report in training.train(run, digits, Split(judge.images[:500], judge.labels[:500]), folder):
        pass


@contextmanager
def stopped(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """A Python process that stands still until it is let go."""
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env={**os.environ, **(environment or {})})
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def stopped_run(environment: Mapping[str, str] | None = None) -> Iterator[tuple[int, Path]]:
    """A small run that stands still, but for the first epochs, which allocate; and where its state is."""
    command = ["-m", "tests.benchmarks.training", "one-small"]
    with tempfile.TemporaryDirectory() as folder, stopped(*command, folder, environment=environment) as process:
        state = Path(folder) / STATE_FILE
        with let_go(process):
            epoch_seconds(state)
        yield process, state


@contextmanager
def stopped_worker(browser: Browser, address: str, pid: int, runs: Path) -> Iterator[tuple[int, Path]]:
    """The app's worker with a run that was started by the form and stands still, and where its state is."""
    page = browser.new_page(viewport=PROJECTOR)
    start_run(page, address, 10_000)
    page.close()
    worker = next(child for child in children(pid) if b"explorer.training.worker" in command_line(child))
    os.kill(worker, signal.SIGSTOP)
    try:
        yield worker, runs / "run-1" / STATE_FILE
    finally:
        os.kill(worker, signal.SIGKILL)


def company() -> None:
    """All stand still but those whose turn it is, so that this machine's own moods fall on all."""
    seconds: dict[str, list[float]] = {}
    frames: dict[str, list[float]] = {"nobody trains": [], "a run trains": []}

    def note(name: str, found: list[float]) -> None:
        seconds.setdefault(name, []).extend(found)
        print(f"  {name:<40}" + ", ".join(f"{value:6.2f} s" for value in found), flush=True)

    with (
        server() as (address, pid, folder),
        sync_playwright() as playwright,
        launch(playwright) as browser,
        stopped_worker(browser, address, pid, folder) as (worker, state),
        stopped("-c", "while True: pass") as one_loop,
        stopped("-c", "while True: pass") as other_loop,
        stopped_run() as (one, its),
        stopped_run() as (other, others),
        stopped_run(AS_IT_COMES) as (plain, plains),
    ):
        for _ in range(ROUNDS):
            for name, process, at in (("", one, its), (" as it comes", plain, plains)):
                with let_go(process):
                    note("alone" + name, epoch_seconds(at))
                with let_go(process, one_loop, other_loop):
                    note("beside two busy processes" + name, epoch_seconds(at))
            with let_go(one, other):
                note("beside another run", epoch_seconds(its, others))
            with let_go(worker):
                note("in the app, alone", epoch_seconds(state))
            pace, quiet, busy = drag_beside(worker, state, Explore(browser.new_page(viewport=PROJECTOR), address))
            note("in the app, beside a drag", pace)
            frames["nobody trains"] += quiet
            frames["a run trains"] += busy
    told_against(seconds, "alone", "beside two busy processes", "beside another run", "alone as it comes")
    told_against(seconds, "alone as it comes", "beside two busy processes as it comes")
    told_against(seconds, "in the app, alone", "in the app, beside a drag")
    for name, intervals in frames.items():
        show(f"frame interval, {name}", intervals)


def drag_beside(worker: int, state: Path, explore: Explore) -> tuple[list[float], list[float], list[float]]:
    """Seconds an epoch of a stopped run that is let go during a drag; frame intervals of a drag before, and of that."""
    ready(explore, ROWS[0])
    quiet = recorded(explore, lambda: spiral(explore, MOVES))
    with ThreadPoolExecutor(1) as pool, let_go(worker):
        pace = pool.submit(epoch_seconds, state)

        def drag_on() -> None:
            while not pace.done():
                spiral(explore, MOVES)

        busy = recorded(explore, drag_on)
    explore.page.close()
    return pace.result(), quiet["frames"], busy["frames"]


def told_against(seconds: dict[str, list[float]], alone: str, *companies: str) -> None:
    """Each company's epochs, in epochs alone: ratio of the medians."""
    own = statistics.median(seconds[alone])
    print(f"{alone}: {told(seconds[alone], '.2f')} s an epoch")
    for name in companies:
        print(f"{name}: {told(seconds[name], '.2f')} s, {statistics.median(seconds[name]) / own:.2f} times that")


def drag() -> None:
    with server() as (address, _pid, runs), sync_playwright() as playwright, launch(playwright) as browser:
        context = browser.new_context(viewport=PROJECTOR)
        teacher = start_run(context.new_page(), address, 1000)
        teacher.page.close()
        record, messages = measure(Explore(context.new_page(), address), ROWS[0])
        rows = json.loads(read_metadata(runs / "run-1" / "state.safetensors")["history"])
    show("frame interval", record["frames"])
    show("decode", record["decodes"])
    print(f"{messages} messages and requests while moving; {len(rows)} epochs were trained meanwhile")


def watchers() -> None:
    with server() as (address, pid, _runs), sync_playwright() as playwright, launch(playwright) as browser:
        context = browser.new_context(viewport=PROJECTOR)
        start_run(context.new_page(), address, 1000)
        context.close()

        def used(seconds: float) -> float:
            before = cpu_seconds(pid)
            time.sleep(seconds)
            return (cpu_seconds(pid) - before) / seconds

        nobody = used(10)
        counts = [0] * WATCHERS
        host = urlparse(address).netloc
        for number in range(WATCHERS):
            threading.Thread(target=_watch, args=(host, counts, number), daemon=True).start()
        while not all(counts):
            time.sleep(0.1)
        before = sum(counts)
        share = used(30)
        rate = (sum(counts) - before) / 30
        print(f"server's processor time, of a core: {nobody:.1%} with nobody watching, {share:.1%} with {WATCHERS}")
        print(f"{rate:.0f} events a second to all of them; the server is {resident_mb(pid):.0f} MB resident")


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _watch(host: str, counts: list[int], number: int) -> None:
    connection = http.client.HTTPConnection(host)
    connection.request("GET", "/training/events")
    stream = connection.getresponse()
    while line := stream.readline():
        counts[number] += line.startswith(b"event:")


PARTS: dict[str, Callable[[], None]] = {
    "recipe": recipe,
    "whole": whole,
    "matmul": matmul,
    "app": app,
    "company": company,
    "drag": drag,
    "watchers": watchers,
}


def main() -> None:
    if sys.argv[1:] in (["one-plain"], ["one-default"]):
        print(json.dumps(to_target(plain_recipe if sys.argv[1] == "one-plain" else default_recipe)))
        return
    if sys.argv[1:2] == ["one-small"]:
        small_run(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts = parser.parse_args().parts or list(PARTS)
    if unknown := ", ".join(name for name in parts if name not in PARTS):
        parser.error(f"expected parts among {', '.join(PARTS)}; found {unknown}")
    for name in parts:
        print(f"{name}:")
        PARTS[name]()


if __name__ == "__main__":
    main()
