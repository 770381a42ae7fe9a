"""The in-browser views as Streamlit components: a typed face each, and a loader of a few lines."""

__all__ = ["compare_view", "explore_view", "learn_view", "train_view"]

import json
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from explorer import i18n, identity, state
from explorer.catalogue import library
from explorer.catalogue.library import Entry
from explorer.catalogue.titles import titles
from explorer.i18n import _
from explorer.lesson.screens import Screen
from explorer.serving.addresses import (
    STYLES,
    assets_address,
    images_address,
    labels_address,
    lesson_addresses,
    pictures_address,
    training_addresses,
)
from explorer.settings import FRONTEND
from model.dataset import DATASETS

# The loader runs from a blob address, where a relative import resolves to nothing: hence the page's own base.
_LOADER = """
const PAUSES = [500, 1000, 2000, 4000, 8000]; // ms before it is asked for again; the last for all further times
const modules = new Map();
const waiting = new Set(); // of each place that waits, what says there that nothing has come
async function load(address, attempt = 0) {
  try {
    return await import(address);
  } catch (error) {
    if (attempt === 0) console.error(error);
    for (const say of waiting) say();
    await new Promise((over) => {
      setTimeout(over, PAUSES[Math.min(attempt, PAUSES.length - 1)]);
      window.addEventListener("online", over, { once: true });
    });
    return load(address, attempt + 1);
  }
}
export default function (component) {
  const { data, parentElement } = component;
  const address = new URL(data.assets + "/streamlit.js", document.baseURI).href;
  const say = () => {
    const root = parentElement.querySelector(":scope > .lse-root")
      ?? parentElement.appendChild(document.createElement("div"));
    root.className = "lse-root";
    root.innerHTML = '<div class="lse"><p class="lse-message" role="alert"></p></div>';
    root.querySelector("p").textContent = data.unfetched + " (" + address + ")";
  };
  let cleanup = () => waiting.delete(say);
  waiting.add(say);
  if (!modules.has(address)) modules.set(address, load(address));
  modules.get(address).then((module) => {
    if (waiting.delete(say)) cleanup = module.default(component);
  });
  return () => cleanup();
}
"""


def _registered(name: str, *styles: str) -> Callable[..., object]:
    return st.components.v2.component(
        name,
        css="\n".join((FRONTEND / style).read_text(encoding="utf-8") for style in styles),
        js=_LOADER,
        isolate_styles=False,  # the page's theme variables and the tests' names reach in
    )


_explore = _registered("explore_view", *STYLES, "explore/explore.css", "classroom/classroom.css")
_compare = _registered("compare_view", *STYLES, "classroom/classroom.css", "compare/compare.css")
_learn = _registered(
    "learn_view", *STYLES, "classroom/classroom.css", "compare/compare.css", "learn/learn.css", "learn/print.css"
)
_train = _registered("train_view", *STYLES, "classroom/classroom.css", "train/train.css", "here/here.css")


def explore_view(
    *,
    key: str,
    model: str,
    title: str,
    checkpoint: str,
    images: str | None,
    pca: str | None,
    handout: str,
    classes: Sequence[str],
    on_model: Callable[[str], None],
) -> None:
    """Show one model: the map, and the image at the point.

    Args:
        key: fixed for each place on each page; without it new data would make a new instance.
        model: the checkpoint's name, as it stands in the page's address.
        title: what it is called for people.
        checkpoint: address of the checkpoint, relative to the app.
        images: address of the test images, or None where the server has none.
        pca: address of the training images' principal components, likewise.
        handout: address of a page with this model that needs no server.
        classes: names by label.
        on_model: called where the browser asks for another model, by its name: see `frontend/classroom`.
    """

    def asked() -> None:
        on_model(str(st.session_state[key].model))

    addresses = {"checkpoint": checkpoint, "images": images, "pca": pca, "handout": handout}
    options = {"model": model, "title": title, **addresses, "classes": list(classes)}
    _mount(_explore, key, "explore", options, on_model_change=asked)


def compare_view(*, key: str, entries: Mapping[str, Entry], others: Mapping[str, Entry]) -> None:
    """Show two models side by side.

    Args:
        key: fixed, as above.
        entries: the models that can be chosen, by name; at least one.
        others: those that cannot, and are shown as such.
    """
    called = titles({**entries, **others})
    models = [
        {
            **library.described(entry),
            "title": called[entry.name],
            "images": pictures_address(entry),
        }
        for entry in entries.values()
    ]
    _mount(
        _compare,
        key,
        "compare",
        {"models": models, "others": [called[name] for name in others], "pair": library.pair(entries)},
    )


def learn_view(*, key: str, number: int, count: int, screen: Screen, entries: Mapping[str, Entry]) -> None:
    """Show the live figure of a screen of the lesson.

    Args:
        key: fixed, as above.
        number: of the screen, from 1, as it stands in the page's address.
        count: of screens.
        screen: the screen.
        entries: the models that there are, by name; the lesson takes those it needs.
    """
    options = {
        "number": number,
        "count": count,
        "screen": screen.name,
        "steps": list(screen.steps),
        "models": {entry.name: entry.address for entry in entries.values() if not entry.trained},
        "files": lesson_addresses(),
        "images": images_address("mnist"),
        "labels": labels_address("mnist"),
        "training": training_addresses("mnist"),
        "classes": DATASETS["mnist"].classes,
    }
    _mount(_learn, key, "learn", options)


def train_view(
    *, key: str, viewer_mark: str, key_is_set: bool, is_instructor: bool, uploads: Sequence[Mapping[str, object]]
) -> None:
    """Show the run under way, or a model's run again.

    Args:
        key: fixed, as above.
        viewer_mark: what others may see of this viewer (see `explorer.identity.mark`).
        key_is_set: whether the server has an instructor's key.
        is_instructor: whether this viewer has entered it.
        uploads: this viewer's own, described as `explorer.training.feed.model_summary` does.
    """
    datasets = {
        name: {
            "classes": dataset.classes,
            "images": images_address(name),
            "labels": labels_address(name),
            "training": training_addresses(name),
        }
        for name, dataset in DATASETS.items()
    }
    options = {
        "viewer": viewer_mark,
        "locked": key_is_set,
        "instructor": is_instructor,
        "uploads": list(uploads),
        "datasets": datasets,
    }
    _mount(_train, key, "train", options)


def _mount(
    component: Callable[..., object],
    key: str,
    view: str,
    options: Mapping[str, object],
    **callbacks: Callable[[], None],
) -> None:
    # As text: Streamlit looks whether a list or a dictionary is a data frame, and imports pandas for that, which made
    # the first page of a server 0.7 s later.
    data = {
        "assets": assets_address(),
        "view": view,
        "options": json.dumps(options),
        "words": i18n.words_address(),
        "unfetched": _(
            "This page's own files did not come: reload. If that does not help, tell whoever runs the server; "
            "a proxy between may not pass on all addresses."
        ),
        "language": i18n.language(),
        "chosen": bool(st.session_state.get(state.LANGUAGE_CHOSEN)),
        "instructor": identity.is_instructor(identity.viewer(st.context.cookies)),
    }
    component(key=key, data=data, **callbacks)
