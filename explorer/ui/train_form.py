"""The form behind a run, in the sidebar of the Train page; built from the settings' own limits and help."""

__all__ = ["draw", "show_duration"]

import dataclasses
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import identity, state
from explorer.i18n import _, translate_error
from explorer.serving.routes import images_address
from explorer.training.errors import RunError
from explorer.training.estimate import estimator
from explorer.training.manager import manager
from model.config import DATASETS, PRESETS, Choice, ConfigError, ModelConfig, Range, TrainConfig, Widths

DEFAULT_PRESET = "quick"
PRESET_TITLES = {
    # The same in every language: the browser holds the label, and sends it after the language has changed.
    "quick": "quick · 10 s",
    "default": "default · 30 s",
    "baseline": "baseline · 60 s",
    "best": "best · 20 min",
}
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
    "batch": "Batch",
    "lr": "Learning rate",
    "seed": "Seed",
}
FIELDS = {f.name: f for kind in (ModelConfig, TrainConfig) for f in dataclasses.fields(kind)}
NAMES = {"vae": "VAE", "ae": "AutoEncoder", "bce": "BCE", "mse": "MSE", "mae": "MAE"}
POLL = 0.1  # seconds between two looks for the measured time
ONLY_VAE = ("beta", "kl_warmup")


Asked = tuple[DeltaGenerator, tuple[ModelConfig, TrainConfig] | None]  # where to say how long it takes; of which run


def draw(viewer: str) -> Asked | None:
    """The form, for those who may start a run; else a field for the instructor's key, or why not.

    Returns:
        What `show_duration` needs; nothing where there is no form.
    """
    with st.sidebar:
        if not viewer:
            st.info(_("To train, allow this page to keep a cookie: it tells whose run is whose."))
        elif identity.may_start(viewer):
            return _form(viewer)
        else:
            _ask_for_key(viewer)
    return None


def _ask_for_key(viewer: str) -> None:
    st.info(_("You can watch and replay. Starting a run takes the instructor's key."))
    wrong = False
    if typed := st.session_state.get(state.KEY_FIELD):
        del st.session_state[state.KEY_FIELD]  # kept nowhere
        if identity.admit(viewer, typed):
            st.rerun()
        wrong = True
    st.text_input(_("Instructor's key"), type="password", key=state.KEY_FIELD, autocomplete="off")
    if wrong:
        st.error(_("That is not the key of this server: ask whoever started it."))


def _form(viewer: str) -> Asked:
    st.subheader(_("New run"), anchor=False)
    _remember(state.PRESET, DEFAULT_PRESET)
    st.selectbox(
        _("Preset"),
        list(PRESET_TITLES),
        format_func=PRESET_TITLES.__getitem__,
        key=state.PRESET,
        on_change=_take_preset,
        help=_(
            "Fills in all the fields: quick for a lesson, best for what is shipped, baseline for where it all began."
        ),
    )
    _remember(state.RUN_NAME, manager.free_name())
    st.text_input(_("Name"), key=state.RUN_NAME, max_chars=40, help=_("What the run is called in the list of models."))
    good = [_passes(lambda: manager.check_name(st.session_state[state.RUN_NAME]))]
    good += [_field("model"), *_pair("dataset", "loss"), *_pair("epochs", "beta")]
    button, below = st.container(), st.empty()
    with st.expander(_("More settings")):
        good += [_field("encoder"), _field("decoder"), *_pair("activation", "kl_warmup"), *_pair("batch", "lr")]
        good += [_field("seed")]
    button.button(
        _("Start training"),
        type="primary",
        width="stretch",
        disabled=not all(good),
        on_click=_start,
        args=(viewer,),
    )
    if refused := st.session_state.pop(state.REFUSED, ""):
        button.error(refused)
    return below, _configs() if all(good) else None


def show_duration(viewer: str, asked: Asked | None) -> None:
    """Say how long the run will take, by steps that are taken now: comes last, for the first answer takes seconds."""
    if asked is None:
        return
    below, configs = asked
    if configs is None:
        return  # what is wrong with them stands beside them
    answer = estimator.ask(configs[0], configs[1], viewer)
    while not answer.done() and not _busy():
        below.caption(_("measuring how long it will take…"))  # each call lets the next click in
        time.sleep(POLL)
    duration = answer.result() if answer.done() else None
    if duration is None and _busy():
        below.caption(_("How long it takes is measured only while no run trains, so as not to slow that down."))
        return
    if duration is None:
        below.caption(_("How long it will take could not be measured: the network may be too large for this machine."))
        return
    st.session_state[state.FINISHING] = duration.finishing
    text = _("about {training} of training, then {finishing} for the test figures, measured on this machine")
    train = configs[1]
    text = text.format(training=_said(duration.epoch * train.epochs), finishing=_said(duration.finishing))
    if images_address(train.dataset) is None:
        text += _("; before that {dataset} is downloaded").format(dataset=DATASETS[train.dataset].title)
    below.caption(text)


