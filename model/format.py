"""The checkpoint file's layout and its checks: names, shapes, types, finite numbers. Imports no torch."""

__all__ = [
    "CARRIED",
    "FORMAT",
    "POINTS",
    "STATE_FILE",
    "TRACE_POINTS",
    "CheckpointError",
    "Header",
    "check",
    "read_header",
    "read_metadata",
    "weight_shapes",
]

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from model import strict_json
from model.config import CLASSES, ConfigError, ModelConfig, TrainConfig, from_json
from model.dataset import DATASETS, SIDES, Dataset
from model.errors import Translatable, quoted, shown
from model.layers import Layer, Shape, weight_shape
from model.layers import shapes as given
from model.safetensors_header import CheckpointError, TensorEntry, read_safetensors_header

FORMAT = "latent-explorer/2"  # as files are written
FORMAT_1 = "latent-explorer/1"  # as they were: of the images of `DATASETS` alone, all 10,000 test images
STATE_FILE = "state.safetensors"  # a run's whole state, in its folder
POINTS = 100_000  # of test images at the most, and of training images
TEST_POINTS_1, TRAIN_POINTS_1 = 10_000, 60_000  # in a file as they were: so many; at the most
TRACE_POINTS = 2_000  # at the most
TRACE_EPOCHS = 10_000  # at the most

CARRIED = "image.test"  # the first test images, where a file has them
LABELS = ("test.label", "train.label")
WEIGHTS = ("F32", "F16", "BF16")  # the readers convert all of them to float32
# safetensors dtype → NumPy's name for its bits, and those which are all set in NaN and infinity
_BITS = {"F32": ("<u4", 0x7F80_0000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80)}


@dataclass(frozen=True)
class Header:
    """What a checkpoint says of itself, checked against the format and its own config."""

    config: ModelConfig
    train: TrainConfig
    data: Dataset
    history: list[dict[str, float]]
    metrics: dict[str, float]
    tensors: Mapping[str, TensorEntry]
    size: int
    imported: str = ""  # names of the files that it was made of, if it was not trained here


