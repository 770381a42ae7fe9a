"""People's own pictures as they bring them, a folder, a NumPy archive, IDX files → levels, classes. No torch."""

__all__ = ["LEAST", "MOST", "PictureError", "Pictures", "read"]

import gzip
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from model.dataset import COLOUR, GREY, IDX_IMAGES, IDX_LABELS, LONGEST, MOST_CLASSES
from model.errors import Translatable, UserError, shown
from model.picture_archives import unpacked

LEAST, MOST = 50, 100_000  # pictures
MOST_PIXELS = 40_000_000  # of one picture before it is scaled
MOST_BYTES = 2_000_000_000  # of all that an archive unpacks to
ENDINGS = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".webp"))
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "WEBP")

_MODES = {GREY: "L", COLOUR: "RGB"}  # as Pillow has them

Bytes = NDArray[np.uint8]


class PictureError(UserError):
    """Pictures that cannot be used; the message says what was expected, what was found, what to do."""


@dataclass(frozen=True)
class Pictures:
    """Levels, (N, size, size), of colour (N, 3, size, size), and which class each is of, (N,); `test` says which are to
    judge by, if their maker has said so."""

    images: Bytes
    labels: Bytes
    classes: tuple[str, ...]
    test: NDArray[np.bool_] | None = None


def read(path: Path, size: int, channels: int = GREY) -> Pictures:
    """What a folder or file holds, in the order of the files' names.

    Args:
        path: a folder of pictures, with a sub-folder a class or none, or a `.zip` of it; a folder of IDX files named as
            MNIST's; an `.npz` with `x` and, where there are classes, `y`; an IDX file of images, with or without its
            labels beside it.
        size: pixels of a side. A picture is cut to a square about its middle and scaled.
        channels: 1, and it is made grey; or 3, and its colours are kept.

    Raises:
        PictureError: it is none of these, or not what it seems.
    """
    if not path.exists():
        raise PictureError("{path}: expected a folder of pictures, an .npz or an IDX file, found none.", path=path)
    try:
        if path.is_dir():
            found = _idx_folder(path, size) or _folder(path, path, size, channels)
        elif path.suffix.lower() == ".zip":
            with tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True) as scratch:
                found = _folder(unpacked(path, Path(scratch), ENDINGS), path, size, channels)
        elif path.suffix.lower() == ".npz":
            found = _npz(path, size, channels)
        else:
            found = _idx(path, _beside(path), size)
    except OSError as error:
        text = "{path}: expected pictures, found something that cannot be read ({why})."
        raise PictureError(text, path=path, why=error.strerror or str(error)) from error
    if not LEAST <= len(found.images) <= MOST:
        text = "{path}: expected {least} to {most} pictures, found {count}."
        raise PictureError(text, path=path, least=LEAST, most=MOST, count=len(found.images))
    if len(found.classes) > MOST_CLASSES:
        text = "{path}: expected up to {most} classes, found {count}: put pictures into fewer."
        raise PictureError(text, path=path, most=MOST_CLASSES, count=len(found.classes))
    if channels == COLOUR and found.images.ndim == 3:
        raise PictureError("{path}: expected pictures in colour, found grey ones: bring them as grey.", path=path)
    return found


def _folder(folder: Path, path: Path, size: int, channels: int) -> Pictures:
    """What a folder holds; `path` is what people know it by."""
    root = folder.resolve()
    folders = sorted((entry for entry in _visible(folder) if entry.is_dir()), key=_counted)
    loose = [entry for entry in _visible(folder) if entry.suffix.lower() in ENDINGS and not entry.is_dir()]
    groups = {inner.name: sorted(_pictures_in(inner)) for inner in folders}
    groups = {name: files for name, files in groups.items() if files}
    if groups and loose:
        text = "{path}: expected pictures in sub-folders, one a class, or none in any; found both: {found} lies loose."
        raise PictureError(text, path=path, found=shown(loose[0].name))
    files = [file for group in groups.values() for file in group] or sorted(loose)
    if not files or len(files) > MOST:
        text = "{path}: expected {least} to {most} pictures, found {count}."
        raise PictureError(text, path=path, least=LEAST, most=MOST, count=len(files))
    for entry in (*folders, *files):
        if not entry.resolve().is_relative_to(root):
            text = "{path}: expected pictures in the folder itself, found a link that leads out of it: {found}."
            raise PictureError(text, path=path, found=shown(entry.name))
    counts = [len(group) for group in groups.values()]
    labels = np.repeat(np.arange(len(counts)), counts) if counts else np.zeros(len(files))
    images = np.stack([_opened(file, size, channels) for file in files])
    return Pictures(images, labels.astype(np.uint8), tuple(_class_name(name) for name in groups))


