"""Pure: a day as somebody typed it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from mailer.german import MONTHS, WEEKDAYS

ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII)

GERMAN: Final = re.compile(
    r"(?:(?P<weekday>[a-z]+),? )?"
    r"(?P<day>[0-9]{1,2})\. ?(?:(?P<month>[0-9]{1,2})\.|(?P<name>[a-zä]+)) ?"
    r"(?P<year>[0-9]{4})"
)
"""In lower case: "3.12.2026", "3. dezember 2026", "donnerstag, 3. dezember 2026"."""

MONTH_NUMBERS: Final = {name.lower(): n for n, name in enumerate(MONTHS, start=1)}


def parse_day(text: str) -> date | None:
    """Return the day that *text* writes; None if it writes none.

    Known are "2026-12-03", "3.12.2026" and "3. Dezember 2026", the last two also with
    the weekday in front. A weekday that does not fit the date is no day: one of the
    two is a slip, and nobody knows which.

    Example:
        >>> parse_day("Donnerstag, 3. Dezember 2026")
        datetime.date(2026, 12, 3)
    """
    given = " ".join(text.split()).lower()
    found = ISO.fullmatch(given) or GERMAN.fullmatch(given)
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts["month"] or 0) or MONTH_NUMBERS.get(parts.get("name") or "", 0)
    try:
        day = date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:
        return None
    weekday = parts.get("weekday")
    fits = weekday is None or weekday == WEEKDAYS[day.weekday()].lower()
    return day if fits else None
