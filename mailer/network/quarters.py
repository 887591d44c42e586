"""Pure: quarters of a year, each named by its first day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from mailer.german import MONTHS

MONTHS_OF_A_QUARTER: Final = 3


def quarter_of(day: date) -> date:
    """Return the first day of the quarter in which *day* lies.

    Example:
        >>> quarter_of(date(2026, 12, 3))
        datetime.date(2026, 10, 1)
    """
    past = (day.month - 1) % MONTHS_OF_A_QUARTER
    return day.replace(month=day.month - past, day=1)


def next_quarter(quarter: date) -> date:
    """Return the first day of the quarter after the one that begins on *quarter*."""
    return quarter_of(quarter + timedelta(days=100))  # no quarter has more than 92


def last_day(quarter: date) -> date:
    """Return the last day of the quarter that begins on *quarter*."""
    return next_quarter(quarter) - timedelta(days=1)


def named(quarter: date) -> str:
    """Return what people call it.

    Example:
        >>> named(date(2026, 10, 1))
        'Oktober bis Dezember 2026'
    """
    last = last_day(quarter)
    return f"{MONTHS[quarter.month - 1]} bis {MONTHS[last.month - 1]} {last.year}"
