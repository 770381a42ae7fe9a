"""Models of PyTorch or Keras that somebody drops: a child process makes checkpoints of them, for that takes torch.

It is told by a line of JSON which file and where to, and answers by another: `explorer.training.conversion_worker`.
"""

__all__ = ["converted"]

import json
import re
import subprocess
import tempfile
import threading
from io import BytesIO
from pathlib import Path

from explorer.settings import SUFFIX
from explorer.training.child import Child
from model.errors import UserError
from model.safetensors_header import CheckpointError, read_safetensors_header

LIMIT = 90  # seconds for one file, on a machine that is busy
MODULE = "explorer.training.conversion_worker"

_turns = threading.BoundedSemaphore(1)  # a class that drops forty files at once gets them one after another


def converted(filename: str, content: bytes, dataset: str = "mnist") -> tuple[str, bytes]:
    """A checkpoint's name and content: the file's own, where it is one or nothing else can be made of it.

    Waits for the child, in the thread of the viewer's page.

    Args:
        dataset: whose images the model was trained on.

    Raises:
        UserError: it holds no model that can be imported; or there was no time or memory for it.
    """
    if Path(filename).suffix.lower() == SUFFIX and not _is_foreign(content):
        return filename, content
    with tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True) as folder:
        source = Path(folder, re.sub(r"[^\w. -]", "_", Path(filename).name)[-80:])
        out = Path(folder, "out", f"model{SUFFIX}")
        try:
            source.write_bytes(content)
            out.parent.mkdir()
        except OSError as error:
            text = "{name}: the server could not keep it ({why}); tell whoever runs it, then try again."
            raise CheckpointError(text, name=filename, why=error.strerror) from error
        if not _turns.acquire(timeout=2 * LIMIT):
            text = "{name}: others are importing models here: try again in a few minutes."
            raise CheckpointError(text, name=filename)
        try:
            _ask_child({"file": str(source), "out": str(out), "dataset": dataset}, filename)
        finally:
            _turns.release()
        return filename.partition(".")[0] + SUFFIX, out.read_bytes()


def _is_foreign(content: bytes) -> bool:
    """Whether it is a safetensors file that says of itself nothing that a checkpoint of ours does."""
    try:
        return "format" not in read_safetensors_header("", BytesIO(content), len(content)).metadata
    except CheckpointError:  # whoever looks at it says so
        return False


def _ask_child(question: dict[str, str], filename: str) -> None:
    """Raises UserError where no checkpoint was made."""
    try:
        child = Child(MODULE, errors=subprocess.DEVNULL)
        try:
            answer = child.ask(json.dumps(question).encode() + b"\n", LIMIT)
        finally:
            child.kill()
            child.wait()
            child.close()
        found = json.loads(answer)
    except (OSError, ValueError) as error:
        text = (
            "{name}: importing it took more time or memory than there is here; try `python -m model import` yourself."
        )
        raise CheckpointError(text, name=filename) from error
    if found["problem"]:
        raise UserError.from_json(found["problem"])
