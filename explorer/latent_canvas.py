"""The in-browser explorer as a Streamlit component: a typed face, and a loader of a few lines."""

__all__ = ["latent_canvas"]

import json
from collections.abc import Sequence

import streamlit as st

from explorer.routes import FRONTEND, assets_address

# The loader runs from a blob address, where a relative import resolves to nothing: hence the page's own base.
_LOADER = """
const modules = new Map();
export default function (component) {
  const address = new URL(component.data.assets + "/streamlit.js", document.baseURI).href;
  if (!modules.has(address)) modules.set(address, import(address));
  let gone = false;
  let cleanup = () => {};
  modules.get(address).then((module) => {
    if (!gone) cleanup = module.default(component);
  });
  return () => {
    gone = true;
    cleanup();
  };
}
"""

_component = st.components.v2.component(
    "latent_canvas",
    css=(FRONTEND / "explorer.css").read_text(encoding="utf-8"),
    js=_LOADER,
    isolate_styles=False,  # the page's theme variables and the tests' names reach in
)


def latent_canvas(*, key: str, model: str, checkpoint: str, images: str | None, classes: Sequence[str]) -> None:
    """Show the explorer.

    Args:
        key: fixed for each place on each page; without it new data would make a new instance.
        model: the checkpoint's name, as it stands in the page's address.
        checkpoint: address of the checkpoint, relative to the app.
        images: address of the test images, or None where the server has none.
        classes: names by label.
    """
    options: dict[str, object] = {
        "model": model,
        "checkpoint": checkpoint,
        "images": images,
        "classes": list(classes),
        "words": {},
    }
    # As text: Streamlit looks whether a list or a dictionary is a data frame, and imports pandas for that, which made
    # the first page of a server 0.7 s later.
    _component(key=key, data={"assets": assets_address(), "options": json.dumps(options)})
