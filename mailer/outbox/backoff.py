"""When to try again after "later".

Source: RFC 5321, section 4.5.4.1.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

WAITS: Final = (
    timedelta(minutes=30),  # the RFC asks for at least this long
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),  # an invitation that comes a day late is of no use
)
"""Wait before the second, third, ... try; the last one repeats."""

GIVE_UP_AFTER: Final = timedelta(days=5)
"""A letter without a meeting: "the give-up time generally needs to be at least 4-5
days". What belongs to a meeting is given up when that begins, not before."""

STRETCH: Final = 0.2
"""By how much of itself a wait may grow, so that a crowd deferred together does not
come back together."""


def wait_after(tries: int, *, draw: float) -> timedelta:
    """Return how long to wait after *tries* tries that all said "later".

    Args:
        tries: Tries made so far, at least 1.
        draw: A random number in [0, 1), drawn by the caller.

    Raises:
        ValueError: *tries* is below 1.

    Example:
        >>> wait_after(2, draw=0.0)
        datetime.timedelta(seconds=3600)
    """
    if tries < 1:
        raise ValueError(f"no wait after {tries} tries")
    steady = WAITS[min(tries, len(WAITS)) - 1]
    return steady * (1 + STRETCH * draw)
