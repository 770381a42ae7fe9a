"""Where things lie, what files are called, and what the environment may set. Imports nothing of the app's."""

__all__ = [
    "CHECKPOINTS",
    "FRONTEND",
    "INSTRUCTOR_KEY",
    "LESSON_DATA",
    "LESSON_GLOSSARY",
    "LESSON_NOTES",
    "LESSON_QUIZ",
    "LESSON_TEXT",
    "LOCALES",
    "LOG_FILE",
    "MAX_MEMORY",
    "MODEL_FILE",
    "ROOT",
    "RUNS",
    "SHIPPED",
    "SPEC_FILE",
    "SUFFIX",
    "max_runs",
]

import os
import re
from pathlib import Path

from model.files import shipped

ROOT = Path(__file__).resolve().parents[1]  # of the packages
SHIPPED = shipped("explorer")  # where what is no code lies
CHECKPOINTS = SHIPPED / "checkpoints"
FRONTEND = ROOT / "explorer" / "frontend"
LOCALES = ROOT / "explorer" / "locales"
LESSON_QUIZ = ROOT / "explorer" / "lesson" / "quiz"
LESSON_TEXT = ROOT / "explorer" / "lesson" / "text"
LESSON_GLOSSARY = ROOT / "explorer" / "lesson" / "glossary"
LESSON_NOTES = ROOT / "explorer" / "lesson" / "notes"  # for teachers
LESSON_DATA = ROOT / "explorer" / "lesson" / "data"  # made by `python -m model lesson`
# Absolute: a child process starts in another folder. No run is kept among installed packages.
RUNS = Path(os.environ.get("EXPLORER_RUNS", ROOT / "runs" if SHIPPED == ROOT else "runs")).resolve()

SUFFIX = ".safetensors"
# Of a run's folder, beside model.format.STATE_FILE
SPEC_FILE = "job.json"  # what was asked for; called so by the first version, whose folders are still there
MODEL_FILE = "model.safetensors"  # the checkpoint, once the run is kept
LOG_FILE = "log.txt"  # what its processes printed

MAX_MEMORY = "EXPLORER_MAX_MEMORY"  # of the environment: GB that all runs may take together
INSTRUCTOR_KEY = "EXPLORER_INSTRUCTOR_KEY"  # of the environment, or of Streamlit's secrets; no child needs it


def max_runs() -> int:
    """How many runs train at once: `EXPLORER_MAX_JOBS`, 1 where it is not a whole number from 1 on."""
    found = os.environ.get("EXPLORER_MAX_JOBS", "1")
    return int(found) if re.fullmatch(r"[1-9]\d{0,2}", found) else 1
