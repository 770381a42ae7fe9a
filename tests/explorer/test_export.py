"""The handout as a file: what it weighs and says of that, what it has no place for, and each complaint."""

import gzip
import io
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load, load_file, save_file
from starlette.requests import Request

from explorer.catalogue import library
from explorer.catalogue.uploads import uploads
from explorer.export import script
from explorer.export.__main__ import MEGABYTE, main
from explorer.export.handout import DIGITS, TRAINING, Handout, handout, read_models
from explorer.export.routes import handout_address, handout_routes
from explorer.export.site import write_site
from explorer.export.weights import rounded_weights
from explorer.settings import FRONTEND
from model.checkpoint import Checkpoint
from model.data import Split
from model.networks import build
from model.rounding import GREY, PLACE
from tests.conftest import CHECKPOINTS
from tests.explorer.serving.conftest import App
from tests.explorer.test_i18n import _javascript_texts

ONE = "vae-mnist-beta-1"
MU = 0.005  # latent units, of maps 5 to 20 across: the same of a drawing in float16 and in float32
# What a file may say of itself. Windows knows no such name.
HOSTILE = (
    '"><img src=x onerror=hostile=1><script>hostile=1<' if os.name == "posix" else "&lt;img src=x onerror=hostile=1&gt;"
)


def hostile_model(folder: Path) -> Path:
    """A good checkpoint whose name and metadata would be markup and code, if anything took them for that."""
    shipped = CHECKPOINTS / "vae-mnist-baseline.safetensors"
    with safe_open(shipped, "pt") as file:
        metadata = file.metadata()
    attack = f"</script>{HOSTILE}/script>"
    metrics = {**json.loads(metadata["metrics"]), attack: 1.0, "__proto__": 2.0}
    path = folder / f"{HOSTILE}.safetensors"
    save_file(load_file(shipped), path, {**metadata, "metrics": json.dumps(metrics), attack: attack, "title": attack})
    return path


def from_text(text: str) -> bytes:
    """What `as_text` was given, bit by bit."""
    sevens = (np.frombuffer(text.encode("utf-32-le"), "<u4") % 128).astype("u1")
    bits = np.unpackbits(sevens[:, None], axis=1)[:, 1:].ravel()
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()


def unrounded(content: bytes) -> bytes:
    """The file of which `packed` made this."""
    length = int.from_bytes(content[:4], "little")
    matrices, content, made = json.loads(content[4 : 4 + length]), content[4 + length :], b""
    for begin, inputs, steps in matrices:
        between, count = begin - len(made), inputs * len(steps)
        low, high = (np.frombuffer(content, "u1", count, between + at * count).astype(int) for at in range(2))
        numbers = (low + 256 * high - 0x8080).reshape(-1, inputs) * np.array(steps)[:, None]
        made += content[:between] + numbers.astype("<f4").tobytes()
        content = content[between + 2 * count :]
    return made + content


