"""What people type for days and times, as types for Click."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, Final

import click
from typing_extensions import override

from mailer.meetings.day_text import parse_day
from mailer.network.quarters import last_day

YEARS: Final = range(2000, 2200)
"""Outside of them a year is a slip of the finger."""

CLOCK: Final = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?: ?Uhr)?", re.IGNORECASE)

HOURS: Final = 24

MINUTES: Final = 60

NUMBER: Final = re.compile(r"[0-9]{1,9}")

PERIOD: Final = re.compile(r"([0-9]{4})(?:-?Q([1-4]))?", re.IGNORECASE)


class Day(click.ParamType[date]):
    """A day: "2026-12-03", "3.12.2026", "3. Dezember 2026"."""

    name = "TAG"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        day = value if isinstance(value, date) else _day(str(value))
        return day or self.fail(_no_day(str(value)), param, ctx)


class DayOrNumber(click.ParamType[date | int]):
    """A day, or the number of a meeting as ``mia meetings list`` shows it."""

    name = "TAG|NUMMER"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | int:
        if isinstance(value, date | int):
            return value
        text = str(value).strip()
        if NUMBER.fullmatch(text):
            return int(text)
        return _day(text) or self.fail(_no_day(text), param, ctx)


class Clock(click.ParamType[time]):
    """A local time: "10:00", "10.30", "10 Uhr"."""

    name = "UHRZEIT"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> time:
        moment = value if isinstance(value, time) else _time(str(value))
        # Midnight counts as true since Python 3.5.
        return moment or self.fail(
            f"„{value}“ ist keine Uhrzeit. Bitte schreiben Sie sie so: 10:00.",
            param,
            ctx,
        )


class Period(click.ParamType[tuple[date, date]]):
    """A year or a quarter: "2026", "2026-Q4"; gives its first and its last day."""

    name = "ZEITRAUM"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        found = PERIOD.fullmatch(str(value).strip())
        year, quarter = (found[1], found[2]) if found else ("0", None)
        if int(year) not in YEARS:
            self.fail(
                f"„{value}“ ist kein Jahr und kein Quartal. Bitte schreiben Sie es "
                "so: 2026 oder 2026-Q4.",
                param,
                ctx,
            )
        if quarter is None:
            return date(int(year), 1, 1), date(int(year), 12, 31)
        first = date(int(year), 3 * int(quarter) - 2, 1)
        return first, last_day(first)


def _day(text: str) -> date | None:
    day = parse_day(text)
    return day if day is not None and day.year in YEARS else None


def _no_day(text: str) -> str:
    return (
        f"„{text}“ ist kein Tag, den es gibt. Bitte schreiben Sie ihn so: "
        "2026-12-03, 3.12.2026 oder „3. Dezember 2026“."
    )


def _time(text: str) -> time | None:
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    is_real = hour < HOURS and minute < MINUTES
    return time(hour, minute) if is_real else None
