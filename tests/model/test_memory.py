"""What a run takes in memory: the count of its numbers is torch's, and a real process stays below what is foretold."""

import json
import subprocess
import sys

import pytest

from model.config import ModelConfig, TrainConfig, to_json
from model.memory import BASE, needed, parameters
from model.networks import build

# Builds a run, takes a step, writes its state, and prints its peak in bytes: by VmHWM, since Linux's getrusage begins
# with the peak of the process that started this one.
PEAK = """
import json, sys, tempfile
from pathlib import Path
import psutil, torch
from model.config import ModelConfig, TrainConfig, from_json
from model.training import Run
model, config = (from_json(kind, text) for kind, text in zip((ModelConfig, TrainConfig), json.loads(sys.argv[1])))
run = Run(model, config)
x = torch.rand(config.batch, model.pixels)
run._step(x, torch.zeros(len(x), dtype=torch.int64), 1e-3, 1.0, torch.Generator(), 0)
with tempfile.TemporaryDirectory() as folder:
    run.save(Path(folder))
if sys.platform == "linux":
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    print(1024 * int(peak.split()[1]))
elif sys.platform == "darwin":
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
else:
    print(psutil.Process().memory_info().peak_wset)
"""


@pytest.mark.parametrize(
    "model",
    [
        ModelConfig(),
        ModelConfig(encoder=(), decoder=(), fourier=0),
        ModelConfig(encoder=(8,), decoder=(), fourier=3, conditional=True),
        ModelConfig(model="ae", fourier=0, layer_norm=False, encoder=(32, 16, 8), decoder=(9,)),
        ModelConfig(latent=7, fourier=5, height=12, width=30, encoder=(40,), decoder=(16, 24)),
    ],
    ids=str,
)
def test_numbers_are_counted_as_torch_does(model: ModelConfig) -> None:
    assert parameters(model) == sum(tensor.numel() for tensor in build(model).state_dict().values())


@pytest.mark.parametrize(
    ("model", "train"),
    [
        (ModelConfig(encoder=(2000, 2000), decoder=(2000, 2000)), TrainConfig(batch=10)),
        (ModelConfig(encoder=(2000,), decoder=(10,)), TrainConfig(batch=10_000, precision="float32")),
    ],
    ids=["weights", "batch"],
)
def test_a_process_takes_no_more_than_was_counted(model: ModelConfig, train: TrainConfig) -> None:
    asked = json.dumps([to_json(model), to_json(train)])
    done = subprocess.run([sys.executable, "-c", PEAK, asked], capture_output=True, text=True, check=True)
    counted = needed(model, train, (0, 0)) - BASE  # what the model and its batch take
    assert 0.5 * counted < int(done.stdout) < BASE + counted
