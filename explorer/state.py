"""Every session key and query parameter that Python uses, declared once."""

__all__ = ["MODEL_PARAMETER", "PICKED", "SEEN", "UPLOAD", "UPLOADED"]

MODEL_PARAMETER = "model"  # query parameter: name of the checkpoint; read at a session's start, kept up by the browser
PICKED = "picked_model"  # the picker's value: name of an entry
UPLOAD = "upload"  # the uploader's widget
UPLOADED = "uploaded"  # dict[str, Entry]: this viewer's own uploads, by name
SEEN = "seen_upload"  # tuple[str, list[str]]: the last upload looked at and what was wrong with it
