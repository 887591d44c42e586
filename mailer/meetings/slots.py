"""Pure: what the settings alone say about a series, day by day.

A slot is a day that the rule or the list of added days names. Whether it becomes a
meeting depends on closures, and on what people decided by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.meetings import recurrence
from mailer.meetings.closures import closure_on
from mailer.meetings.localtime import span
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from mailer.meetings.closures import Closure, Closures
    from mailer.meetings.models import Meeting
    from mailer.settings.model import Series


@dataclass(frozen=True, slots=True)
class Slot:
    """One day on which the settings want a meeting, unless it is closed.

    Attributes:
        on: The local day.
        starts_at: In UTC.
        ends_at: In UTC.
        closure: Why nothing takes place after all; None if it does.
    """

    on: date
    starts_at: datetime
    ends_at: datetime
    venue: str
    title: str
    closure: Closure | None


def slots(
    series: Series, closures: Closures, first: date, last: date
) -> Iterator[Slot]:
    """Yield the slots of *series* from *first* to *last*, both included, in order.

    Added days obey closures as the rule does, but not ``first_on``: a series may
    have an irregular first day. A meeting on a closed day is added by hand.
    """
    ruled = recurrence.days(
        series.nth, series.weekday, max(first, series.first_on), last
    )
    added = (day for day in series.added if first <= day <= last)
    for day in sorted({*ruled, *added}):
        yield slot_on(series, closures, day)


def slot_on(series: Series, closures: Closures, day: date) -> Slot:
    """Return what a meeting of *series* on *day* would be."""
    starts_at, ends_at = span(day, series.start, series.end, series.zone)
    closure = closure_on(day, closures)
    return Slot(day, starts_at, ends_at, series.venue, series.title, closure)


def without_rows(found: Iterable[Slot], rows: Sequence[Meeting]) -> list[Slot]:
    """Return the slots for which no row stands.

    A row stands for a slot if it was made for that day, wherever it is now, or if
    somebody put another meeting at the same time by hand.
    """
    made = {row.ruled_on for row in rows}
    planned = [row for row in rows if row.state is MeetingState.PLANNED]
    return [
        slot
        for slot in found
        if slot.on not in made
        and not any(
            row.starts_at < slot.ends_at and slot.starts_at < row.ends_at
            for row in planned
        )
    ]
