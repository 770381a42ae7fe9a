"""Pictures whose two factors are known: a bar of light that leans, and stands somewhere. Made each time; no torch."""

__all__ = ["NAME", "NOTES", "TITLE", "factors", "pictures"]

import numpy as np
from numpy.typing import NDArray

from model.picture_files import Pictures

NAME = "bars"  # under which the command line knows them
TITLE = "Bars · 長條"
NOTES = "A bar whose tilt and place vary, no more: model/shapes.py. 長條只有傾斜角與左右位置不同。"
COUNT = 4_200
SIDE = 28  # pixels
TILT, PLACE = 70.0, 5.0  # degrees from upright, and pixels from the middle, at the most
HALF_LENGTH, HALF_WIDTH = 7.0, 1.5  # pixels
STEPS = 5  # classes of tilt


def factors() -> NDArray[np.float64]:
    """Tilt, degrees to the right of upright, and place, pixels to the right of the middle: (COUNT, 2), evenly drawn."""
    drawn = np.random.Generator(np.random.PCG64(0)).random((COUNT, 2))
    return (2 * drawn - 1) * (TILT, PLACE)


def pictures() -> Pictures:
    """The bars, white on black, in the order of `factors`; the class of each is its tilt, in steps."""
    found = factors()
    width = 2 * TILT / STEPS
    labels = np.minimum((found[:, 0] + TILT) // width, STEPS - 1).astype(np.uint8)
    names = tuple(f"{-TILT + (i + 0.5) * width:+.0f}°".replace("-", "−").replace("+0°", "0°") for i in range(STEPS))
    images = np.stack([_bar(tilt, place) for tilt, place in found])
    return Pictures(images, labels, names)


def _bar(tilt: float, place: float) -> NDArray[np.uint8]:
    """One bar: a pixel is as light as its middle lies within the bar, with a soft edge of one pixel."""
    across, down = np.meshgrid(*2 * [np.arange(SIDE) - (SIDE - 1) / 2])
    x, y = across - place, -down
    sine, cosine = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    along = np.clip(x * sine + y * cosine, -HALF_LENGTH, HALF_LENGTH)
    apart = np.hypot(x - along * sine, y - along * cosine)
    return np.rint(255 * np.clip(HALF_WIDTH + 0.5 - apart, 0, 1)).astype(np.uint8)
