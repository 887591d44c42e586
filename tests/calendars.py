"""Calendars for tests: a series, and an independent computation of its days."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar

from mailer.meetings.closures import Closures
from mailer.meetings.icalendar import CalendarEntry, CalendarHead
from mailer.settings.model import Series

if TYPE_CHECKING:
    from collections.abc import Mapping

BERLIN: Final = ZoneInfo("Europe/Berlin")

CLOSURES: Final = Closures("ST")

FOUNDING: Final = date(2026, 1, 29)
"""A fifth Thursday: an added day, no rule makes it."""

STANDARD: Final = Series(
    key="miteinander-reden",
    title="Miteinander reden",
    weekday=3,
    nth=(1, 3),
    start=time(10),
    end=time(13),
    zone=BERLIN,
    first_on=date(2026, 2, 1),
    venue="hohe-strasse",
    about="Wir reden miteinander.",
    about_easy=(),
    audience="für alle Interessierten",
    added=(FOUNDING,),
)


def a_series(**fields: Any) -> Series:
    """Return the series of the example network; every field overridable."""
    return replace(STANDARD, **fields)


def an_entry(**fields: Any) -> CalendarEntry:
    """Return the meeting of 3 December 2026 as a calendar needs it."""
    entry = CalendarEntry(
        uid="0b0f6d3e-6f6c-4d0e-9d53-0d3f2f9a7c11",
        sequence=0,
        starts_at=datetime(2026, 12, 3, 9, tzinfo=UTC),
        ends_at=datetime(2026, 12, 3, 12, tzinfo=UTC),
        zone=BERLIN,
        title="Miteinander reden",
        location="Konferenzraum, Hohe Straße 21, 06449 Aschersleben",
        description="Anmeldung: nicht notwendig\nTelefon: 03473 958-111",
    )
    return replace(entry, **fields)


def a_head(**fields: Any) -> CalendarHead:
    """Return the head of an invitation's calendar file."""
    head = CalendarHead(
        method="PUBLISH",
        organiser_name="Kathrin Sommer",
        organiser_address="k_sommer@aschersleben.example",
        stamped_at=datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
    )
    return replace(head, **fields)


def read_calendar(raw: bytes) -> tuple[Any, list[Any]]:
    """Return a calendar file and its events as icalendar reads them."""
    calendar = Calendar.from_ical(raw)
    return calendar, calendar.walk("VEVENT")


# --- the oracle: nothing below uses the program or a library of holidays ------------


def easter(year: int) -> date:
    """Return Easter Sunday (the anonymous Gregorian algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def saxony_anhalt(year: int) -> Mapping[date, str]:
    """Return the public holidays of Saxony-Anhalt (§ 2 of its law on holidays)."""
    fixed = {
        (1, 1): "Neujahr",
        (1, 6): "Heilige Drei Könige",
        (5, 1): "Erster Mai",
        (10, 3): "Tag der Deutschen Einheit",
        (10, 31): "Reformationstag",
        (12, 25): "Erster Weihnachtstag",
        (12, 26): "Zweiter Weihnachtstag",
    }
    after_easter = {
        -2: "Karfreitag",
        1: "Ostermontag",
        39: "Christi Himmelfahrt",
        50: "Pfingstmontag",
    }
    moving = {
        easter(year) + timedelta(days=days): name for days, name in after_easter.items()
    }
    return {date(year, *on): name for on, name in fixed.items()} | moving


def thursdays(year: int) -> list[date]:
    """Return every first and third Thursday of one year, by looking at each day."""
    every = [
        date(year, month, day)
        for month in range(1, 13)
        for day in range(1, monthrange(year, month)[1] + 1)
    ]
    # The first one lies on day 1 to 7, the third on day 15 to 21.
    return [
        day
        for day in every
        if day.isoweekday() == 4 and (day.day <= 7 or 15 <= day.day <= 21)
    ]
