"""Days, times of day, durations, weekdays: one TOML value to one of ours."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from mailer.german import WEEKDAYS
from mailer.settings.parsers import Unfit, filled, is_instead, text

UNITS: Final = {
    "s": timedelta(seconds=1),
    "sekunde": timedelta(seconds=1),
    "sekunden": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "minuten": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "stunde": timedelta(hours=1),
    "stunden": timedelta(hours=1),
    "d": timedelta(days=1),
    "tag": timedelta(days=1),
    "tage": timedelta(days=1),
    "woche": timedelta(weeks=1),
    "wochen": timedelta(weeks=1),
}
"""How a duration may be written."""

LONGEST: Final = timedelta(days=3700)
"""Ten years: whatever is longer is a slip, and near the end of the calendar."""


def day(value: object) -> date:
    """Return a day: a TOML date, or a text in the same form."""
    if isinstance(value, datetime):
        raise Unfit("Hier wird nur ein Tag gebraucht, ohne Uhrzeit: 2026-02-01.")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise Unfit(
            f"„{value}“ ist kein Tag im Kalender. Bitte schreiben Sie Jahr-Monat-Tag, "
            "zum Beispiel 2026-02-01."
        ) from None


def maybe_day(value: object) -> date | None:
    """Return a day; None for an empty text."""
    return None if value == "" else day(value)


def days(value: object) -> tuple[date, ...]:
    """Return a list of days, sorted, each once."""
    if not isinstance(value, list):
        raise Unfit(
            f"Hier wird eine Liste von Tagen gebraucht, zum Beispiel [2026-01-29], "
            f"{is_instead(value)}."
        )
    return tuple(sorted({day(item) for item in value}))


def clock_time(value: object) -> time:
    """Return a local time of day, to the minute: "10:00"."""
    if isinstance(value, time):
        found = value
    else:
        written = text(value).removesuffix("Uhr").strip()
        match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", written, re.ASCII)
        try:
            found = time(int(match[1]), int(match[2])) if match else time.max
        except ValueError:
            found = time.max
    if found.second or found.microsecond:
        raise Unfit(f"„{value}“ ist keine Uhrzeit. Bitte schreiben Sie sie so: 10:00.")
    return found


def duration(value: object) -> timedelta:
    """Return a length of time: "7 Tage", "5 Minuten"."""
    match = re.fullmatch(
        r"(\d{1,6})\s*([a-zä-ü]+)",
        text(value).casefold() if isinstance(value, str) else "",
        re.ASCII | re.IGNORECASE,
    )
    if match is None or match[2] not in UNITS:
        raise Unfit(
            f"„{value}“ ist keine Dauer. Bitte schreiben Sie Zahl und Einheit in "
            'Anführungszeichen, zum Beispiel "7 Tage", "20 Minuten" oder "60 Sekunden".'
        )
    found = int(match[1]) * UNITS[match[2]]
    if not timedelta() < found <= LONGEST:
        raise Unfit(f"„{value}“ geht nicht; möglich ist 1 Sekunde bis 3700 Tage.")
    return found


def zone(value: object) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    name = filled(value)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, a path, an unknown name
        raise Unfit(
            f"Die Zeitzone „{name}“ gibt es nicht. Üblich ist „Europe/Berlin“."
        ) from None


def maybe_weekday(value: object) -> int | None:
    """Return the number of a weekday; None for "nie"."""
    return None if value == "nie" else weekday(value)


def weekday(value: object) -> int:
    """Return the number of a weekday given by its German name, Monday 0."""
    name = filled(value)
    for number, known in enumerate(WEEKDAYS):
        if name.casefold() in {known.casefold(), known[:2].casefold()}:
            return number
    raise Unfit(
        f"„{name}“ ist kein Wochentag; möglich sind Montag, Dienstag, Mittwoch, "
        "Donnerstag, Freitag, Samstag oder Sonntag."
    )


def nth(value: object) -> tuple[int, ...]:
    """Return which of a weekday in the month; ``rules`` says what a month has."""
    numbers = value if isinstance(value, list) else [value]
    if not numbers:
        raise Unfit("Die Liste darf nicht leer sein, zum Beispiel [1, 3].")
    found = []
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool):
            raise Unfit(
                f"Hier werden ganze Zahlen gebraucht, zum Beispiel [1, 3], "
                f"{is_instead(number)}."
            )
        if number in found:
            raise Unfit(f"Die {number} kommt doppelt vor.")
        found.append(number)
    return tuple(found)
