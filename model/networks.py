"""Encoder, decoder, and the two models made of them: AutoEncoder and VAE.

The modules' names are the checkpoint's tensor names; `explorer/frontend/core/network.js` computes the same functions.
"""

__all__ = [
    "AutoEncoder",
    "Decoder",
    "Encoder",
    "VAE",
    "build",
    "convolved",
    "pooled",
    "sigmoid",
    "to_pixels",
    "upsampled",
]

import math
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config import CLASSES, ModelConfig
from model.layers import CONVOLUTIONS, Layer, Shape, shapes

_ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": lambda: nn.GELU(approximate="tanh"),
    "gelu_erf": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Hidden(nn.Module):
    """Linear, optional LayerNorm, activation: (…, inputs) → (…, outputs)."""

    def __init__(self, inputs: int, outputs: int, config: ModelConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.norm = nn.LayerNorm(outputs) if config.layer_norm else nn.Identity()
        self.activation = _ACTIVATIONS[config.activation]()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.norm(self.linear(x)))


def convolved(x: Tensor, weight: Tensor, bias: Tensor, layer: Layer, taken: Shape) -> Tensor:
    """A convolution or its transpose of images as vectors: (…, inputs), images of the shape `taken` → (…, outputs)."""
    before, behind = layer.padding
    images = x.reshape(-1, *taken)
    if layer.kind == "conv":
        drawn = F.conv2d(F.pad(images, (before, behind) * 2), weight, bias, layer.stride)
    else:
        whole = F.conv_transpose2d(images, weight, None, layer.stride)
        drawn = F.pad(whole, (-before, -behind) * 2) + bias[:, None, None]
    return drawn.reshape(*x.shape[:-1], -1)


def upsampled(x: Tensor, factor: int, taken: Shape) -> Tensor:
    """Each pixel of images as vectors so many times, in both directions: (…, inputs) → (…, outputs)."""
    images = x.reshape(-1, *taken)
    for axis in (2, 3):
        images = images.repeat_interleave(factor, axis)
    return images.reshape(*x.shape[:-1], -1)


def pooled(x: Tensor, width: int, taken: Shape) -> Tensor:
    """The largest of each square of pixels, of images as vectors: (…, inputs) → (…, outputs)."""
    return F.max_pool2d(x.reshape(-1, *taken), width).reshape(*x.shape[:-1], -1)


class Convolution(nn.Module):
    """A convolution or its transpose, see `model.layers.Layer`: images as vectors, (…, inputs) → (…, outputs)."""

    def __init__(self, layer: Layer, taken: Shape) -> None:
        super().__init__()
        kind = nn.Conv2d if layer.kind == "conv" else nn.ConvTranspose2d
        fresh = kind(taken[0], layer.channels, layer.kernel)
        assert fresh.bias is not None
        self.weight, self.bias = fresh.weight, fresh.bias
        self.layer, self.taken = layer, taken

    def forward(self, x: Tensor) -> Tensor:
        return convolved(x, self.weight, self.bias, self.layer, self.taken)


class HiddenConvolution(nn.Module):
    """A convolution and the activation."""

    def __init__(self, layer: Layer, taken: Shape, config: ModelConfig) -> None:
        super().__init__()
        self.conv = Convolution(layer, taken)
        self.activation = _ACTIVATIONS[config.activation]()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.conv(x))


class Upsample(nn.Module):
    """See `upsampled`."""

    def __init__(self, factor: int, taken: Shape) -> None:
        super().__init__()
        self.factor, self.taken = factor, taken

    def forward(self, x: Tensor) -> Tensor:
        return upsampled(x, self.factor, self.taken)


class Pool(nn.Module):
    """See `pooled`."""

    def __init__(self, width: int, taken: Shape) -> None:
        super().__init__()
        self.width, self.taken = width, taken

    def forward(self, x: Tensor) -> Tensor:
        return pooled(x, self.width, self.taken)


class Normalize(nn.Module):
    """(x − mean) / deviation."""

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.mean, self.deviation = mean, deviation

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.deviation


def _hidden_layers(taken: Shape, layers: Sequence[int | Layer], config: ModelConfig) -> tuple[nn.Sequential, Shape]:
    """The layers of a stack, and what the last gives. All take and give vectors: to reshape is to do nothing."""
    modules: list[nn.Module] = []
    for layer, given in zip(layers, shapes(layers, taken), strict=True):
        if isinstance(layer, int):
            modules.append(Hidden(math.prod(taken), layer, config))
        elif layer.kind in CONVOLUTIONS:
            modules.append(HiddenConvolution(layer, taken, config))
        elif layer.kind == "upsample":
            modules.append(Upsample(int(layer.sizes[0]), taken))
        elif layer.kind == "pool":
            modules.append(Pool(int(layer.sizes[0]), taken))
        else:
            modules.append(Normalize(*layer.sizes) if layer.kind == "normalize" else nn.Identity())
        taken = given
    return nn.Sequential(*modules), taken


