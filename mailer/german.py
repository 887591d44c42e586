"""German as people read and hear it: dates, times, telephone numbers, lists.

Pure, and below every floor that words something. Two readers are served: standard
German after DIN 5008, and Leichte Sprache. A third one listens: speech programs
read "10–13 Uhr" as "ten thirteen", so "bis" is always written out, and they join
"958 111" to one number, so digits stand in pairs in Leichte Sprache.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

WEEKDAYS: Final = (
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
)
"""As ``date.weekday()`` counts: Monday is 0."""

MONTHS: Final = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
"""In the order of the calendar; ``date.month`` counts from 1."""

NO_BREAK: Final = "\u00a0"
"""A space at which a line never ends."""

_NO_END: Final = rf"(?:[a-zäöü]|{'|'.join(MONTHS)})"
"""What follows a full stop that ends no sentence: "am 3. und 17. Dezember"."""

_WAYS: Final = "Straße|Weg|Platz|Allee|Gasse|Ring|Ufer|Damm|Markt|Chaussee"
"""What a street with a name of two words ends in."""

_MAY_NEED_IT: Final = re.compile(r"[\d–]")
"""Every pattern below has a number or a dash in it; most names have neither."""

_TOGETHER: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(\b\d{{1,2}}\.) ({'|'.join(MONTHS)})\b",  # 3. Dezember
        r"(\d:\d\d) (bis \d)",
        r"(\d:\d\d\u00a0bis) (\d)",
        r"(\d) (Uhr)\b",
        # A capitalised word and its number: Dezember 2026, Straße 21, Uhr 30; but
        # not a longer number, a time, or the day that a month follows.
        rf"(\b[A-ZÄÖÜ][\w-]*) (\d{{1,4}}[a-z]?)(?![\w:]|\.\w|\.[ \u00a0]{_NO_END})",
        rf"(\b[A-ZÄÖÜ][\w-]*) ((?:{_WAYS})\u00a0\d)",  # Hohe Straße 21
        r"(\b\d{5}) ([A-ZÄÖÜ])",  # 06449 Aschersleben
        r"(\w) (– )",  # a line never begins with a dash
    )
)


def weekday(day: date) -> str:
    """Return the name of the weekday, "Donnerstag"."""
    return WEEKDAYS[day.weekday()]


def short_day(day: date) -> str:
    """Return the date without its weekday, "3. Dezember 2026" (DIN 5008)."""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def full_day(day: date) -> str:
    """Return the date with its weekday, "Donnerstag, 3. Dezember 2026"."""
    return f"{weekday(day)}, {short_day(day)}"


def instead(new: date, old: date) -> str:
    """Return "am 10. statt am 3. Dezember 2026"; both in full if the month differs."""
    is_one_month = (new.year, new.month) == (old.year, old.month)
    said = f"{new.day}." if is_one_month else short_day(new)
    return f"am {said} statt am {short_day(old)}"


def hours(start: time, end: time) -> str:
    """Return a span for a line of facts, "10:00 bis 13:00 Uhr"."""
    return f"{start:%H:%M} bis {end:%H:%M} Uhr"


def oclock(moment: time) -> str:
    """Return a time for a sentence, "10 Uhr" or "10:30 Uhr"."""
    return f"{moment:%H:%M} Uhr" if moment.minute else f"{moment.hour} Uhr"


def oclock_easy(moment: time) -> str:
    """Return a time for Leichte Sprache, "10 Uhr" or "10 Uhr 30"."""
    minutes = f" {moment.minute}" if moment.minute else ""
    return f"{moment.hour} Uhr{minutes}"


def and_list(items: Sequence[str]) -> str:
    """Return *items* as a phrase, "A, B und C"; empty for none."""
    if len(items) < 2:  # noqa: PLR2004 - one thing needs no "und"
        return "".join(items)
    return f"{', '.join(items[:-1])} und {items[-1]}"


def sentence(text: str) -> str:
    """Return *text* with a full stop at its end, if nothing ends it yet."""
    return text if not text or text.endswith((".", "!", "?", "“")) else f"{text}."


def phone_in_pairs(phone: str) -> str:
    """Return a German telephone number as Leichte Sprache writes it.

    Args:
        phone: As DIN 5008 writes it, "03473 958-111" or "+49 3473 958-111".

    Example:
        >>> phone_in_pairs("03473 958-111")
        '03473 95 81 11'
    """
    national = re.sub(r"^\s*(?:\+|00)49\s*(?:\(0\))?\s*", "0", phone).strip()
    area, _, rest = national.partition(" ")
    digits = re.sub(r"\D", "", rest)
    pairs = [digits[place : place + 2] for place in range(0, len(digits), 2)]
    return " ".join([area, *pairs])


def phone_uri(phone: str) -> str:
    """Return the address a telephone link needs, "tel:+493473958111".

    Source: RFC 3966, section 5.1.4. A number without area code, "115", stays local.
    """
    digits = re.sub(r"[^\d+]", "", phone.replace("(0)", ""))
    if digits.startswith("00"):
        return f"tel:+{digits[2:]}"
    return f"tel:+49{digits[1:]}" if digits.startswith("0") else f"tel:{digits}"


def keep_together(text: str) -> str:
    """Return *text* with no-break spaces where a line must not end."""
    if not _MAY_NEED_IT.search(text):
        return text
    for pattern in _TOGETHER:
        text = pattern.sub(rf"\1{NO_BREAK}\2", text)
    return text
