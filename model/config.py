"""What a model is and how it is trained: frozen dataclasses, their limits, presets and JSON form. Imports no torch."""

__all__ = [
    "ACTIVATIONS",
    "CLASSES",
    "LOSSES",
    "MAPPED",
    "OUTPUTS",
    "PRESETS",
    "ConfigError",
    "ModelConfig",
    "TrainConfig",
    "configs",
    "from_json",
    "to_json",
]

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from model import layers, strict_json
from model.dataset import COLOUR, DATA_DIR, DATASETS, GREY, counts, find, is_own
from model.errors import Translatable, UserError, quoted, shown
from model.layers import Layer, Shape

ACTIVATIONS = ("relu", "leaky_relu", "elu", "silu", "gelu", "gelu_erf", "tanh", "sigmoid")
OUTPUTS = ("sigmoid", "linear")
LOSSES = ("bce", "mse", "mae")
MODELS = ("vae", "ae")
SCHEDULES = ("one-cycle", "constant")
PRECISIONS = ("bfloat16", "float32")

CLASSES = 10  # that a conditional model is told of: so long is a label, one-hot
MOST_STEPS = 2_400  # of a run on people's own pictures
LEAST_BATCH, BATCHES = 16, 8  # images a step at the least, and steps an epoch, where there are few
MAPPED = 64  # dimensions of a latent space of which the explorer shows a plane, at the most
MAX_LAYERS = 12
MAX_WIDTH = 8192


class ConfigError(UserError):
    """A setting outside its range; the message names the setting, the range and the value found."""


class Limits:
    """What a setting can be."""

    def check(self, name: str, value: object) -> None:
        """Raises ConfigError for any other value."""
        raise NotImplementedError

    def from_json(self, value: object) -> object:
        """The setting's value for what its JSON held; anything else as it is, for `check` to refuse."""
        return value


@dataclass(frozen=True)
class Choice(Limits):
    """One of a few names."""

    names: tuple[str, ...]

    def check(self, name: str, value: object) -> None:
        if value not in self.names:
            names = ", ".join(self.names)
            raise ConfigError(
                "{name} must be one of {names}; found {value}.", name=name, names=names, value=quoted(value)
            )


@dataclass(frozen=True)
class DatasetName(Choice):
    """A data set known by name, or people's own pictures."""

    def check(self, name: str, value: object) -> None:
        if not is_own(value):
            super().check(name, value)


@dataclass(frozen=True)
class Range(Limits):
    """A number between two bounds, both allowed."""

    low: float
    high: float
    whole: bool = False

    def from_json(self, value: object) -> object:
        return layers.whole(value) if self.whole else value

    def check(self, name: str, value: object) -> None:
        numeric = isinstance(value, int) if self.whole else isinstance(value, int | float)
        if isinstance(value, bool) or not numeric or not self.low <= value <= self.high:  # type: ignore[operator]
            raise ConfigError(
                "{name} must be {kind} from {low} to {high}; found {value}.",
                name=name,
                kind=Translatable("a whole number") if self.whole else Translatable("a number"),
                low=f"{self.low:g}",
                high=f"{self.high:g}",
                value=quoted(value),
            )


@dataclass(frozen=True)
class Widths(Limits):
    """The hidden layers of a network, from input to output: the widths of Linear ones, and others as layers."""

    def from_json(self, value: object) -> object:
        return tuple(map(layers.parse, value)) if isinstance(value, list) else value

    def check(self, name: str, value: object) -> None:
        found = value if isinstance(value, tuple) else None
        odd = next((i for i, layer in enumerate(found or ()) if not self._knows(layer)), None)
        if found is not None and odd is None and len(found) <= MAX_LAYERS:
            return
        if found and odd is not None and isinstance(layer := found[odd], Layer):
            raise ConfigError(
                "{name}: layer {number}, {layer}, is beyond what is computed here: up to {channels} channels, kernels"
                " and paddings up to {kernel}, strides and factors up to {factor}.",
                name=name,
                number=odd + 1,
                layer=shown(layer.words),
                channels=layers.MAX_CHANNELS,
                kernel=layers.MAX_KERNEL,
                factor=layers.MAX_FACTOR,
            )
        told = [one.words if isinstance(one, Layer) else quoted(one) for one in (found or ())[: MAX_LAYERS + 1]]
        raise ConfigError(
            "{name} must be up to {layers} whole numbers from 1 to {width}, such as 512,256; found {value}.",
            name=name,
            layers=MAX_LAYERS,
            width=MAX_WIDTH,
            value=quoted(value) if found is None else shown(", ".join(told)),
        )

    @staticmethod
    def _knows(layer: object) -> bool:
        if isinstance(layer, Layer):
            return layer.valid
        return isinstance(layer, int) and not isinstance(layer, bool) and 1 <= layer <= MAX_WIDTH


