"""Parts of a checkpoint: what is in them, how near they are to the whole, and that two files are never mixed."""

import gzip
import shutil
import struct
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, load_file, save_file

from explorer.serving import parts
from explorer.serving.parts import BUDGET, COUNT, FIRST, PARTS, SECOND, few_images, make, part
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.config import ModelConfig, to_json
from model.data import Split
from model.dataset import DATA_DIR
from model.format import read_metadata
from model.layers import Layer
from model.networks import build
from tests.conftest import CHECKPOINTS, SHIPPED

HALF = 1e-3  # on probabilities


def metadata_of(content: bytes, folder: Path) -> dict[str, str]:
    (path := folder / "part").write_bytes(content)
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_parts_are_the_file(name: str, tmp_path: Path) -> None:
    path = CHECKPOINTS / f"{name}.safetensors"
    whole = load_file(path)
    found: dict[str, torch.Tensor] = {}
    for one in PARTS:
        found |= load(part(path, one).content)
    assert found.keys() == whole.keys()
    for key, tensor in whole.items():
        if key.startswith(("decoder.", "encoder.")):
            assert found[key].shape == tensor.shape
        else:
            assert torch.equal(found[key], tensor), key
    told = [metadata_of(part(path, one).content, tmp_path) for one in PARTS]
    assert told[0].pop("parts").split() == [one for one in PARTS if one != "image"]  # which the server has
    assert {key: text for one in told for key, text in one.items()} == read_metadata(path)
    assert {one for one, text in zip(PARTS, told, strict=True) if "metrics" in text} == {FIRST}
    assert {one for one, text in zip(PARTS, told, strict=True) if "history" in text} == {"trace"}


@pytest.mark.parametrize("name", SHIPPED)
@torch.no_grad()
def test_the_first_parts_are_small_and_their_images_those_of_pytorch(name: str, shipped: dict[str, Checkpoint]) -> None:
    whole, path = shipped[name], CHECKPOINTS / f"{name}.safetensors"
    content = part(path, SECOND).content
    assert len(part(path, FIRST).content) < 180_000  # the map: it is there within a second on a line of 1.5 Mbit/s
    assert len(content) <= BUDGET
    model = build(whole.config)
    weights = {key.removeprefix("decoder."): tensor.float() for key, tensor in load(content).items()}
    model.decoder.load_state_dict(weights)
    spread = torch.randn(2000, 2, generator=torch.Generator().manual_seed(0)) * 2 * whole.mu.std(0)
    z = torch.cat([whole.mu, whole.mu.mean(0) + spread])
    y = torch.arange(len(z)) % 10  # which only a conditional one looks at
    assert (model.decode(z, y) - whole.model.decode(z, y)).abs().max() <= HALF


def test_no_more_precision_is_given_up_than_the_budget_asks_for() -> None:
    path = CHECKPOINTS / "vae-mnist-baseline.safetensors"
    whole, found = load_file(path), load(part(path, SECOND).content)
    assert all(torch.equal(found[key], whole[key]) for key in found)  # it is small as it is


@torch.no_grad()
def test_large_convolutions_go_as_float16(tmp_path: Path) -> None:
    first, second = (Layer("transpose", (channels,), 4, 2, (1, 1)) for channels in (96, 1))
    layers = (784, Layer("reshape", (16, 7, 7)), first, second)
    model, mu = build(ModelConfig(model="ae", decoder=layers, layer_norm=False, fourier=0)), torch.randn(20, 2)
    save_file(model.state_dict(), tmp_path / "large.safetensors", {"config": to_json(model.config)})
    whole = model.decode(mu)
    weights = load(make(tmp_path / "large.safetensors", SECOND, budget=80_000))
    halved = {key for key, tensor in weights.items() if tensor.dtype == torch.float16}
    assert halved == {"decoder.hidden.2.conv.weight"}
    model.decoder.load_state_dict({key.removeprefix("decoder."): tensor.float() for key, tensor in weights.items()})
    assert (model.decode(mu) - whole).abs().max() <= HALF


