"""Pictures that viewers bring to train on: read by a child process, kept by this server until it ends.

Nobody else sees them, until a run on them is started: that has copies of its own, and all may watch it.
"""

__all__ = ["OwnPictures", "Shelf", "shelf"]

import secrets
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from explorer import identity
from explorer.catalogue.uploads import Limit
from explorer.training import errand
from explorer.training.errors import Forbidden
from model.dataset import LONGEST, Dataset, counts, find
from model.errors import UserError

MODULE = "explorer.training.own_pictures_worker"
PER_SERVER = Limit(100, 4_000_000_000)


@dataclass(frozen=True)
class OwnPictures:
    """What a viewer has brought last.

    Attributes:
        name: of the data set that was made of them.
        source: the file as it came, to be scaled anew.
        data: what the data set tells of itself.
        counts: of pictures to learn from, and to judge by.
        warning: what so few can show; None where they are plenty.
        size: of all that is kept, bytes.
    """

    name: str
    source: Path
    data: Dataset
    counts: tuple[int, int]
    warning: UserError | None
    size: int

    @property
    def root(self) -> Path:
        """The folder in which the data set's lies."""
        return self.source.parent


class Shelf:
    """The pictures of one server's viewers, one data set each: the newest in place of the one before."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="latent-explorer-", ignore_cleanup_errors=True)
        self._kept: dict[str, OwnPictures] = {}  # by owner, whoever brought some last at the end
        self._lock = threading.Lock()

    def close(self) -> None:
        """Delete all of them."""
        self._folder.cleanup()

    def of(self, owner: str) -> OwnPictures | None:
        """What an owner has brought last, if it is still kept: systems clean their folder for temporary files."""
        with self._lock:
            found = self._kept.get(owner)
        return found if found and found.source.exists() else None

    def add(self, filename: str, content: bytes, size: int, channels: int, owner: str) -> OwnPictures:
        """Make a data set of a file of pictures, in place of the owner's last one.

        Args:
            size: pixels of a side, to which they are scaled.
            channels: 1, made grey, or 3, in colour.
            owner: a viewer who may start runs.

        Raises:
            Forbidden: the viewer may start none.
            UserError: they cannot be used; the last ones stay.
        """
        if not identity.may_start(owner):
            raise Forbidden("Only who has entered the instructor's key may start a run.")
        folder = Path(self._folder.name, secrets.token_hex(8))
        try:
            source = errand.write(folder, filename, content)
            return self._keep(_read(source, filename.partition(".")[0], size, channels), owner)
        except UserError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def scale(self, size: int, channels: int, owner: str) -> OwnPictures | None:
        """Make the data set anew of the owner's pictures, see `add`; what it was stays where that fails.

        Returns:
            What was made of them; None where there are none.

        Raises:
            UserError: see `add`.
        """
        found = self.of(owner)
        return self._keep(_read(found.source, found.data.title, size, channels), owner) if found else None

    def _keep(self, new: OwnPictures, owner: str) -> OwnPictures:
        with self._lock:
            gone = [old for old in [self._kept.pop(owner, None)] if old]
            self._kept[owner] = new
            while len(self._kept) > 1 and self._is_full():
                gone.append(self._kept.pop(next(iter(self._kept))))
        for old in gone:
            if old.root != new.root:
                shutil.rmtree(old.root, ignore_errors=True)
            elif old.name != new.name:
                shutil.rmtree(old.root / old.name, ignore_errors=True)
        return new

    def _is_full(self) -> bool:
        return len(self._kept) > PER_SERVER.files or sum(own.size for own in self._kept.values()) > PER_SERVER.size


def _read(source: Path, title: str, size: int, channels: int) -> OwnPictures:
    text = "{name}: reading it took more time or memory than there is here: bring fewer or smaller pictures."
    failed = UserError(text, name=source.name)
    how = {"size": size, "channels": channels, "title": title[: LONGEST["title"]]}
    question = {"file": str(source), "root": str(source.parent), **how}
    told = errand.ask(MODULE, question, source.name, failed)
    name, warning = told["name"], told["warning"]
    data, numbers = find(name, source.parent), counts(name, source.parent)
    size = sum(path.stat().st_size for path in (source, *(source.parent / name).iterdir()))
    return OwnPictures(name, source, data, numbers, warning and UserError.from_json(warning), size)


shelf = Shelf()
