"""Where the time comes from: one clock, always aware, always UTC.

Nothing else in the program reads the time; functions take ``now`` as an argument,
so a test can live on any day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may ask


class FixedClock:
    """A clock that stands still until it is told to move (``MIA_NOW``, tests).

    Attributes:
        moment: What ``now`` returns; aware, any zone.
    """

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        self.moment = moment

    def now(self) -> datetime:
        """Return *moment* in UTC."""
        return self.moment.astimezone(UTC)
