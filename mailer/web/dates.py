"""Which days stand in the list of dates, and what is said about each of them.

A day is looked up by people who know the rule, or an old invitation. So days that fall
out stand in their place with the reason, and a meeting that was moved stands twice: on
its new day, and on the old one with the word where it went.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer import german
from mailer.editions.context import get_series, venue_words, when
from mailer.meetings.agenda import calendar
from mailer.meetings.calendar_day import DayState
from mailer.meetings.closures import Closures
from mailer.meetings.localtime import local_day
from mailer.meetings.models import Meeting
from mailer.meetings.slots import slot_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mailer.editions.facts import VenueWords, When
    from mailer.meetings.calendar_day import CalendarDay
    from mailer.meetings.models import MeetingId
    from mailer.settings.model import Series, Settings
    from subscribers.database import Db


class LineKind(StrEnum):
    """What is to be known about a day."""

    USUAL = "usual"
    EXTRA = "extra"
    """The rule does not name this day."""
    MOVED = "moved"
    """It was to take place on another day."""
    CHANGED = "changed"
    """The day stays; hours or place are not the usual ones."""
    AWAY = "away"
    """It takes place on another day."""
    CANCELLED = "cancelled"
    CLOSED = "closed"
    """A holiday, or a closed day of our own."""


TAKES_PLACE: Final = frozenset(
    {LineKind.USUAL, LineKind.EXTRA, LineKind.MOVED, LineKind.CHANGED}
)
"""On such a day people meet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One day of the list.

    Attributes:
        title: What the meeting is called.
        when: The day and its hours.
        venue: Where; None if the settings do not know the place any more.
        reason: Why it is not as usual, a whole sentence; may be empty.
        instead: The other day: where it went, or where it came from.
        number: Of its calendar file; None if there is no such file.
    """

    kind: LineKind
    title: str
    when: When
    venue: VenueWords | None
    reason: str = ""
    instead: When | None = None
    number: MeetingId | None = None

    @property
    def year(self) -> int:
        """The year it is in."""
        return self.when.starts_at.year

    @property
    def takes_place(self) -> bool:
        """Whether people meet on this day."""
        return self.kind in TAKES_PLACE


def coming(db: Db, settings: Settings, *, now: datetime) -> list[Line]:
    """Return the days from *now* on, as far as meetings are planned, sorted by time.

    A meeting stays in the list until it is over.
    """
    first = local_day(now, settings.series[0].zone)
    last = first + settings.policy.plan_ahead
    closures = Closures(settings.state, settings.closed)
    days = calendar(db, settings.series, closures, first=first, last=last)
    reasons = _reasons(db, days)
    found = [
        line
        for day in days
        if day.ends_at > now
        for line in _lines(settings, closures, day, reasons)
    ]
    return sorted(
        (line for line in found if line.when.ends_at > now),
        key=lambda line: (line.when.starts_at, line.title, line.kind),
    )


def _reasons(db: Db, days: Sequence[CalendarDay]) -> Mapping[MeetingId, str]:
    """Return why people changed what, without the day that it came from."""
    numbers = [day.meeting_id for day in days if day.meeting_id is not None]
    rows = db.execute(
        sa.select(Meeting.id, Meeting.reason).where(Meeting.id.in_(numbers))
    )
    return {number: reason for number, reason in rows if reason}


def _lines(
    settings: Settings,
    closures: Closures,
    day: CalendarDay,
    reasons: Mapping[MeetingId, str],
) -> Iterator[Line]:
    series = get_series(settings, day.series)
    venue = settings.venues.get(day.venue)
    known = venue_words(venue, settings.coordinator.phone) if venue else None
    said = reasons.get(day.meeting_id, "") if day.meeting_id is not None else day.reason
    reason = german.sentence(said)
    is_at = when(day, series.zone)
    kind = _kind(day, series)
    if kind is LineKind.MOVED and day.ruled_on is not None:
        was_at = when(slot_on(series, closures, day.ruled_on), series.zone)
        yield Line(LineKind.AWAY, day.title, was_at, None, reason, is_at)
        yield Line(kind, day.title, is_at, known, reason, was_at, day.meeting_id)
        return
    shown = "" if kind is LineKind.EXTRA and day.meeting_id is None else reason
    yield Line(kind, day.title, is_at, known, shown, None, day.meeting_id)


def _kind(day: CalendarDay, series: Series) -> LineKind:
    if day.state is DayState.CANCELLED:
        return LineKind.CANCELLED
    if day.state is DayState.CLOSED:
        return LineKind.CLOSED
    if day.ruled_on is None or day.on in series.added:
        return LineKind.EXTRA
    if day.ruled_on != day.on:
        return LineKind.MOVED
    hours = (day.starts_at.time(), day.ends_at.time())
    is_usual = hours == (series.start, series.end) and day.venue == series.venue
    return LineKind.USUAL if is_usual else LineKind.CHANGED
