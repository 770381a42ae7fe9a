"""Every session key and query parameter that Python uses, declared once."""

__all__ = [
    "COLOUR_FIELD",
    "FINISHING_SECONDS",
    "FORM_VALUES",
    "INSTRUCTOR_KEY_FIELD",
    "LANGUAGE",
    "LANGUAGE_CHOSEN",
    "LANGUAGE_FIELD",
    "LANGUAGE_PARAMETER",
    "LAST_MODEL",
    "LAST_UPLOAD",
    "MODEL_FIELD",
    "MODEL_PARAMETER",
    "MODEL_TITLES",
    "NAMELESS_VIEWER",
    "OFFERED_NAME",
    "PICTURES_CHOSEN",
    "PICTURES_FIELD",
    "PICTURES_READ",
    "PRESET_FIELD",
    "RUN_NAME_FIELD",
    "SCREEN",
    "SCREEN_PARAMETER",
    "SIZE_FIELD",
    "START_ERROR",
    "TEACHER_PARAMETER",
    "UPLOAD_FIELD",
    "setting_field",
]

LANGUAGE_PARAMETER = "lang"  # query parameter: read at a session's start, kept up by the browser
LANGUAGE = "language"  # one of explorer.i18n.LANGUAGES
LANGUAGE_CHOSEN = "language_chosen"  # whether it was asked for, by link or list, and not just the browser's own
LANGUAGE_FIELD = "language_field"  # the list's widget
MODEL_PARAMETER = "model"  # query parameter: name of the checkpoint; read at a session's start, kept up by the browser
LAST_MODEL = "last_model"  # name of the entry last shown: a way to another page and back keeps it
MODEL_FIELD = "picked_model"  # the picker's value: name of an entry
MODEL_TITLES = "model_titles"  # dict[str, str]: what the picker called the entries when it was last drawn
NAMELESS_VIEWER = "nameless_viewer"  # whose uploads these are, where the browser keeps no cookie
UPLOAD_FIELD = "upload"  # the uploader's widget
SCREEN = "lesson_screen"  # number of the lesson's screen, from 1
SCREEN_PARAMETER = "screen"  # query parameter: read at a session's start, kept up by the browser
TEACHER_PARAMETER = "teacher"  # query parameter: 1 where the lesson is to show its notes for teachers
LAST_UPLOAD = "seen_upload"  # tuple[str, list[str]]: the last upload looked at and what was wrong with it

PRESET_FIELD = "train_preset"  # the Train form: name of the preset
RUN_NAME_FIELD = "train_name"  # the Train form: name of the run
OFFERED_NAME = "train_offered_name"  # what the form has put into that field
PICTURES_FIELD = "train_pictures"  # the uploader of people's own pictures
PICTURES_READ = "train_pictures_read"  # tuple[str, str]: the last upload looked at, and what was wrong with it
PICTURES_CHOSEN = "train_pictures_chosen"  # name of the data set just made of some, to be chosen
SIZE_FIELD = "train_picture_size"  # pixels of a side to which they are scaled
COLOUR_FIELD = "train_picture_colour"  # whether their colours are kept
START_ERROR = "train_refused"  # why the last order to start was refused
FORM_VALUES = "train_form"  # dict[str, Any]: what stands in the Train form's fields, by their keys
FINISHING_SECONDS = "train_finishing"  # seconds that the test figures of these settings take
INSTRUCTOR_KEY_FIELD = "instructor_key"  # what is being typed; emptied at once


def setting_field(name: str) -> str:
    """The Train form: the widget of a setting of ModelConfig or TrainConfig."""
    return f"train_{name}_setting"
