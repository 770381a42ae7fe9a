"""Who is asking, and who may do what: a cookie tells viewers apart, the instructor's key sets some above the others.

With a key set (`EXPLORER_INSTRUCTOR_KEY`, in the environment or in Streamlit's secrets), only those who have entered it
may start, stop, keep and delete runs, and share uploads with all. Without one, each may do so with what is their own.
"""

__all__ = [
    "COOKIE",
    "OPERATOR",
    "TooManyKeysError",
    "admit",
    "is_instructor",
    "key_is_set",
    "mark",
    "may_control",
    "may_start",
    "new_viewer",
    "viewer",
]

import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from explorer.settings import INSTRUCTOR_KEY
from model.errors import UserError

COOKIE = "explorer_viewer"
OPERATOR = secrets.token_urlsafe(16)  # the viewer that is whoever runs this server, see `explorer.training.operator`

WRONG_KEY_PAUSE = 1.0  # seconds that a wrong key takes: nobody tries a dictionary
ATTEMPTS = 10  # keys that are looked at in that time from one network address, whoever sends them

_admitted: set[tuple[str, str]] = set()  # (mark of a viewer, digest of the key that was entered)
_attempts: Counter[str] = Counter()  # wrong keys by viewer and by address, while they take their time
_counting = threading.Lock()


class TooManyKeysError(UserError):
    """A key was not looked at, since too many others have just been wrong."""


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


def admit(viewer: str, address: str, attempt: str) -> bool:
    """Compare a key with the server's, in constant time; a right one makes the viewer an instructor.

    Args:
        address: of the viewer's machine, empty where it is this one. Only those at the same address, and the viewer's
            own other pages, are held up by wrong keys.

    Raises:
        TooManyKeysError: others are being tried; this one was not looked at.
    """
    key = _key()
    asking = {f"viewer {mark(viewer)}": 1, f"address {address}": ATTEMPTS}
    with _counting:
        if any(_attempts[who] >= most for who, most in asking.items()):
            raise TooManyKeysError("Too many keys are being tried from here: wait a moment, then try again.")
        if key and viewer and hmac.compare_digest(attempt.strip().encode(), key.encode()):
            _admitted.add((mark(viewer), _digest(key)))
            return True
        _attempts.update(asking.keys())
    try:
        _hold_up()
    finally:
        with _counting:
            _attempts.subtract(asking.keys())
            for who in asking:
                if not _attempts[who]:
                    del _attempts[who]
    return False


def _hold_up() -> None:
    time.sleep(WRONG_KEY_PAUSE)


def is_instructor(viewer: str) -> bool:
    """Whether the viewer has entered the key that is now set."""
    if not _admitted or not viewer:
        return False  # nobody is: the key, which may lie on a disk, is not asked for
    key = _key()
    return bool(key) and (mark(viewer), _digest(key)) in _admitted


def may_start(viewer: str) -> bool:
    """Whether the viewer may start a run."""
    return bool(viewer) and (not key_is_set() or is_instructor(viewer))


def may_control(viewer: str, owner: str) -> bool:
    """Whether the viewer may pause, stop, keep and delete the run of `owner`, a mark."""
    if hmac.compare_digest(viewer.encode(), OPERATOR.encode()):
        return True
    if key_is_set():
        return is_instructor(viewer)
    return bool(viewer) and hmac.compare_digest(mark(viewer).encode(), owner.encode())


def _key() -> str:
    if found := os.environ.get(INSTRUCTOR_KEY, "").strip():
        return found
    try:
        return str(st.secrets.get(INSTRUCTOR_KEY, "")).strip()
    except StreamlitSecretNotFoundError:
        return ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