def _counted(path: Path) -> list[str | int]:
    """By which names are in order as people count: 2 before 10."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"(\d+)", path.name))]


def _visible(folder: Path) -> list[Path]:
    """What lies in a folder, but for what systems put into it for themselves."""
    return [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]


def _pictures_in(folder: Path) -> Iterator[Path]:
    for inner, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(inner, name) for name in names if Path(name).suffix.lower() in ENDINGS and name[0] != ".")


def _class_name(name: object) -> str:
    text = str(name).encode(errors="replace").decode()
    return text[: LONGEST["class"]] or "?"


def _opened(path: Path, size: int, channels: int) -> Bytes:
    """One picture, (size, size) or (3, size, size)."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _too_large(path)
            picture.draft(_MODES[channels], (2 * size, 2 * size))  # a JPEG need not be unpacked whole
            return _square(ImageOps.exif_transpose(picture), size, channels)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except Exception as error:  # what Pillow raises of a damaged file: a dozen kinds
        text = "{path}: expected a picture ({kinds}), found something else or a damaged one; take it out."
        raise PictureError(text, path=path, kinds=", ".join(FORMATS)) from error


def _too_large(path: Path) -> PictureError:
    text = "{path}: expected a picture of up to {most} pixels, found a larger one: make it smaller."
    return PictureError(text, path=path, most=MOST_PIXELS)


def _square(picture: Image.Image, size: int, channels: int) -> Bytes:
    if picture.has_transparency_data:  # on white paper
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    fitted = ImageOps.fit(picture.convert(_MODES[channels]), (size, size), Image.Resampling.BOX)
    levels = np.asarray(fitted, np.uint8)
    return levels if channels == GREY else levels.transpose(2, 0, 1)


def _npz(path: Path, size: int, channels: int) -> Pictures:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                text = "{path}: expected an archive that unpacks to {most} bytes at the most, found a larger one."
                raise PictureError(text, path=path, most=MOST_BYTES)
            names = archive.namelist()
            x = _array(archive, "x.npy") if "x.npy" in names else None
            y = _array(archive, "y.npy") if "y.npy" in names else None
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, PictureError):
            raise
        text = "{path}: expected an .npz as NumPy writes it, without objects; found something else or a damaged one."
        raise PictureError(text, path=path) from error
    if x is None or not _are_images(x):
        found = Translatable("nothing under that name") if x is None else f"{x.dtype} {x.shape}"
        text = "{path}: expected images under x, (count, height, width) or with 1, 3 or 4 channels; found {found}."
        raise PictureError(text, path=path, found=found)
    if len(x) > MOST or max(x.shape[1:3]) > 4096:
        text = "{path}: expected up to {most} images of up to 4096 × 4096 pixels, found {found}."
        raise PictureError(text, path=path, most=MOST, found=str(x.shape))
    images = _scaled(_levels(path, x), size, channels)
    if y is None:
        return Pictures(images, np.zeros(len(images), np.uint8), ())
    if y.shape not in ((len(x),), (len(x), 1)) or y.dtype.kind not in "uiU":
        text = "{path}: expected a class for each of {count} images under y, whole numbers or texts; found {found}."
        raise PictureError(text, path=path, count=len(x), found=f"{y.dtype} {y.shape}")
    return _classed(path, images, y.reshape(-1))


def _are_images(x: NDArray) -> bool:
    return (x.ndim == 3 or (x.ndim == 4 and x.shape[3] in (1, 3, 4))) and x.dtype.kind in "uif" and x.size > 0


