"""The form behind a run, in the sidebar of the Train page, or the field for the instructor's key in its place."""

__all__ = ["draw"]

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import identity, state
from explorer.i18n import _
from explorer.training import memory
from explorer.training.manager import manager
from explorer.ui.key_field import key_field
from explorer.ui.markdown import error_text
from explorer.ui.own_uploads import own_pictures
from explorer.ui.picture_field import about_epochs, picture_field, take_chosen
from explorer.ui.setting_fields import (
    TITLES,
    changed,
    chosen_counts,
    data_root,
    fill_from_preset,
    keep_value,
    passes,
    setting,
    settings_pair,
    values,
)
from model.config import PRESETS, ModelConfig, TrainConfig, configs
from model.errors import UserError

DEFAULT_PRESET = "quick"
PLACE = "train_form"
# The browser alone knows where one trains. Not in the view's style sheet, which comes later than the form.
ONLY_FOR_THE_SERVER = f"""
<style>.stApp:not(:has(#lse-where-server[aria-selected="true"])) .st-key-{PLACE} {{ display: none; }}</style>
"""


def draw(viewer: str) -> tuple[DeltaGenerator, ModelConfig, TrainConfig] | None:
    """The form, for those who may start a run; else a field for the instructor's key, or why not.

    Returns:
        Where to say how long the run takes, and which run that is; nothing where there is no form, or none to be run.
    """
    st.html(ONLY_FOR_THE_SERVER)
    with st.sidebar, st.container(key=PLACE):
        if not viewer:
            st.info(_("To train, allow this page to keep a cookie: it tells whose run is whose."))
        elif identity.may_start(viewer):
            return _form(viewer)
        else:
            st.info(_("You can watch and replay. Starting a run takes the instructor's key."))
            key_field(viewer)
    return None


def _form(viewer: str) -> tuple[DeltaGenerator, ModelConfig, TrainConfig] | None:
    st.subheader(_("New run on the server"), anchor=False)
    keep_value(state.PRESET_FIELD, DEFAULT_PRESET)
    st.selectbox(
        _("Preset"),
        list(PRESETS),
        key=state.PRESET_FIELD,
        format_func=_,
        on_change=fill_from_preset,
        help=_(
            "Fills in all fields but the data set: quick for a lesson, best for what is shipped, baseline for where it "
            "all began."
        ),
    )
    take_chosen()
    st.caption(_custom())
    _offer_name()
    keep_value(state.RUN_NAME_FIELD, "")
    st.text_input(
        _("Name"), key=state.RUN_NAME_FIELD, max_chars=40, help=_("What the run is called in the list of models.")
    )
    good = [passes(lambda: manager.check_name(st.session_state[state.RUN_NAME_FIELD]))]
    good += [setting("model"), *settings_pair("dataset", "loss")]
    good += settings_pair("epochs", "beta")
    about_epochs()
    button, below = st.container(), st.empty()
    with st.expander(_("More settings")):
        good += [setting("encoder"), setting("decoder")]
        good += [*settings_pair("activation", "kl_warmup"), *settings_pair("batch", "lr"), setting("seed")]
        good += [setting("conditional")]
    picture_field(viewer)
    with button:
        good.append(passes(lambda: memory.check(*_configs(), chosen_counts()) if all(good) else None))
    button.button(
        _("Start training"),
        type="primary",
        width="stretch",
        disabled=not all(good),
        on_click=_start,
        args=(viewer,),
    )
    if refused := st.session_state.pop(state.START_ERROR, ""):
        button.error(refused)
    return (below, *_configs()) if all(good) else None


def _custom() -> str:
    """What differs from the preset chosen; nothing where nothing does."""
    names = _(", ").join(_(TITLES[name]) for name in changed())
    return _("custom: {names} changed").format(names=names) if names else ""


def _configs() -> tuple[ModelConfig, TrainConfig]:
    """What the fields say, on top of what the preset sets beside them.

    Raises:
        ConfigError: a field is outside its range.
    """
    return configs(st.session_state[state.PRESET_FIELD], values(), data_root())


def _offer_name() -> None:
    """Put the next free name into the field, unless somebody has typed another: others start runs meanwhile."""
    kept = st.session_state.get(state.FORM_VALUES, {})
    name = st.session_state.get(state.RUN_NAME_FIELD, kept.get(state.RUN_NAME_FIELD))
    if name == st.session_state.get(state.OFFERED_NAME) and (free := manager.free_name()) != name:
        # Only then: what is written here replaces what is being typed.
        st.session_state[state.RUN_NAME_FIELD] = st.session_state[state.OFFERED_NAME] = free


def _start(viewer: str) -> None:
    """The button's order, of what stands in the fields now; who may give it is looked at where it is carried out."""
    try:
        typed = st.session_state[state.RUN_NAME_FIELD]
        name = None if typed == st.session_state[state.OFFERED_NAME] else typed
        finishing = st.session_state.get(state.FINISHING_SECONDS, 0.0)
        manager.start(name, *_configs(), viewer, finishing=finishing, pictures=own_pictures())
    except UserError as error:
        st.session_state[state.START_ERROR] = error_text(error)
    else:
        st.session_state[state.RUN_NAME_FIELD] = st.session_state[state.OFFERED_NAME]  # which moves on
