"""What a training job is, as its folder keeps it. Imports no torch."""

__all__ = ["JobSpec"]

import json
from dataclasses import dataclass
from pathlib import Path

from explorer.settings import SPEC_FILE
from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json
from model.files import write_atomically


@dataclass(frozen=True)
class JobSpec:
    """What was asked for, and by whom.

    Attributes:
        owner: mark of the viewer who started it (see `explorer.identity`).
        created: seconds since 1970.
        problem: the sentence with which it last stopped before its end, or nothing.
    """

    model: ModelConfig
    train: TrainConfig
    owner: str
    created: float
    problem: str = ""

    def write(self, folder: Path) -> None:
        """Put it into its folder, by atomic rename.

        Raises:
            OSError: the disk is full, or the folder may not be written.
        """
        content = {
            "model": to_json(self.model),
            "train": to_json(self.train),
            "owner": self.owner,
            "created": self.created,
            "problem": self.problem,
        }
        write_atomically(folder / SPEC_FILE, json.dumps(content).encode())

    @classmethod
    def read(cls, folder: Path) -> "JobSpec":
        """What `write` wrote.

        Raises:
            ConfigError: it is absent or damaged.
        """
        path = folder / SPEC_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                model=from_json(ModelConfig, found["model"]),
                train=from_json(TrainConfig, found["train"]),
                owner=str(found["owner"]),
                created=float(found["created"]),
                problem=str(found["problem"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path}: expected a job's settings, found none that can be read; delete it.") from error
