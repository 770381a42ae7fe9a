"""Fields for the settings of a run, built from the settings' own limits and help; what is wrong stands below each."""

__all__ = [
    "FIELDS",
    "TITLES",
    "changed",
    "choose_dataset",
    "chosen_counts",
    "chosen_pictures",
    "data_root",
    "fill_from_preset",
    "keep_value",
    "passes",
    "setting",
    "settings_pair",
    "values",
]

import dataclasses
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import state
from explorer.i18n import _
from explorer.training.own_pictures import OwnPictures
from explorer.ui.markdown import error_text
from explorer.ui.own_uploads import own_pictures
from model.config import CLASSES, Choice, Flag, ModelConfig, Range, TrainConfig, Widths, configs
from model.dataset import DATA_DIR, DATASETS, counts, is_own
from model.errors import UserError

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
CHOICE_TITLES = {"vae": "VAE", "ae": "AutoEncoder", "bce": "BCE", "mse": "MSE", "mae": "MAE"}
ONLY_VAE = ("beta", "kl_warmup")
OF_FEW = ("epochs", "batch", "lr")  # of which a preset has others for people's own pictures


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
    except UserError as error:
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
    """Put the chosen preset's values into all fields but that of the data set."""
    _fill(name for name in TITLES if name != "dataset")


def choose_dataset(name: str | None = None) -> None:
    """Before a field is drawn: a data set is chosen, in its field or here; the fields that depend on it follow."""
    field = state.setting_field("dataset")
    before = st.session_state.get(state.FORM_VALUES, {}).get(field)
    if name:
        st.session_state[field] = name
    if is_own(before) or is_own(st.session_state[field]):
        _fill(OF_FEW)


def _fill(names: Iterable[str]) -> None:
    for name in names:
        st.session_state[state.setting_field(name)] = _preset_text(name)


def chosen_pictures() -> OwnPictures | None:
    """The viewer's own pictures, where they are the data set chosen."""
    own = own_pictures()
    return own if own and own.name == _dataset() else None


def chosen_counts() -> tuple[int, int]:
    """How many images the data set chosen has to learn from, and to judge by."""
    return own.counts if (own := chosen_pictures()) else counts(_dataset())


def data_root() -> Path:
    """The folder of data folders in which the chosen data set lies."""
    return own.root if (own := chosen_pictures()) else DATA_DIR


def _dataset() -> str:
    """The data set chosen; the usual one where that is not here any more."""
    field = state.setting_field("dataset")
    name = st.session_state.get(field, st.session_state.get(state.FORM_VALUES, {}).get(field))
    return name if name in _datasets() else TrainConfig().dataset


def _datasets() -> dict[str, str]:
    """Titles of the data sets that there are, by name."""
    found = {name: dataset.title for name, dataset in DATASETS.items()}
    if own := own_pictures():
        found[own.name] = f"{own.data.title} · {sum(own.counts)}"
    return found


def changed() -> list[str]:
    """Names of the settings whose fields say something else than the preset chosen, as far as they count."""
    kept = st.session_state.get(state.FORM_VALUES, {})
    found = {
        name: st.session_state.get(state.setting_field(name), kept.get(state.setting_field(name))) for name in TITLES
    }
    del found["dataset"]  # a preset has none
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
    if name == "dataset":
        titles = _datasets()
        if st.session_state[key] not in titles:
            choose_dataset(_dataset())
        st.selectbox(_(TITLES[name]), list(titles), format_func=titles.__getitem__, on_change=choose_dataset, **common)
    elif isinstance(limits, Choice):
        st.selectbox(_(TITLES[name]), limits.names, format_func=lambda value: CHOICE_TITLES.get(value, value), **common)
    elif isinstance(limits, Flag):
        st.checkbox(_(TITLES[name]), **common)
        if not _counts(name):
            st.caption(_("Only for {n} classes, as MNIST has: these pictures have others.").format(n=CLASSES))
    else:  # text and not a number field: that one takes no decimal comma, and keeps the last good number to itself
        st.text_input(_(TITLES[name]), **common)


def _preset_text(name: str) -> str | bool:
    """A setting as the chosen preset has it for the data set chosen, as it stands in its field."""
    model, train = configs(st.session_state[state.PRESET_FIELD], {"dataset": _dataset()}, data_root())
    value: Any = {**vars(model), **vars(train)}[name]
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _counts(name: str) -> bool:
    """Whether the model and the data set that are chosen have this setting."""
    if name == "conditional" and (own := chosen_pictures()):
        return len(own.data.classes) == CLASSES
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
