"""What a training job is, as its folder keeps it. Imports no torch."""

__all__ = ["MODEL_FILE", "RUNS", "SPEC_FILE", "JobSpec"]

import json
import os
from dataclasses import dataclass
from pathlib import Path

from model.config import ConfigError, ModelConfig, TrainConfig, from_json, to_json

# Absolute: a child process starts in another folder.
RUNS = Path(os.environ.get("EXPLORER_RUNS", Path(__file__).resolve().parents[2] / "runs")).resolve()

SPEC_FILE = "job.json"
MODEL_FILE = "model.safetensors"  # the checkpoint, once the run is kept


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
        folder.mkdir(parents=True, exist_ok=True)
        content = {
            "model": to_json(self.model),
            "train": to_json(self.train),
            "owner": self.owner,
            "created": self.created,
            "problem": self.problem,
        }
        part = folder / f".{SPEC_FILE}.part"
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(folder / SPEC_FILE)

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
