"""Pure: a rule such as "first and third Thursday" becomes days.

A subset of RFC 5545, section 3.3.10: FREQ=MONTHLY with BYDAY=1TH,3TH. The rule stays
ours and never leaves as an RRULE, because real series have exceptions: holidays,
moved days and a first date that fits no rule.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

WEEK: Final = 7
"""Days."""

LAST: Final = -1
"""The *nth* that means "the last of the month"."""

MONTHS: Final = 12


def days(nth: Collection[int], weekday: int, first: date, last: date) -> Iterator[date]:
    """Yield the days of the rule from *first* to *last*, both included, in order.

    A month without a fifth such weekday has none; a day named twice ("fifth" and
    "last") comes once.

    Args:
        nth: Which of that weekday in a month: 1 to 5, or -1 for the last.
        weekday: Monday is 0.
        first: Earliest day.
        last: Latest day; before *first* there is nothing to yield.

    Raises:
        ValueError: *nth* or *weekday* names no day of any month.

    Example:
        >>> [str(day) for day in days((1, 3), 3, date(2026, 12, 1), date(2026, 12, 31))]
        ['2026-12-03', '2026-12-17']
    """
    if weekday not in range(WEEK) or not set(nth) <= {1, 2, 3, 4, 5, LAST}:
        raise ValueError(f"no day of a month: {sorted(nth)}, weekday {weekday}")
    for year, month in _months(first, last):
        same = _weekdays(year, month, weekday)
        wanted = {same[-1] if n == LAST else same[n - 1] for n in nth if n <= len(same)}
        yield from (day for day in sorted(wanted) if first <= day <= last)


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Yield every month touched by the time from *first* to *last*."""
    start = first.year * MONTHS + first.month - 1
    stop = last.year * MONTHS + last.month
    for count in range(start, stop):
        yield count // MONTHS, count % MONTHS + 1


def _weekdays(year: int, month: int, weekday: int) -> list[date]:
    """Return all days of one month that fall on *weekday*: four or five."""
    first = date(year, month, 1)
    offset = (weekday - first.weekday()) % WEEK
    # Four always fit: even a February of 28 days has each weekday four times.
    found = [first + timedelta(days=offset + WEEK * n) for n in range(4)]
    try:
        fifth = found[-1] + timedelta(days=WEEK)
    except OverflowError:  # the last month that a date can have
        return found
    return [*found, fifth] if fifth.month == month else found
