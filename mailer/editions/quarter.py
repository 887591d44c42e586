"""Pure: a quarter as an edition is about it, and the working days around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from mailer.meetings.closures import closure_on
from mailer.meetings.localtime import moment_at
from mailer.network.quarters import last_day, named, next_quarter, quarter_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mailer.meetings.closures import Closures

DAY: Final = timedelta(days=1)

SATURDAY: Final = 5
"""As ``date.weekday()`` counts; from it on nobody works."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months.

    Attributes:
        first: The first day, of January, April, July or October.
    """

    first: date

    @classmethod
    def of(cls, day: date) -> Quarter:
        """Return the quarter with *day* in it.

        Example:
            >>> Quarter.of(date(2026, 12, 3)).german
            'Oktober bis Dezember 2026'
        """
        return cls(quarter_of(day))

    @property
    def about(self) -> str:
        """As an edition names what it says something about: "quarter/2026-10-01"."""
        return f"quarter/{self.first.isoformat()}"

    @property
    def following(self) -> Quarter:
        """The next quarter."""
        return Quarter(next_quarter(self.first))

    @property
    def before(self) -> Quarter:
        """The quarter before this one."""
        return Quarter.of(self.first - DAY)

    @property
    def last(self) -> date:
        """The last day."""
        return last_day(self.first)

    @property
    def german(self) -> str:
        """For people, "Oktober bis Dezember 2026"."""
        return named(self.first)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the first midnight, in UTC."""
        return moment_at(self.first, time(), zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """Return the midnight after the last day, in UTC; it does not belong to it."""
        return self.following.starts_at(zone)


def is_working_day(day: date, closures: Closures) -> bool:
    """Tell whether offices work on *day*: no weekend, no public holiday.

    Our own closed days do not count: a summer without meetings has working days.
    """
    closure = closure_on(day, closures)
    is_holiday = closure is not None and closure.is_holiday
    return day.weekday() < SATURDAY and not is_holiday


def working_day_from(day: date, closures: Closures) -> date:
    """Return *day*, or the first working day after it."""
    while not is_working_day(day, closures):
        day += DAY
    return day


def working_day_until(day: date, closures: Closures) -> date:
    """Return *day*, or the last working day before it."""
    while not is_working_day(day, closures):
        day -= DAY
    return day


def working_days_before(day: date, number: int, closures: Closures) -> date:
    """Return the working day that is *number* of them before *day*."""
    for _ in range(number):
        day = working_day_until(day - DAY, closures)
    return day
