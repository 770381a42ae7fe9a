"""How many neighbours vote: twin of explorer/frontend/core/voters.js. Imports no torch."""

__all__ = ["NEIGHBOURS", "voters"]

import math

NEIGHBOURS = 15


def voters(count: int) -> int:
    """How many neighbours vote among so many points: 15, and of fewer than 196 the odd number about their root.

    All of a few would say the same everywhere.
    """
    return min(NEIGHBOURS, 2 * (math.isqrt(count) // 2) + 1)
