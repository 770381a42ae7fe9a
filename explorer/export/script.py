"""The frontend's modules as one script: each a function of its own, run when it is first imported.

A thread of a page that lies on a disk may fetch nothing, not even what its own page has made (WebKit), and be no module
(Chromium): so all of the code is one classic script, which page and threads run alike. `loader.js` starts it.
"""

__all__ = ["linked"]

import posixpath
import re
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

from explorer.settings import FRONTEND

_LOADER = Path(__file__).with_name("loader.js")

# JSDoc, on lines of its own or within one; and where a map of what others wrote would lie.
_COMMENT = re.compile(
    r"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|/\*\*(?:[^*]|\*(?!/))*\*/|^//# source.*\n", re.MULTILINE
)
_NAMED = re.compile(r'"(\.{1,2}/[^"\n]+)"')  # another file, from where a module lies
_IMPORT = re.compile(r'^import\s*(?:\{([^}]*)\}\s*from\s*)?"([^"]+)";', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?function\*?|class|const)\s+(\w+)", re.MULTILINE)
_LIST = re.compile(r"^(.*;)?export\s*\{([^}]*)\};?", re.MULTILINE)  # at the end of what others wrote
_LEFT = re.compile(r"^(?:import|export)\b.*|import\.meta.*|\bimport\(.*", re.MULTILINE)


def linked(entry: str, without: Collection[str] = ()) -> tuple[str, dict[str, bytes]]:
    """The script of a module and of all that it needs, and the other files that those name, by their addresses.

    Args:
        entry: the module that the page begins with, below the frontend's folder.
        without: modules that nobody will ask for.
    """
    texts: dict[str, str] = {}
    named: dict[str, list[str]] = {}
    others: dict[str, bytes] = {}
    found = [entry]
    for name in found:  # grows while it is read
        texts[name] = _COMMENT.sub("", (FRONTEND / name).read_text(encoding="utf-8"))
        near = {_resolved(name, other) for other in _NAMED.findall(texts[name])} - set(without)
        files = sorted(other for other in near if (FRONTEND / other).is_file())
        named[name] = [other for other in files if other.endswith(".js")]
        others |= {other: (FRONTEND / other).read_bytes() for other in files if not other.endswith(".js")}
        found += [other for other in named[name] if other not in found]
    modules = "".join(_function(name, texts[name]) for name in TopologicalSorter(named).static_order())
    return _LOADER.read_text(encoding="utf-8").replace("ENTRY", entry).replace("MODULES", modules), others


def _resolved(name: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), other))


def _function(name: str, text: str) -> str:
    """A module as a part of an object: a function that returns what it exports."""
    exported: dict[str, str] = {}  # by the name for others, its own

    def imported(match: re.Match[str]) -> str:
        wanted, other = match.groups()
        call = f'$need("{_resolved(name, other)}");'
        return f"const {{{wanted.replace(' as ', ': ')}}} = {call}" if wanted else call

    def declared(match: re.Match[str]) -> str:
        exported[match[2]] = match[2]
        return f"{match[1]} {match[2]}"

    def listed(match: re.Match[str]) -> str:
        for pair in filter(None, match[2].split(",")):
            own, _as, other = pair.strip().partition(" as ")
            exported[other or own] = own
        return match[1] or ""

    text = _LIST.sub(listed, _EXPORT.sub(declared, _IMPORT.sub(imported, text)))
    text = text.replace("import.meta.url", "$here").replace("import(", "$load($here, ")
    if left := _LEFT.search(text):
        raise ValueError(f"{name}: expected imports and exports as in the other modules, found {left[0]:.80}")
    text = text.replace("</script", r"<\/script").replace("<!--", r"<\!--")  # in strings only, and the page is HTML
    names = ", ".join(other if own == other else f"{other}: {own}" for other, own in exported.items())
    return f'\n"{name}"($need, $load, $here) {{\n{text}return {{ {names} }};\n}},\n'
