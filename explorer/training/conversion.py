"""Models of PyTorch or Keras that somebody drops: a child process makes checkpoints of them, for that takes torch."""

__all__ = ["converted"]

import tempfile
from io import BytesIO
from pathlib import Path

from explorer.settings import SUFFIX
from explorer.training import errand
from model.errors import UserError
from model.safetensors_header import CheckpointError, read_safetensors_header

MODULE = "explorer.training.conversion_worker"


def converted(filename: str, content: bytes, dataset: str = "mnist") -> tuple[str, bytes]:
    """A checkpoint's name and content: the file's own, where it is one or nothing else can be made of it.

    Args:
        dataset: whose images the model was trained on.

    Raises:
        UserError: it holds no model that can be imported; or there was no room, time or memory for it.
    """
    if Path(filename).suffix.lower() == SUFFIX and not _is_foreign(content):
        return filename, content
    text = "{name}: importing it took more time or memory than there is here; try `python -m model import` yourself."
    failed = UserError(text, name=filename)
    with tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True) as folder:
        source, out = errand.write(Path(folder, "in"), filename, content), Path(folder, f"out{SUFFIX}")
        errand.ask(MODULE, {"file": str(source), "out": str(out), "dataset": dataset}, filename, failed)
        return filename.partition(".")[0] + SUFFIX, out.read_bytes()


def _is_foreign(content: bytes) -> bool:
    """Whether it is a safetensors file that says of itself nothing that a checkpoint of ours does."""
    try:
        return "format" not in read_safetensors_header("", BytesIO(content), len(content)).metadata
    except CheckpointError:  # whoever looks at it says so
        return False
