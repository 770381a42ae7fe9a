"""The sidebar: choose a checkpoint, bring one, and read what it is."""

__all__ = ["Choice", "choose", "draw"]

import re
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from explorer import library, state
from explorer.library import Entry
from explorer.words import _
from model.config import DATASETS
from model.format import CheckpointError, Header


@dataclass(frozen=True)
class Choice:
    """What there is to choose from, what is chosen, and what is to be said about it."""

    entries: dict[str, Entry]
    chosen: Entry | None
    warnings: list[str]
    errors: list[str]


def choose() -> Choice:
    """Find the models and the one to show: the picker's, else the link's, else the first. Draws nothing."""
    entries, errors = library.shipped()
    own: dict[str, Entry] = st.session_state.setdefault(state.UPLOADED, {})
    if uploaded := st.session_state.get(state.UPLOAD):
        errors += _take(uploaded, own)
    entries |= own
    if not entries:
        command = "python -m model train --out checkpoints/NAME.safetensors"
        errors.append(_("No checkpoint was found in checkpoints/: make one with `{command}`.").format(command=command))
        return Choice({}, None, [], errors)
    warnings = []
    if st.session_state.get(state.PICKED) not in entries:
        first = next(iter(entries))
        wanted = st.query_params.get(state.MODEL_PARAMETER, first)
        if wanted not in entries:
            text = _("The link asks for the model {wanted}, which is not here; this is {found}.")
            # Only letters of names: whoever wrote the link must not write Markdown into this page.
            warnings.append(text.format(wanted=re.sub(r"[^\w .()-]", "", wanted)[:64], found=first))
            wanted = first
        st.session_state[state.PICKED] = wanted
    return Choice(entries, entries[st.session_state[state.PICKED]], warnings, errors)


def draw(choice: Choice) -> None:
    """Draw the sidebar."""
    with st.sidebar:
        st.subheader(_("Latent Space Explorer"), anchor=False)
        for warning in choice.warnings:
            st.warning(warning)
        if choice.chosen:
            st.selectbox(_("Model"), list(choice.entries), key=state.PICKED, label_visibility="collapsed")
            _card(choice.chosen.header)
        st.file_uploader(
            _("Bring a model: drop a .safetensors file"), type=["safetensors"], key=state.UPLOAD, max_upload_size=200
        )
        for error in choice.errors:
            st.error(error)


def _take(uploaded: UploadedFile, own: dict[str, Entry]) -> list[str]:
    """Add a newly uploaded file to this viewer's models and pick it; or say why not, and change nothing."""
    seen, complaints = st.session_state.get(state.SEEN, ("", []))
    if seen == uploaded.file_id:
        return list(complaints)
    complaints = []
    try:
        entry = library.uploads.add(uploaded.name, uploaded.getvalue())
    except CheckpointError as error:
        complaints = [_("{complaint} The last good model stays.").format(complaint=error)]
    else:
        own[entry.name] = entry
        st.session_state[state.PICKED] = entry.name
    st.session_state[state.SEEN] = (uploaded.file_id, complaints)
    return complaints


def _card(header: Header) -> None:
    """What the checkpoint is, and how good."""
    config, train, figures = header.config, header.train, header.metrics
    kind = _("VAE") if config.model == "vae" else _("AutoEncoder")
    sizes = (config.pixels, *config.encoder, config.latent, *config.decoder, config.pixels)
    st.markdown(f"**{kind}** · {DATASETS[train.dataset].title}  \n{'–'.join(map(str, sizes))} · {config.activation}")
    if "elbo" in figures:
        _figure(
            _("**{elbo:.1f} nats** ELBO, test digits").format(**figures),
            _("How well it explains a test digit, nats per image: minus reconstruction, minus KL. Higher is better."),
        )
        st.caption(_("reconstruction {reconstruction:.1f} nats, KL {kl:.1f} nats").format(**figures))
    elif "reconstruction" in figures:
        _figure(
            _("**{reconstruction:.1f} nats** reconstruction, test digits").format(**figures),
            _("Cross-entropy of a test digit and its reconstruction, nats per image. Lower is better."),
        )
    if "knn_accuracy" in figures:
        _figure(
            _("**{knn_accuracy:.1%}** 15-NN accuracy").format(**figures),
            _("How many test digits the 15 nearest training digits name rightly. No label was trained on."),
        )
    st.caption(_("{epochs} epochs, {loss} loss").format(epochs=train.epochs, loss=train.loss.upper()))


def _figure(text: str, meaning: str) -> None:
    # Not st.metric: its dozen script files would come before the first digit.
    st.markdown(text.replace("**-", "**−"), help=meaning)
