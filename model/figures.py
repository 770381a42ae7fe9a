"""A trained model in Plotly's figures: Jupyter shows them as they are, and they have `write_html`."""

__all__ = ["COLOURS", "Figures", "Point", "save_png"]

from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray
from PIL import Image

from model.checkpoint import Checkpoint

# Of the ten classes: those of the app, `explorer/frontend/core/palette.js`.
COLOURS = (
    *("#ff48a0", "#354afb", "#7b9d6a", "#8b85fe", "#bf8b02"),
    *("#06716a", "#b7089d", "#88644b", "#ca2201", "#20a3b2"),
)
REACH = (0.005, 0.995)  # of the codes along each axis, where no prior says how far they go
Point = int | Sequence[float]  # a test image's number, or a latent point


class Figures:
    """Figures of one model.

    Where a method takes a `digit`, that is the class which a conditional model is told to draw; no other model asks.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._classes = checkpoint.dataset.classes or ("",)  # one for all, where there are none

    def map(self) -> go.Figure:
        """The codes `mu` of the test images, a colour for each class; and circles of 1, 2 and 3 σ of a VAE's prior."""
        checkpoint = self._checkpoint
        mu, label = checkpoint.mu.numpy(), checkpoint.label.numpy()
        figure = go.Figure()
        for i, name in enumerate(self._classes):
            own = np.flatnonzero(label == i)
            if len(own):
                figure.add_trace(
                    go.Scattergl(
                        x=mu[own, 0],
                        y=mu[own, 1],
                        mode="markers",
                        name=name,
                        marker={"size": 4, "color": COLOURS[i % len(COLOURS)], "opacity": 0.7},
                        customdata=own,
                        hovertemplate="test image %{customdata}<br>z = (%{x:.2f}, %{y:.2f})",
                    )
                )
        for radius in (1, 2, 3) if checkpoint.logvar is not None else ():
            size = {"x0": -radius, "x1": radius, "y0": -radius, "y1": radius}
            figure.add_shape(type="circle", line={"color": "#888", "width": 1}, layer="below", **size)
        figure.update_layout(**_square("z₁", "z₂"), legend={"itemsizing": "constant"})
        return figure

    def manifold(self, n: int = 20, digit: int = 0) -> go.Figure:
        """n × n decoded images: of a VAE at the quantiles of its prior, where each cell is equally likely (Kingma &
        Welling 2014, appendix A); of an AutoEncoder evenly over its codes.

        Args:
            n: 2 to 60.
        """
        if not 2 <= n <= 60:
            raise ValueError(f"expected n from 2 to 60, found {n}")
        x, y = self._axis(0, n), self._axis(1, n)
        points = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
        figure = _picture(_sheet(self._decode(points, digit), n))
        height, width = self._checkpoint.config.height, self._checkpoint.config.width
        for update, title, values, size in (
            (figure.update_xaxes, "z₁", x, width),
            (figure.update_yaxes, "z₂", y[::-1], height),
        ):
            texts = [f"{value:.1f}" for value in values]
            update(tickvals=_middles(n, size), ticktext=texts, title=title, showticklabels=True)
        return figure

    def samples(self, n: int = 64, seed: int = 0, digit: int = 0) -> go.Figure:
        """What is decoded of n draws from N(0, I), a VAE's prior; an AutoEncoder has none, and shows what follows."""
        if not 1 <= n <= 3600:
            raise ValueError(f"expected n from 1 to 3600, found {n}")
        z = np.random.default_rng(seed).standard_normal((n, 2))
        return _picture(_sheet(self._decode(z, digit), max(1, round(n**0.5))))

    def walk(self, a: Point, b: Point, steps: int = 11, digit: int = 0) -> go.Figure:
        """What is decoded on the straight line between two points, both of them included.

        Args:
            a, b: numbers of test images, whose codes are meant, or latent points.
            steps: images, 2 to 60.
        """
        if not 2 <= steps <= 60:
            raise ValueError(f"expected steps from 2 to 60, found {steps}")
        first, last = (self._point(point) for point in (a, b))
        share = np.linspace(0, 1, steps)[:, None]
        figure = _picture(_sheet(self._decode((1 - share) * first + share * last, digit), steps))
        figure.update_layout(height=160)
        return figure

    def losses(self) -> go.Figure:
        """Both losses an epoch, while training and of the test images; of a VAE their terms, too.

        Raises:
            ValueError: the model was imported, so nobody knows.
        """
        history = self._checkpoint.history
        if not history:
            raise ValueError("expected a model that was trained here, found one without a history of its losses")
        epochs = [row["epoch"] for row in history]
        vae = self._checkpoint.logvar is not None
        terms = {"reconstruction": "#354afb", "kl": "#ca2201"} if vae else {"reconstruction": "#354afb"}
        figure = go.Figure()
        for term, colour in terms.items():
            for half, dash in (("train", "dot"), ("test", "solid")):
                values = [row[f"{half}_{term}"] for row in history]
                name = f"{half} {'KL' if term == 'kl' else term}"
                figure.add_trace(go.Scatter(x=epochs, y=values, name=name, line={"color": colour, "dash": dash}))
        unit = "nats per image" if self._checkpoint.train.loss == "bce" else "error per image"
        figure.update_layout(template="plotly_white", xaxis_title="epoch", yaxis_title=unit)
        figure.update_yaxes(type="log")
        return figure

    def _point(self, point: Point) -> NDArray[np.float64]:
        """The latent point that is meant, (2,)."""
        mu = self._checkpoint.mu.numpy()
        if isinstance(point, int | np.integer):
            if not 0 <= point < len(mu):
                raise ValueError(f"expected a test image from 0 to {len(mu) - 1}, found {point}")
            return mu[point].astype(np.float64)
        found = np.asarray(point, dtype=np.float64)
        if found.shape != (mu.shape[1],) or not np.isfinite(found).all():
            raise ValueError(f"expected a latent point of {mu.shape[1]} finite numbers, found {point}")
        return found

    def _axis(self, axis: int, n: int) -> NDArray[np.float64]:
        """n places along an axis of the latent space, from low to high."""
        if self._checkpoint.logvar is not None:
            return np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
        low, high = np.quantile(self._checkpoint.mu.numpy()[:, axis], REACH)
        return np.linspace(low, high, n)

    @torch.no_grad()
    def _decode(self, z: NDArray[np.float64], digit: int) -> NDArray[np.float32]:
        """Images (n, height, width), of colour (n, 3, height, width), in [0, 1] of latent points (n, 2)."""
        config = self._checkpoint.config
        if config.latent != 2:
            raise ValueError(f"expected a latent space of 2 dimensions, found {config.latent}")
        if not 0 <= digit < len(self._classes):
            raise ValueError(f"expected a class from 0 to {len(self._classes) - 1}, found {digit}")
        points = torch.from_numpy(z.astype(np.float32))
        images = self._checkpoint.model.decode(points, torch.full((len(z),), digit))
        return images.view(-1, *config.picture).numpy()


