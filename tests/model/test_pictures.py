"""People's own pictures: what can be brought, how it is divided and kept, and a sentence for all else."""

import base64
import gzip
import hashlib
import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from explorer.catalogue.library import Entry
from explorer.export.site import _picture as _preview
from explorer.settings import CHECKPOINTS
from explorer.training.pictures import png
from explorer.training.pictures import strip as strip_of
from model import archives, checkpoint, data, dataset, losses, notebook, pictures, shapes
from model.__main__ import main
from model.config import ConfigError, configs
from model.errors import UserError
from model.figures import save_png
from model.format import check
from model.picture_files import PictureError, read
from tests.pictures import CLASSES, folder_of_pictures

SMALL = ["--encoder", "16", "--decoder", "16", "--fourier", "4"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of data folders, as the whole of `model` sees it."""
    (found := tmp_path / "data").mkdir()
    for module in (archives, data, dataset, pictures):
        monkeypatch.setattr(module, "DATA_DIR", found)
    for function in (dataset.find, dataset.counts, pictures.prepare, configs):
        monkeypatch.setattr(function, "__defaults__", (*(function.__defaults__ or ())[:-1], found))
    return found


def test_a_folder_of_pictures_is_divided_and_kept(root: Path, tmp_path: Path) -> None:
    folder = folder_of_pictures(tmp_path / "shapes")
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "square" / "notes.txt").write_text("no picture, and none is looked for", encoding="utf-8")
    name = pictures.prepare(folder, 20, notes="of <i>ours</i>")
    found = dataset.find(name, root)
    assert (found.title, found.classes, found.shape, found.notes) == ("shapes", CLASSES, (20, 20), "of <i>ours</i>")
    assert dataset.counts(name, root) == (50, 10)
    training, test = (data.load(name, train=half, root=root) for half in (True, False))
    assert training.images.shape == (50, 400)
    assert test.labels.bincount().tolist() == [3, 3, 4]  # of each class its share
    assert test.images[:, 0].min() > 0.95  # white paper stays white
    assert 0.5 < float(test.images.mean()) < 0.95
    before = {path.name: path.read_bytes() for path in (root / name).iterdir()}
    assert pictures.prepare(folder, 20, notes="of <i>ours</i>") == name  # the same again, and by no other name
    assert {path.name: path.read_bytes() for path in (root / name).iterdir()} == before
    assert pictures.prepare(folder, 24) != name


def test_classes_are_in_order_as_people_count(tmp_path: Path) -> None:
    folder = folder_of_pictures(tmp_path / "pages")
    for name, number in zip(CLASSES, ("10", "2", "1"), strict=True):
        (folder / name).rename(folder / f"page {number}")
    assert read(folder, 8).classes == ("page 1", "page 2", "page 10")


def test_the_middle_of_a_picture_is_kept_and_what_is_clear_is_paper(tmp_path: Path) -> None:
    for i in range(50):
        picture = Image.new("RGBA", (80, 40), (0, 0, 0, 0))
        picture.paste((0, 0, 0, 255), (40, 0, 60, 40))  # the right half of the middle square
        picture.save(tmp_path / f"{i}.png")
    found = read(tmp_path, 8)
    assert found.classes == ()
    assert (found.images[:, :, :4] == 255).all()
    assert (found.images[:, :, 4:] == 0).all()


def _images(count: int = 60, side: int = 28) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side), np.uint8)


@pytest.mark.parametrize(
    ("x", "y", "classes"),
    [
        (_images(), None, ()),
        (_images() / 255, np.arange(60) % 3, ("0", "1", "2")),
        (_images()[..., None].repeat(3, axis=3), np.array(["cat", "dog"])[np.arange(60) % 2], ("cat", "dog")),
        (_images(side=32).astype(np.float32), np.arange(60)[:, None] % 2 * 7, ("0", "7")),
    ],
)
def test_a_numpy_archive(x: np.ndarray, y: np.ndarray | None, classes: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    if y is None:
        np.savez_compressed(path, x=x)
    else:
        np.savez_compressed(path, x=x, y=y)
    found = read(path, 28)
    assert (found.images.shape, found.classes) == ((60, 28, 28), classes)
    if x.shape[1:3] == (28, 28):
        assert (found.images == _images()).all()
    if x.ndim == 4:
        assert (read(path, 28, 3).images == x.transpose(0, 3, 1, 2)).all()
    if y is not None:
        assert [classes[label] for label in found.labels] == [str(value) for value in y.reshape(-1)]


def _idx(images: np.ndarray, labels: np.ndarray, folder: Path, start: str, packed: bool) -> dict[str, str]:
    """Two IDX files, and the MD5 sums of them."""
    folder.mkdir(parents=True, exist_ok=True)
    sums = {}
    for name, array, magic in (("images-idx3", images, 2051), ("labels-idx1", labels, 2049)):
        content = struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.astype(np.uint8).tobytes()
        path = folder / f"{start}-{name}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        sums[path.name] = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return sums


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_keep_the_halves_that_they_come_in(packed: bool, root: Path, tmp_path: Path) -> None:
    images, labels = _images(90), np.arange(90) % 10
    _idx(images[:60], labels[:60], tmp_path / "idx", "train", packed)
    _idx(images[60:], labels[60:], tmp_path / "idx", "t10k", packed)
    name = pictures.prepare(tmp_path / "idx")
    assert dataset.counts(name, root) == (60, 30)
    test = data.load(name, train=False, root=root)
    kept = (255 * test.images).round().byte().numpy()
    assert sorted(map(bytes, kept)) == sorted(map(bytes, images[60:].reshape(30, -1)))
    one = read(next((tmp_path / "idx").glob("train-images*")), 28)
    assert (len(one.images), one.classes) == (60, tuple("0123456789"))


@pytest.mark.parametrize(("name", "kind"), [("fashion-mnist", "FashionMNIST"), ("kmnist", "KMNIST")])
def test_the_two_siblings_of_mnist_are_read_under_their_names(
    name: str, kind: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small files in the place of theirs, whose sums are asked for as theirs are."""
    images, labels = _images(120), np.arange(120) % 10
    sums = _idx(images, labels, root / name, "train", True) | _idx(images[:40], labels[:40], root / name, "t10k", True)
    monkeypatch.setattr(archives, "_torchvision", lambda asked: {name: SimpleNamespace(resources=sums.items())}[asked])
    training = data.load(name, train=True, root=root)
    assert (255 * training.images).round().byte().equal(torch.from_numpy(images.reshape(120, -1)))
    assert training.labels.tolist() == labels.tolist()
    out = tmp_path / f"{name}.safetensors"
    assert main(["train", "--dataset", name, "--epochs", "1", "--batch", "40", *SMALL, "--out", str(out)]) == 0
    found = checkpoint.load(out)
    assert found.dataset == dataset.DATASETS[name]
    assert (found.mu.shape, found.images) == ((40, 2), None)


def test_a_folder_is_trained_on_from_the_command_line(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, run = folder_of_pictures(tmp_path / "shapes"), tmp_path / "shapes.safetensors", tmp_path / "run"
    asked = ["train", "--dataset", str(folder), "--epochs", "3", *SMALL, "--title", "Our _shapes_", "--run", str(run)]
    assert main([*asked, "--out", str(out)]) == 0
    assert "60 pictures, 10 of them to judge by: so few show" in capsys.readouterr().err
    made = checkpoint.load(out)
    assert (made.dataset.title, made.dataset.classes) == ("Our _shapes_", CLASSES)
    assert (made.mu.shape, made.trace.shape, made.train.batch) == ((10, 2), (3, 10, 2), 16)
    test = data.load(made.train.dataset, train=False, root=root)
    assert made.images is not None
    assert made.images.view(10, -1).equal((255 * test.images).round().byte())
    assert {"knn_accuracy", "elbo", "holes_prior"} <= made.metrics.keys()
    assert made.metrics["knn_neighbours"] == 7  # of 50
    capsys.readouterr()
    assert main(["evaluate", str(out), "--json"]) == 0  # the pictures are kept
    assert "10 of them to judge by: so few show" in capsys.readouterr().err
    assert main(["train", "--resume", str(run), "--out", str(out)]) == 0
    for path in (root / made.train.dataset).iterdir():
        path.unlink()
    capsys.readouterr()
    assert main(["evaluate", str(out)]) == 2
    assert "expected the pictures that this was trained on, found none: bring them once more" in capsys.readouterr().err


def test_colours_are_kept_where_that_is_asked_for(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Red, green and blue lie one after the other, from the file to whatever shows an image."""
    folder, out = folder_of_pictures(tmp_path / "shapes"), tmp_path / "colour.safetensors"
    asked = ["train", "--dataset", str(folder), "--size", "12", "--channels", "3", "--epochs", "2", *SMALL]
    assert main([*asked, "--out", str(out)]) == 0
    made = checkpoint.load(out)
    assert (made.config.channels, made.config.pixels, made.dataset.channels) == (3, 432, 3)
    assert dataset.find(made.train.dataset, root) == made.dataset
    test = data.load(made.train.dataset, train=False, root=root)
    assert made.images is not None
    assert made.images.shape == (10, 3, 12, 12)
    assert made.images.view(10, -1).equal((255 * test.images).round().byte())
    colours = {tuple(image[:, 6, 6].tolist()) for image in made.images}  # ink of any hue
    assert sum(len(set(colour)) == 3 for colour in colours) >= 5

    logits = made.model.decoder(made.mu)  # a sum over pixels and channels
    expected = F.binary_cross_entropy_with_logits(logits, test.images, reduction="none").sum(1)
    assert losses.reconstruction(logits, test.images, "bce").allclose(expected)

    model = notebook.load(out)
    images = model.decode(made.mu.numpy())
    assert images.shape == (10, 3, 12, 12)
    assert np.allclose(model.encode(made.images.numpy()), made.mu.numpy(), atol=1e-5)
    strip = np.stack([made.images.numpy(), np.rint(255 * images)]).transpose(0, 3, 1, 4, 2).reshape(24, 120, 3)
    shown = data.Split(test.images, test.labels)
    with Image.open(io.BytesIO(base64.b64decode(png(strip_of(made.model, shown))))) as picture:
        assert np.abs(np.asarray(picture) - strip).max() <= 1
    with Image.open(io.BytesIO(_preview(Entry("colour", out, "", check("colour", out))))) as preview:
        assert (preview.mode, preview.width % 12) == ("RGB", 0)
    save_png(model.figure.walk(0, 1, steps=2), tmp_path / "walk.png", scale=1)
    with Image.open(tmp_path / "walk.png") as picture:
        ends = np.asarray(picture).reshape(12, 2, 12, 3).transpose(1, 3, 0, 2)
    assert np.abs(ends - 255 * images[:2]).max() <= 1

    capsys.readouterr()
    _idx(_images(60), np.arange(60) % 3, tmp_path / "idx", "train", True)
    assert main(["train", "--dataset", str(tmp_path / "idx"), "--channels", "3"]) == 2
    assert "expected pictures in colour, found grey ones: bring them as grey" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "--dataset", "bars", "--channels", "3"])
    assert "--size, --channels, --title and --notes are for own pictures" in capsys.readouterr().err


def test_few_pictures_are_trained_on_in_small_batches_and_many_epochs(root: Path, tmp_path: Path) -> None:
    name = pictures.prepare(folder_of_pictures(tmp_path / "few", 51))
    _model, train = configs("default", {"dataset": name})
    assert (train.batch, train.epochs) == (16, 800)  # 3 steps an epoch, 2,400 in all
    assert configs("default", {"dataset": name, "epochs": 7, "lr": 0.01})[1].epochs == 7
    with pytest.raises(ConfigError, match="conditional is for pictures of 10 classes, such as MNIST's; found 3"):
        configs("default", {"dataset": name, "conditional": True})


def _text_as_png(folder: Path) -> None:
    (folder / "square" / "readme.png").write_text("this is a text", encoding="utf-8")


def _bomb(folder: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(folder / "square" / "bomb.png")


def _truncated(folder: Path) -> None:
    path = next((folder / "square").iterdir())
    path.write_bytes(path.read_bytes()[:60])


def _loose(folder: Path) -> None:
    Image.new("L", (9, 9)).save(folder / "loose.png")


def _link_out(folder: Path) -> None:
    Image.new("L", (9, 9)).save(folder.parent / "outside.png")
    (folder / "square" / "inside.png").symlink_to(folder.parent / "outside.png")


def _folder_link_out(folder: Path) -> None:
    (folder / "secrets").symlink_to(folder_of_pictures(folder.parent / "elsewhere") / "square")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_text_as_png, "readme.png: expected a picture"),
        (_bomb, "bomb.png: expected a picture of up to 40000000 pixels, found a larger one"),
        (_truncated, "expected a picture"),
        (_loose, "found both: loose.png lies loose"),
        (_link_out, "a link that leads out of it: inside.png"),
        (_folder_link_out, "a link that leads out of it: secrets"),
    ],
)
def test_a_folder_that_is_no_good_gets_one_sentence(spoil: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    spoil(folder := folder_of_pictures(tmp_path / "shapes"))
    with pytest.raises(PictureError) as error:
        read(folder, 28)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def _npz(**arrays: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        np.savez_compressed(folder / "a.npz", **arrays)  # type: ignore[arg-type]
        return folder / "a.npz"

    return write


def _written(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def _liar(folder: Path) -> Path:
    """An archive whose header claims 10¹² numbers."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000, 1000), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with zipfile.ZipFile(folder / "liar.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(100))
    return folder / "liar.npz"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "absent", "expected a folder of pictures, an .npz or an IDX file, found none"),
        (lambda folder: folder_of_pictures(folder / "few", 3), "expected 50 to 100000 pictures, found 3"),
        (lambda folder: (folder / "empty").mkdir() or folder / "empty", "expected 50 to 100000 pictures, found 0"),
        (_npz(x=_images(), y=np.arange(59)), "a class for each of 60 images under y, whole numbers"),
        (_npz(x=_images(), y=np.arange(60) / 2), "whole numbers or texts; found float64"),
        (_npz(x=_images(49)), "expected 50 to 100000 pictures, found 49"),
        (_npz(x=_images(300), y=np.arange(300)), "expected up to 255 classes, found 300"),
        (_npz(x=_images() * np.nan), "levels from 0 to 1 or from 0 to 255, found nan"),
        (_npz(x=_images() - 1.0), "found -1 to 254"),
        (_npz(x=_images().reshape(60, -1)), "found uint8 (60, 784)"),
        (_npz(images=_images()), "found nothing under that name"),
        (_npz(x=np.array([{"a": 1}] * 60)), "an .npz as NumPy writes it, without objects"),
        (_liar, "an .npz as NumPy writes it, without objects"),
        (_written("a.npz", b"PK\x03\x04 no more"), "an .npz as NumPy writes it"),
        (_written("a-idx3-ubyte", struct.pack(">4I", 2051, 60, 28, 28) + bytes(9)), "expected an IDX file of images"),
        (_written("a.idx.gz", gzip.compress(struct.pack(">4I", 2051, 10**9, 9, 9))), "expected an IDX file of images"),
        (_written("photo.png", b"\x89PNG"), "expected an IDX file of images"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_good_gets_one_sentence(make: Callable[[Path], Path], words: str, tmp_path: Path) -> None:
    with pytest.raises(PictureError) as error:
        read(make(tmp_path), 28)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_line_says_what_is_wrong_and_trains_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["train", "--dataset", str(folder_of_pictures(tmp_path / "few", 3))]
    assert main(asked) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["train", "--dataset", "cifar"])
    assert (
        "dataset must be one of mnist, fashion-mnist, kmnist, bars, or a folder or file of pictures"
        in capsys.readouterr().err
    )


def test_the_split_is_the_same_everywhere() -> None:
    """Its numbers stand in checkpoints: they may not change with NumPy or the machine."""
    test = pictures._test_of(np.arange(66, dtype=np.uint8) % 3)
    assert np.flatnonzero(test).tolist() == [3, 6, 25, 31, 35, 38, 43, 45, 52, 53, 56]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="who may do everything is refused nothing")
