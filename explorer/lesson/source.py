"""The source of a class or function of `model/`, read from its file at run time: the code shown is the code that ran.

`inspect.getsource` would do the same, but needs the module imported, and with it torch: seconds, and hundreds of MB for
a server that otherwise does without.
"""

__all__ = ["source"]

import ast
import textwrap
from functools import lru_cache
from pathlib import Path

from explorer.settings import ROOT


def source(name: str) -> str:
    """The source text of a name such as `model.networks.AutoEncoder.encode`, with its decorators, flush left.

    Raises:
        LookupError: the module has no such class or function.
    """
    module, _, rest = name.partition(".")
    path = ROOT / module
    while path.is_dir():
        part, _, rest = rest.partition(".")
        path = path / part if (path / part).is_dir() else path / f"{part}.py"
    return _find(path, rest, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _find(path: Path, name: str, _mtime: int) -> str:
    text = path.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for part in name.split("."):
        inside = [child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == part]
        if not inside:
            raise LookupError(f"{path.name} has no {name}.")
        node = inside[0]
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return textwrap.dedent("".join(text.splitlines(keepends=True)[first - 1 : node.end_lineno]))