def weight_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight that `model.networks.build(config)` has, in no special order."""
    shapes: dict[str, tuple[int, ...]] = {}

    def put(name: str, layer: int | Layer, taken: Shape) -> None:
        if shape := weight_shape(layer, taken):
            shapes[f"{name}.weight"] = shape
            shapes[f"{name}.bias"] = (layer if isinstance(layer, int) else layer.channels,)

    def stack(part: str, taken: Shape, layers: tuple[int | Layer, ...]) -> Shape:
        for i, (layer, shape) in enumerate(zip(layers, given(layers, taken), strict=True)):
            put(f"{part}.hidden.{i}.{'linear' if isinstance(layer, int) else 'conv'}", layer, taken)
            if config.layer_norm:
                shapes[f"{part}.hidden.{i}.norm.weight"] = shapes[f"{part}.hidden.{i}.norm.bias"] = shape
            taken = shape
        return taken

    code = math.prod(stack("encoder", config.image, config.encoder))
    for head in ("mu", "logvar") if config.model == "vae" else ("mu",):
        shapes[f"encoder.{head}.weight"] = (config.latent, code)
        shapes[f"encoder.{head}.bias"] = (config.latent,)
    if config.fourier:
        shapes["decoder.frequencies"] = (config.latent, config.fourier)
    drawing = config.drawing
    last = stack("decoder", config.lifted, config.decoder[:-1] if drawing else config.decoder)
    put("decoder.logits", drawing or config.pixels, last)
    return shapes


def read_header(name: str, file: BinaryIO, size: int) -> Header:
    """Read and check all but the numbers themselves.

    Args:
        name: what the messages call the file.
        file: positioned at its beginning; read no further than the header.
        size: of the whole file, bytes.

    Raises:
        CheckpointError: foreign, damaged, of another version, or not what its config says.
    """
    raw = read_safetensors_header(name, file, size)
    metadata, tensors = raw.metadata, raw.tensors
    found = shown(metadata["format"]) if "format" in metadata else Translatable("no format")
    if found not in (FORMAT_1, FORMAT):
        newer = found.startswith("latent-explorer/")
        cure = Translatable("update the app") if newer else Translatable("make one with `python -m model train`")
        text = "{name}: expected a checkpoint of format {expected}, found {found}; {cure}."
        raise CheckpointError(text, name=name, expected=FORMAT, found=found, cure=cure)
    try:
        config = from_json(ModelConfig, metadata.get("config", ""))
        train = from_json(TrainConfig, metadata.get("train", ""))
    except ConfigError as error:
        text = "{name}: expected settings this app knows, found others: {error}"
        raise CheckpointError(text, name=name, error=error) from error
    data = _dataset(name, metadata, config, train) if found == FORMAT else _dataset_1(name, train)
    _check_tensors(name, config, data, tensors, found == FORMAT_1)
    return Header(
        config=config,
        train=train,
        data=data,
        history=_json(name, metadata, "history", list),
        metrics=_json(name, metadata, "metrics", dict),
        tensors=tensors,
        size=size,
        imported=shown(metadata.get("imported", "")),
    )


def _dataset(name: str, metadata: Mapping[str, str], config: ModelConfig, train: TrainConfig) -> Dataset:
    """What a file tells of its data set, whose images and classes are such as the explorer can show."""
    try:
        data = Dataset.from_json(metadata.get("data", ""), (config.height, config.width), config.channels)
    except ValueError as error:
        text = "{name}: expected a data set's title, classes and notes, found others or longer ones; make it again."
        raise CheckpointError(text, name=name) from error
    low, high = SIDES
    if not all(low <= side <= high for side in data.shape):
        text = (
            "{name}: expected images from {low}×{low} to {high}×{high} pixels, found {height}×{width}; make it again."
        )
        raise CheckpointError(text, name=name, low=low, high=high, height=config.height, width=config.width)
    if config.conditional and len(data.classes) != CLASSES:
        text = "{name}: expected a conditional model of {expected} classes, found {found}; train one without labels."
        raise CheckpointError(text, name=name, expected=CLASSES, found=len(data.classes))
    return data


def _dataset_1(name: str, train: TrainConfig) -> Dataset:
    if train.dataset not in DATASETS:
        text = "{name}: expected a data set of {names} in a file of latent-explorer/1, found {found}; make it again."
        raise CheckpointError(text, name=name, names=", ".join(DATASETS), found=train.dataset)
    return DATASETS[train.dataset]


def read_metadata(path: Path) -> dict[str, str]:
    """The texts that a safetensors file carries beside its tensors; of a run's state, say.

    Raises:
        CheckpointError: it is no safetensors file, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            header = read_safetensors_header(path.name, file, path.stat().st_size)
    except OSError as error:
        text = "{path}: expected a safetensors file, found none ({why})."
        raise CheckpointError(text, path=path, why=error.strerror) from error
    return dict(header.metadata)


