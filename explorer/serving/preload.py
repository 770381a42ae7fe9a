"""What a page will need, as links of its head: the browser fetches it beside Streamlit's own files."""

__all__ = ["modules_of", "preloads"]

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit

from explorer.catalogue import library
from explorer.lesson.screens import SCREENS, Screen, number_asked
from explorer.serving.addresses import PLOTLY, frontend
from explorer.serving.parts import FIRST, SECOND
from explorer.settings import FRONTEND
from explorer.state import SCREEN_PARAMETER

HOST = "streamlit.js"  # the module that mounts every view
LESSON_HOST = "streamlit-lesson.js"  # what the lesson's asks of its page
EXPLORE, COMPARE, LEARN, TRAIN = (f"{name}/view.js" for name in ("explore", "compare", "learn", "train"))

# `import "./a.js"`, `import … from "./a.js"` and `export … from "./a.js"`, over one line or several.
_IMPORT = re.compile(r'^(?:import\s*|(?:import|export)\b[^;"]*?\bfrom\s*)"(\.[^"]+)"', re.MULTILINE)


def preloads(path: str, query: Mapping[str, list[str]], browser: str = "") -> list[str]:
    """Elements of HTML's head for the page at `path`, the most urgent first.

    No `Link` header: there are 4.5 kB of them, and a proxy that gives a header 4 kB, nginx as it comes, answers 502.

    Args:
        browser: as it names itself (RFC 9110, 10.1.5).
    """
    found = frontend()
    files, version = found.files, found.version
    # A page's view lies in a folder of the page's name; every other address is Explore's.
    view = view if (view := f"{posixpath.basename(path)}/view.js") in files else EXPLORE
    modules = [
        _link(f"assets/{version}/{name}", "modulepreload") for name in modules_of(_entries(view, query), version)
    ]
    models = [
        _link(address, "preload", 'as="fetch" crossorigin fetchpriority="low"') for address in _models(view, query)
    ]
    if "AppleWebKit/" in browser and "Chrome/" not in browser:
        models = []  # Safari, and all on iOS: it takes no preload for a `fetch`, and would have each model come twice
    chunks = [_link(address, "modulepreload", "crossorigin") for address in _component_chunks()]
    on_server = view == TRAIN and ("replay" in query or query.get("where") == ["server"])
    charts = [_link(f"assets/{version}/{PLOTLY}", "preload", 'as="script" fetchpriority="low"')] if on_server else []
    return [*chunks, *modules, *models, *charts]


def _link(address: str, rel: str, attributes: str = "") -> str:
    return f'<link href="{escape(address)}" rel="{rel}" {attributes}>'


def _entries(view: str, query: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The modules that a page begins with."""
    return (HOST, view, LESSON_HOST, f"learn/{_screen(query).name}.js") if view == LEARN else (HOST, view)


def _screen(query: Mapping[str, list[str]]) -> Screen:
    return SCREENS[number_asked(query.get(SCREEN_PARAMETER, [""])[0]) - 1]


@lru_cache(maxsize=16)
def modules_of(entries: tuple[str, ...], _version: str) -> list[str]:
    """Modules of the frontend and all that they import, by their addresses below its folder.

    Args:
        entries: the modules to begin with.
        _version: of the frontend: what was found stays true as long as no file has changed.
    """
    found = list(entries)
    for name in found:  # grows while it is read
        for other in _IMPORT.findall((FRONTEND / name).read_text(encoding="utf-8")):
            address = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
            if address not in found:
                found.append(address)
    return found


@lru_cache(maxsize=1)
def _component_chunks() -> list[str]:
    """Streamlit's own script files behind a component, which its page asks for only when it hears of one.

    Known by their names in the pinned version; where a later one has others, the page is a little later, no more.
    """
    folder = Path(streamlit.__file__).with_name("static") / "static" / "js"
    names = ("BidiComponent", "serialization", "recordbatch", "_arrayReduce")
    return [f"static/js/{path.name}" for name in names for path in folder.glob(f"{name}.*.js")]


def _models(view: str, query: Mapping[str, list[str]]) -> list[str]:
    """Of the checkpoints that a page shows first: all maps, one digit. None on Train, where most watch a run."""
    entries, _errors = library.current()
    if view == TRAIN or not entries:
        return []
    if view == LEARN:
        found = [entry for name, entry in entries.items() if name == _screen(query).table]
    else:
        first, second = library.pair(entries)
        shown = {"a": first, "b": second} if view == COMPARE else {"model": next(iter(entries))}
        found = [entries.get(query.get(key, [""])[0], entries[default]) for key, default in shown.items()]
    # A slow line is shared by all that is under way: what else there is comes once the maps are there.
    maps, digits = ([f"{entry.address}&part={part}" for entry in found] for part in (FIRST, SECOND))
    return maps + digits[:1]
