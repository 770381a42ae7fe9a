"""The science of the explorer: networks, losses, training, metrics and checkpoints. Imports no streamlit.

Nothing that loads torch is imported here on purpose: `model.config` is usable without it. Whatever loads torch imports
this package first, which settles how torch's threads will wait. For notebooks and other programs:

    import model

    model.load("checkpoints/vae-mnist.safetensors")  # → model.checkpoint.Checkpoint
    model.wrap(encoder, decoder, data="mnist").save("mine.safetensors")  # modules of your own, see model.importing
"""

from importlib import import_module
from typing import Any

from model.threads import wait_briefly

wait_briefly()

_PUBLIC = {"load": "model.checkpoint", "wrap": "model.importing.convert"}


def __getattr__(name: str) -> Any:
    """What programs use of the modules that load torch, loaded when it is asked for."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