def check(name: str, path: Path) -> Header:
    """`read_header`, and every number finite, every label a class.

    Raises:
        CheckpointError: see `read_header`; or a NaN, an infinity, a label of no class; or no such file.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            header = read_header(name, file, size)
            for key, entry in header.tensors.items():
                file.seek(entry.begin)
                _check_numbers(name, key, entry, file.read(entry.end - entry.begin), header)
    except OSError as error:
        text = "{name}: expected a checkpoint, found no readable file ({why})."
        raise CheckpointError(text, name=name, why=error.strerror) from error
    return header


def _check_numbers(name: str, key: str, entry: TensorEntry, content: bytes, header: Header) -> None:
    import numpy as np  # here, since headers are all that most pages read

    if entry.dtype in _BITS:
        kind, special = _BITS[entry.dtype]
        if (np.frombuffer(content, kind) & special == special).any():
            text = "{name}: expected finite numbers, found NaN or infinity in {key}; train it again."
            raise CheckpointError(text, name=name, key=key)
    elif key in LABELS and (highest := max(content)) > (last := len(header.data.classes) - 1):
        text = "{name}: expected labels from 0 to {last}, found {highest}; make it again."
        raise CheckpointError(text, name=name, last=last, highest=highest)


def _check_tensors(
    name: str, config: ModelConfig, data: Dataset, tensors: Mapping[str, TensorEntry], is_1: bool
) -> None:
    expected = {}
    for key, shape in weight_shapes(config).items():
        dtype = tensors[key].dtype if key in tensors else "F32"
        expected[key] = (dtype if dtype in WEIGHTS else "F32", shape)
    points = TEST_POINTS_1 if is_1 else _rows(tensors, "test.mu", POINTS)
    expected["test.mu"] = ("F32", (points, config.latent))
    if data.classes:
        expected["test.label"] = ("U8", (points,))
    if config.model == "vae":
        expected["test.logvar"] = ("F32", (points, config.latent))
    trace, most = tensors.get("trace.mu"), min(points, TRACE_POINTS)
    epochs, traced = trace.shape[:2] if trace and len(trace.shape) == 3 else (1, most)
    expected["trace.mu"] = ("F16", (min(epochs, TRACE_EPOCHS), min(max(1, traced), most), config.latent))
    if not is_1 and CARRIED in tensors:
        expected[CARRIED] = ("U8", (_rows(tensors, CARRIED, points), *config.picture))
    optional = {"train.mu", "train.label"} if data.classes else {"train.mu"}
    if optional & tensors.keys():
        for absent in optional - tensors.keys():
            text = "{name}: expected train.mu and train.label or neither, found no {absent}; make it again."
            raise CheckpointError(text, name=name, absent=absent)
        count = _rows(tensors, "train.label" if data.classes else "train.mu", TRAIN_POINTS_1 if is_1 else POINTS)
        if data.classes:
            expected["train.label"] = ("U8", (count,))
        expected["train.mu"] = ("F16", (count, config.latent))
    for key in sorted(expected.keys() ^ tensors.keys()):
        which = Translatable("nothing under that name") if key in expected else Translatable("it in excess")
        text = "{name}: expected the tensors of its config; at {key} found {which}; make it again."
        raise CheckpointError(text, name=name, key=shown(key), which=which)
    for key, (dtype, shape) in expected.items():
        if (found := tensors[key]).dtype != dtype or found.shape != shape:
            text = "{name}: expected {key} as {wanted}, found {found}; make it again."
            wanted, unwanted = f"{dtype} {shape}", shown(f"{found.dtype} {found.shape}")
            raise CheckpointError(text, name=name, key=key, wanted=wanted, found=unwanted)


def _rows(tensors: Mapping[str, TensorEntry], key: str, most: int) -> int:
    """How many rows a tensor has, if that is a number that there may be; else the nearest such number."""
    shape = tensors[key].shape if key in tensors else ()
    return min(max(1, shape[0] if shape else 1), most)


def _json(name: str, metadata: Mapping[str, str], key: str, kind: type) -> Any:
    try:
        value = strict_json.loads(metadata.get(key, ""))
    except ValueError as error:
        text = "{name}: expected JSON in {key}, found something else; make it again."
        raise CheckpointError(text, name=name, key=key) from error
    rows = value if kind is list else [value]
    if not isinstance(value, kind) or not all(map(_numbers, rows)):
        text = "{name}: expected numbers by name in {key}, found {found}; make it again."
        raise CheckpointError(text, name=name, key=key, found=quoted(value))
    return value


def _numbers(row: object) -> bool:
    """Whether this is a dictionary of numbers."""
    return isinstance(row, dict) and all(type(value) in (int, float) for value in row.values())
