"""The form behind a run, in the sidebar of the Train page; built from the settings' own limits and help."""

__all__ = ["draw", "show_duration"]

import dataclasses
import time
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import identity, state
from explorer.gauge import gauge
from explorer.jobs import BUSY, JobError, manager
from explorer.words import _
from model.config import DATASETS, PRESETS, Choice, ConfigError, ModelConfig, Range, TrainConfig, Widths

DEFAULT_PRESET = "quick"
PRESET_TITLES = {
    "quick": "quick (10 s)",
    "default": "default (30 s)",
    "baseline": "baseline (60 s)",
    "best": "best (20 min)",
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
    if state.PRESET not in st.session_state:
        st.session_state[state.PRESET] = DEFAULT_PRESET
        st.session_state[state.RUN_NAME] = manager.free_name()
        _take_preset()
    st.subheader(_("New run"), anchor=False)
    st.selectbox(
        _("Preset"),
        list(PRESET_TITLES),
        format_func=lambda name: _(PRESET_TITLES[name]),
        key=state.PRESET,
        on_change=_take_preset,
        help=_(
            "Fills in all the fields: quick for a lesson, best for what is shipped, baseline for where it all began."
        ),
    )
    problems: list[str] = []
    st.text_input(_("Name"), key=state.RUN_NAME, max_chars=40, help=_("What the run is called in the list of models."))
    try:
        manager.check_name(st.session_state[state.RUN_NAME])
    except JobError as error:
        problems.append(str(error))
        st.error(str(error))
    _field("model")
    is_vae = st.session_state[state.field("model")] == "vae"
    _pair("dataset", "loss", is_vae)
    _pair("epochs", "beta", is_vae)
    button, below = st.container(), st.empty()
    with st.expander(_("More settings")):
        for name in ("encoder", "decoder"):
            if problem := _field(name):
                problems.append(problem)
        _pair("activation", "kl_warmup", is_vae)
        _pair("batch", "lr", is_vae)
        _field("seed")
    configs = None if problems else _configs()
    button.button(
        _("Start training"),
        type="primary",
        width="stretch",
        disabled=configs is None,
        on_click=_start,
        args=(viewer, configs),
    )
    if refused := st.session_state.pop(state.REFUSED, ""):
        button.error(refused)
    return below, configs


def show_duration(viewer: str, asked: Asked | None) -> None:
    """Say how long the run will take, by steps that are taken now: comes last, for the first answer takes seconds."""
    if asked is None:
        return
    below, configs = asked
    if configs is None:
        return  # what is wrong with them stands beside them
    answer = gauge.ask(configs[0], configs[1], viewer)
    while not answer.done() and not _busy():
        below.caption(_("measuring how long it will take…"))  # each call lets the next click in
        time.sleep(POLL)
    duration = answer.result() if answer.done() else None
    if duration is None and _busy():
        below.caption(
            _("It waits for the run that trains now. How long it takes is measured once the machine is free.")
        )
        return
    if duration is None:
        below.caption(_("How long it will take could not be measured: the network may be too large for this machine."))
        return
    st.session_state[state.FINISHING] = duration.finishing
    text = _("about {training} of training, then {finishing} for the test figures, measured on this machine")
    epochs = configs[1].epochs
    below.caption(text.format(training=_said(duration.epoch * epochs), finishing=_said(duration.finishing)))


def _busy() -> bool:
    return any(job.status in BUSY for job in manager.jobs())


def _said(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 100:
        return _("{n} s").format(n=max(1, round(seconds)))
    return _("{n} min").format(n=round(seconds / 60)) if seconds < 5400 else _("{n:.1f} h").format(n=seconds / 3600)


def _take_preset() -> None:
    """Put a preset's values into all fields."""
    preset = PRESETS[st.session_state[state.PRESET]]
    for name in TITLES:
        value = {**preset.model, **preset.train}.get(name, FIELDS[name].default)
        st.session_state[state.field(name)] = ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _pair(left: str, right: str, is_vae: bool) -> None:
    """Two settings side by side; what an AutoEncoder does not have is greyed."""
    for column, name in zip(st.columns(2), (left, right), strict=True):
        with column:
            _field(name, disabled=name in ONLY_VAE and not is_vae)


def _field(name: str, disabled: bool = False) -> str:
    """One setting's widget; returns what is wrong with its value, if the widget itself cannot refuse it."""
    limits, key, help = FIELDS[name].metadata["limits"], state.field(name), _(FIELDS[name].metadata["help"])
    label = _(TITLES[name])
    common: dict[str, Any] = {"key": key, "help": help, "disabled": disabled}
    if isinstance(limits, Choice):
        titles = NAMES | {dataset: DATASETS[dataset].title for dataset in DATASETS}
        st.selectbox(label, limits.names, format_func=lambda value: titles.get(value, value), **common)
    elif isinstance(limits, Range) and limits.whole:
        st.number_input(label, int(limits.low), int(limits.high), step=1, **common)
    elif isinstance(limits, Range):
        step = {"beta": 0.25, "kl_warmup": 0.05, "lr": 0.0005}[name]
        st.number_input(label, float(limits.low), float(limits.high), step=step, format="%g", **common)
    elif isinstance(limits, Widths):
        st.text_input(label, **common)
        try:
            limits.check(label, _widths(st.session_state[key]))
        except (ConfigError, ValueError) as error:
            found = repr(st.session_state[key])
            text = str(error) if isinstance(error, ConfigError) else _widths_wanted(label, found)
            st.error(text)
            return text
    return ""


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace("，", ",").split(",") if part.strip())


def _widths_wanted(label: str, found: str) -> str:
    return _("{label}: expected whole numbers with commas between them, such as 512, 256; found {found}.").format(
        label=label, found=found
    )


def _configs() -> tuple[ModelConfig, TrainConfig]:
    """What the fields say, on top of what the preset sets beside them."""
    preset = PRESETS[st.session_state[state.PRESET]]

    def given(kind: type) -> dict[str, Any]:
        names = [f.name for f in dataclasses.fields(kind) if f.name in TITLES]
        values = {name: st.session_state[state.field(name)] for name in names}
        return {n: _widths(v) if isinstance(FIELDS[n].metadata["limits"], Widths) else v for n, v in values.items()}

    train = TrainConfig(**{**preset.train, **given(TrainConfig)})
    height, width = DATASETS[train.dataset].shape
    values = {**preset.model, **given(ModelConfig), "height": height, "width": width}
    if values["model"] == "ae":
        values["fourier"] = 0  # an AutoEncoder's codes spread further than any fixed features of z reach
    return ModelConfig(**values), train


def _start(viewer: str, configs: tuple[ModelConfig, TrainConfig]) -> None:
    """The button's order; who may give it is looked at again where it is carried out."""
    name = st.session_state[state.RUN_NAME]
    try:
        manager.start(name, *configs, viewer, finishing=st.session_state.get(state.FINISHING, 0.0))
    except JobError as error:
        st.session_state[state.REFUSED] = str(error)
    else:
        st.session_state[state.RUN_NAME] = manager.free_name()