@pytest.mark.parametrize(("scale", "dtype"), [(1e6, torch.float32), (1e-6, torch.float32), (1.0, torch.float16)])
def test_what_float16_would_spoil_stays_float32(scale: float, dtype: torch.dtype, tmp_path: Path) -> None:
    shipped, path = CHECKPOINTS / "vae-mnist.safetensors", tmp_path / "other.safetensors"
    tensors = load_file(shipped)
    key = "decoder.logits.weight"
    tensors[key] *= scale / tensors[key].abs().max()
    save_file(tensors, path, read_metadata(shipped))
    assert load(part(path, SECOND).content)[key].dtype == dtype


def test_bfloat16_is_served_with_the_same_numbers(tmp_path: Path) -> None:
    shipped, path = CHECKPOINTS / "vae-mnist-baseline.safetensors", tmp_path / "other.safetensors"
    tensors = load_file(shipped)
    key = "decoder.logits.weight"
    tensors[key] = tensors[key].bfloat16()
    save_file(tensors, path, read_metadata(shipped))
    assert torch.equal(load(part(path, SECOND).content)[key].float(), tensors[key].float())


@pytest.mark.parametrize("name", SHIPPED)
@torch.no_grad()
def test_an_encoders_part_puts_digits_where_the_encoder_does(
    name: str, shipped: dict[str, Checkpoint], test_digits: Split
) -> None:
    whole = shipped[name]
    model = build(whole.config)
    tensors = load(part(CHECKPOINTS / f"{name}.safetensors", "encoder").content)
    model.encoder.load_state_dict({key.removeprefix("encoder."): tensor.float() for key, tensor in tensors.items()})
    found = model.encode(test_digits.images[:2000], test_digits.labels[:2000])[0]
    # Of the map's width: a third of a pixel where that is 700.
    assert ((found - whole.mu[:2000]).abs() / (whole.mu.max(0).values - whole.mu.min(0).values)).max() < 5e-4


def test_a_part_of_a_file_that_is_replaced_is_that_of_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    shutil.copy(CHECKPOINTS / "ae-mnist.safetensors", path)
    first = part(path, "trace").content
    shutil.copy(CHECKPOINTS / "vae-mnist-beta-1.safetensors", tmp_path / "new")
    (tmp_path / "new").replace(path)
    assert part(path, "trace").content != first
    assert np.array_equal(load(part(path, "trace").content)["trace.mu"], checkpoints.load(path).trace)


def test_who_sends_the_same_part_holds_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SMALL", 1000)
    shutil.copy(CHECKPOINTS / "vae-mnist-beta-4.safetensors", path := tmp_path / "large.safetensors")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _i: part(path, "train"), range(8)))
    assert len({id(one) for one in found}) == 1
    held = weakref.ref(found.pop())
    found.clear()
    assert held() is None  # nobody sends it any more


def test_few_images_are_the_first_of_all(test_digits: Split) -> None:
    content = gzip.decompress(few_images(DATA_DIR / "mnist" / "t10k-images-idx3-ubyte.gz"))
    assert np.frombuffer(content[:16], ">i4").tolist() == [2051, COUNT, 28, 28]
    pixels = np.frombuffer(content[16:], np.uint8).reshape(COUNT, -1)
    assert np.array_equal(pixels, np.rint(test_digits.images[:COUNT].numpy() * 255))


IDX = struct.pack(">4i", 2051, 9, 28, 28) + bytes(9 * 784)
DAMAGED = {
    "empty": b"",
    "no gzip": b"no gzip",
    "no header": gzip.compress(b"short"),
    "cut": gzip.compress(IDX)[:-12],
    "too few": gzip.compress(IDX[:-1]),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_images_are_as_good_as_none(content: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "images.gz").write_bytes(content)
    with pytest.raises(OSError, match=r"damaged|gzipped"):
        few_images(path)
