"""Fields for the settings of a run, built from the settings' own limits and help; what is wrong stands below each."""

__all__ = [
    "FIELDS",
    "TITLES",
    "changed",
    "fill_from_preset",
    "keep_value",
    "passes",
    "setting",
    "settings_pair",
    "values",
]

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from explorer import state
from explorer.i18n import _
from explorer.training.errors import RunError
from explorer.ui.markdown import error_text
from model.config import PRESETS, Choice, ConfigError, Flag, ModelConfig, Range, TrainConfig, Widths
from model.dataset import DATASETS

TITLES = {
    "model": "Model",
    "dataset": "Data set",
    "loss": "Loss",
    "beta": "β",
    "kl_warmup": "KL warm-up",
    "epochs": "Epochs",
    "encoder": "Encoder",
    "decoder": "Decoder",
    "activation": "Activation",
    "conditional": "Conditional",
    "batch": "Batch",
    "lr": "Learning rate",
    "seed": "Seed",
}
FIELDS = {f.name: f for kind in (ModelConfig, TrainConfig) for f in dataclasses.fields(kind)}
CHOICE_TITLES = {
    **{"vae": "VAE", "ae": "AutoEncoder", "bce": "BCE", "mse": "MSE", "mae": "MAE"},
    **{name: dataset.title for name, dataset in DATASETS.items()},
}
ONLY_VAE = ("beta", "kl_warmup")


def keep_value(key: str, default: object) -> None:
    """Give a field that is about to be drawn the value that it had, or its first one.

    What stands in the fields is kept apart: Streamlit forgets the fields themselves while another page is shown.
    """
    kept = st.session_state.setdefault(state.FORM_VALUES, {})
    kept[key] = st.session_state.setdefault(key, kept.get(key, default))


def passes(check: Callable[[], object]) -> bool:
    """Whether a check passes; if not, its sentence stands here. The place is kept, so that nothing after it is new."""
    place = st.empty()
    try:
        check()
    except (ConfigError, RunError) as error:
        place.error(error_text(error))
        return False
    return True


def setting(name: str) -> bool:
    """Draw one setting, and under it what is wrong with its value; returns whether it is good."""
    _widget(name)
    return passes(partial(_value, name))


def settings_pair(left: str, right: str) -> list[bool]:
    """Draw two settings side by side, and under both what is wrong with their values; returns which are good."""
    for column, name in zip(st.columns(2), (left, right), strict=True):
        with column:
            _widget(name)
    return [passes(partial(_value, name)) for name in (left, right)]


def fill_from_preset() -> None:
    """Put the chosen preset's values into all fields."""
    for name in TITLES:
        st.session_state[state.setting_field(name)] = _preset_text(name)


def changed() -> list[str]:
    """Names of the settings whose fields say something else than the preset chosen, as far as they count."""
    kept = st.session_state.get(state.FORM_VALUES, {})
    found = {
        name: st.session_state.get(state.setting_field(name), kept.get(state.setting_field(name))) for name in TITLES
    }
    return [name for name, text in found.items() if text not in (None, _preset_text(name)) and _counts(name)]


def values() -> dict[str, Any]:
    """What the fields say, by the settings' names.

    Raises:
        ConfigError: a field is outside its range.
    """
    return {name: _value(name) for name in TITLES}


def _widget(name: str) -> None:
    limits, key = FIELDS[name].metadata["limits"], state.setting_field(name)
    keep_value(key, _preset_text(name))
    common: dict[str, Any] = {"key": key, "help": _(FIELDS[name].metadata["help"]), "disabled": not _counts(name)}
    if isinstance(limits, Choice):
        st.selectbox(_(TITLES[name]), limits.names, format_func=lambda value: CHOICE_TITLES.get(value, value), **common)
    elif isinstance(limits, Flag):
        st.checkbox(_(TITLES[name]), **common)
    else:  # text and not a number field: that one takes no decimal comma, and keeps the last good number to itself
        st.text_input(_(TITLES[name]), **common)


def _preset_text(name: str) -> str | bool:
    """A setting as the chosen preset has it, as it stands in its field."""
    preset = PRESETS[st.session_state[state.PRESET_FIELD]]
    value = {**preset.model, **preset.train}.get(name, FIELDS[name].default)
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _counts(name: str) -> bool:
    """Whether the model that is chosen has this setting."""
    return name not in ONLY_VAE or st.session_state.get(state.setting_field("model")) != "ae"


def _value(name: str) -> Any:
    """What a setting's field says.

    Raises:
        ConfigError: it is outside its range.
    """
    limits, text = FIELDS[name].metadata["limits"], str(st.session_state[state.setting_field(name)]).strip()
    if not _counts(name):
        return FIELDS[name].default
    if isinstance(limits, Flag):
        return st.session_state[state.setting_field(name)]
    value: Any = text
    try:
        if isinstance(limits, Widths):
            value = tuple(int(part) for part in text.replace("，", ",").split(",") if part.strip())
        elif isinstance(limits, Range):
            value = int(text) if limits.whole else float(text.replace(",", "."))
    except ValueError:
        pass  # the check below says what was expected
    limits.check(_(TITLES[name]), value)
    return value
