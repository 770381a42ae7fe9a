"""Settings: their limits, presets, and JSON form."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from model.config import CLASSES, PRESETS, ConfigError, ModelConfig, TrainConfig, configs, from_json, to_json
from model.dataset import DATASETS, Dataset
from model.layers import Layer
from model.torchvision_import import datasets


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_survive_json(preset: str) -> None:
    model, train = configs(preset, {})
    assert (model, train) == (ModelConfig(**PRESETS[preset].model), TrainConfig(**PRESETS[preset].train))
    assert from_json(ModelConfig, to_json(model)) == model
    assert from_json(TrainConfig, to_json(train)) == train


def test_json_does_not_tell_a_whole_number_from_one_with_a_point() -> None:
    text = to_json(ModelConfig()).replace('"height": 28', '"height": 28.0').replace("512", "512.0")
    assert to_json(from_json(ModelConfig, text)) == to_json(ModelConfig())


def test_what_is_given_takes_the_place_of_the_presets_settings() -> None:
    model, train = configs("best", {"decoder": (16,), "epochs": 1})
    assert (model.encoder, model.decoder) == ((1024, 512, 256), (16,))
    assert (train.epochs, train.lr) == (1, 2e-3)
    with pytest.raises(TypeError, match="momentum"):
        configs("best", {"momentum": 0.9})


def test_the_image_size_is_the_data_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.dataset.DATASETS", {**DATASETS, "kmnist": Dataset("Small", ("a",), (8, 16))})
    model, _train = configs("default", {"dataset": "kmnist"})
    assert (model.height, model.width) == (8, 16)


@pytest.mark.parametrize("preset", PRESETS)
def test_an_autoencoder_has_fourier_features_only_where_they_are_asked_for(preset: str) -> None:
    assert configs(preset, {"model": "ae"})[0].fourier == 0
    assert configs(preset, {"model": "ae", "fourier": 8})[0].fourier == 8
    assert configs("default", {"model": "vae"})[0].fourier == 64


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (ModelConfig, "model", "gan"),
        (ModelConfig, "latent", 0),
        (ModelConfig, "latent", True),
        (ModelConfig, "encoder", (512, 0)),
        (ModelConfig, "decoder", (1,) * 13),
        (ModelConfig, "layer_norm", 1),
        (TrainConfig, "beta", -0.1),
        (TrainConfig, "beta", float("nan")),
        (TrainConfig, "epochs", 2.5),
        (TrainConfig, "lr", 0.0),
        (TrainConfig, "loss", "l1"),
    ],
)
def test_bad_values_are_refused_by_name_with_what_was_found(
    kind: type[ModelConfig] | type[TrainConfig], name: str, value: Any
) -> None:
    with pytest.raises(ConfigError, match=name) as refusal:
        kind(**{name: value})
    found = ", ".join(map(str, value)) if isinstance(value, tuple) else repr(value)
    assert f"found {found}." in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": "vae"}'])
def test_json_that_is_no_config_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        from_json(ModelConfig, text)


def test_a_setting_that_came_later_is_written_only_where_it_counts() -> None:
    """So that an app of before reads a plain model's file, and names what it cannot of another."""
    plain, told = ModelConfig(), ModelConfig(conditional=True)
    assert "conditional" not in to_json(plain)
    assert from_json(ModelConfig, to_json(plain)) == plain
    assert from_json(ModelConfig, json.dumps(json.loads(to_json(plain)) | {"conditional": False})) == plain
    assert from_json(ModelConfig, to_json(told)) == told
    with pytest.raises(ConfigError, match="conditional must be true or false; found 1"):
        from_json(ModelConfig, json.dumps(json.loads(to_json(plain)) | {"conditional": 1}))


def test_a_linear_output_is_not_trained_by_cross_entropy() -> None:
    with pytest.raises(ConfigError, match="no cross-entropy"):
        configs("quick", {"output": "linear"})
    assert configs("quick", {"output": "linear", "loss": "mse"})[0].output == "linear"


def test_layers_that_do_not_fit_are_told_by_their_number() -> None:
    conv = Layer("conv", (4,), 3, 2, (1, 1))
    with pytest.raises(ConfigError, match=r"encoder: .* layer 2, conv 4, cannot follow 8\."):
        ModelConfig(encoder=(8, conv), layer_norm=False)
    drawing = (784, Layer("reshape", (1, 28, 28)), conv)
    with pytest.raises(ConfigError, match="a last convolution that gives 1×28×28, found one that gives 4×14×14"):
        ModelConfig(decoder=drawing, layer_norm=False)
    with pytest.raises(ConfigError, match="no LayerNorm"):
        ModelConfig(encoder=(conv,))
    wide = replace(conv, sizes=(2048,), padding=(1, 0))
    with pytest.raises(ConfigError, match="layer 2, conv 2048 kernel 3 stride 2 padding 1/0, is beyond what"):
        ModelConfig(encoder=(8, wide), layer_norm=False)
    odd: Any
    for odd in ("x", 10**400, {}):  # as a file may have them
        with pytest.raises(ConfigError, match="layer 1, conv "):
            ModelConfig(encoder=(replace(conv, sizes=(odd,), padding=(odd, odd)),), layer_norm=False)
    assert ModelConfig(encoder=(conv, 8), layer_norm=False).sizes == ["784", "4×14×14", "8", "2", "256", "512", "784"]


def test_a_label_is_as_long_as_each_data_set_has_classes() -> None:
    assert {len(dataset.classes) for dataset in DATASETS.values()} == {CLASSES}


def test_an_unknown_setting_is_refused() -> None:
    odd = json.loads(to_json(TrainConfig())) | {"momentum": 0.9}
    with pytest.raises(ConfigError, match="momentum"):
        from_json(TrainConfig, json.dumps(odd))


@pytest.mark.parametrize(("name", "kind"), [("fashion-mnist", datasets.FashionMNIST), ("kmnist", datasets.KMNIST)])
def test_class_names_are_torchvisions(name: str, kind: Any) -> None:
    assert list(DATASETS[name].classes) == kind.classes


def test_config_and_format_load_without_torch() -> None:
    code = "import sys, model.config, model.format; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
