"""What is said of how long a training run takes. Imports no torch: the app asks another process to measure it."""

__all__ = ["Estimate"]

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """Seconds of an epoch, with the evaluation after it, and of the test figures at the end."""

    epoch: float
    finishing: float
