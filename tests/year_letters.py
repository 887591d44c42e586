"""Letters of the year for tests: reminders, changes, and days without a meeting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mailer.editions import context
from mailer.editions.facts import Facts
from mailer.editions.kinds import KINDS, EditionKind
from mailer.meetings.closures import Closure
from mailer.meetings.states import MeetingState
from mailer.rendering import letter, typesetting
from mailer.rendering.calendar_file import with_calendar
from mailer.rendering.environment import open_environment
from mailer.settings.model import Venue
from subscribers.topics import LetterStyle
from tests.letters import (
    LATER,
    MEANS,
    a_reader,
    december,
    meeting_row,
    settings_for,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.editions.facts import DayOffFacts
    from mailer.rendering.letter import Letter
    from mailer.settings.model import Settings

HALL: Final = Venue(
    key="rathaus",
    room="Ratssaal",
    room_easy="Rats-Saal",
    street="Markt 1",
    postcode="06449",
    city="Aschersleben",
    in_sentence="im Ratssaal am Markt 1",
)
"""Another place than the usual one."""

USUAL: Final = datetime(2026, 12, 3, 9, tzinfo=UTC)
WEEK_LATER: Final = USUAL + timedelta(days=7)
AFTERNOON: Final = USUAL + timedelta(hours=4)
EARLY_END: Final = USUAL + timedelta(hours=2)
ISSUED_AT: Final = datetime(2026, 12, 2, 9, tzinfo=UTC)
REASON: Final = "Der Raum ist an diesem Tag belegt"


class Case(NamedTuple):
    """One letter that is looked at.

    Attributes:
        kind: Of the edition.
        meeting: What is not as in ``december()``: columns of the row.
        before: What is not as in ``december()`` in what readers know; None if they
            know nothing else.
        known: Further keywords of ``context.facts``.
    """

    kind: EditionKind
    meeting: Mapping[str, Any] = MappingProxyType({})
    before: Mapping[str, Any] | None = None
    known: Mapping[str, Any] = MappingProxyType({})


_OFF: Final = {"state": MeetingState.CANCELLED, "reason": REASON, "sequence": 1}
_MOVED: Final = {"reason": REASON, "sequence": 1}
_AGAIN: Final = {"sequence": 2}

CASES: Final = {
    "reminder": Case(EditionKind.REMINDER, known={"now": ISSUED_AT}),
    "reminder-early": Case(EditionKind.REMINDER),
    "cancellation": Case(EditionKind.CANCELLATION, _OFF),
    "cancellation-untold": Case(
        EditionKind.CANCELLATION, _OFF, {}, {"has_calendar": False}
    ),
    "cancellation-last": Case(EditionKind.CANCELLATION, _OFF, known={"later": ()}),
    "update": Case(EditionKind.UPDATE, _MOVED | {"starts_at": WEEK_LATER}, {}),
    "update-begin": Case(EditionKind.UPDATE, _MOVED | {"starts_at": AFTERNOON}, {}),
    "update-end": Case(EditionKind.UPDATE, _MOVED | {"ends_at": EARLY_END}, {}),
    "update-place": Case(EditionKind.UPDATE, _MOVED | {"venue": HALL.key}, {}),
    "update-all": Case(
        EditionKind.UPDATE, _MOVED | {"starts_at": WEEK_LATER, "venue": HALL.key}, {}
    ),
    "reinstatement": Case(EditionKind.REINSTATEMENT, _AGAIN, {}),
    "reinstatement-day": Case(
        EditionKind.REINSTATEMENT, _AGAIN | {"starts_at": WEEK_LATER}, {}
    ),
    "reinstatement-begin": Case(
        EditionKind.REINSTATEMENT, _AGAIN | {"starts_at": AFTERNOON}, {}
    ),
    "reinstatement-place": Case(
        EditionKind.REINSTATEMENT, _AGAIN | {"venue": HALL.key}, {}
    ),
    "invitation-moved": Case(
        EditionKind.INVITATION, _MOVED | {"starts_at": WEEK_LATER}, {}
    ),
    "invitation-elsewhere": Case(
        EditionKind.INVITATION,
        _MOVED | {"starts_at": AFTERNOON, "venue": HALL.key},
        {},
    ),
}
"""Every letter about a meeting that is worth a look, by name."""

CLOSURES: Final = {
    "holiday": Closure(date(2027, 5, 6), "Christi Himmelfahrt", is_holiday=True),
    "closed-day": Closure(date(2027, 5, 6), "Betriebsferien", is_holiday=False),
}
"""Days without a meeting, by the name of their letter."""

AFTER_THE_DAY: Final = (
    datetime(2027, 5, 20, 8, tzinfo=UTC),
    datetime(2027, 6, 3, 8, tzinfo=UTC),
    datetime(2027, 6, 17, 8, tzinfo=UTC),
)
"""The three meetings after 6 May 2027, in summer time."""

NAMES: Final = (*CASES, *CLOSURES)

_ENVIRONMENT: Final = open_environment(None)

FIRST: Final = ("reminder", "holiday", "cancellation", "update", "reinstatement")
"""The plainest letter of each kind."""


def two_places(means: str = "both") -> Settings:
    """Return the example's settings with a second venue."""
    settings = settings_for(means)
    return replace(settings, venues={**settings.venues, HALL.key: HALL})


def year_facts(name: str, means: str = "both", **changes: Any) -> Facts | DayOffFacts:
    """Return what the letter called *name* may mention; *changes* are keywords."""
    settings = two_places(means)
    if name in CLOSURES:
        after = [meeting_row(starts_at) for starts_at in AFTER_THE_DAY]
        return context.day_off_facts(
            settings, settings.series[0], CLOSURES[name], **{"later": after} | changes
        )
    case = CASES[name]
    meeting = meeting_row(**{"starts_at": USUAL, **case.meeting})
    keywords: dict[str, Any] = {
        "later": [meeting_row(one) for one in LATER],
        "before": None if case.before is None else december(**case.before),
        **case.known,
    }
    return context.facts(settings, meeting, **keywords | changes)


def kind_of(name: str) -> EditionKind:
    """Return which kind of edition the letter called *name* is."""
    return EditionKind.HOLIDAY if name in CLOSURES else CASES[name].kind


def rendered(
    name: str, style: LetterStyle, known: Facts | DayOffFacts, means: str = "both"
) -> Letter:
    """Return the letter called *name* as one reader gets it, made from *known*."""
    folder = KINDS[kind_of(name)].folder
    open_letter = typesetting.render(_ENVIRONMENT, known, style, folder)
    return letter.fill(open_letter, a_reader(style, base_url=MEANS[means][1]))


@cache
def year_letter(
    name: str, style: LetterStyle = LetterStyle.STANDARD, means: str = "both"
) -> Letter:
    """Return the letter called *name* as one reader gets it."""
    return rendered(name, style, year_facts(name, means), means)


def calendar_of(
    name: str, style: LetterStyle = LetterStyle.STANDARD, **changes: Any
) -> Letter:
    """Return the letter called *name* with its calendar file, if it has one."""
    known = year_facts(name, **changes)
    assert isinstance(known, Facts)
    method = KINDS[kind_of(name)].method
    plain = rendered(name, style, known)
    return with_calendar(plain, known, style, method=method, stamped_at=ISSUED_AT)
