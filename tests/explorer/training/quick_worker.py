"""The worker as it is, on 2,000 training digits, judged by as many, and with rough figures at the end: for all that is
not asked of them.

The latents are of the whole test half, as a checkpoint must have them. Between two epochs it rests, as if each were
longer: a run that goes on beside a test, and the pages that draw it, would else take the machine from all others. One
so long that nobody waits for its end rests longer.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

from explorer.training import worker
from model import data, metrics, training
from model.data import Split
from model.format import TRACE_POINTS
from model.training import EpochReport

TRAINING, MEASURED = 2000, 500  # images
REST, LONG_REST = 0.1, 0.5  # seconds
LONG = 100  # epochs

load, train, evaluate = data.load, training.train, metrics.evaluate


def first(count: int, digits: Split) -> Split:
    return Split(digits.images[:count], digits.labels[:count])


def load_few(name: str, train: bool) -> Split:
    whole = load(name, train)
    return first(TRAINING, whole) if train else whole


def train_at_leisure(run: training.Run, digits: Split, test: Split, *others: Any) -> Iterator[EpochReport]:
    for report in train(run, digits, first(TRACE_POINTS, test), *others):
        yield report
        time.sleep(REST if run.config.epochs < LONG else LONG_REST)


data.load = load_few  # type: ignore[assignment]
training.train = train_at_leisure  # type: ignore[assignment]
metrics.evaluate = lambda model, digits, test, *told: evaluate(model, digits, first(MEASURED, test), *told)
metrics.HOLE_SAMPLES, metrics.REALISM_IMAGES, metrics.IWAE_IMAGES = 500, 50, 50

if __name__ == "__main__":
    sys.exit(worker.main())