def save_png(figure: go.Figure, path: str | Path, scale: int = 4) -> None:
    """Save a figure of decoded images, a manifold, samples or a walk, without axes and to the pixel.

    Args:
        scale: 1 to 32, how many pixels of the file each of the images' is wide and high.

    Raises:
        ValueError: the figure is a drawing, which `figure.write_image` saves where the package kaleido is installed.
    """
    if not 1 <= scale <= 32:
        raise ValueError(f"expected scale from 1 to 32, found {scale}")
    (drawn, *more) = figure.data or (None,)
    if more or not isinstance(drawn, go.Heatmap | go.Image):
        raise ValueError("expected a figure of images, found a drawing: figure.write_html or write_image saves it")
    levels = np.asarray(drawn.z, dtype=np.uint8)
    Image.fromarray(levels.repeat(scale, 0).repeat(scale, 1)).save(path, format="png")


def _sheet(images: NDArray[np.float32], columns: int) -> NDArray[np.uint8]:
    """Images (n, height, width), or (n, 3, height, width), in [0, 1], row by row, as one; empty places are black."""
    n, *channels, height, width = images.shape
    rows = -(-n // columns)
    whole = np.zeros((rows * columns, *channels, height, width), np.uint8)
    whole[:n] = np.rint(255 * images)
    apart = np.moveaxis(whole.reshape(rows, columns, -1, height, width), 2, 4)
    sheet = apart.swapaxes(1, 2).reshape(rows * height, columns * width, -1)
    return sheet if channels else sheet[..., 0]


def _picture(levels: NDArray[np.uint8]) -> go.Figure:
    """A picture of grey levels, (rows, columns), or of colours, (rows, columns, 3)."""
    grey = {"colorscale": "gray", "zmin": 0, "zmax": 255, "showscale": False, "hoverinfo": "skip"}
    figure = go.Figure(go.Heatmap(z=levels, **grey) if levels.ndim == 2 else go.Image(z=levels, hoverinfo="skip"))
    figure.update_layout(template="plotly_white", height=620, margin={"l": 50, "r": 20, "t": 20, "b": 50})
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, constrain="domain")
    figure.update_yaxes(
        showticklabels=False, showgrid=False, zeroline=False, autorange="reversed", scaleanchor="x", constrain="domain"
    )
    return figure


def _middles(n: int, size: int) -> list[float]:
    """Where the middles of n images of a size lie, pixels."""
    return [(i + 0.5) * size - 0.5 for i in range(n)]


def _square(x: str, y: str) -> dict[str, object]:
    """The layout of a plane on which both axes have one scale."""
    return {
        "template": "plotly_white",
        "height": 620,
        "margin": {"l": 50, "r": 20, "t": 20, "b": 50},
        "xaxis": {"title": x, "constrain": "domain"},
        "yaxis": {"title": y, "scaleanchor": "x"},
    }