@dataclass(frozen=True)
class Flag(Limits):
    """Yes or no."""

    def check(self, name: str, value: object) -> None:
        if not isinstance(value, bool):
            raise ConfigError("{name} must be true or false; found {value}.", name=name, value=quoted(value))


def setting(default: Any, limits: Limits, help: str) -> Any:
    """A dataclass field with its limits and one line of help, from which command line and forms are built."""
    return field(default=default, metadata={"limits": limits, "help": help})


def _check(config: "ModelConfig | TrainConfig") -> None:
    for f in dataclasses.fields(config):
        f.metadata["limits"].check(f.name, getattr(config, f.name))


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a model: stacks of layers, optional LayerNorm and an activation, either side of the latent space.

    The decoder's last layer is a Linear that gives all pixels; unless it ends in a convolution, which then does.

    Raises:
        ConfigError: a setting is outside its range; or layers do not fit one another.
    """

    model: str = setting("vae", Choice(MODELS), "VAE or plain AutoEncoder")
    height: int = setting(28, Range(1, 256, whole=True), "image height, pixels")
    width: int = setting(28, Range(1, 256, whole=True), "image width, pixels")
    latent: int = setting(2, Range(1, 256, whole=True), "dimensions of the latent space")
    encoder: tuple[int | Layer, ...] = setting((512, 256), Widths(), "hidden widths of the encoder, image to latent")
    decoder: tuple[int | Layer, ...] = setting((256, 512), Widths(), "hidden widths of the decoder, latent to image")
    activation: str = setting(
        "gelu",
        Choice(ACTIVATIONS),
        "activation; gelu is computed in its tanh form, gelu_erf exactly; leaky_relu has a slope of 0.01",
    )
    layer_norm: bool = setting(True, Flag(), "LayerNorm before each activation")
    fourier: int = setting(
        64, Range(0, 1024, whole=True), "fixed random Fourier features of z before the decoder; 0 for an AutoEncoder"
    )
    conditional: bool = setting(False, Flag(), "encoder and decoder are given the label, too")
    output: str = setting(
        "sigmoid", Choice(OUTPUTS), "what follows the last layer; linear pixels are drawn within [0, 1]"
    )
    channels: int = setting(
        GREY, Range(GREY, COLOUR, whole=True), "numbers a pixel: a grey level, or red, green and blue"
    )

    def __post_init__(self) -> None:
        _check(self)
        if self.channels not in (GREY, COLOUR):
            raise ConfigError("channels must be 1, for grey, or 3, for colour; found {found}.", found=self.channels)
        if self.convolutional and (self.layer_norm or self.conditional):
            raise ConfigError("A network with convolutions has no LayerNorm and is told no labels.")
        if any(isinstance(layer, Layer) and layer.kind == "pool" for layer in self.decoder):
            raise ConfigError("A decoder has no pooling: upsample there.")
        for name, stack, start in (("encoder", self.encoder, self.image), ("decoder", self.decoder, self.lifted)):
            found = layers.shapes(stack, start)
            if len(found) < len(stack):
                text = "{name}: expected layers that fit one another; layer {number}, {layer}, cannot follow {shape}."
                before = layers.size(found[-1] if found else start)
                layer = stack[len(found)]
                raise ConfigError(text, name=name, number=len(found) + 1, layer=str(layer), shape=before)
        if self.drawing and found[-1] != self.image:
            text = "decoder: expected a last convolution that gives {wanted}, found one that gives {shape}."
            raise ConfigError(text, wanted=layers.size(self.image), shape=layers.size(found[-1]))

    @property
    def convolutional(self) -> bool:
        """Whether there is any layer that is not Linear."""
        return any(isinstance(layer, Layer) for layer in (*self.encoder, *self.decoder))

    @property
    def mappable(self) -> bool:
        """Whether the explorer can show a plane of its latent space: `explorer/frontend/core/latent-plane.js`."""
        plain = not self.conditional and (not self.decoder or isinstance(self.decoder[0], int))
        return self.latent == 2 or (2 < self.latent <= MAPPED and plain)

    @property
    def drawing(self) -> Layer | None:
        """The convolution by which the decoder ends, if it does."""
        last = self.decoder[-1] if self.decoder else None
        return last if isinstance(last, Layer) and last.kind in layers.CONVOLUTIONS else None

    @property
    def image(self) -> Shape:
        """What the encoder takes; of a conditional model with the label beside it."""
        return (self.pixels + self.told,) if self.conditional else (self.channels, self.height, self.width)

    @property
    def picture(self) -> Shape:
        """The shape of an image where it is kept: (height, width), of colour (3, height, width)."""
        size = (self.height, self.width)
        return size if self.channels == GREY else (self.channels, *size)

    @property
    def sizes(self) -> list[str]:
        """What goes through the model, from image to image, see `model.layers.sizes`."""
        drawn = self.decoder[:-1] if self.drawing else self.decoder
        encoded, decoded = layers.sizes(self.encoder, self.image), layers.sizes(drawn, self.lifted)
        return [str(self.pixels), *encoded, str(self.latent), *decoded, str(self.pixels)]

    @property
    def lifted(self) -> Shape:
        """What the decoder's first layer takes: z, its Fourier features and the label."""
        return (self.latent + 2 * self.fourier + self.told,)

    @property
    def pixels(self) -> int:
        """Numbers in one image; of colour a channel after the other."""
        return self.channels * self.height * self.width

    @property
    def told(self) -> int:
        """Numbers that stand beside the input of encoder and decoder: a label, one-hot, or none."""
        return CLASSES if self.conditional else 0