def _beside(x: Tensor, y: Tensor | None, conditional: bool) -> Tensor:
    """What the first layer takes of x, (…, B, n): x, and for a conditional model the labels beside it, one-hot.

    Sohn, Lee & Yan (2015), "Learning structured output representation using deep conditional generative models".
    """
    if not conditional:
        return x
    if y is None:
        raise ValueError("a conditional model needs the labels of what it encodes or decodes.")
    hot = F.one_hot(y.to(x.device), CLASSES).to(x.dtype)
    return torch.cat([x, hot.expand(*x.shape[:-1], CLASSES)], dim=-1)


class Encoder(nn.Module):
    """Images to the mean `mu` and, for a VAE, the log-variance `logvar` of q(z|x).

    An AutoEncoder's code is called `mu` too: it is where the image lies in the latent space.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.conditional = config.conditional
        self.hidden, given = _hidden_layers(config.image, config.encoder, config)
        self.mu = nn.Linear(math.prod(given), config.latent)
        self.logvar = nn.Linear(math.prod(given), config.latent) if config.model == "vae" else None

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Images in [0, 1], shape (B, pixels) → mu and logvar (None for an AutoEncoder), each (B, latent).

        y: their labels, (B,), which only a conditional model asks for.
        """
        h = self.hidden(_beside(x, y, self.conditional))
        # sigma is a few hundredths and mu goes to 4: bfloat16's 8 bits would round mu by a good part of sigma.
        with torch.autocast(h.device.type, enabled=False):
            h = h.float()
            return self.mu(h), None if self.logvar is None else self.logvar(h)


class Decoder(nn.Module):
    """Latent points to image logits, optionally through fixed random Fourier features of z.

    Tancik et al. (2020), eq. 4, arXiv:2006.10739: an MLP of low-dimensional inputs learns fine detail only
    slowly; [z, sin(z B), cos(z B)] with a fixed Gaussian B lifts that.
    """

    frequencies: Tensor | None

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.conditional = config.conditional
        # A buffer, not a parameter: drawn once with the seed, stored, never trained.
        frequencies = torch.randn(config.latent, config.fourier) if config.fourier else None
        self.register_buffer("frequencies", frequencies)
        drawing = config.drawing
        hidden = config.decoder[:-1] if drawing else config.decoder
        self.hidden, given = _hidden_layers(config.lifted, hidden, config)
        self.logits = Convolution(drawing, given) if drawing else nn.Linear(math.prod(given), config.pixels)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Latent points, shape (…, B, latent) → logits of the pixels, shape (…, B, pixels).

        y: what each is to be, (B,), which only a conditional model asks for.
        """
        return self.logits(self.hidden(self.features(z, y)))

    def features(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """What the first layer gets of latent points, shape (…, B, latent + 2 · fourier), and of labels, one-hot."""
        features = z
        if self.frequencies is not None:
            with torch.autocast(z.device.type, enabled=False):  # the phases need z to the last bit, too
                phase = z @ self.frequencies
            features = torch.cat([z, phase.sin(), phase.cos()], dim=-1)
        return _beside(features, y, self.conditional)


def sigmoid(logits: Tensor) -> Tensor:
    """Pixel probabilities in [0, 1] from the decoder's logits: the one place in Python where this is done."""
    return torch.sigmoid(logits)


def to_pixels(logits: Tensor, output: str) -> Tensor:
    """Pixels in [0, 1] from what the decoder gives: their logits, or where its output is linear themselves."""
    return sigmoid(logits) if output == "sigmoid" else logits.clamp(0, 1)


class AutoEncoder(nn.Module):
    """Encoder and decoder with a plain code between: Hinton & Salakhutdinov (2006), doi:10.1126/science.1127647."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def encode(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Images in [0, 1], (B, pixels) → mu and logvar (None where the model has none), each (B, latent).

        y: their labels, int64 (B,); only a conditional model looks at them.
        """
        return self.encoder(x, y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Latent points, (B, latent), and labels likewise → images in [0, 1], (B, pixels)."""
        return to_pixels(self.decoder(z, y), self.config.output)

    def sample(self, mu: Tensor, logvar: Tensor | None, noise: Tensor) -> Tensor:
        """A latent point for each image, (B, latent); a plain AutoEncoder has no noise, so this is `mu`."""
        return mu

    @property
    def device(self) -> torch.device:
        return self.encoder.mu.weight.device


class VAE(AutoEncoder):
    """Variational AutoEncoder with a standard normal prior: Kingma & Welling (2014), arXiv:1312.6114."""

    def sample(self, mu: Tensor, logvar: Tensor | None, noise: Tensor) -> Tensor:
        """z = mu + sigma · noise, the reparameterisation (ibid., section 2.4); noise ~ N(0, I), (…, B, latent)."""
        assert logvar is not None  # a VAE's encoder always has it
        return mu + torch.exp(0.5 * logvar) * noise


def build(config: ModelConfig) -> AutoEncoder:
    """The model that `config` describes, with fresh weights from torch's global generator, on the CPU, float32."""
    return VAE(config) if config.model == "vae" else AutoEncoder(config)
