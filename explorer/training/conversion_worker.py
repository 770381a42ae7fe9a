"""Makes a checkpoint of one file of PyTorch or Keras: the child's side of `explorer.training.conversion`."""

from pathlib import Path

from explorer.training.errand import answer
from model import checkpoint
from model.importing.convert import convert
from model.importing.fit import Guess
from model.training import leave_a_core


def _convert(question: dict[str, str]) -> dict[str, str]:
    leave_a_core()  # whoever explores on this machine comes first
    made = convert([Path(question["file"])], question["dataset"], {}, Guess())
    checkpoint.save(made.checkpoint, Path(question["out"]))
    return {}


if __name__ == "__main__":
    answer(_convert)
