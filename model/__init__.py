"""The science of the explorer: networks, losses, training, metrics and checkpoints. Imports no streamlit.

Nothing that loads torch is imported here on purpose: `model.config` is usable without it. Whatever loads torch imports
this package first, which settles how torch's threads will wait. For notebooks and other programs:

    from model import datasets, load, train, wrap

    ckpt = load("checkpoints/vae-mnist.safetensors")  # or train("baseline", epochs=15), or wrap(encoder, decoder)
    ckpt.decode([0.5, -1.0])  # see model.notebook
    ckpt.figure.map()  # see model.figures
"""

import atexit
import gc
from importlib import import_module
from typing import Any

from model.threads import wait_briefly

wait_briefly()
# A process that has loaded torch has its many objects looked through for garbage as it ends: 0.4 s of CPU time.
atexit.register(gc.freeze)

# What programs use, by name: the module that has it, or that it is.
_PUBLIC = {
    "datasets": "model.data",
    "load": "model.notebook",
    "save_png": "model.figures",
    "train": "model.notebook",
    "wrap": "model.notebook",
}


def __getattr__(name: str) -> Any:
    """What loads torch, loaded when it is asked for."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_PUBLIC[name])
    return module if name == "datasets" else getattr(module, name)