@dataclass(frozen=True)
class TrainConfig:
    """How a model is trained; travels inside the checkpoint that it made.

    Raises:
        ConfigError: a setting is outside its range.
    """

    dataset: str = setting("mnist", DatasetName(tuple(DATASETS)), "data set, by name")
    loss: str = setting("bce", Choice(LOSSES), "reconstruction loss: cross-entropy, squared or absolute error")
    beta: float = setting(1.0, Range(0, 1000), "weight of the KL term (VAE)")
    kl_warmup: float = setting(0.15, Range(0, 1), "share of the run over which beta rises from 0 (VAE)")
    epochs: int = setting(10, Range(1, 10_000, whole=True), "passes over the training images")
    batch: int = setting(250, Range(1, 10_000, whole=True), "images a step")
    lr: float = setting(4e-3, Range(1e-7, 1.0), "learning rate of AdamW, the peak of one-cycle")
    schedule: str = setting("one-cycle", Choice(SCHEDULES), "10 % linear warm-up then cosine to 0, or constant")
    weight_decay: float = setting(0.02, Range(0, 10), "decoupled weight decay of matrices")
    input_dropout: float = setting(0.2, Range(0, 0.95), "share of input pixels dropped while training")
    ema: float = setting(0.99, Range(0, 0.99999), "decay of the average of the weights that is kept; 0 keeps the last")
    precision: str = setting("bfloat16", Choice(PRECISIONS), "arithmetic of the matrix products while training")
    validation: int = setting(0, Range(0, 30_000, whole=True), "training images held out and judged in place of test")
    seed: int = setting(0, Range(0, 2**31 - 1, whole=True), "seed of weights, order, noise and dropout")

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True)
class Preset:
    """Settings that belong together, with a line that says what for."""

    title: str
    model: Mapping[str, Any]
    train: Mapping[str, Any]


PRESETS: Mapping[str, Preset] = {
    "quick": Preset("the default in 3 epochs, 10 s on two cores", {}, {"epochs": 3}),
    "default": Preset("a good map in half a minute", {}, {}),
    "baseline": Preset(
        "the program this project grew out of: plain ReLU 784-256-2-256-784, Adam at 1e-3, 60 s on two cores",
        {"encoder": (256,), "decoder": (256,), "activation": "relu", "layer_norm": False, "fourier": 0},
        {
            "epochs": 15,
            "batch": 100,
            "lr": 1e-3,
            "schedule": "constant",
            "weight_decay": 0.0,
            "input_dropout": 0.0,
            "kl_warmup": 0.0,
            "ema": 0.0,
            "precision": "float32",
        },
    ),
    "best": Preset(
        "the shipped vae-mnist, 20 minutes on two cores",
        {"encoder": (1024, 512, 256), "decoder": (256, 512, 512)},
        {"epochs": 172, "lr": 2e-3, "weight_decay": 0.05, "input_dropout": 0.3, "ema": 0.999},
    ),
}


