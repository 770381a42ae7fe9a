"""What was asked of a run, and by whom, as its folder keeps it. Imports no torch."""

__all__ = ["RunSpec"]

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.settings import SPEC_FILE
from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json
from model.dataset import DATASETS, Dataset, is_own
from model.errors import UserError
from model.files import write_atomically


@dataclass(frozen=True)
class RunSpec:
    """What a run's folder keeps of it, beside what it has reached.

    Attributes:
        owner: mark of the viewer who started it (see `explorer.identity`).
        created: seconds since 1970.
        problem: why it last stopped before its end, if it did.
        data: what people's own pictures tell of themselves; None for a data set that is known by its name.
    """

    model: ModelConfig
    train: TrainConfig
    owner: str
    created: float
    problem: UserError | None = None
    data: Dataset | None = None

    @property
    def dataset(self) -> Dataset:
        """What it is trained on, for people to read."""
        return self.data or DATASETS[self.train.dataset]

    def write(self, folder: Path) -> None:
        """Put it into its folder, by atomic rename.

        Raises:
            FileError: the disk is full, or the folder may not be written.
        """
        content = {
            "model": to_json(self.model),
            "train": to_json(self.train),
            "owner": self.owner,
            "created": self.created,
            "problem": None if self.problem is None else self.problem.to_json(),
            "data": None if self.data is None else self.data.to_json(),
        }
        write_atomically(folder / SPEC_FILE, json.dumps(content).encode())

    @classmethod
    def read(cls, folder: Path) -> "RunSpec":
        """What `write` wrote, or an earlier version.

        Raises:
            ConfigError: it is absent or damaged.
        """
        path = folder / SPEC_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            model, train = from_json(ModelConfig, found["model"]), from_json(TrainConfig, found["train"])
            return cls(
                model=model,
                train=train,
                owner=str(found["owner"]),
                created=float(found["created"]),
                problem=_problem(found["problem"]),
                data=_data(found, model, train),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            raise ConfigError(
                "{path}: expected a run's settings, found none that can be read; delete it.", path=path
            ) from error


def _data(found: dict[str, Any], model: ModelConfig, train: TrainConfig) -> Dataset | None:
    if not is_own(train.dataset):
        return None
    return Dataset.from_json(found["data"], (model.height, model.width), model.channels)


def _problem(found: object) -> UserError | None:
    if isinstance(found, str):  # of the first version: the English sentence, or nothing
        return UserError(found) if found else None
    return None if found is None else UserError.from_json(found)
