"""The line below the Train form that says how long a run will take, measured on this machine."""

__all__ = ["show_duration"]

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import state
from explorer.i18n import _
from explorer.serving.addresses import images_address
from explorer.training.estimate import estimator
from explorer.training.manager import manager
from explorer.ui.setting_fields import chosen_counts
from model.config import ModelConfig, TrainConfig
from model.dataset import DATASETS

POLL = 0.1  # seconds between two looks for the measured time


def show_duration(place: DeltaGenerator, model: ModelConfig, train: TrainConfig, viewer: str) -> None:
    """Say how long the run will take, by steps that are taken now: comes last, for the first answer takes seconds.

    Args:
        place: where to say it.
        viewer: who asks: a newer question of theirs takes the place of this one.
    """
    answer = estimator.ask(model, train, viewer, chosen_counts())
    while not answer.done() and not _busy():
        place.caption(_("measuring how long it will take…"))  # each call lets the next click in
        time.sleep(POLL)
    duration = answer.result() if answer.done() else None
    if duration is None and _busy():
        place.caption(_("How long it takes is measured only while no run trains, so as not to slow that down."))
        return
    if duration is None:
        place.caption(_("How long it will take could not be measured: the network may be too large for this machine."))
        return
    st.session_state[state.FINISHING_SECONDS] = duration.finishing
    training, finishing = duration.epoch * train.epochs, duration.finishing
    text = _("about {total} in all, measured on this machine: {training} of training, {finishing} for the test figures")
    text = text.format(
        total=_in_words(training + finishing), training=_in_words(training), finishing=_in_words(finishing)
    )
    if train.dataset in DATASETS and images_address(train.dataset) is None:
        text += _("; before that {dataset} is downloaded").format(dataset=DATASETS[train.dataset].title)
    place.caption(text)


def _busy() -> bool:
    return any(run.live for run in manager.runs())


def _in_words(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 100:
        return _("{n} s").format(n=max(1, round(seconds)))
    return _("{n} min").format(n=round(seconds / 60)) if seconds < 5400 else _("{n:.1f} h").format(n=seconds / 3600)