def configs(preset: str, given: Mapping[str, Any], root: Path = DATA_DIR) -> tuple[ModelConfig, TrainConfig]:
    """A run's configs: a preset's settings, those given in their place, and the images' size of the data set.

    Of people's own pictures, which are few, a batch takes fewer and a run more epochs, for as many steps, up to 2,400.

    An AutoEncoder has Fourier features only where `given` asks for them: its codes spread further than any fixed
    features of z reach.

    Args:
        preset: one of `PRESETS`.
        given: settings of `ModelConfig` and `TrainConfig`, by name.
        root: the folder of data folders.

    Raises:
        ConfigError: a setting is outside its range, or not for these pictures; or cross-entropy is asked for of pixels
            that are no probabilities.
        DataError: the pictures are not here any more.
    """
    names = {f.name for f in dataclasses.fields(ModelConfig)}
    model = {name: value for name, value in given.items() if name in names}
    train = {name: value for name, value in given.items() if name not in names}
    train_config = TrainConfig(**{**PRESETS[preset].train, **train})
    data = find(train_config.dataset, root)
    if is_own(train_config.dataset):
        count = counts(train_config.dataset, root)[0]
        train_config = dataclasses.replace(train_config, **{**_of_few(train_config, count), **train})
    model = {**PRESETS[preset].model, **model}
    if model.get("model") == "ae" and "fourier" not in given:
        model["fourier"] = 0
    if model.get("output") == "linear" and train_config.loss == "bce":
        raise ConfigError("A linear output has no cross-entropy: choose the loss mse or mae.")
    height, width = data.shape
    model_config = ModelConfig(**{**model, "height": height, "width": width, "channels": data.channels})
    if model_config.conditional and len(data.classes) != CLASSES:
        text = "conditional is for pictures of {expected} classes, such as MNIST's; found {found}: leave it away."
        raise ConfigError(text, expected=CLASSES, found=len(data.classes))
    return model_config, train_config


def _of_few(config: TrainConfig, count: int) -> dict[str, float]:
    """The batch, the epochs and the learning rate for so many pictures to learn from: many small steps."""
    many, _test = counts("mnist")
    steps = min(MOST_STEPS, config.epochs * many // config.batch)
    batch = min(config.batch, max(LEAST_BATCH, count // BATCHES))
    lr = config.lr * math.sqrt(batch / config.batch)  # the noise of a step is a smaller batch's
    return {"batch": batch, "epochs": max(config.epochs, -(-steps // -(-count // batch))), "lr": lr}


Config = TypeVar("Config", ModelConfig, TrainConfig)

# Settings that came after the first files, by which their absence is meant: a file that does without them is written
# without them, and an app of before reads it; one that has them it refuses by their names.
_LATER: Mapping[str, object] = {"conditional": False, "output": "sigmoid", "channels": GREY}


def to_json(config: ModelConfig | TrainConfig) -> str:
    """One line of JSON with every setting but those of `_LATER` that are as they always were."""
    settings = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    kept = {name: value for name, value in settings.items() if _LATER.get(name) != value}
    return json.dumps(kept, default=Layer.json)


def from_json(kind: type[Config], text: str) -> Config:
    """The config that `to_json` wrote.

    Raises:
        ConfigError: not JSON, an unknown or a missing setting, or a value outside its range.
    """
    try:
        found = strict_json.loads(text)
    except ValueError as error:
        raise ConfigError("{kind} must be JSON; found {found}.", kind=kind.__name__, found=quoted(text)) from error
    names = {f.name for f in dataclasses.fields(kind)}
    needed = names - set(_LATER)
    if not isinstance(found, dict) or not needed <= set(found) <= names:
        extra = (
            sorted((set(found) | needed) - (set(found) & names)) if isinstance(found, dict) else type(found).__name__
        )
        wanted = ", ".join(sorted(needed))
        text = "{kind} must have exactly the settings {wanted}; odd: {extra}."
        raise ConfigError(text, kind=kind.__name__, wanted=wanted, extra=quoted(extra))
    return kind(
        **{f.name: f.metadata["limits"].from_json(found[f.name]) for f in dataclasses.fields(kind) if f.name in found}
    )
