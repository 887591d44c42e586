"""Pure: a wish for a pause with its last day, "Pause bis zum 1. März 2027".

Only a text that says nothing else counts. A wish in other words, or without a year,
is for the coordinator: nobody must miss an invitation by a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.inbound.frame import unframed
from mailer.meetings.day_text import parse_day

if TYPE_CHECKING:
    from datetime import date

    from mailer.inbound.table import Table

_PAUSE: Final = re.compile(
    r"(?:bitte )?"
    r"(?:(?:ich (?:möchte|moechte|will|hätte gern|haette gern)|"
    r"mach(?:en|t)?(?: sie)?|leg(?:en|t)?(?: sie)?) )?"
    r"(?:bitte )?(?:eine )?(?:kurze )?"
    r"(?:pause|pausieren|pausieren sie)(?: bitte)?(?: machen| ein)? "
    r"bis (?:zum |einschließlich )?(?P<day>[^!?]{6,40}?)(?: bitte| danke)?[.! ]*",
    re.IGNORECASE,
)


def pause_until(own_text: str, known: Table, *, today: date) -> date | None:
    """Return the day on which letters come again; None if no pause is meant for sure.

    Args:
        own_text: What the sender wrote, without quotations.
        known: The reviewed table, for greetings and closings.
        today: A day that is not to come is no end of a pause.
    """
    said = " ".join(unframed(own_text, known).split())
    found = _PAUSE.fullmatch(said)
    day = parse_day(found["day"]) if found is not None else None
    return day if day is not None and day > today else None
