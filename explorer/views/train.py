"""Train: start a run and watch the map form, or watch any model's run again."""

import streamlit as st

from explorer import identity, state
from explorer.i18n import choose
from explorer.training.feed import model_summary
from explorer.ui import train_form
from explorer.ui.components import training_stage

viewer = identity.viewer(st.context.cookies)
asked = train_form.draw(viewer)
choose()
training_stage(
    key="train",
    me=identity.mark(viewer),
    keyed=identity.key_is_set(),
    instructor=identity.is_instructor(viewer),
    own=[model_summary(entry) for entry in st.session_state.get(state.UPLOADED, {}).values()],
)
train_form.show_duration(viewer, asked)
