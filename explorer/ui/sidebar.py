"""The sidebar: choose a checkpoint, upload one, and read what it is."""

__all__ = ["all_entries", "choose_model", "chosen_entry"]

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from explorer import identity, state
from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.catalogue.titles import titles
from explorer.catalogue.uploads import uploads
from explorer.i18n import _, choose
from explorer.settings import SUFFIX
from explorer.training.conversion import converted
from explorer.training.errors import RunError
from explorer.training.manager import manager
from explorer.ui.invite import invite_button
from explorer.ui.markdown import error_text, literal
from explorer.ui.own_uploads import own_uploads, uploads_owner
from explorer.upstream.unread import forget_content
from model.dataset import DATASETS
from model.errors import UserError, shown
from model.importing import ENDINGS
from model.voters import NEIGHBOURS


def chosen_entry() -> tuple[Entry, str] | None:
    """Draw the sidebar; returns the checkpoint to show and what it is called, or None where there is none at all.

    Widgets are asked for their values only once they are drawn: after a server's restart the browser still holds them,
    and the new session learns of them only then.
    """
    entries, errors, above = _uploader()
    with above:
        chosen = _picker(entries) if entries else None
        for error in errors:
            st.error(error)
        if chosen:
            entry, _title = chosen
            _card(entry)
            if entry.name in own_uploads():
                _share_button(entry)
    invite_button()
    choose()
    return chosen


def all_entries() -> dict[str, Entry]:
    """Draw the sidebar of a page that picks its models itself; returns all by name, with this viewer's uploads."""
    entries, errors, above = _uploader()
    with above:
        for error in errors:
            st.error(error)
    invite_button()
    choose()
    return entries


def choose_model(name: str) -> None:
    """Before a run of the script: choose the model that the teacher shows, where it is here."""
    if name in library.current()[0] or name in own_uploads():
        st.session_state[state.MODEL_FIELD] = name


def _uploader() -> tuple[dict[str, Entry], list[str], DeltaGenerator]:
    """Title and uploader; returns all checkpoints by name, what is wrong with some, and the place between the two."""
    entries, refused = library.current()
    errors = [error_text(error) for error in refused]
    with st.sidebar:
        st.subheader(_("Latent Space Explorer"), anchor=False)
        above = st.container()
        uploaded = st.file_uploader(
            _("Bring a model: ours, PyTorch, Keras"),
            type=list(ENDINGS),
            key=state.UPLOAD_FIELD,
        )
    if isinstance(uploaded, UploadedFile):  # a restarted server gets a placeholder for a file it no longer has
        errors += _add_upload(uploaded)
    entries |= own_uploads()
    if not entries:
        command = "python -m model train --out checkpoints/NAME.safetensors"
        errors.append(_("No checkpoint was found in checkpoints/: make one with `{command}`.").format(command=command))
    return entries, errors, above


def _share_button(entry: Entry) -> None:
    """For an instructor: a button that puts an upload among everybody's models; the manager looks at the right, too."""
    viewer = identity.viewer(st.context.cookies)
    if identity.is_instructor(viewer) and st.button(_("Offer this model to all viewers")):
        try:
            name = manager.share(entry, viewer)
        except RunError as error:
            st.error(error_text(error))
        else:
            st.success(_("All viewers find it as {name} when they reload the page.").format(name=literal(name)))


def _picker(entries: dict[str, Entry]) -> tuple[Entry, str]:
    """The model chosen, by the picker, else by the link, else the first; and what it is called."""
    names, called = list(entries), titles(entries)
    last = st.session_state.get(state.LAST_MODEL)
    wanted = st.query_params.get(state.MODEL_PARAMETER) or (last if last in entries else names[0])
    if state.MODEL_FIELD in st.session_state and st.session_state.get(state.MODEL_TITLES) != called:
        # The browser holds what a model was called: in another language, say. Written, it is told anew.
        st.session_state[state.MODEL_FIELD] = st.session_state[state.MODEL_FIELD]
    st.session_state[state.MODEL_TITLES] = called
    name = st.selectbox(
        _("Model"),
        names,
        # A value that an upload has just put into the session must not meet a second default.
        index=names.index(wanted) if wanted in entries and state.MODEL_FIELD not in st.session_state else 0,
        format_func=called.__getitem__,
        key=state.MODEL_FIELD,
        label_visibility="collapsed",
    )
    if wanted not in entries and name == names[0]:
        text = _("The link asks for the model {wanted}, which is not here; this is {found}.")
        st.warning(text.format(wanted=literal(shown(wanted)), found=literal(called[name])))
    st.session_state[state.LAST_MODEL] = name
    return entries[name], called[name]


