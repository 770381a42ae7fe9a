"""Settings: their limits, presets, and JSON form."""

import json
import subprocess
import sys
from typing import Any

import pytest

from model.config import DATASETS, PRESETS, ConfigError, ModelConfig, TrainConfig, from_json, to_json
from model.torchvision_import import datasets


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_survive_json(preset: str) -> None:
    model, train = ModelConfig(**PRESETS[preset].model), TrainConfig(**PRESETS[preset].train)
    assert from_json(ModelConfig, to_json(model)) == model
    assert from_json(TrainConfig, to_json(train)) == train


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
    assert repr(value) in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": "vae"}'])
def test_json_that_is_no_config_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        from_json(ModelConfig, text)


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
