"""Makes a checkpoint of one file of PyTorch or Keras: the child's side of `explorer.training.conversion`."""

import json
import os
import sys
import threading
from pathlib import Path

from explorer.training import memory
from model import checkpoint
from model.errors import UserError
from model.importing.convert import convert
from model.importing.fit import Guess
from model.training import leave_a_core


def main() -> None:
    """Convert the file that standard input names."""
    memory.bound()
    leave_a_core()  # whoever explores on this machine comes first
    question = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    problem = None
    try:
        made = convert([Path(question["file"])], question["dataset"], {}, Guess())
        checkpoint.save(made.checkpoint, Path(question["out"]))
    except UserError as error:
        problem = error.to_json()
    print(json.dumps({"problem": problem}), flush=True)


def _leave_with_the_server() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
