"""Pictures as people bring them: files that differ in kind, size and colour, of classes that can be told apart."""

__all__ = ["CLASSES", "folder_of_pictures"]

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("<b>disc & co", "square", "triangle")


def folder_of_pictures(folder: Path, count: int = 60) -> Path:
    """A folder with a sub-folder for each of `CLASSES`: shapes of dark ink on white paper, 60 × 50 pixels."""
    rng = np.random.default_rng(0)
    for i in range(count):
        kind = i % len(CLASSES)
        name = CLASSES[kind]  # angle brackets are what a page might take for its own
        picture = Image.new("RGB", (60, 50), "white")
        x, y, r = (int(rng.integers(*span)) for span in ((16, 44), (16, 34), (6, 14)))
        draw, ink = ImageDraw.Draw(picture), tuple(rng.integers(0, 120, 3).tolist())
        box = (x - r, y - r, x + r, y + r)
        if kind == 0:
            draw.ellipse(box, fill=ink)
        elif kind == 1:
            draw.rectangle(box, fill=ink)
        else:
            draw.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=ink)
        (folder / name).mkdir(parents=True, exist_ok=True)
        picture.save(folder / name / f"{i:03}.{('png', 'jpg', 'gif')[i % 3]}")
    return folder
