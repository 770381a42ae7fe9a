"""How many connections may be open at once: all that the system allows, where a shell alone allows 1,024 or 256."""

__all__ = ["NEEDED", "raise_limit"]

import contextlib
import logging
import sys

# A thousand viewers: each browser keeps up to six connections to a server, its WebSocket and its events besides.
NEEDED = 1_000 * 8 + 200

_logger = logging.getLogger(__name__)


def raise_limit() -> None:
    """Raise this process's soft limit of open files to its hard one; one line in the log where that is too little."""
    if sys.platform == "win32":  # which has no such limit
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (hard, max(soft, NEEDED)):  # macOS says "unlimited", and takes no such thing
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            break
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < NEEDED:
        _logger.warning(
            "This server may have %s open files, and a thousand viewers need %s: beyond that, connections are refused. "
            "Before the start, `ulimit -n %s` in its shell, or LimitNOFILE=%s in its systemd unit.",
            soft,
            NEEDED,
            NEEDED,
            NEEDED,
        )
