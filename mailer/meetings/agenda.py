"""What takes place when: rows merged with what the settings say about other days.

Nothing here writes. A rule day without a row is as good as one with a row; a day that
falls out is shown with its reason.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.german import short_day
from mailer.meetings.calendar_day import CalendarDay, DayState
from mailer.meetings.localtime import local_day, moment_at
from mailer.meetings.models import Meeting
from mailer.meetings.slots import slots, without_rows
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from mailer.meetings.closures import Closures
    from mailer.meetings.slots import Slot
    from mailer.settings.model import Series
    from subscribers.database import Db

ADDED: Final = "zusätzlicher Termin"
"""The reason of an added day that has no other."""

DAY: Final = timedelta(days=1)


def calendar(
    db: Db,
    series_list: Iterable[Series],
    closures: Closures,
    *,
    first: date,
    last: date,
) -> list[CalendarDay]:
    """Return all days of all series from *first* to *last*, sorted by time."""
    found: list[CalendarDay] = []
    for series in series_list:
        rows = _rows(db, series, first, last)
        open_slots = without_rows(slots(series, closures, first, last), rows)
        found += [_day_of_slot(slot, series) for slot in open_slots]
        days = (_day_of_row(row, series) for row in rows)
        found += [day for day in days if first <= day.on <= last]
    return sorted(found, key=lambda day: (day.starts_at, day.series, day.state))


def next_meeting(
    db: Db, series_keys: Collection[str], *, now: datetime
) -> Meeting | None:
    """Return the next planned meeting of these series; None if no row is to come."""
    return db.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series.in_(series_keys),
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > now,
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    ).first()


def meetings_on(
    db: Db, day: date, zone: ZoneInfo, *, series_keys: Collection[str] | None = None
) -> Sequence[Meeting]:
    """Return all meetings on a local day, planned ones first, then by time.

    Args:
        db: An open transaction.
        day: The day as a calendar on the wall in *zone* shows it.
        zone: Where the day begins and ends.
        series_keys: Only meetings of these series; None means of all.
    """
    query = sa.select(Meeting).where(
        Meeting.starts_at >= moment_at(day, time.min, zone),
        Meeting.starts_at < moment_at(day + DAY, time.min, zone),
    )
    if series_keys is not None:
        query = query.where(Meeting.series.in_(series_keys))
    rows = db.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()
    return sorted(rows, key=lambda row: row.state is not MeetingState.PLANNED)


def meeting_on(
    db: Db, day: date, zone: ZoneInfo, *, series_keys: Collection[str] | None = None
) -> Meeting | None:
    """Return the meeting on a local day, a planned one if there is one."""
    return next(iter(meetings_on(db, day, zone, series_keys=series_keys)), None)


def _rows(db: Db, series: Series, first: date, last: date) -> Sequence[Meeting]:
    """Return the rows that stand, or once stood, on one of these days."""
    is_inside = sa.and_(
        Meeting.starts_at >= moment_at(first, time.min, series.zone),
        Meeting.starts_at < moment_at(last + DAY, time.min, series.zone),
    )
    return db.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series == series.key,
            sa.or_(is_inside, Meeting.ruled_on.between(first, last)),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()


def _day_of_slot(slot: Slot, series: Series) -> CalendarDay:
    added = ADDED if slot.on in series.added else ""
    return CalendarDay(
        on=slot.on,
        starts_at=slot.starts_at.astimezone(series.zone),
        ends_at=slot.ends_at.astimezone(series.zone),
        state=DayState.CLOSED if slot.closure else DayState.PLANNED,
        reason=slot.closure.reason if slot.closure else added,
        venue=slot.venue,
        title=slot.title,
        series=series.key,
        meeting_id=None,
        announced=False,
        ruled_on=slot.on,
        sequence=0,
        decided_at=None,
    )


def _day_of_row(row: Meeting, series: Series) -> CalendarDay:
    starts_at = row.starts_at.astimezone(series.zone)
    return CalendarDay(
        on=starts_at.date(),
        starts_at=starts_at,
        ends_at=row.ends_at.astimezone(series.zone),
        state=DayState(row.state.value),
        reason=_reason(row, series),
        venue=row.venue,
        title=row.title,
        series=series.key,
        meeting_id=row.id,
        announced=row.announced_at is not None,
        ruled_on=row.ruled_on,
        sequence=row.sequence,
        decided_at=row.changed_at if row.ruled_on is None or row.sequence else None,
    )


def _reason(row: Meeting, series: Series) -> str:
    """Return why this meeting is not simply one more of its series."""
    if row.state is not MeetingState.PLANNED:
        return row.reason
    is_added = row.ruled_on is None or row.ruled_on in series.added
    on = local_day(row.starts_at, series.zone)
    if row.ruled_on is None or row.ruled_on == on:
        return row.reason or ADDED * is_added
    moved = f"verlegt vom {short_day(row.ruled_on)}"
    return f"{moved}: {row.reason}" if row.reason else moved
