"""The worker as it is, on 2,000 training digits and with rough figures at the end: for all that is not asked of them.

The test half stays whole, as a checkpoint must have it. Between two epochs it rests, as if each were longer: a run that
goes on beside a test, and the pages that draw it, would else take the machine from all others. One so long that nobody
waits for its end rests longer.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

from explorer.training import worker
from model import data, metrics, training
from model.data import Split
from model.training import EpochReport

TRAINING = 2000  # images
REST, LONG_REST = 0.1, 0.5  # seconds
LONG = 100  # epochs

load, train = data.load, training.train


def load_few(name: str, train: bool) -> Split:
    whole = load(name, train)
    return Split(whole.images[:TRAINING], whole.labels[:TRAINING]) if train else whole


def train_at_leisure(run: training.Run, *others: Any) -> Iterator[EpochReport]:
    for report in train(run, *others):
        yield report
        time.sleep(REST if run.config.epochs < LONG else LONG_REST)


data.load = load_few  # type: ignore[assignment]
training.train = train_at_leisure  # type: ignore[assignment]
metrics.HOLE_SAMPLES, metrics.REALISM_IMAGES, metrics.IWAE_IMAGES = 500, 50, 50

if __name__ == "__main__":
    sys.exit(worker.main())
