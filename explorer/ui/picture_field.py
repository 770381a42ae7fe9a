"""Where the Train form takes people's own pictures, and what it says of them."""

__all__ = ["about_epochs", "picture_field", "take_chosen"]

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from explorer import state
from explorer.i18n import _
from explorer.training.own_pictures import OwnPictures, shelf
from explorer.ui.markdown import error_text, literal
from explorer.ui.own_uploads import own_pictures
from explorer.ui.setting_fields import choose_dataset, chosen_pictures, keep_value
from explorer.upstream.unread import forget_content
from model.config import configs
from model.dataset import COLOUR, GREY
from model.errors import UserError

ENDINGS = ("zip", "npz")
SIZES = (8, 16, 20, 24, 28, 32, 48, 64)  # pixels of a side
USUAL = 28  # as MNIST's
SHOWN = 12  # classes that are told by name


def take_chosen() -> None:
    """Before the fields are drawn: choose the pictures that have just come."""
    if name := st.session_state.pop(state.PICTURES_CHOSEN, None):
        choose_dataset(name)


def about_epochs() -> None:
    """Below their field: why it has more than elsewhere, where few pictures of the viewer's own are chosen."""
    place = st.empty()  # there in any case, so that nothing after it is new
    own, preset = chosen_pictures(), st.session_state[state.PRESET_FIELD]
    if not own:
        return
    usual, epochs = configs(preset, {})[1].epochs, configs(preset, {"dataset": own.name}, own.root)[1].epochs
    if epochs != usual and st.session_state[state.setting_field("epochs")] == str(epochs):
        text = _("{epochs} epochs in place of the preset's {usual}: with so few pictures an epoch has few steps.")
        place.caption(text.format(epochs=epochs, usual=usual))


def _about(own: OwnPictures) -> None:
    """What pictures are, and what so few of them can show."""
    (training, test), (side, _width), classes = own.counts, own.data.shape, own.data.classes
    text = _("{title}: {training} pictures to learn from, {test} to judge by, {side} × {side} pixels")
    text = text.format(title=literal(own.data.title), training=training, test=test, side=side)
    if own.data.channels == COLOUR:
        text += _(", in colour")
    if classes:
        names = _(", ").join([*map(literal, classes[:SHOWN]), *(["…"] if len(classes) > SHOWN else [])])
        text += _("; {n} classes: {names}").format(n=len(classes), names=names)
    else:
        text += _("; no classes")
    st.caption(text)
    if own.warning:
        st.warning(error_text(own.warning))


def picture_field(viewer: str) -> None:
    """The uploader, the size to which pictures are scaled, and whether they stay in colour."""
    own, chosen = own_pictures(), chosen_pictures()
    with st.expander(_("Your pictures"), expanded=bool(chosen)):
        keep_value(state.SIZE_FIELD, own.data.shape[0] if own else USUAL)
        keep_value(state.COLOUR_FIELD, own is not None and own.data.channels == COLOUR)
        uploaded = st.file_uploader(
            _("A .zip of a folder of pictures, or an .npz"), type=ENDINGS, key=state.PICTURES_FIELD
        )
        with st.container():  # there in any case, so that nothing after it is new
            if isinstance(uploaded, UploadedFile) and (problem := _read(uploaded, viewer)):
                st.error(problem)
            if chosen:
                _about(chosen)
        st.selectbox(
            _("Scaled to"),
            SIZES,
            key=state.SIZE_FIELD,
            format_func=lambda side: _("{side} × {side} pixels").format(side=side),
            on_change=_scale,
            args=(viewer,),
            help=_("Each picture is cut to a square about its middle and scaled."),
        )
        st.checkbox(
            _("In colour"),
            key=state.COLOUR_FIELD,
            on_change=_scale,
            args=(viewer,),
            help=_(
                "Else each picture is made grey. Colours are three times as many numbers; the drawing pad needs grey."
            ),
        )
        st.caption(
            _(
                "Put a sub-folder for each class into the folder, or pictures without classes; 50 at least. Only you "
                "see them, until you start a run: all who use this server can watch that, and its model carries some."
            )
        )


def _read(uploaded: UploadedFile, viewer: str) -> str:
    """Make a data set of a file that has just come, and choose it; or say why not, and change nothing."""
    last, problem = st.session_state.get(state.PICTURES_READ, ("", ""))
    if last == uploaded.file_id:
        return str(problem)
    problem = ""
    try:
        with st.spinner(_("Reading {name} …").format(name=literal(uploaded.name))):
            made = shelf.add(uploaded.name, uploaded.getvalue(), *_asked(), viewer)
    except UserError as error:
        problem = error_text(error)
    forget_content(uploaded.file_id)
    st.session_state[state.PICTURES_READ] = (uploaded.file_id, problem)
    if not problem:
        st.session_state[state.PICTURES_CHOSEN] = made.name
        st.rerun()
    return problem


def _asked() -> tuple[int, int]:
    """Pixels of a side, and channels."""
    return st.session_state[state.SIZE_FIELD], COLOUR if st.session_state[state.COLOUR_FIELD] else GREY


def _scale(viewer: str) -> None:
    """The fields' order, to pictures that are here already."""
    last, _problem = st.session_state.get(state.PICTURES_READ, ("", ""))
    try:
        if made := shelf.scale(*_asked(), viewer):
            st.session_state[state.PICTURES_CHOSEN] = made.name
    except UserError as error:
        st.session_state[state.PICTURES_READ] = (last, error_text(error))
