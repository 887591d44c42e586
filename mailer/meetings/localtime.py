"""Pure: from the clock on the wall to moments and back, on every day of the year.

On two nights a year the clock on the wall lies. A local time that does not exist is
read with the offset before the gap (02:30 becomes 03:30); one that exists twice means
its first occurrence. Calendars read it in the same way.

Source: RFC 5545, section 3.3.5 (form 3).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from zoneinfo import ZoneInfo


def moment_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which clocks in *zone* show *at* on *day*.

    Example:
        >>> from zoneinfo import ZoneInfo
        >>> str(moment_at(date(2026, 12, 3), time(10), ZoneInfo("Europe/Berlin")))
        '2026-12-03 09:00:00+00:00'
    """
    # Python's fold=0 is exactly the reading of RFC 5545, in gaps and in folds.
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def span(
    day: date, start: time, end: time, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Return beginning and end, in UTC, of something that lasts within one day.

    Args:
        day: The local day.
        start: Local time.
        end: Local time, later than *start*.
        zone: Where the clock hangs.

    Raises:
        ValueError: *end* is not later than *start*.
    """
    if end <= start:
        raise ValueError(f"{end} is not later than {start}")
    starts_at, ends_at = moment_at(day, start, zone), moment_at(day, end, zone)
    if ends_at <= starts_at:
        # The gap in spring swallowed the beginning only: it still lasts as long.
        nominal = datetime.combine(day, end) - datetime.combine(day, start)
        ends_at = starts_at + nominal
    return starts_at, ends_at


def before(moment: datetime, lead: timedelta, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, *lead* before *moment* on the clocks of *zone*.

    A week before 10 o'clock is 10 o'clock, also when the clocks change in between.

    Example:
        >>> from datetime import timedelta
        >>> from zoneinfo import ZoneInfo
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> meeting = datetime(2027, 4, 1, 8, tzinfo=UTC)  # 10 o'clock in summer
        >>> str(before(meeting, timedelta(days=7), berlin))  # 10 o'clock in winter
        '2027-03-25 09:00:00+00:00'
    """
    shown = moment.astimezone(zone).replace(tzinfo=None) - lead
    return moment_at(shown.date(), shown.time(), zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the date that a calendar on the wall in *zone* shows at *moment*."""
    return moment.astimezone(zone).date()
