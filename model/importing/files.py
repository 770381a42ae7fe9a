"""Weights by name from the files that PyTorch and Keras write. No pickle is run, and no other file is read.

Whatever the file, names and shapes are PyTorch's: `….weight` is (outputs, inputs), and a BatchNorm has `running_mean`
and `running_var`.
"""

__all__ = ["read"]

import io
import json
import math
import pickle
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor

from model.errors import Translatable, quoted, shown
from model.importing import ENDINGS
from model.importing.layers import Hint, Weights
from model.safetensors_header import CheckpointError

# Where programs that save more than weights keep them.
INSIDE = ("state_dict", "model_state_dict", "model_state", "model", "net", "weights")
WRAPPERS = ("module.", "_orig_mod.", "model.")  # of DataParallel, torch.compile, Lightning
KERAS_CONVOLUTIONS = {"Conv2D": "conv", "Conv2DTranspose": "transpose"}
MOST_CONFIG = 10_000_000  # bytes of a Keras model's description
MOST = 100_000_000  # numbers in one file: 400 MB
# What both libraries add to a variance before its root, unless they are told otherwise.
TORCH_EPSILON, KERAS_EPSILON = 1e-5, 1e-3
# Keras's names of weights, and PyTorch's.
KERAS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def read(paths: Sequence[Path]) -> Weights:
    """All weights of one file or several, an encoder's and a decoder's say, float32, in the files' order.

    Of several files each name begins with its file's.

    Raises:
        CheckpointError: a file is none of those that are read here, or cannot be read.
    """
    found = Weights({})
    for path in paths:
        prefix = f"{path.name.partition('.')[0]}." if len(paths) > 1 else ""
        tensors, hints = _one(path)
        found.update({prefix + name: tensor for name, tensor in tensors.items()})
        for layer in {prefix + name.rpartition(".")[0] for name in tensors}:
            if hint := hints.get(layer.rpartition(".")[2]):
                found.hints[layer] = hint
        found.channels_last |= path.suffix.lower() in (".keras", ".h5")
    return found


def _one(path: Path) -> tuple[dict[str, Tensor], dict[str, Hint]]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        text = "{name}: expected a file that ends in {endings}; found {found}."
        raise CheckpointError(
            text, name=path.name, endings=", ".join(ENDINGS), found=path.suffix or Translatable("none")
        )
    try:
        tensors = _whole(path.name, reader(path))
        hints = dict(_keras_hints(path)) if reader is _keras else {}
    except CheckpointError:
        raise
    except ModuleNotFoundError as error:
        text = "{name}: reading Keras's files needs the package h5py: `pip install h5py`, then try again."
        raise CheckpointError(text, name=path.name) from error
    except FileNotFoundError as error:
        text = "{name}: expected weights as PyTorch or Keras save them, found no such file; check the path."
        raise CheckpointError(text, name=path) from error
    except Exception as error:  # readers of others, and files made to confuse them: each fails in a way of its own
        text = "{name}: expected weights as PyTorch or Keras save them, found something else ({why}); {cure}."
        cure = Translatable("save them anew, by torch.save(model.state_dict(), …) or model.save_weights(…)")
        raise CheckpointError(text, name=path.name, why=_why(error), cure=cure) from error
    if not tensors:
        text = "{name}: expected weights, found none; save the model once it has been trained."
        raise CheckpointError(text, name=path.name)
    return tensors, hints


def _why(error: Exception) -> str:
    """The first words of what another library says; not PyTorch's, which tells how to run a pickle all the same."""
    if isinstance(error, pickle.UnpicklingError):
        whole = Translatable("a whole module, pickled, which may run any code")
        return whole if "Unsupported global" in str(error) else Translatable("no weights")
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return (
        shown(first) if re.search("[A-Za-z]{3}", first) else Translatable("no weights")
    )  # a number of torch's own, say


def _whole(name: str, pairs: Iterator[tuple[str, Any]]) -> dict[str, Tensor]:
    """Those of the pairs that are tensors of floating-point numbers, as float32."""
    found: dict[str, Tensor] = {}
    left = MOST
    for key, value in pairs:
        if not isinstance(value, Tensor) or not value.is_floating_point():
            continue  # num_batches_tracked, the state of a random generator
        left -= math.prod(value.shape)  # before anything is copied: a file can say that one number is a billion
        if left < 0:
            text = "{name}: expected {most} numbers at the most, found more."
            raise CheckpointError(text, name=name, most=f"{MOST:,}")
        tensor = value.detach().to_dense().float().contiguous()
        if not bool(tensor.isfinite().all()):
            text = "{name}: expected finite numbers, found NaN or infinity in {key}; train it again."
            raise CheckpointError(text, name=name, key=shown(key))
        found[key] = tensor
    return found


