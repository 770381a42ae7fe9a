"""The handout as a folder of static files for any web host: a small page, and what it shows under names for ever."""

__all__ = ["write_site"]

import io
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.catalogue.library import Entry
from explorer.catalogue.titles import titles
from explorer.export.carried import Carried, Rounding
from explorer.export.handout import HEAD, PAGE, TITLE, assemble, policy
from model.files import write_atomically

FILES = "files"
ACROSS, DOWN = 42, 22  # digits of the picture for shared links: 1176 × 616 px
REACH = 0.02, 0.98  # between which quantiles of the codes they lie

_HTML = (
    HEAD
    + """<meta name="description" content="{description}">
<meta property="og:type" content="website">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{description}">
<meta property="og:image" content="{picture}">
<meta name="twitter:card" content="summary_large_image">
{preloads}<link rel="stylesheet" href="{style}">
</head>
<body>
<noscript>
<h1>{title}</h1>
<p>{description} This page needs JavaScript. · 這個頁面需要 JavaScript。</p>
<ul>
{models}</ul>
</noscript>
{carried}<script src="{script}"></script>
</body>
</html>
"""
)


class _Beside(Carried):
    """What lies beside a page, each file under the digest of what is in it: it may be kept for ever."""

    def __init__(self, folder: Path, rounded: Rounding) -> None:
        super().__init__(rounded)
        self.folder = folder
        self.files: dict[str, str] = {}  # addresses, by the names by which the page asks

    def write(self, content: bytes, suffix: str) -> str:
        """Write a file; returns its address from the page on."""
        name = f"{blake2b(content, digest_size=8).hexdigest()}{suffix}"
        write_atomically(self.folder / FILES / name, content)
        return f"{FILES}/{name}"

    def put(self, name: str, zipped: bytes, how: str) -> tuple[str, int]:
        """The element that says where a file lies, and the bytes of that."""
        address = self.files[name] = self.write(zipped, ".bin")
        return f'<script type="application/gzip" id="{name}" data-file="{address}"{how}></script>\n', len(zipped)


def write_site(
    folder: Path,
    models: Sequence[Entry],
    digits: int,
    url: str = "",
    training: int = 0,
    lesson: Sequence[Entry] | None = None,
    rounded: Rounding = lambda _entry, _part: {},
) -> Mapping[str, int]:
    """Write the files; returns their bytes by what they are for.

    Args:
        folder: made where there is none; what else lies in it stays, so that pages that somebody has open go on.
        models: at least one, each found good; the first is what the page opens with.
        digits: how many of the test images it has, the first ones.
        training: how many of the training images, to train on; 0: it has no such page.
        lesson, rounded: see `handout`.
        url: where the folder will lie: the picture of a shared link needs a whole address.

    Raises:
        UserError: a file cannot be written, or a model has become another meanwhile.
        OSError: a file cannot be read.
    """
    carried = _Beside(folder, rounded)
    script, style = assemble(carried, models, digits, training, lesson)
    addresses = {
        "script": carried.write(script.encode(), ".js"),
        "style": carried.write(style.encode(), ".css"),
        "picture": url + carried.write(_picture(models[0]), ".png"),
    }
    own = dict.fromkeys(("style-src", "worker-src", "connect-src"), "'self'")
    own["script-src"] = "'self' 'wasm-unsafe-eval'"
    first = ("options.json", "models/0?part=test", "models/0?part=decoder")
    called = titles({entry.name: entry for entry in models})
    names = ", ".join(called.values())
    html = _HTML.format(
        policy=policy(own),
        title=TITLE,
        description=escape(
            f"Drag through the latent space of {names}: the decoder draws the image at each point, in your browser."
        ),
        preloads="".join(
            f'<link rel="preload" as="fetch" crossorigin href="{carried.files[name]}">\n' for name in first
        ),
        models="".join(f"<li>{escape(_described(entry, called[entry.name]))}</li>\n" for entry in models),
        carried="".join(carried.elements.values()),
        **addresses,
    ).encode()
    write_atomically(folder / "index.html", html)
    rest = len(html) + len(script.encode()) + len(style.encode())
    of_data = {what: size for what, size in carried.sizes.items() if what != PAGE}
    return {**of_data, PAGE: carried.sizes[PAGE] + rest}


def _described(entry: Entry, title: str) -> str:
    return f"{title}: {entry.name}, {entry.header.data.title}"


def _picture(entry: Entry) -> bytes:
    """A model's manifold as PNG, for those to whom somebody sends the page's address."""
    import torch  # here, after all else was found good: it takes seconds

    from model import checkpoint

    shown = checkpoint.load(entry.path)
    mu = shown.mu.numpy()
    x, y = (np.quantile(mu[:, axis], np.linspace(*REACH, count)) for axis, count in ((0, ACROSS), (1, DOWN)))
    z = shown.mu.mean(0).repeat(DOWN * ACROSS, 1)  # what there is beyond two dimensions stays in the middle
    z[:, :2] = torch.from_numpy(np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2))
    labels = torch.arange(len(z)) % max(1, len(shown.dataset.classes))  # to a conditional model, in turn
    with torch.no_grad():
        images = shown.model.decode(z, labels)
    height, width, channels = shown.config.height, shown.config.width, shown.config.channels
    apart = images.view(DOWN, ACROSS, channels, height, width).permute(0, 3, 1, 4, 2)
    picture = (apart.reshape(DOWN * height, ACROSS * width, channels) * 255).round().to(torch.uint8)
    buffer = io.BytesIO()
    Image.fromarray(picture.squeeze(2).numpy()).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