def test_a_folder_that_cannot_be_kept_is_named(tmp_path: Path) -> None:
    (closed := tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(PictureError, match="which cannot be written"):
        pictures.prepare(folder_of_pictures(tmp_path / "shapes"), root=closed)


def test_the_bars_are_the_same_each_time_and_their_classes_their_tilt() -> None:
    found, again, factors = shapes.pictures(), shapes.pictures(), shapes.factors()
    assert (found.images == again.images).all()
    assert found.classes == ("−56°", "−28°", "0°", "+28°", "+56°")
    assert (np.abs(factors).max(axis=0) <= (shapes.TILT, shapes.PLACE)).all()
    for c, middle in enumerate((-56, -28, 0, 28, 56)):
        assert np.abs(factors[found.labels == c, 0] - middle).max() <= 14
    # Where the light is: its middle, and the line along which it spreads most, by its second moments.
    across, down = np.meshgrid(*2 * [np.arange(28) - 13.5])
    light = found.images.reshape(-1, 784) / 255.0
    x, y = (light @ axis.reshape(-1) / light.sum(1) for axis in (across, -down))
    np.testing.assert_allclose(x, factors[:, 1], atol=0.25)
    apart = [light @ (a * b).reshape(-1) / light.sum(1) for a, b in ((across, across), (across, -down), (down, down))]
    xx, xy, yy = apart[0] - x * x, apart[1] - x * y, apart[2] - y * y
    np.testing.assert_allclose(np.degrees(np.arctan2(2 * xy, yy - xx) / 2), factors[:, 0], atol=2)


def test_the_map_of_the_shipped_bars_has_their_tilt_and_place() -> None:
    """Both factors are read from z: those of a test picture are its five nearest neighbours' mean, to 2° and 0.2 px."""
    model = checkpoint.load(CHECKPOINTS / "vae-bars.safetensors")
    assert (CHECKPOINTS / "vae-bars.safetensors").stat().st_size < 1_500_000
    assert model.images is not None
    made = shapes.pictures().images
    known = {image.tobytes(): factors for image, factors in zip(made, shapes.factors(), strict=True)}
    factors = np.array([known[image.tobytes()] for image in model.images.numpy()])
    assert len(factors) == len(model.mu) == 700
    distance = torch.cdist(model.mu, model.mu).fill_diagonal_(torch.inf)
    read = factors[distance.topk(5, largest=False).indices.numpy()].mean(axis=1)
    assert (np.abs(read - factors).mean(axis=0) < (2, 0.2)).all()


def _zip(path: Path, files: dict[str, bytes], top: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{top}{name}", content)
    return path


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Sixty pictures by their names below their folder."""
    folder = folder_of_pictures(tmp_path_factory.mktemp("packed"))
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*.*"))}


@pytest.mark.parametrize("top", ["", "our shapes/"])
def test_a_zip_is_the_folder_in_it(top: str, packed: dict[str, bytes], tmp_path: Path) -> None:
    more = {"notes.txt": b"no picture", "__MACOSX/square/._001.jpg": b"\0", ".hidden/x.png": b"\0"}
    path = _zip(tmp_path / "shapes.zip", packed, top)
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in more.items():
            archive.writestr(name, content)
    found = read(path, 20)
    assert (found.images.shape, found.classes) == ((60, 20, 20), CLASSES)


def test_a_zip_of_one_folder_has_one_class(packed: dict[str, bytes], tmp_path: Path) -> None:
    found = read(_zip(tmp_path / "one.zip", {f"all/{i}.png": content for i, content in enumerate(packed.values())}), 20)
    assert (len(found.images), found.classes) == (60, ("all",))


def _with(name: str, content: bytes = b"out", mode: int = 0) -> Callable[[dict[str, bytes], Path], Path]:
    def make(packed: dict[str, bytes], folder: Path) -> Path:
        path, entry = _zip(folder / "hostile.zip", packed), zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(entry, content)
        return path

    return make


def _bomb_of_zeros(_packed: dict[str, bytes], folder: Path) -> Path:
    return _zip(folder / "hostile.zip", {"square/0.png": bytes(300_000_000)})


def _liar_of_a_zip(packed: dict[str, bytes], folder: Path) -> Path:
    """Its list says that a picture of a million bytes has ten."""
    path = _zip(folder / "hostile.zip", {**packed, "square/0.png": bytes(1_000_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10)))
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_with("../evil.png"), "leads out of it: ../evil.png"),
        (_with("square/../../evil.png"), "leads out of it"),
        (_with("/tmp/evil.png"), "leads out of it"),
        (_with("C:evil.png"), "leads out of it"),
        (_with("..\\evil.png"), "leads out of it"),
        (_with("square/link.png", b"/etc/passwd", 0o120777), "found a link or a device: square/link.png"),
        (_with("square/pipe.png", b"", 0o010644), "found a link or a device"),
        (_with("square/readme.png", b"a text"), "readme.png: expected a picture"),
        (_bomb_of_zeros, "expected an archive that unpacks to"),
        (_liar_of_a_zip, "expected a .zip of pictures without a password"),
        (lambda packed, folder: _written("hostile.zip", b"PK\x03\x04 no more")(folder), "expected a .zip of pictures"),
        (
            lambda packed, folder: _zip(folder / "hostile.zip", {"a.txt": b"no picture"}),
            "hostile.zip: expected 50 to 100000 pictures, found 0",
        ),
    ],
)
def test_a_hostile_zip_is_refused_in_one_sentence_and_writes_nothing(
    make: Callable[[dict[str, bytes], Path], Path],
    words: str,
    packed: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (scratch := tmp_path / "scratch" / "deep").mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = make(packed, tmp_path)
    with pytest.raises(UserError) as error:
        read(path, 20)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.rglob("*")) == sorted([path, scratch.parent, scratch])
