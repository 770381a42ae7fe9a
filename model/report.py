"""`python -m model report`: a model's figures and tables on one page of HTML that needs no network."""

__all__ = ["add_parser", "report", "run"]

import argparse
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.console import UNITS
from model.files import write_atomically

if TYPE_CHECKING:  # with torch and plotly, which take seconds
    from model.notebook import TrainedModel

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
h2 {{ margin: 2.5rem 0 0.5rem; }}
table {{ border-collapse: collapse; }}
td {{ padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
pre {{ overflow-x: auto; font-size: 14px; }}
</style>
<h1>{title}</h1>
<p>{about}</p>
{sections}
</html>
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of an `argparse` parser."""
    parser = commands.add_parser("report", help="put a checkpoint's figures and tables on one page of HTML")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("-o", "--out", type=Path, metavar="PAGE", required=True, help="the .html file to write")


def run(arguments: argparse.Namespace) -> None:
    """Write the page that was asked for."""
    from model.notebook import load

    write_atomically(arguments.out, report(load(arguments.file), arguments.file.stem).encode())
    print(f"{arguments.out} can be opened in a browser")


def report(model: "TrainedModel", title: str) -> str:
    """The page, HTML with Plotly's script in it; what stands in a file stays text."""
    from model.summary import summary

    figures = {
        "Test images in the latent space": model.figure.map(),
        "What the plane decodes to": model.figure.manifold(),
    }
    figures["Draws from N(0, I)"] = model.figure.samples()
    if model.history:
        figures["Losses"] = model.figure.losses()
    drawn = [
        (heading, figure.to_html(full_html=False, include_plotlyjs=not i, config={"displaylogo": False}))
        for i, (heading, figure) in enumerate(figures.items())
    ]
    kind = "VAE" if model.logvar is not None else "AutoEncoder"
    origin = f"imported from {model.imported}" if model.imported else f"{len(model.history)} epochs"
    sections = [
        *drawn,
        ("Test figures", _table(model.metrics)),
        ("Layers", f"<pre>{escape(summary(model.config))}</pre>"),
    ]
    return _PAGE.format(
        title=escape(title),
        about=escape(f"{kind}, {model.dataset.title}, {origin}"),
        sections="\n".join(f"<section><h2>{heading}</h2>{html}</section>" for heading, html in sections),
    )


def _table(metrics: dict[str, float]) -> str:
    if not metrics:
        return "<p>It has none yet: python -m model evaluate FILE --store</p>"
    rows = [
        f'<tr><td>{escape(name)}</td><td class="number">{metrics[name]:.4f}</td><td>{escape(unit)}</td></tr>'
        for name, unit in UNITS.items()
        if name in metrics
    ]
    return f"<table>{''.join(rows)}</table>"