def _busy() -> bool:
    return any(run.live for run in manager.runs())


def _said(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 100:
        return _("{n} s").format(n=max(1, round(seconds)))
    return _("{n} min").format(n=round(seconds / 60)) if seconds < 5400 else _("{n:.1f} h").format(n=seconds / 3600)


def _remember(key: str, default: object) -> None:
    """Give a field that is about to be drawn the value that it had, or its first one.

    What stands in the fields is kept apart: Streamlit forgets the fields themselves while another page is shown.
    """
    saved = st.session_state.setdefault(state.FORM, {})
    saved[key] = st.session_state.setdefault(key, saved.get(key, default))


def _preset_value(name: str) -> str:
    """A setting as the chosen preset has it, as it stands in its field."""
    preset = PRESETS[st.session_state[state.PRESET]]
    value = {**preset.model, **preset.train}.get(name, FIELDS[name].default)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _take_preset() -> None:
    """Put a preset's values into all fields."""
    for name in TITLES:
        st.session_state[state.field(name)] = _preset_value(name)


def _pair(left: str, right: str) -> list[bool]:
    """Two settings side by side, and under both what is wrong with their values; returns which are good."""
    for column, name in zip(st.columns(2), (left, right), strict=True):
        with column:
            _widget(name)
    return [_passes(partial(_value, name)) for name in (left, right)]


def _field(name: str) -> bool:
    """One setting, and under it what is wrong with its value; returns whether it is good."""
    _widget(name)
    return _passes(lambda: _value(name))


def _widget(name: str) -> None:
    limits, key = FIELDS[name].metadata["limits"], state.field(name)
    _remember(key, _preset_value(name))
    common: dict[str, Any] = {"key": key, "help": _(FIELDS[name].metadata["help"]), "disabled": not _counts(name)}
    if isinstance(limits, Choice):
        titles = NAMES | {dataset: DATASETS[dataset].title for dataset in DATASETS}
        st.selectbox(_(TITLES[name]), limits.names, format_func=lambda value: titles.get(value, value), **common)
    else:  # text and not a number field: that one takes no decimal comma, and keeps the last good number to itself
        st.text_input(_(TITLES[name]), **common)


def _counts(name: str) -> bool:
    """Whether the model that is chosen has this setting."""
    return name not in ONLY_VAE or st.session_state[state.field("model")] == "vae"


def _passes(check: Callable[[], object]) -> bool:
    """Whether a check passes; if not, its sentence stands here. The place is kept, so that nothing after it is new."""
    place = st.empty()
    try:
        check()
    except (ConfigError, RunError) as error:
        place.error(translate_error(error))
        return False
    return True


def _value(name: str) -> Any:
    """What a setting's field says.

    Raises:
        ConfigError: it is outside its range.
    """
    limits, text = FIELDS[name].metadata["limits"], str(st.session_state[state.field(name)]).strip()
    if not _counts(name):
        return FIELDS[name].default
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


def _configs() -> tuple[ModelConfig, TrainConfig]:
    """What the fields say, on top of what the preset sets beside them.

    Raises:
        ConfigError: a field is outside its range.
    """
    preset = PRESETS[st.session_state[state.PRESET]]

    def given(kind: type) -> dict[str, Any]:
        return {f.name: _value(f.name) for f in dataclasses.fields(kind) if f.name in TITLES}

    train = TrainConfig(**{**preset.train, **given(TrainConfig)})
    height, width = DATASETS[train.dataset].shape
    values = {**preset.model, **given(ModelConfig), "height": height, "width": width}
    if values["model"] == "ae":
        values["fourier"] = 0  # an AutoEncoder's codes spread further than any fixed features of z reach
    return ModelConfig(**values), train


def _start(viewer: str) -> None:
    """The button's order, of what stands in the fields now; who may give it is looked at where it is carried out."""
    try:
        name, finishing = st.session_state[state.RUN_NAME], st.session_state.get(state.FINISHING, 0.0)
        manager.start(name, *_configs(), viewer, finishing=finishing)
    except (ConfigError, RunError) as error:
        st.session_state[state.REFUSED] = translate_error(error)
    else:
        st.session_state[state.RUN_NAME] = manager.free_name()
