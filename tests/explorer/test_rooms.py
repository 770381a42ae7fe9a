"""The rooms of the browser's half: imports point downwards only. Python's half is import-linter's: pyproject.toml."""

import os
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from explorer.settings import FRONTEND

# From the lowest room up: a file uses what stands in its own room or in a lower one, never in one beside its own.
ROOMS = [
    {"vendor"},
    {"core"},
    {"ui"},
    {"worker"},
    {"map"},
    {"panels", "here"},
    {"explore", "compare", "learn", "train", "classroom"},
    {""},  # the hosts
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
HOSTS = {
    "streamlit.js",
    "streamlit-lesson.js",
    "streamlit-words.js",
    "page-lesson.js",
}  # what knows where the app is mounted, or lays out its like
STREAMLIT = re.compile(r"\bst-key-|\bst[A-Z]\w+")  # its classes and test ids; --st-… are the theme's colours, for all

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s*|\bnew\s+URL\s*\(\s*)["'](\.[^"']*)["']"""
)  # static, dynamic, of types in comments, and a worker's address


def sources() -> dict[str, str]:
    """Path below `frontend/` → text, of all modules but those that others wrote."""
    paths = {path.relative_to(FRONTEND).as_posix(): path for path in sorted(FRONTEND.rglob("*.js"))}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if room(name) != "vendor"}


def room(name: str) -> str:
    return name.rpartition("/")[0]


def imports(name: str, text: str) -> list[str]:
    """Which files below `frontend/` a module's text names in imports."""
    found = [os.path.normpath(Path(room(name), path)).replace(os.sep, "/") for path in IMPORT.findall(text)]
    return [other for other in found if other.endswith(".js")]


def upward(modules: dict[str, str]) -> list[str]:
    """Imports, of types too, from a higher room or from one beside."""
    return [
        f"{name} → {other}"
        for name, text in modules.items()
        for other in imports(name, text)
        if room(other) != room(name) and LEVEL[room(other)] >= LEVEL[room(name)]
    ]


def circle(modules: dict[str, str]) -> list[str]:
    """Modules of which each imports the next, and the last the first; types, which nothing runs, don't count."""
    graph = {name: imports(name, COMMENT.sub("", text)) for name, text in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def hosted(modules: dict[str, str]) -> list[str]:
    """Where a module that is no host names what is Streamlit's."""
    return [
        f"{name}: {found}"
        for name, text in modules.items()
        if name not in HOSTS
        for found in STREAMLIT.findall(COMMENT.sub("", text))
    ]


def test_every_room_has_its_place() -> None:
    assert {room(path.relative_to(FRONTEND).as_posix()) for path in FRONTEND.rglob("*.js")} == set(LEVEL)


def test_imports_point_downwards_only() -> None:
    modules = sources()
    assert sum(len(imports(name, text)) for name, text in modules.items()) > len(modules)  # it does find them
    assert "\n".join(upward(modules)) == ""


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert " → ".join(circle(sources())) == ""


def test_only_the_hosts_know_their_host() -> None:
    assert "\n".join(hosted(sources())) == ""


@pytest.mark.parametrize(
    "text",
    [
        'import { a } from "../explore/view.js";',
        'import {\n  a,\n  b,\n} from "../explore/view.js";',
        'import "../explore/view.js";',
        'export * from "../explore/view.js";',
        'const view = await import("../explore/view.js");',
        'const view = new Worker(new URL("../explore/view.js", import.meta.url));',
        '/** @typedef {import("../explore/view.js").View} View */',
    ],
)
@pytest.mark.parametrize("name", ["map/plane.js", "learn/view.js"])
def test_a_wrong_import_is_found(name: str, text: str) -> None:
    assert upward({name: text}) == [f"{name} → explore/view.js"]
    assert upward({"explore/inspector.js": text, "streamlit.js": text.replace("..", ".")}) == []


def test_a_circle_is_found() -> None:
    a, b, c = 'import "./b.js";', 'const c = import("./c.js");', 'import { x } from "../map/a.js";'
    assert circle({"map/a.js": a, "map/b.js": b, "map/c.js": c}) in (
        ["map/a.js", "map/b.js", "map/c.js", "map/a.js"],
        ["map/b.js", "map/c.js", "map/a.js", "map/b.js"],
        ["map/c.js", "map/a.js", "map/b.js", "map/c.js"],
    )
    assert circle({"map/a.js": a, "map/b.js": b, "map/c.js": f"/* {c} */"}) == []


def test_a_name_of_streamlits_is_found() -> None:
    code = "document.querySelector('.stMain, [data-testid=\"stSidebar\"], .st-key-lesson_1')"
    assert hosted({"learn/view.js": code}) == [f"learn/view.js: {name}" for name in ("stMain", "stSidebar", "st-key-")]
    assert (
        hosted({"streamlit.js": code, "map/plane.js": "/** as stMain */ style('--st-text-color'); start(standing)"})
        == []
    )
