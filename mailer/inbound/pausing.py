"""Pure: "Pause bis 31. Januar 2027", a bare wish that stands alone in a mail.

Only these words and a day that can be read, with a greeting and a name around them.
Whatever else is written about a pause is for the coordinator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from mailer.meetings.day_text import parse_day

LONGEST: Final = timedelta(days=400)
"""Whoever wants a longer break wants to talk about it."""

_WISH: Final = re.compile(
    r"(?:bitte )?(?:eine )?pause(?: bitte)?"
    r"(?: bis (?:zum |einschließlich )?(?P<day>[^.!?]*\d[^!?]*?))?(?: bitte)?[.!]?",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"(?:guten tag|guten morgen|hallo|sehr geehrte|liebe[rs]?)\b[^.?!\d]{0,60}[,.!]?",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"(?:mfg|(?:mit )?(?:freundlichen|besten|vielen|lieben) gr[üu](?:ß|ss)en|"
    r"(?:viele|beste|liebe|freundliche) gr[üu](?:ß|ss)e|danke|vielen dank)\b"
    r"[^.?!\d]{0,40}[,.!]?",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[A-ZÄÖÜ][\w-]+\.?(?: [A-ZÄÖÜ][\w-]+){0,3}")


@dataclass(frozen=True, slots=True)
class Pause:
    """A wish for a break.

    Attributes:
        until: The day on which letters come again; None if nobody said.
    """

    until: date | None


def find_pause(own_text: str, *, today: date) -> Pause | None:
    """Return the break that somebody asks for and for nothing else; None for no break.

    Args:
        own_text: What she wrote herself, without quotations.
        today: By the town's clocks.

    Example:
        >>> find_pause("Pause bis 31. Januar 2027", today=date(2026, 11, 23))
        Pause(until=datetime.date(2027, 1, 31))
    """
    lines = [" ".join(line.split()) for line in own_text.splitlines() if line.strip()]
    if lines and _GREETING.fullmatch(lines[0]):
        lines = lines[1:]
    if not lines:
        return None
    found = _WISH.fullmatch(lines[0])
    if found is None or not all(_is_polite(line) for line in lines[1:]):
        return None
    if found["day"] is None:
        return Pause(None)
    until = parse_day(found["day"].strip())
    if until is None or not today < until <= today + LONGEST:
        return None
    return Pause(until)


def _is_polite(line: str) -> bool:
    return bool(_CLOSING.fullmatch(line) or _NAME.fullmatch(line))
