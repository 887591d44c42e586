"""Pure: days and hours as people type them into a mail.

"10. Dezember", "Do 10.12.", "10.12.26", "2026-12-10"; "10 bis 13 Uhr", "10:30-12 Uhr",
"ab 14 Uhr". Nobody's slip is guessed away: a weekday that does not fit its date, a day
that does not exist or has just gone by leads to a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from mailer.german import MONTHS, WEEKDAYS, short_day, weekday

NEAR_PAST: Final = timedelta(days=90)
"""A day without a year that has gone by so recently is hardly meant for next year."""

CENTURY: Final = 2000
"""What two digits of a year are counted from."""

_WEEKDAY: Final = "|".join([*(name.lower() for name in WEEKDAYS), "sonnabend"])
_MONTH: Final = "|".join(
    [*(name.lower() for name in MONTHS), "jänner", "maerz", "sept"]
    + [name.lower()[:3] for name in MONTHS]
)
_ISO: Final = r"(?P<iso>\d{4}-\d{2}-\d{2})"
_NAMED: Final = (
    rf"(?P<a>\d{{1,2}})\.?\s*(?P<name>{_MONTH})\b\.?(?:\s*(?P<long>\d{{4}})\b)?"
)
_DIGITS: Final = (
    r"(?P<b>\d{1,2})\.\s?(?P<month>1[0-2]|0?[1-9])(?!\d)"
    r"(?:\.\s?(?P<full>\d{4})\b|\.(?P<short>\d{2})(?!\d|\s*(?:uhr|bis|h\b|[-–:]\s*\d))"
    r"|\.|(?!\s*(?:uhr|bis|h\b|[-–:.]\s*\d)))"
)
_DAY: Final = re.compile(
    rf"(?<![\d.:])(?:\b(?P<weekday>{_WEEKDAY}|mo|di|mi|do|fr|sa|so)\b\.?,?\s+"
    rf"(?:de[nmr]\s+)?)?(?:{_ISO}|{_NAMED}|{_DIGITS})",
    re.IGNORECASE,
)
_HOURS: Final = re.compile(
    r"(?<![\d.:])(?:\b(?:von|um|ab)\s+)?(?P<h1>\d{1,2})(?:[:.](?P<m1>\d{2}))?"
    r"(?:\s*(?:uhr|h)\b(?:\s*(?P<late1>[0-5]\d)\b(?!\s*uhr))?)?"
    r"\s*(?:bis|[-–—])\s*(?P<h2>\d{1,2})(?:[:.](?P<m2>\d{2}))?(?:\s*(?:uhr|h)\b)?"
    r"|(?<![\d.:])(?:\b(?:um|ab)\s+)?(?P<h3>\d{1,2})(?:[:.](?P<m3>\d{2}))?"
    r"\s*(?:uhr|h)\b"
    r"|(?<![\d.:])\b(?:um|ab)\s+(?P<h4>\d{1,2})[:.](?P<m4>\d{2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a text.

    Attributes:
        start, end: Where it stands.
    """

    on: date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours in a text.

    Attributes:
        until: None if only the beginning is named.
        begin, end: Where they stand.
    """

    since: time
    until: time | None
    begin: int
    end: int


class Implausible(ValueError):
    """A day or an hour that cannot be meant; the argument is a German sentence."""


def days_in(text: str, *, today: date) -> list[Day]:
    """Return the days in *text*, in order.

    Args:
        today: Where a day without a year is counted from.

    Raises:
        Implausible: One of them cannot be meant.

    Example:
        >>> days_in("Do 10.12., 10 bis 13 Uhr", today=date(2026, 11, 25))[0].on
        datetime.date(2026, 12, 10)
    """
    return [
        Day(_day(found, today), found.start(), found.end())
        for found in _DAY.finditer(text)
    ]


def past_day(text: str, *, today: date) -> date | None:
    """Return the day that *text* is, without a year the last one; None if it is none.

    Raises:
        Implausible: It cannot be meant, or is still to come.

    Example:
        >>> past_day("3. Dezember", today=date(2027, 1, 4))
        datetime.date(2026, 12, 3)
    """
    found = _DAY.search(text)
    if found is None:
        return None
    on = _day(found, today, is_past=True)
    if on > today:
        raise Implausible(f"Der {short_day(on)} ist noch nicht gewesen.")
    return on


def day_end(text: str, start: int) -> int | None:
    """Return where a day ends that begins at *start*, whatever day; None for no day."""
    found = _DAY.match(text, start)
    return found.end() if found else None


def hours_in(text: str) -> Hours | None:
    """Return the hours in *text*, the first ones; None if there are none.

    Raises:
        Implausible: There is no such hour.

    Example:
        >>> hours_in("von 10:30 bis 12 Uhr").since
        datetime.time(10, 30)
    """
    found = _HOURS.search(text)
    if found is None:
        return None
    part = found.groupdict()
    since = _time(
        part["h1"] or part["h3"] or part["h4"],
        part["m1"] or part["late1"] or part["m3"] or part["m4"],
    )
    until = _time(part["h2"], part["m2"]) if part["h2"] else None
    return Hours(since, until, found.start(), found.end())


def _day(found: re.Match[str], today: date, *, is_past: bool = False) -> date:
    written = " ".join(found[0].split())
    part = found.groupdict()
    try:
        if part["iso"]:
            on = date.fromisoformat(part["iso"])
        else:
            number = int(part["a"] or part["b"])
            resolved = _last if is_past else _with_year
            on = resolved(number, _month(part), _year(part), today)
    except ValueError as fault:
        if isinstance(fault, Implausible):
            raise
        raise Implausible(
            f"Einen Tag „{written}“ gibt es nicht. Bitte schreiben Sie ihn noch einmal."
        ) from None
    named = part["weekday"]
    if named and not _fits(named, on):
        raise Implausible(
            f"Der {short_day(on)} ist ein {weekday(on)}; Sie haben „{written}“ "
            "geschrieben. Bitte schreiben Sie den Tag noch einmal."
        )
    return on


def _with_year(number: int, month: int, year: int | None, today: date) -> date:
    """Return a day; without a year the next one, unless it has just gone by."""
    if year is not None:
        return date(year, month, number)
    years = (today.year - 1, today.year, today.year + 1)
    found = [one for year in years if (one := _real(year, month, number))]
    coming = [one for one in found if one >= today]
    gone = [one for one in found if today - NEAR_PAST <= one < today]
    if gone:
        raise Implausible(
            f"Der {short_day(gone[0])} ist schon vorbei. Bitte nennen Sie einen Tag, "
            "der noch kommt, oder schreiben Sie das Jahr dazu."
        )
    if not coming:
        raise ValueError(number)
    return coming[0]


def _last(number: int, month: int, year: int | None, today: date) -> date:
    """Return a day; without a year the last one that is not in the future."""
    if year is not None:
        return date(year, month, number)
    found = (_real(today.year - ago, month, number) for ago in range(5))
    gone = [one for one in found if one and one <= today]
    if not gone:
        raise ValueError(number)
    return gone[0]


def _real(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _month(part: dict[str, str | None]) -> int:
    if part["month"]:
        return int(part["month"])
    name = (part["name"] or "").lower()
    if name in {"jänner", "maerz"}:
        return {"jänner": 1, "maerz": 3}[name]
    return next(n for n, one in enumerate(MONTHS, 1) if one.lower()[:3] == name[:3])


def _year(part: dict[str, str | None]) -> int | None:
    if part["short"]:
        return CENTURY + int(part["short"])
    written = part["long"] or part["full"]
    return int(written) if written else None


def _fits(named: str, on: date) -> bool:
    name = "samstag" if named.lower() == "sonnabend" else named.lower()
    return WEEKDAYS[on.weekday()].lower().startswith(name)


def _time(hour: str | None, minute: str | None) -> time:
    try:
        return time(int(hour or 0), int(minute or 0))
    except ValueError:
        raise Implausible(
            f"Die Uhrzeit „{hour}:{minute or '00'}“ gibt es nicht. "
            "Bitte schreiben Sie sie so: 10 bis 13 Uhr."
        ) from None
