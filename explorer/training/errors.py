"""Why an order to a run is refused, or a run has stopped: see `model.errors` for how such a sentence is translated."""

__all__ = ["Forbidden", "RunError"]

from model.errors import UserError


class RunError(UserError):
    """What was asked for cannot be done; the message says why and what can."""


class Forbidden(RunError):
    """The viewer may not do this."""