def _add_upload(uploaded: UploadedFile) -> list[str]:
    """Add a newly uploaded file to this viewer's models and pick it; or say why not, and change nothing."""
    last, errors = st.session_state.get(state.LAST_UPLOAD, ("", []))
    if last == uploaded.file_id:
        return list(errors)
    errors = []
    try:
        with st.sidebar, st.spinner(_("Reading {name} …").format(name=literal(uploaded.name))):
            name, content = converted(uploaded.name, uploaded.getvalue())
        entry = uploads.add(name, content, uploads_owner())
    except UserError as error:
        errors = [_("{complaint} The last good model stays.").format(complaint=error_text(error))]
    else:
        st.session_state[state.MODEL_FIELD] = entry.name
    forget_content(uploaded.file_id)
    st.session_state[state.LAST_UPLOAD] = (uploaded.file_id, errors)
    return errors


def _card(entry: Entry) -> None:
    """What the checkpoint is, beyond what it is called, and how good."""
    header = entry.header
    config, train, figures = header.config, header.train, header.metrics
    title = header.data.title if train.dataset in DATASETS else literal(header.data.title)
    st.markdown(f"{title} · {'–'.join(config.sizes)} · {config.activation}")
    if header.data.notes:
        st.caption(literal(header.data.notes))
    if {"elbo", "reconstruction", "kl"} <= figures.keys():
        _metric(
            _("**{elbo:.1f} nats** ELBO, test images").format(**figures),
            _("How well it explains a test image, nats per image: minus reconstruction, minus KL. Higher is better."),
        )
        st.caption(_("reconstruction {reconstruction:.1f} nats, KL {kl:.1f} nats").format(**figures))
    elif "reconstruction" in figures:
        _metric(
            _("**{reconstruction:.1f} nats** reconstruction, test images").format(**figures),
            _("Cross-entropy of a test image and its reconstruction, nats per image. Lower is better."),
        )
    elif "mse" in figures:
        _metric(
            _("**{mse:.4f}** squared error a pixel, test images").format(**figures),
            _("Mean squared error of a test image's pixels and their reconstruction. Lower is better."),
        )
    if not figures and header.imported:
        st.caption(_("No test figures: `python -m model import` works them out, too."))
    elif not figures:
        st.caption(
            _(
                "No test figures yet: they follow the training (reload the page then), "
                "or `python -m model evaluate FILE --store` adds them."
            )
        )
    if "knn_accuracy" in figures:
        k = int(figures.get("knn_neighbours", NEIGHBOURS))
        meaning = _("How many test images the {k} nearest training images name rightly. No label was trained on.")
        if config.conditional:
            meaning = _(
                "How many test images the {k} nearest training images name rightly. Told the label, z need not hold it."
            )
        _metric(
            _("**{knn_accuracy:.1%}** {k}-NN accuracy").format(**figures, k=k),
            meaning.format(k=k),
        )
    recipe = _recipe(len(header.history) or train.epochs, train.loss)
    if header.imported:
        recipe = _("imported from {file}").format(file=literal(header.imported))
    st.caption(f"{literal(entry.name + SUFFIX)} · {recipe}")


def _recipe(epochs: int, loss: str) -> str:
    text = _("1 epoch, {loss} loss") if epochs == 1 else _("{epochs} epochs, {loss} loss")
    return text.format(epochs=epochs, loss=loss.upper())


def _metric(text: str, meaning: str) -> None:
    # Not st.metric: its dozen script files would come before the first digit.
    st.markdown(text.replace("**-", "**−"), help=meaning)
