"""The sidebar: choose a checkpoint, bring one, and read what it is."""

__all__ = ["pick"]

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from explorer import library, state
from explorer.library import Entry
from explorer.words import _
from model.config import DATASETS
from model.format import CheckpointError, Header


def pick() -> Entry | None:
    """Draw the sidebar; returns the checkpoint to show, or None where there is none at all."""
    entries, complaints = library.shipped()
    entries |= st.session_state.setdefault(state.UPLOADED, {})
    with st.sidebar:
        st.subheader(_("Latent Space Explorer"), anchor=False)
        uploaded = st.session_state.get(state.UPLOAD)
        complaints += _take(uploaded) if uploaded else []
        entries |= st.session_state[state.UPLOADED]
        entry = _choose(entries)
        card = st.container()
        st.file_uploader(
            _("Bring a model: drop a .safetensors file"), type=["safetensors"], key=state.UPLOAD, max_upload_size=200
        )
        for complaint in complaints:
            st.error(complaint)
        if entry:
            with card:
                _card(entry.header)
    return entry


def _take(uploaded: UploadedFile) -> list[str]:
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
        st.session_state[state.UPLOADED][entry.name] = entry
        st.session_state[state.PICKED] = entry.name
    st.session_state[state.SEEN] = (uploaded.file_id, complaints)
    return complaints


def _choose(entries: dict[str, Entry]) -> Entry | None:
    if not entries:
        command = "python -m model train --out checkpoints/NAME.safetensors"
        st.error(_("No checkpoint was found in checkpoints/: make one with `{command}`.").format(command=command))
        return None
    names = list(entries)
    if state.PICKED not in st.session_state:
        wanted = st.query_params.get(state.MODEL_PARAMETER, names[0])
        if wanted not in entries:
            text = _("The link asks for the model {wanted}, which is not here; this is {found}.")
            st.warning(text.format(wanted=wanted, found=names[0]))
            wanted = names[0]
        st.session_state[state.PICKED] = wanted
    return entries[st.selectbox(_("Checkpoint"), names, key=state.PICKED, label_visibility="collapsed")]


def _card(header: Header) -> None:
    """What the checkpoint is, and how good."""
    config, train, figures = header.config, header.train, header.metrics
    kind = _("VAE") if config.model == "vae" else _("AutoEncoder")
    sizes = (config.pixels, *config.encoder, config.latent, *config.decoder, config.pixels)
    st.markdown(f"**{kind}** · {DATASETS[train.dataset].title}  \n{'–'.join(map(str, sizes))} · {config.activation}")
    if "elbo" in figures:
        meaning = _(
            "How well it explains a test digit, in nats per image: minus reconstruction, minus KL. Higher is better."
        )
        st.metric(_("ELBO, test"), _("{value:.1f} nats").format(value=figures["elbo"]), help=meaning)
        st.caption(_("reconstruction {reconstruction:.1f} + KL {kl:.1f} nats").format(**figures))
    elif "reconstruction" in figures:
        meaning = _("Cross-entropy of a test digit and its reconstruction, in nats per image. Lower is better.")
        st.metric(
            _("Reconstruction, test"), _("{value:.1f} nats").format(value=figures["reconstruction"]), help=meaning
        )
    if "knn_accuracy" in figures:
        meaning = _(
            "How many test digits their 15 nearest training digits in this map name rightly; no label was trained on."
        )
        st.metric(_("15-NN accuracy"), f"{figures['knn_accuracy']:.1%}", help=meaning)
    st.caption(_("{epochs} epochs, {loss} loss").format(epochs=train.epochs, loss=train.loss.upper()))
