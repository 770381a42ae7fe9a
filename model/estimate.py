"""What is said of how long a training run takes. Imports no torch: the app asks another process to measure it."""

__all__ = ["MNIST", "Estimate"]

from dataclasses import dataclass

MNIST = (60_000, 10_000)  # images to learn from, and to judge by: of every data set that is known by its name


@dataclass(frozen=True)
class Estimate:
    """Seconds of an epoch, with the evaluation after it, and of the test figures at the end."""

    epoch: float
    finishing: float
