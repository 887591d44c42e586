"""Who has read an easy text: nothing is called "geprüft" unless people did it.

Leichte Sprache needs readers with learning difficulties; no program replaces them.
The second line of every easy template says who read it, when, and which version:

    {# reviewed_by="" reviewed_on="" version="1" #}

Empty means: nobody yet, and the letter says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from mailer import german

_LINE: Final = re.compile(
    r'\{#-?\s*reviewed_by="(?P<by>[^"]*)"\s+'
    r'reviewed_on="(?P<on>\d{4}-\d{2}-\d{2}|)"\s+'
    r'version="(?P<version>[^"]*)"\s*-?#\}'
)

NOT_REVIEWED: Final = "Eine Prüf-Gruppe hat diesen Text noch nicht geprüft."
NEW_SENTENCES: Final = "Die Sätze nur für dieses Treffen sind noch nicht geprüft."


@dataclass(frozen=True, slots=True)
class Review:
    """What a template says about its readers.

    Attributes:
        by: Who read it, "die Prüf-Gruppe der Lebenshilfe"; empty for nobody.
        on: When; None if not yet.
        version: Which version of the text they read.
    """

    by: str = ""
    on: date | None = None
    version: str = ""


def parse(source: str) -> Review:
    """Return what the source of an easy template says about its readers.

    A template without the line, or with a day that does not exist, is unread.
    """
    found = _LINE.search(source)
    if found is None:
        return Review()
    try:
        on = date.fromisoformat(found["on"]) if found["on"] else None
    except ValueError:
        on = None
    return Review(found["by"].strip(), on, found["version"])


def notice(review: Review, *, new_sentences: bool) -> tuple[str, ...]:
    """Return the lines that say who has read a text, in Leichte Sprache.

    Args:
        review: What the template says.
        new_sentences: The letter also has sentences that nobody read before.
    """
    if not review.by or review.on is None:
        return (NOT_REVIEWED,)
    lines = (
        f"Diesen Text hat geprüft: {review.by}.",
        f"Das war am {german.short_day(review.on)}.",
    )
    return (*lines, NEW_SENTENCES) if new_sentences else lines
