"""Pictures that a viewer brings: read by a child process, kept for their owner, trained on by a run that keeps them."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer import identity
from explorer.catalogue import library
from explorer.catalogue.uploads import Limit
from explorer.settings import INSTRUCTOR_KEY
from explorer.training import errand, own_pictures
from explorer.training.errors import Forbidden, RunError
from explorer.training.manager import Manager
from explorer.training.own_pictures import Shelf
from model.config import configs
from model.dataset import COLOUR, GREY
from model.errors import UserError
from tests.explorer.training.conftest import QUICK
from tests.explorer.training.waiting import epochs, until
from tests.pictures import CLASSES, folder_of_pictures
from tests.systems import kill

VIEWER, OTHER = "viewer-viewer-viewer", "another-viewer-here"
SMALL = {"encoder": (16,), "decoder": (16,), "fourier": 4, "input_dropout": 0.0}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Sixty pictures in three classes, as a .zip."""
    folder = tmp_path_factory.mktemp("shapes")
    return Path(shutil.make_archive(str(folder / "packed"), "zip", folder_of_pictures(folder / "all"))).read_bytes()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    yield made
    made.close()


def test_they_are_read_for_their_owner_and_what_is_no_good_changes_nothing(
    shapes: bytes, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shelf.add("Our <b>shapes</b>.v2.zip", shapes, 20, GREY, VIEWER)
    assert (found.data.title, found.data.classes, found.data.shape) == ("Our <b>shapes</b>", CLASSES, (20, 20))
    assert found.counts == (50, 10)
    assert str(found.warning).startswith("60 pictures, 10 of them to judge by: so few show")
    assert (shelf.of(VIEWER), shelf.of(OTHER)) == (found, None)
    with pytest.raises(UserError, match=r"not\.zip: expected a \.zip of pictures without a password"):
        shelf.add("not.zip", b"PK no more", 20, GREY, VIEWER)
    with pytest.raises(UserError, match=r"few\.zip: expected 50 to 100000 pictures, found 0"):
        shelf.add("few.zip", _empty_zip(), 20, GREY, VIEWER)
    assert shelf.of(VIEWER) == found
    assert sorted(found.root.parent.iterdir()) == [found.root]

    shelf.scale(24, COLOUR, VIEWER)
    scaled = shelf.of(VIEWER)
    assert scaled
    assert (scaled.data.title, scaled.data.shape, scaled.data.channels) == (found.data.title, (24, 24), COLOUR)
    assert sorted(found.root.iterdir()) == sorted([scaled.source, scaled.root / scaled.name])
    monkeypatch.setattr(own_pictures, "PER_SERVER", Limit(9, scaled.size))
    assert shelf.add("others.zip", shapes, 28, GREY, OTHER) == shelf.of(OTHER)
    assert shelf.of(VIEWER) is None
    assert not found.root.exists()
    monkeypatch.setattr(errand, "LIMIT", 0.0)
    with pytest.raises(UserError, match=r"slow\.zip: reading it took more time or memory"):
        shelf.add("slow.zip", shapes, 28, GREY, OTHER)
    monkeypatch.setenv(INSTRUCTOR_KEY, "a key of this test")
    with pytest.raises(Forbidden):
        shelf.add("mine.zip", shapes, 28, GREY, VIEWER)


def test_a_run_keeps_its_pictures_whatever_becomes_of_server_and_owner(
    shapes: bytes, shelf: Shelf, make_manager: Callable[..., Manager], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = make_manager(QUICK)
    brought = shelf.add("shapes.zip", shapes, 20, GREY, VIEWER)
    model, train = configs("quick", {**SMALL, "dataset": brought.name, "epochs": 8}, brought.root)
    assert (model.pixels, train.batch) == (400, 16)
    with pytest.raises(RunError, match="These pictures are not here any more"):
        manager.start("others", model, train, OTHER)
    run = manager.start("ours", model, train, VIEWER, pictures=brought)
    epochs(run, 1)
    assert run.process
    kill(run.process.pid)
    until(run, "interrupted")
    shelf.close()

    again = make_manager(QUICK)  # as after a restart of the server
    found = again.run("ours")
    assert found.summary()["title"] == "shapes"
    assert found.summary()["classes"] == CLASSES
    again.order("ours", "resume", VIEWER)
    until(found, "kept")
    assert [row["epoch"] for row in found.rows] == [*range(1, 9)]
    entry = library.entries(again.folder)[0]["ours"]
    assert (entry.header.data.title, entry.header.data.classes) == ("shapes", CLASSES)
    json.dumps(again.runs()[0].summary())

    # What is offered to all carries its pictures, and their names.
    monkeypatch.setenv(INSTRUCTOR_KEY, "another key of this test")
    assert identity.admit(VIEWER, "", "another key of this test")
    shared = again.run(again.share(dataclasses.replace(entry, name="offered"), VIEWER))
    assert (shared.name, shared.summary()["title"], shared.summary()["classes"]) == ("offered", "shapes", CLASSES)
    again.order("ours", "discard", VIEWER)
    assert not run.folder.exists()


def _empty_zip() -> bytes:
    return b"PK\x05\x06" + bytes(18)