class Elements(HTMLParser):
    """The tags of a page in their order, and what it carries by id."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.carried: dict[str, bytes] = {}
        self.name: str | None = None
        self.rounded = False
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.name = dict(attrs).get("id") if tag == "script" else None
        self.rounded = "data-rounded" in dict(attrs)

    def handle_data(self, data: str) -> None:
        if not self.name:
            self.text += data
        else:
            content = gzip.decompress(from_text(data))
            self.carried[self.name] = unrounded(content) if self.rounded else content

    def handle_endtag(self, _tag: str) -> None:
        self.name = None


@pytest.fixture(scope="module")
def one() -> Handout:
    return handout(read_models([CHECKPOINTS / f"{ONE}.safetensors"]))


def test_one_model_with_2000_digits_has_3_mb_and_a_half(one: Handout) -> None:
    assert len(one.html) <= 3.5 * MEGABYTE
    assert sum(one.sizes.values()) == len(one.html)
    carried = Elements(one.html).carried
    assert len(carried["images/mnist"]) == 16 + DIGITS * 28 * 28
    assert set(carried) == {
        "options.json",
        "images/mnist",
        "pca/mnist",
        "locales/zh-Hant.json",
        "core/gemm.wasm",
        "core/gemm-fused.wasm",
        *(f"models/0?part={part}" for part in ("test", "decoder", "encoder")),
    }


def test_it_has_the_words_that_it_says_and_hardly_any_others(one: Handout) -> None:
    texts = set(_javascript_texts(one.html.decode().rpartition("<script>")[2].replace("function _(", "")))
    assert len(texts) > 150
    found = set(json.loads(Elements(one.html).carried["locales/zh-Hant.json"]))
    assert texts <= found
    assert len(found) < len(texts) + 10  # words of one page that stand in another's code for something else


def test_with_training_it_has_little_more(test_digits: Split, train_digits: Split) -> None:
    made = handout(read_models([CHECKPOINTS / f"{ONE}.safetensors"]), training=TRAINING)
    assert len(made.html) <= 4.7 * MEGABYTE
    carried = Elements(made.html).carried
    for name, digits, count in (("labels", test_digits, DIGITS), ("training/labels", train_digits, TRAINING)):
        assert carried[name] == b"\0\0\x08\x01" + count.to_bytes(4, "big") + bytes(digits.labels[:count].tolist())
    pixels = carried["training/images"][16:]
    assert pixels == (train_digits.images[:TRAINING] * 255).round().byte().numpy().tobytes()
    told = json.loads(carried["options.json"])["train"]
    assert (told["learns"], told["judges"]) == (TRAINING, DIGITS)


def test_the_map_offers_only_what_the_page_has(one: Handout, tmp_path: Path) -> None:
    (part := tmp_path / "part").write_bytes(Elements(one.html).carried["models/0?part=test"])
    with safe_open(part, "pt") as file:
        assert file.metadata()["parts"].split() == ["test", "decoder", "encoder"]  # no trace, no training points


@torch.no_grad()
@pytest.mark.parametrize("name", ["ae-mnist", "vae-mnist", "vae-mnist-baseline"])
def test_a_drawing_gets_its_point(name: str, shipped: dict[str, Checkpoint], test_digits: Split) -> None:
    html = handout(read_models([CHECKPOINTS / f"{name}.safetensors"]), digits=100).html
    weights = load(Elements(html).carried["models/0?part=encoder"])
    assert all(weight.dtype == (torch.float16 if weight.ndim == 2 else torch.float32) for weight in weights.values())
    model = build(shipped[name].config).eval()
    model.load_state_dict(shipped[name].model.state_dict() | {key: weight.float() for key, weight in weights.items()})
    mu, _logvar = model.encode(test_digits.images)
    assert (mu - shipped[name].mu).abs().max() < MU


def test_its_codes_are_those_of_the_model(one: Handout, shipped: dict[str, Checkpoint]) -> None:
    found, model = load(Elements(one.html).carried["models/0?part=test"]), shipped[ONE]
    assert model.logvar is not None
    for name, expected in (("test.mu", model.mu), ("test.logvar", model.logvar)):
        assert (found[name] - expected).abs().max() <= (expected.max() - expected.min()) / 2**13
    assert torch.equal(found["test.label"], model.label)


def test_what_the_command_writes_is_rounded_and_draws_the_same(
    tmp_path: Path, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    name, out = "vae-mnist-baseline", tmp_path / "x.html"
    assert main([str(CHECKPOINTS / f"{name}.safetensors"), "-o", str(out), "--digits", "100"]) == 0
    carried, model = Elements(out.read_bytes()).carried, shipped[name].model
    weights = {**load(carried["models/0?part=encoder"]), **load(carried["models/0?part=decoder"])}
    rounded = build(shipped[name].config).eval()
    rounded.load_state_dict(weights)
    assert all(weight.dtype == torch.float32 for weight in weights.values())
    entry = read_models([CHECKPOINTS / f"{name}.safetensors"])[0]
    for part in ("encoder", "decoder"):
        for key, matrix in rounded_weights(entry, part).items():
            assert torch.equal(weights[key], torch.from_numpy(matrix.numbers * matrix.steps[:, None])), key
    with torch.no_grad():
        mu = shipped[name].mu
        assert (rounded.decode(mu) - model.decode(mu)).abs().max() < GREY
        codes, span = rounded.encode(test_digits.images)[0], (mu.amax(0) - mu.amin(0)).max()
        assert (codes - model.encode(test_digits.images)[0]).abs().max() < PLACE * span
    assert out.stat().st_size <= 1.3 * MEGABYTE


def test_nothing_of_a_file_is_markup_or_code(tmp_path: Path) -> None:
    shipped = CHECKPOINTS / f"{ONE}.safetensors"
    made = handout(read_models([shipped, hostile_model(tmp_path)]), digits=100)
    plain = handout(read_models([shipped, CHECKPOINTS / "vae-mnist-baseline.safetensors"]), digits=100)
    assert HOSTILE.encode() not in made.html
    found, expected = Elements(made.html), Elements(plain.html)
    assert found.tags == expected.tags
    assert found.carried.keys() == expected.carried.keys()
    assert [model["name"] for model in json.loads(found.carried["options.json"])["models"]] == [ONE, HOSTILE]
    assert made.html.partition(b"<style>")[0] == plain.html.partition(b"<style>")[0]


def test_it_loads_nothing(one: Handout) -> None:
    html = one.html.decode()
    [policy] = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "unsafe-inline" not in policy
    assert not re.findall(r'(?:src|href|action)\s*=\s*"', re.sub("<script.*</script>", "", html, flags=re.DOTALL))


def test_every_module_that_it_needs_is_in_it(one: Handout) -> None:
    code = one.html.decode().rpartition("<script>")[2]
    names = re.findall(r'^"([\w/.-]+\.js)"\(\$need', code, re.MULTILINE)
    assert len(names) == len(set(names)) > 80
    assert set(re.findall(r'\$need\("([^"]+)"\)', code)) < set(names)
    assert all((FRONTEND / name).is_file() for name in names)


@pytest.mark.parametrize(
    "text", ["export default 1;", 'import all from "./a.js";', "export let x = 1;", "import.meta.env"]
)
def test_a_module_written_otherwise_is_refused_and_not_broken(text: str) -> None:
    with pytest.raises(ValueError, match=r"core/x\.js: expected imports and exports"):
        script._function("core/x.js", text)


def test_a_module_becomes_a_function() -> None:
    text = (
        'import { a, b as c } from "./y.js";\nimport "../z.js";\nexport const d = "</script>";\n'
        'export async function e() {\n  return import("./f.js");\n}\nexport { c as g };'
    )
    assert script._function("core/x.js", text) == (
        '\n"core/x.js"($need, $load, $here) {\nconst { a, b: c } = $need("core/y.js");\n$need("z.js");\n'
        'const d = "<\\/script>";\nasync function e() {\n  return $load($here, "./f.js");\n}\n'
        "return { d, e, g: c };\n},\n"
    )


def test_the_command_prints_what_the_size_is_made_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "explorer.html"
    assert main([str(CHECKPOINTS / "vae-mnist-baseline.safetensors"), "-o", str(out), "--digits", "300"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{out}: {out.stat().st_size / MEGABYTE:.2f} MB"
    sizes = dict(re.findall(r"^(.+?) +(\d+\.\d\d) MB$", "\n".join(lines[:-1]), re.MULTILINE))
    assert list(sizes) == [
        "vae-mnist-baseline: latents",
        "vae-mnist-baseline: decoder",
        "vae-mnist-baseline: encoder",
        "300 test images",
        "PCA",
        "the page itself",
    ]
    assert sum(map(float, sizes.values())) == pytest.approx(out.stat().st_size / MEGABYTE, abs=0.04)


GOOD = str(CHECKPOINTS / f"{ONE}.safetensors")


def test_each_complaint_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.export.weights.rounded_weights", lambda _entry, _part: {})  # which takes seconds
    out, broken, there = str(tmp_path / "x.html"), tmp_path / "broken.safetensors", tmp_path / "there.html"
    broken.write_bytes(Path(GOOD).read_bytes()[:5000])
    there.mkdir()
    (tmp_path / "file").touch()
    few = ("--digits", "100")
    for arguments, complaint in (
        (
            [str(tmp_path / "gone.safetensors"), "-o", out],
            r"gone.safetensors: expected a checkpoint, found no readable",
        ),
        ([str(broken), "-o", out], r"broken.safetensors: expected "),
        ([str(CHECKPOINTS / "README.md"), "-o", out], r"README.md: expected "),
        ([GOOD, str(tmp_path / "file"), "-o", out], r"file: expected "),
        ([GOOD, GOOD, "-o", out], rf"Two of the models are called {ONE}: rename one of the files\."),
        ([GOOD, "-o", str(there), *few], r"there.html could not be written \(Is a directory\)"),
        ([GOOD, "-o", str(tmp_path / "file" / "x.html"), *few], r"x.html could not be written \("),
        ([GOOD, "--site", str(tmp_path / "file"), *few], r"\.bin could not be written \("),
    ):
        assert main(arguments) == 1, arguments
        printed = capsys.readouterr()
        assert re.search(complaint, printed.err), printed.err
        assert printed.err.count("\n") == 1
        assert printed.out == ""
    for arguments, complaint in (
        ([GOOD], "one of the arguments -o/--out --site is required"),
        ([GOOD, "-o", out, "--site", out], "argument --site: not allowed with argument -o/--out"),
        (
            [GOOD, "--site", out, "--url", "example.org"],
            "expected an address such as https://example.org/explorer/, found",
        ),
        ([GOOD, "-o", out, "--url", "https://example.org"], "--url is for --site."),
        (["-o", out], "the following arguments are required: FILE"),
        ([GOOD, "-o", "x.pdf"], "--out must end in .html; found x.pdf."),
        ([GOOD, "-o", out, "--digits", "99"], "expected a whole number from 100 to 10000, found 99."),
        ([GOOD, "-o", out, "--digits", "many"], "expected a whole number from 100 to 10000, found many."),
        ([GOOD, "-o", out, "--train", "999"], "expected a whole number from 1000 to 60000, found 999."),
        ([GOOD, "-o", out, "--train", "--digits", "1999"], "--train shows and judges by the first 2000 test images"),
        ([GOOD, "-o", out, "--colour"], "unrecognized arguments: --colour"),
    ):
        with pytest.raises(SystemExit):
            main(arguments)
        assert complaint in capsys.readouterr().err
    assert not Path(out).exists()


def test_a_site_is_a_page_and_files_named_by_what_is_in_them(tmp_path: Path) -> None:
    folder, url = tmp_path / "site", "https://example.org/explorer/"
    models = read_models([CHECKPOINTS / "vae-mnist-baseline.safetensors", hostile_model(tmp_path)])
    sizes = write_site(folder, models, 100, url)
    html = (folder / "index.html").read_bytes()
    files = {path.name: path.read_bytes() for path in (folder / "files").iterdir()}
    assert all(blake2b(content, digest_size=8).hexdigest() == name.split(".")[0] for name, content in files.items())
    [picture] = [content for name, content in files.items() if name.endswith(".png")]
    assert sum(sizes.values()) == len(html) + sum(map(len, files.values())) - len(picture)
    with Image.open(io.BytesIO(picture)) as shown:
        assert shown.size == (1176, 616)
        assert 20 < np.asarray(shown).mean() < 90  # white ink on black
    assert HOSTILE.encode() not in html
    found = Elements(html)
    assert "img" not in found.tags
    assert HOSTILE in found.text  # the list, for who runs no script
    named = re.findall(rf'(?:src|href|content|data-file)="(?:{url})?files/([^"]+)"', html.decode())
    assert set(named) == set(files)


def test_the_server_makes_it_once_for_all_who_ask(server: tuple[str, int]) -> None:
    app, (entries, _errors) = App(server[0]), library.current()
    address = handout_address(entries["vae-mnist-baseline"])
    assert re.fullmatch(r"checkpoints/vae-mnist-baseline\.html\?v=[0-9a-f]{16}", address)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _n: app.get(address), range(4)))
    html, headers = answers[0]
    assert all(content == html for content, _headers in answers)  # made anew, it would hardly be
    [model] = json.loads(Elements(html).carried["options.json"])["models"]
    assert model["name"] == "vae-mnist-baseline"
    assert headers["Content-Type"] == "application/octet-stream"
    assert Elements(html).tags == Elements(handout([entries[model["name"]]]).html).tags  # nothing was put into it
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''vae-mnist-baseline.html"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert app.status(address, known=headers["ETag"]) == 304
    assert app.get(address[:-1] + "x")[1]["Cache-Control"] == "no-cache"
    for absent in ("checkpoints/none.html", "runs/vae-mnist.html", "uploads/none.html"):
        assert app.status(absent) == 404


def test_an_upload_has_one_for_who_knows_its_address() -> None:
    content = (CHECKPOINTS / "vae-mnist-baseline.safetensors").read_bytes()
    entry = uploads.add("<b>\u00fc.safetensors", content, "somebody")
    place, _mark, version = handout_address(entry).partition(".html?v=")
    [route] = [route for route in handout_routes() if route.path.startswith("/uploads")]
    scope = {"type": "http", "method": "GET", "path_params": {"token": place.removeprefix("uploads/")}, "headers": []}
    answer = route.endpoint(Request({**scope, "query_string": f"v={version}".encode()}))
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%3Cb%3E%C3%BC.html"
    assert "immutable" in answer.headers["Cache-Control"]
    assert json.loads(Elements(answer.body).carried["options.json"])["models"][0]["name"] == "<b>\u00fc"