def _torch(path: Path) -> Iterator[tuple[str, Any]]:
    content = torch.load(path, map_location="cpu", weights_only=True)
    while isinstance(content, dict) and (inner := next((k for k in INSIDE if isinstance(content.get(k), dict)), None)):
        content = content[inner]
    if not isinstance(content, dict):
        text = "{name}: expected a state_dict, found {found}; save model.state_dict()."
        raise CheckpointError(text, name=path.name, found=quoted(type(content).__name__))
    yield from _unwrapped([(str(name), value) for name, value in content.items()])


def _safetensors(path: Path) -> Iterator[tuple[str, Any]]:
    # The file has them by the alphabet; a program counts its layers.
    yield from _unwrapped(sorted(load_safetensors(path.read_bytes()).items(), key=lambda item: _counted(item[0])))


def _unwrapped(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The same without what a wrapper puts before each name."""
    for wrapper in WRAPPERS:
        if pairs and all(name.startswith(wrapper) for name, _value in pairs):
            pairs = [(name.removeprefix(wrapper), value) for name, value in pairs]
    return pairs


def _counted(name: str) -> list[tuple[int, str]]:
    """By which names are sorted as people count: layer 2 before layer 10."""
    return [(int(digits or 0), text) for digits, text in re.findall(r"(\d*)(\D*)", name)]


def _keras(path: Path) -> Iterator[tuple[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        inside = archive.getinfo("model.weights.h5")
        if inside.file_size > 4 * MOST:
            raise ValueError(f"{inside.file_size:,} bytes of weights")
        yield from _h5(io.BytesIO(archive.read(inside)))


def _keras_hints(path: Path) -> Iterator[tuple[str, Hint]]:
    """What a model's config says of its convolutions, by their names.

    Raises:
        CheckpointError: one is of a kind that is not computed here.
    """
    with zipfile.ZipFile(path) as archive:
        if "config.json" not in archive.namelist() or archive.getinfo("config.json").file_size > MOST_CONFIG:
            return
        layers = [json.loads(archive.read("config.json"))]
    while layers:
        layer = layers.pop()
        layers += layer if isinstance(layer, list) else layer.values() if isinstance(layer, dict) else []
        kind = KERAS_CONVOLUTIONS.get(layer.get("class_name", "")) if isinstance(layer, dict) else None
        config = layer.get("config") if kind else None
        if not kind or not isinstance(config, dict):
            continue
        stride, dilation = config.get("strides", [1]), config.get("dilation_rate", [1])
        known = (config.get("groups", 1), config.get("output_padding"), config.get("data_format"), set(dilation))
        same = config.get("padding") == "same"
        if known != (1, None, "channels_last", {1}) or len(set(stride)) != 1:
            text = "{name}: expected square convolutions without groups, dilation and output_padding, found {layer}."
            raise CheckpointError(text, name=path.name, layer=quoted(config.get("name")))
        kernel = config.get("kernel_size", [1])[0]
        valid = (0, min(kernel - stride[0], 0) if kind == "transpose" else 0)
        yield str(config.get("name")), Hint(kind, int(stride[0]), None if same else valid)


def _h5(file: Path | io.BytesIO) -> Iterator[tuple[str, Any]]:
    import h5py

    with h5py.File(file) as opened:
        layers: dict[str, list[Any]] = {}

        # Follows no link: neither out of the file nor back into it.
        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and not name.startswith(("optimizer", "metrics", "_optimizer")):
                layers.setdefault(item.parent.name, []).append(item)

        opened.visititems(visit)
        for group in sorted(layers, key=_counted):
            yield from _keras_layer(group, layers[group])


def _keras_layer(group: str, datasets: list[Any]) -> Iterator[tuple[str, Any]]:
    """A layer's weights: Keras 3's `layers/dense/vars/0`, whose group has its name; before, `dense/kernel:0`."""
    own = datasets[0].parent.attrs.get("name")
    above = [part for part in group.strip("/").split("/") if part not in ("layers", "vars", "model_weights")]
    layer = ".".join([*above[:-1], own] if isinstance(own, str) and above else above)
    matrix = any(len(dataset.shape) > 1 for dataset in datasets)
    numbered = ("kernel", "bias") if matrix else tuple(KERAS)[2:]  # in this order Keras 3 numbers a layer's weights
    for dataset in datasets:
        if dataset.external or dataset.is_virtual or math.prod(dataset.shape) > MOST:
            raise ValueError(f"{dataset.name} lies outside, or is too large")
        if dataset.dtype.kind != "f":
            continue
        title = dataset.name.rpartition("/")[2].partition(":")[0]
        title = KERAS.get(numbered[int(title)] if title.isdigit() else title, title)
        value = torch.from_numpy(dataset[()])
        if title == "running_var":
            value = value + (KERAS_EPSILON - TORCH_EPSILON)
        if value.ndim == 4:
            value = value.permute(3, 2, 0, 1)  # of a transpose, too: its kernel has its outputs before its inputs
        yield f"{layer}.{title}", value.T if value.ndim == 2 else value


_READERS = dict(zip(ENDINGS, (_torch, _torch, _safetensors, _keras, _h5), strict=True))
