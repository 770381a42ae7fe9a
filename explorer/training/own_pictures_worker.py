"""Reads one file of pictures and makes a data set of them: the child's side of `explorer.training.own_pictures`."""

from pathlib import Path
from typing import Any

from explorer.training.errand import answer
from model import pictures
from model.dataset import counts


def _prepare(question: dict[str, Any]) -> dict[str, Any]:
    root = Path(question["root"])
    size, channels, title = question["size"], question["channels"], question["title"]
    name = pictures.prepare(Path(question["file"]), size, title, channels=channels, root=root)
    warning = pictures.few(*counts(name, root))
    return {"name": name, "warning": warning and warning.to_json()}


if __name__ == "__main__":
    answer(_prepare)
