"""Every session key and query parameter that Python uses, declared once."""

__all__ = [
    "FINISHING",
    "FORM",
    "KEY_FIELD",
    "LANGUAGE",
    "LANGUAGE_CHOSEN",
    "LANGUAGE_FIELD",
    "LANGUAGE_PARAMETER",
    "LAST_MODEL",
    "MODEL_PARAMETER",
    "PICKED",
    "PRESET",
    "REFUSED",
    "RUN_NAME",
    "SCREEN",
    "SCREEN_PARAMETER",
    "SEEN",
    "UPLOAD",
    "UPLOADED",
    "field",
]

LANGUAGE_PARAMETER = "lang"  # query parameter: read at a session's start, kept up by the browser
LANGUAGE = "language"  # one of explorer.i18n.LANGUAGES
LANGUAGE_CHOSEN = "language_chosen"  # whether it was asked for, by link or list, and not just the browser's own
LANGUAGE_FIELD = "language_field"  # the list's widget
MODEL_PARAMETER = "model"  # query parameter: name of the checkpoint; read at a session's start, kept up by the browser
LAST_MODEL = "last_model"  # name of the entry last shown: a way to another page and back keeps it
PICKED = "picked_model"  # the picker's value: name of an entry
UPLOAD = "upload"  # the uploader's widget
UPLOADED = "uploaded"  # dict[str, Entry]: this viewer's own uploads, by name
SCREEN = "lesson_screen"  # number of the lesson's screen, from 1
SCREEN_PARAMETER = "screen"  # query parameter: read at a session's start, kept up by the browser
SEEN = "seen_upload"  # tuple[str, list[str]]: the last upload looked at and what was wrong with it

PRESET = "train_preset"  # the Train form: name of the preset
RUN_NAME = "train_name"  # the Train form: name of the run
REFUSED = "train_refused"  # why the last order to start was refused
FORM = "train_form"  # dict[str, Any]: what stands in the Train form's fields, by their keys
FINISHING = "train_finishing"  # seconds that the test figures of these settings take
KEY_FIELD = "instructor_key"  # what is being typed; emptied at once


def field(name: str) -> str:
    """The Train form: the widget of a setting of ModelConfig or TrainConfig."""
    return f"train_{name}_setting"
