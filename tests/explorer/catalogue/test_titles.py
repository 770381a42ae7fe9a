"""What models are called: readable, no two alike, and by what they are."""

import dataclasses
from pathlib import Path
from typing import Any

from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.catalogue.titles import titles
from explorer.i18n import using_language
from model.config import ModelConfig, TrainConfig
from model.dataset import DATASETS
from model.format import Header


def _entry(name: str, named: bool = False, **settings: Any) -> Entry:
    model = {key: value for key, value in settings.items() if key in ModelConfig.__dataclass_fields__}
    train = {key: value for key, value in settings.items() if key in TrainConfig.__dataclass_fields__}
    trained = TrainConfig(**train)
    header = Header(ModelConfig(**model), trained, DATASETS[trained.dataset], [], {}, {}, 0)
    return Entry(name, Path(name), "", header, named=named)


def _titles(*entries: Entry) -> list[str]:
    return list(titles({entry.name: entry for entry in entries}).values())


def test_the_shipped_models_have_names_that_people_read() -> None:
    entries, _errors = library.shipped()
    assert titles(entries) == {
        "vae-mnist": "VAE, large network",
        "vae-mnist-baseline": "VAE, small network",
        "vae-mnist-beta-0.25": "VAE, β = 0.25",
        "vae-mnist-beta-1": "VAE, β = 1",
        "vae-mnist-beta-4": "VAE, β = 4",
        "cvae-mnist": "Conditional VAE",
        "vae-bars": "VAE, Bars · 長條",
        "ae-mnist": "AutoEncoder, cross-entropy",
        "ae-mnist-mse": "AutoEncoder, squared error",
        "ae-mnist-mae": "AutoEncoder, absolute error",
    }
    with using_language("zh-Hant"):
        assert titles(entries)["ae-mnist-mse"] == "自動編碼器，平方誤差"
    alone = {name: titles({name: entry})[name] for name, entry in entries.items()}
    assert (alone["vae-mnist"], alone["ae-mnist"], alone["vae-mnist-beta-4"]) == ("VAE", "AutoEncoder", "VAE, β = 4")


def test_models_that_are_called_the_same_are_told_apart_by_what_differs() -> None:
    assert _titles(_entry("a", epochs=1), _entry("b", epochs=20)) == ["VAE, 1 epoch", "VAE, 20 epochs"]
    assert _titles(_entry("a"), _entry("b", seed=7)) == ["VAE, seed 0", "VAE, seed 7"]
    widths = [_entry(str(n), encoder=(n,), decoder=(n,)) for n in (32, 64, 128)]
    assert _titles(*widths) == ["VAE, 32", "VAE, 64", "VAE, 128"]
    assert _titles(_entry("a"), _entry("b", latent=8)) == ["VAE", "VAE, 8 dimensions"]
    assert _titles(_entry("a"), _entry("b"), _entry("c", model="ae")) == ["VAE (a)", "VAE (b)", "AutoEncoder"]
    assert _titles(_entry("a", dataset="kmnist", loss="mse"), _entry("b")) == ["VAE, KMNIST, squared error", "VAE"]


def test_who_has_named_a_model_finds_it_by_that_name() -> None:
    run, shipped = _entry("group 3", named=True, beta=4.0), _entry("vae")
    assert _titles(shipped, run) == ["VAE", "group 3 · VAE, β = 4"]
    assert _titles(dataclasses.replace(run, name="VAE"), shipped) == ["VAE · VAE, β = 4", "VAE"]


def test_no_two_are_called_the_same_on_one_page() -> None:
    settings: list[dict[str, Any]] = [{}, {"epochs": 3}, {"seed": 1}, {"beta": 2.0}, {"encoder": (64,)}, {"lr": 1e-3}]
    entries = [_entry(f"{i}", **one) for i, one in enumerate(settings * 2)]
    entries += [_entry(f"run {i}", True, **one) for i, one in enumerate(settings)]
    found = _titles(*entries)
    assert len(set(found)) == len(found)