def _array(archive: zipfile.ZipFile, name: str) -> NDArray:
    """An array whose header does not claim more than the archive holds."""
    whole = archive.getinfo(name).file_size
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _order, dtype = header(file)
        if dtype.hasobject or dtype.itemsize * int(np.prod(shape, dtype=object)) > whole:
            raise ValueError("objects, or more numbers than bytes")
    with archive.open(name) as file:
        found: NDArray = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _levels(path: Path, x: NDArray) -> Bytes:
    """Numbers from 0 to 1, or from 0 to 255, as bytes."""
    low, high = float(x.min()), float(x.max())
    if not 0 <= low <= high <= 255:  # nor NaN
        text = "{path}: expected levels from 0 to 1 or from 0 to 255, found {low} to {high}."
        raise PictureError(text, path=path, low=f"{low:g}", high=f"{high:g}")
    factor = 255 if x.dtype.kind == "f" and high <= 1 else 1
    return x if x.dtype == np.uint8 else np.rint(x * factor).astype(np.uint8)


def _scaled(x: Bytes, size: int, channels: int = GREY) -> Bytes:
    """(N, height, width) or with channels → (N, size, size), or of colour (N, 3, size, size)."""
    x = x[..., 0] if x.ndim == 4 and x.shape[3] == 1 else x
    if x.shape[1:] == (size, size):
        return x
    channels = channels if x.ndim == 4 else GREY
    return np.stack([_square(Image.fromarray(np.ascontiguousarray(image)), size, channels) for image in x])


def _classed(path: Path, images: Bytes, y: NDArray, test: NDArray[np.bool_] | None = None) -> Pictures:
    names, labels = np.unique(y, return_inverse=True)
    if len(names) > MOST_CLASSES:
        text = "{path}: expected up to {most} classes, found {count}: put pictures into fewer."
        raise PictureError(text, path=path, most=MOST_CLASSES, count=len(names))
    return Pictures(images, labels.astype(np.uint8), tuple(_class_name(name) for name in names), test)


def _idx_folder(path: Path, size: int) -> Pictures | None:
    """IDX files named as MNIST's, the halves as they are; None where there are none."""
    halves = []
    for start in ("train", "t10k"):
        files = [f for end in ("", ".gz") if (f := path / f"{start}-images-idx3-ubyte{end}").exists()]
        if files:
            halves.append(_idx(files[0], _beside(files[0]), size))
    if not halves:
        return None
    if len({bool(half.classes) for half in halves}) > 1:
        raise PictureError("{path}: expected labels of both halves or of none.", path=path)
    images = np.concatenate([half.images for half in halves])
    test = np.repeat([False, True], [len(half.images) for half in halves]) if len(halves) == 2 else None
    if not halves[0].classes:
        return Pictures(images, np.zeros(len(images), np.uint8), (), test)
    y = np.concatenate([np.array([int(name) for name in half.classes])[half.labels] for half in halves])
    return _classed(path, images, y, test)


def _beside(path: Path) -> Path | None:
    """The labels' file of an images' file, if it is there."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    for end in (name, name.removesuffix(".gz"), f"{name}.gz"):
        if end != path.name and (found := path.with_name(end)).exists():
            return found
    return None


def _idx(path: Path, labels: Path | None, size: int) -> Pictures:
    sizes, pixels = _numbers(path, IDX_IMAGES, 3)
    images = _scaled(pixels.reshape(sizes), size)
    if labels is None:
        return Pictures(images, np.zeros(len(images), np.uint8), ())
    (count,), y = _numbers(labels, IDX_LABELS, 1)
    if count != len(images):
        text = "{path}: expected a class for each of {count} images, found {found}."
        raise PictureError(text, path=labels, count=len(images), found=count)
    return _classed(path, images, y)


def _numbers(path: Path, magic: int, dimensions: int) -> tuple[tuple[int, ...], Bytes]:
    """Sizes and bytes of an IDX file, packed or not."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            head = np.frombuffer(file.read(4 * (1 + dimensions)), ">u4")
            if len(head) != 1 + dimensions or head[0] != magic or not head.all():
                raise ValueError("another kind of file")
            sizes = tuple(map(int, head[1:]))
            count = int(np.prod(sizes, dtype=object))
            if sizes[0] > MOST or count > MOST_BYTES:
                raise ValueError("too many")
            content = file.read(count)
            if len(content) != count or file.read(1):
                raise ValueError("more or fewer numbers than its header says")
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        text = "{path}: expected an IDX file of {what}, found something else or a damaged one."
        what = Translatable("images") if magic == IDX_IMAGES else Translatable("labels")
        raise PictureError(text, path=path, what=what) from error
    return sizes, np.frombuffer(content, np.uint8)
