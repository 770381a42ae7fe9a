"""Networks that others have trained: what is imported computes what their own modules compute."""

import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

import model as public
from model.__main__ import main
from model.checkpoint import Checkpoint, load
from model.data import Split
from model.importing import layers, roles
from model.importing.files import read
from model.safetensors_header import CheckpointError
from tests.conftest import CHECKPOINTS

TOLERANCE = 1e-5  # on probabilities
Activation = Callable[[], nn.Module]


class Tutorial(nn.Module):
    """The layout of PyTorch's own example: fc1, fc21, fc22, fc3, fc4."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 256), nn.Linear(256, 2), nn.Linear(256, 2)
        self.fc3, self.fc4 = nn.Linear(2, 256), nn.Linear(256, 784)

    def encode(self, x: Tensor) -> Tensor:
        hidden = F.relu(self.fc1(x))
        return torch.cat([self.fc21(hidden), self.fc22(hidden)], dim=1)

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))


class Stacks(nn.Module):
    """An encoder and a decoder of `nn.Sequential`; what the encoder gives may be mu and logvar, in either order."""

    def __init__(
        self, *, activation: Activation = nn.ReLU, norm: Any = None, after: bool = False, last: Any = nn.Sigmoid,
        vae: bool = True, bias: bool = True, width: int = 96,
    ) -> None:  # fmt: skip
        super().__init__()

        def hidden(inputs: int, outputs: int) -> list[nn.Module]:
            linear, middle = nn.Linear(inputs, outputs, bias=bias), [activation(), *([norm(outputs)] if norm else [])]
            return [linear, *(middle if after else reversed(middle))]

        self.encoder = nn.Sequential(*hidden(784, width), *hidden(width, 64), nn.Linear(64, 4 if vae else 2))
        self.decoder = nn.Sequential(*hidden(2, 64), *hidden(64, width), nn.Linear(width, 784), last())

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)


def trained(model: Stacks, split: Split, ends: tuple[float, float] = (0, 1), mu: slice = slice(0, 2)) -> Stacks:
    """A few epochs of squared error on `mu` alone: enough to be told from what it is not."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    images = ends[0] + (ends[1] - ends[0]) * split.images
    for _epoch in range(6):
        for x in images[torch.randperm(len(images))].split(50):
            loss = F.mse_loss(model.decode(model.encode(x)[:, mu]), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


@pytest.fixture(autouse=True)
def few_training_digits(few_digits: Split, test_digits: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on how many training images there are, and encoding all of them takes a second."""
    monkeypatch.setattr("model.importing.convert.load", lambda _name, train: few_digits if train else test_digits)


@pytest.fixture(scope="module")
def tutorial() -> Tutorial:
    """With weights of a network of its shape that has been trained."""
    found, model = load(CHECKPOINTS / "vae-mnist-baseline.safetensors").model.state_dict(), Tutorial()
    names = {"encoder.hidden.0.linear": "fc1", "encoder.mu": "fc21", "encoder.logvar": "fc22"}
    names |= {"decoder.hidden.0.linear": "fc3", "decoder.logits": "fc4"}
    model.load_state_dict({f"{names[n.rpartition('.')[0]]}.{n.rpartition('.')[2]}": t for n, t in found.items()})
    return model


def imported(folder: Path, *files: Path, **options: str) -> Checkpoint:
    """The checkpoint that the command line makes of files."""
    out = folder / "mine.safetensors"
    given = [text for name, value in options.items() for text in (f"--{name}", *value.split())]
    command = ["import", *map(str, files), "--out", str(out), "--no-figures", *given]
    assert main(command) == 0
    made = load(out)
    assert made.imported == " + ".join(file.name for file in files)
    return made


@torch.no_grad()
def assert_same(
    made: Checkpoint, model: Any, x: Tensor, seen: Tensor | None = None, mu: slice = slice(0, 2), ends: Any = (0, 1)
) -> None:
    """Both compute the same codes and images; `seen` is what the model takes for the images x."""
    whole = model.encode(x if seen is None else seen)
    code, logvar = made.model.encode(x)
    torch.testing.assert_close(code, whole[:, mu], atol=1e-4, rtol=1e-4)
    if whole.shape[1] == 4:
        assert logvar is not None
        torch.testing.assert_close(
            logvar, torch.cat([whole[:, : mu.start], whole[:, mu.stop :]], 1), atol=1e-4, rtol=1e-4
        )
    z = 3 * torch.randn(200, 2)
    image = ((model.decode(z) - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)
    assert (made.model.decode(z) - image).abs().max() <= TOLERANCE
    torch.testing.assert_close(made.mu[: len(x)], code, atol=1e-4, rtol=1e-4)


def test_the_tutorials_layout_however_it_was_saved(tutorial: Tutorial, test_digits: Split, tmp_path: Path) -> None:
    state = tutorial.state_dict()
    torch.save(state, tmp_path / "plain.pt")
    save_file(state, tmp_path / "plain.safetensors")
    wrapped = {"epoch": 3, "model_state_dict": {f"module.{name}": tensor.half() for name, tensor in state.items()}}
    torch.save(wrapped, tmp_path / "wrapped.pth")
    x = test_digits.images[:300]
    for name in ("plain.pt", "plain.safetensors"):
        assert_same(imported(tmp_path, tmp_path / name), tutorial, x)
    half = imported(tmp_path, tmp_path / "wrapped.pth")
    z = torch.randn(200, 2)
    with torch.no_grad():
        assert (half.model.decode(z) - tutorial.decode(z)).abs().max() <= 5e-3


def test_layers_are_told_by_hand_where_names_mislead(
    tutorial: Tutorial, test_digits: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"fc1": "decoder_a", "fc21": "sigma", "fc22": "mean", "fc3": "encoder_b", "fc4": "encoder_c"}
    state = {f"{names[n.partition('.')[0]]}.{n.partition('.')[2]}": t for n, t in tutorial.state_dict().items()}
    torch.save(state, tmp_path / "odd.pt")
    assert main(["import", str(tmp_path / "odd.pt"), "--out", str(tmp_path / "no.safetensors")]) == 2
    said = capsys.readouterr().err
    assert "Expected an encoder from 784 pixels" in said
    assert "decoder_a 784→256" in said
    assert "--map" in said
    assert not (tmp_path / "no.safetensors").exists()
    roles = "encoder=decoder_a mu=sigma logvar=mean decoder=encoder_b,encoder_c"
    assert_same(imported(tmp_path, tmp_path / "odd.pt", map=roles), tutorial, test_digits.images[:300])


# How networks differ, and the latent's place among what the encoder gives.
KINDS: dict[str, tuple[dict[str, Any], tuple[float, float], slice]] = {
    "BatchNorm, pixels -1 to 1, tanh": ({"norm": nn.BatchNorm1d, "last": nn.Tanh}, (-1, 1), slice(0, 2)),
    "BatchNorm after ELU, logvar first": (
        {"norm": nn.BatchNorm1d, "after": True, "activation": nn.ELU},
        (0, 1),
        slice(2, 4),
    ),
    "GELU, no bias, logvar first": (
        {"activation": nn.GELU, "bias": False},
        (0, 1),
        slice(2, 4),
    ),
    "GELU itself, standardized pixels, linear output": (
        {"activation": nn.GELU, "last": nn.Identity, "vae": False},
        (-0.1307 / 0.3081, 0.8693 / 0.3081),
        slice(0, 2),
    ),
    "LayerNorm and SiLU, no VAE": ({"norm": nn.LayerNorm, "activation": nn.SiLU, "vae": False}, (0, 1), slice(0, 2)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_weights_do_not_say_is_found_out(
    kind: str, few_digits: Split, test_digits: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, ends, mu = KINDS[kind]
    model = trained(Stacks(**settings), few_digits, ends, mu)
    file = tmp_path / "stacks.safetensors"  # whose names stand in the order of the alphabet
    save_file(model.state_dict(), file)
    x = test_digits.images[:300]
    made = imported(tmp_path, file)
    assert made.config.output == ("linear" if settings.get("last") is nn.Identity else "sigmoid")
    assert_same(made, model, x, ends[0] + (ends[1] - ends[0]) * x, mu, ends)
    assert "squared error a pixel" in capsys.readouterr().out


def test_what_is_hardly_told_apart_is_said(
    few_digits: Split, test_digits: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = trained(Stacks(activation=nn.LeakyReLU), few_digits)
    torch.save(model.state_dict(), tmp_path / "leaky.pt")
    imported(tmp_path, tmp_path / "leaky.pt")
    assert "These two are hardly told apart" in capsys.readouterr().out
    assert_same(imported(tmp_path, tmp_path / "leaky.pt", activation="leaky_relu"), model, test_digits.images[:300])


def test_two_activations_are_refused_by_their_names(
    few_digits: Split, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Stacks()
    model.decoder = Stacks(activation=nn.Tanh).decoder
    torch.save(trained(model, few_digits).state_dict(), tmp_path / "two.pt")
    assert main(["import", str(tmp_path / "two.pt"), "--out", str(tmp_path / "mine.safetensors")]) == 2
    assert "found relu and tanh" in capsys.readouterr().err


class Pair(nn.Module):
    """An encoder with two heads, as a module of its own."""

    def __init__(self, model: Tutorial, factor: float = 1.0) -> None:
        super().__init__()
        self.fc1, self.mu, self.logvar, self.factor = model.fc1, model.fc21, model.fc22, factor

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = F.relu(self.fc1(x))
        return self.factor * self.mu(hidden), self.logvar(hidden)


def test_modules_are_wrapped(tutorial: Tutorial, few_digits: Split, test_digits: Split, tmp_path: Path) -> None:
    decoder = nn.Sequential(tutorial.fc3, nn.ReLU(), tutorial.fc4, nn.Sigmoid())
    made = public.wrap(Pair(tutorial), decoder)
    assert_same(made, tutorial, test_digits.images[:300])
    made.save(tmp_path / "mine.safetensors")
    assert load(tmp_path / "mine.safetensors").imported == "Pair + Sequential"
    with pytest.raises(CheckpointError, match="their layers one after another, found images that differ by"):
        public.wrap(Pair(tutorial, 1.05), decoder)
    stacks = trained(Stacks(activation=nn.GELU, norm=nn.BatchNorm1d, last=nn.Tanh), few_digits, (-1, 1), slice(2, 4))
    stacks.train()
    made = public.wrap(stacks.encoder, stacks.decoder)
    assert stacks.encoder.training
    assert made.config.activation == "gelu_erf"
    stacks = trained(Stacks(activation=partial(nn.GELU, approximate="tanh"), last=nn.Identity), few_digits)
    made = public.wrap(stacks.encoder, stacks.decoder)
    assert (made.config.activation, made.config.output, made.train.loss) == ("gelu", "linear", "mse")


def test_files_of_keras(tutorial: Tutorial, test_digits: Split, tmp_path: Path) -> None:
    """Its own example of a VAE of dense layers: weights alone, or encoder and decoder apart."""
    os.environ["KERAS_BACKEND"] = "torch"
    keras = pytest.importorskip("keras")
    dense = {
        name: keras.layers.Dense(width, name=name)
        for name, width in {"dense_1": 256, "z_mean": 2, "z_log_var": 2, "dense_2": 256, "dense_3": 784}.items()
    }
    image, point = keras.Input((784,)), keras.Input((2,))
    hidden = keras.ops.relu(dense["dense_1"](image))
    encoder = keras.Model(image, [dense["z_mean"](hidden), dense["z_log_var"](hidden)], name="encoder")
    drawn = keras.ops.sigmoid(dense["dense_3"](keras.ops.relu(dense["dense_2"](point))))
    decoder = keras.Model(point, drawn, name="decoder")
    for name, layer in zip(dense, tutorial.children(), strict=True):
        assert isinstance(layer, nn.Linear)
        dense[name].set_weights([layer.weight.detach().numpy().T, layer.bias.detach().numpy()])
    both = keras.Model(image, decoder(encoder(image)[0]), name="vae")
    both.save_weights(tmp_path / "both.weights.h5")
    both.save(tmp_path / "both.keras")
    encoder.save(tmp_path / "encoder.keras")
    decoder.save_weights(tmp_path / "decoder.weights.h5")
    x = test_digits.images[:300]
    pairs = [("both.weights.h5",), ("both.keras",), ("encoder.keras", "decoder.weights.h5")]
    for names in pairs:
        assert_same(imported(tmp_path, *(tmp_path / name for name in names)), tutorial, x)


def test_kerass_norms_have_an_epsilon_of_their_own(few_digits: Split, test_digits: Split, tmp_path: Path) -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    keras = pytest.importorskip("keras")
    model = trained(Stacks(norm=nn.BatchNorm1d, vae=False), few_digits)
    layers: list[Any] = []
    for module in (*model.encoder, *model.decoder):
        if isinstance(module, nn.Linear):
            layers.append(keras.layers.Dense(module.out_features))
        elif isinstance(module, nn.BatchNorm1d):
            layers.append(keras.layers.BatchNormalization())
        else:
            layers.append(keras.layers.Activation("relu" if isinstance(module, nn.ReLU) else "sigmoid"))
    built = keras.Sequential([keras.Input((784,)), *layers])
    for layer, module in zip(layers, (*model.encoder, *model.decoder), strict=True):
        if isinstance(module, nn.Linear):
            layer.set_weights([module.weight.detach().numpy().T, module.bias.detach().numpy()])
        elif isinstance(module, nn.BatchNorm1d):
            mean, variance = module.running_mean, module.running_var
            assert mean is not None
            assert variance is not None
            layer.set_weights([p.detach().numpy() for p in (module.weight, module.bias, mean, variance)])
    built.save(tmp_path / "norms.keras")
    x = test_digits.images[:300]
    made = imported(tmp_path, tmp_path / "norms.keras")
    with torch.no_grad():
        expected = torch.from_numpy(np.asarray(built.predict(x.numpy(), verbose=0)))
        assert (made.model.decode(made.model.encode(x)[0]) - expected).abs().max() <= 10 * TOLERANCE


class Convolutional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8, 2)


class Runs:
    """What a pickle can do: call whatever its author likes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def _external(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("dense/kernel", (784, 2), "f4", external=[("/etc/passwd", 0, 784 * 8)])


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("model.weights.h5", "w") as file,
    ):
        for _part in range(500):
            file.write(bytes(1_000_000))


# By name of the file: what makes it, and what is said of it.
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "pickle.pt": (lambda path: torch.save({"w": Runs(path.with_name("ran"))}, path), "a whole module, pickled"),
    "module.pth": (lambda path: torch.save(nn.Linear(2, 2), path), "a whole module, pickled"),
    "expanded.pt": (lambda path: torch.save({"a.weight": torch.zeros(1).expand(10**6, 10**6)}, path), "100,000,000"),
    "nan.pt": (
        lambda path: torch.save({"a.weight": torch.full((2, 2), torch.nan)}, path),
        "NaN or infinity in a.weight",
    ),
    "list.pt": (lambda path: torch.save([torch.zeros(2)], path), "expected a state_dict, found 'list'"),
    "none.pt": (lambda path: torch.save({"epoch": 3}, path), "expected weights, found none"),
    "text.pt": (
        lambda path: path.write_bytes(b"hello"),
        "as PyTorch or Keras save them, found something else (no weights)",
    ),
    "text.safetensors": (lambda path: path.write_bytes(b"hello"), "expected weights as PyTorch or Keras save them"),
    "text.keras": (lambda path: path.write_bytes(b"hello"), "expected weights as PyTorch or Keras save them"),
    "outside.h5": (_external, "lies outside"),
    "bomb.keras": (_bomb, "500,000,000 bytes of weights"),
    "model.onnx": (
        lambda path: path.write_bytes(b"hello"),
        "ends in .pt, .pth, .safetensors, .keras, .h5; found .onnx",
    ),
    "conv.pt": (lambda path: torch.save(Convolutional().state_dict(), path), "found conv conv 1→8 kernel 3"),
    "untrained.pt": (lambda path: torch.save(Tutorial().state_dict(), path), "none that does better than their mean"),
    "wide.pt": (
        lambda path: torch.save({"e.weight": torch.rand(65, 784), "d.weight": torch.rand(784, 65)}, path),
        "a latent space of 2 to 64 dimensions, for a map of a plane, found 65",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_imported_is_refused_in_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, expected = REFUSED[name]
    make(tmp_path / name)
    out = tmp_path / "mine.safetensors"
    assert main(["import", str(tmp_path / name), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert len(said.splitlines()) == 1
    assert len(said) < 600
    assert not out.exists()
    assert not (tmp_path / "ran").exists(), "nothing of a file is run"


@pytest.mark.parametrize(("given", "expected"), [("mu=fc9", "found fc9; it has fc1 784→256"), ("z=fc1", "mu=…")])
def test_a_wrong_map_is_refused(
    given: str, expected: str, tutorial: Tutorial, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(tutorial.state_dict(), tmp_path / "plain.pt")
    command = ["import", str(tmp_path / "plain.pt"), "--out", str(tmp_path / "mine.safetensors"), "--map", given]
    try:
        status = main(command)
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2
    assert expected in capsys.readouterr().err


def test_what_may_be_sigma_is_asked(tmp_path: Path) -> None:
    state = {"fc1.weight": torch.rand(9, 784), "fc_mu.weight": torch.rand(2, 9), "fc_std.weight": torch.rand(2, 9)}
    torch.save(state | {"fc3.weight": torch.rand(784, 2)}, tmp_path / "std.pt")
    linears = layers.found(read([tmp_path / "std.pt"]))
    with pytest.raises(CheckpointError, match="say --map logvar=fc_std"):
        roles.recognised(linears, 784, {})
    assert roles.recognised(linears, 784, {"logvar": ["fc_std"]})[0].logvar is not None
