"""What the coordinator can tell the program, and what it makes of her words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, time


class InstructionKind(StrEnum):
    """What somebody tells the program to do."""

    RELEASE = "release"
    STOP = "stop"
    WORDS = "words"
    EASY_WORDS = "easy_words"
    VENUE = "venue"
    MOVE = "move"
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    ADD = "add"
    DEPUTY = "deputy"
    END_DEPUTY = "end_deputy"
    TAKE = "take"
    SHORTEN = "shorten"
    DECLINE = "decline"
    ATTACH = "attach"
    DETACH = "detach"
    DESCRIBE = "describe"
    DEPART = "depart"
    """Somebody speaks no more for a partner."""
    SUCCEED = "succeed"
    """Somebody else does."""
    NEWS = "news"
    RESULT = "result"
    QUESTION = "question"
    YES = "yes"
    """It releases a draft, takes a contribution, says to a question: do it."""
    NO = "no"
    STATUS = "status"
    HELP = "help"


K = InstructionKind

OF_THE_DRAFT: Final = frozenset({K.RELEASE, K.WORDS, K.EASY_WORDS, K.VENUE, K.MOVE})
"""They speak of what a draft says: given to an old one, they are not obeyed."""

READING: Final = frozenset({K.STATUS, K.HELP})
"""They change nothing."""

CONTRIBUTING: Final = frozenset({K.NEWS, K.RESULT, K.QUESTION})
"""They bring a contribution; without a seal it waits for her word like a partner's."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing the program is told to do.

    Attributes:
        written: Her own words, on one line, to be repeated to her.
        text: Markdown for the letter or a contribution, a venue, or nothing.
        title: Of a contribution; may be empty.
        participants: Of a result: how many took part, if she says so.
        day: Which meeting, if she names one.
        on: The new day of a meeting.
        start, end: Its new hours; None for those it has, or usually has.
        reason: Why, for people to read; may be empty.
        despite_closure: She knows that the day is a public holiday.
        name, role: Of somebody who speaks for a partner.
        address: Of a deputy, or of somebody who speaks for a partner.
        until: Last day of a deputy; None for no end.
    """

    kind: InstructionKind
    written: str
    text: str = ""
    title: str = ""
    participants: int | None = None
    day: date | None = None
    on: date | None = None
    start: time | None = None
    end: time | None = None
    reason: str = ""
    despite_closure: bool = False
    name: str = ""
    role: str = ""
    address: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """What could not be understood with certainty; then nothing at all is done.

    Attributes:
        reasons: German sentences: what is unclear, and what to write instead.
    """

    reasons: tuple[str, ...]
