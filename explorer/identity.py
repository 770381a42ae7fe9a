"""Who is asking, and who may do what: a cookie tells viewers apart, the instructor's key sets some above the others.

With a key set (`EXPLORER_INSTRUCTOR_KEY`, in the environment or in Streamlit's secrets), only those who have entered it
may start, stop, keep and delete runs, and share uploads with all. Without one, each may do so with what is their own.
"""

__all__ = ["COOKIE", "admit", "is_instructor", "key_is_set", "mark", "may_control", "may_start", "new_viewer", "viewer"]

import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from explorer.settings import INSTRUCTOR_KEY

COOKIE = "explorer_viewer"

WRONG_KEY_PAUSE = 1.0  # seconds in which no further key is looked at: nobody tries a dictionary

_admitted: set[tuple[str, str]] = set()  # (mark of a viewer, digest of the key that was entered)
_attempts = threading.Lock()


def new_viewer() -> str:
    """A name for a browser that has none yet: 128 random bits."""
    return secrets.token_urlsafe(16)


def viewer(cookies: Mapping[str, str]) -> str:
    """The name that the browser's cookie carries; empty where it keeps none."""
    found = cookies.get(COOKIE, "")
    return found if re.fullmatch(r"[\w-]{16,64}", found) else ""


def mark(viewer: str) -> str:
    """What others may see of a viewer: tells whose a run is, and does not let anyone pass for them."""
    return _digest(viewer) if viewer else ""


def key_is_set() -> bool:
    """Whether this server has an instructor's key."""
    return bool(_key())


def admit(viewer: str, attempt: str) -> bool:
    """Compare a key with the server's, in constant time; a right one makes the viewer an instructor."""
    key = _key()
    with _attempts:
        if not (key and viewer and hmac.compare_digest(attempt.strip().encode(), key.encode())):
            time.sleep(WRONG_KEY_PAUSE)
            return False
    _admitted.add((mark(viewer), _digest(key)))
    return True


def is_instructor(viewer: str) -> bool:
    """Whether the viewer has entered the key that is now set."""
    key = _key()
    return bool(key and viewer) and (mark(viewer), _digest(key)) in _admitted


def may_start(viewer: str) -> bool:
    """Whether the viewer may start a run."""
    return bool(viewer) and (not key_is_set() or is_instructor(viewer))


def may_control(viewer: str, owner: str) -> bool:
    """Whether the viewer may pause, stop, keep and delete the run of `owner`, a mark."""
    return (
        is_instructor(viewer)
        if key_is_set()
        else bool(viewer) and hmac.compare_digest(mark(viewer).encode(), owner.encode())
    )


def _key() -> str:
    if found := os.environ.get(INSTRUCTOR_KEY, "").strip():
        return found
    try:
        return str(st.secrets.get(INSTRUCTOR_KEY, "")).strip()
    except StreamlitSecretNotFoundError:
        return ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
