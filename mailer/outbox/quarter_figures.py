"""The numbers of a quarter, each by one query; their definitions stand in the docs.

``docs/figures.md`` defines every one of them in SQL; a test runs that and compares.
Nothing about reading: no opens, no clicks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mailer.editions.update_facts import Figure
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.network.kinds import ContributionKind
from mailer.network.models import Contribution
from mailer.network.states import ContributionState
from mailer.outbox import counting
from mailer.outbox.counting import Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from mailer.editions.quarter import Quarter
    from mailer.meetings.models import MeetingId
    from subscribers.database import Db

LABELS: Final = {
    "meetings": "Treffen",
    "participants": "Anwesende",
    "joined": "Angemeldet",
    "left": "Abgemeldet",
    "sent": "Gesendete Briefe",
}
"""What people call the numbers, by their names in ``QuarterFigures``."""

_TAKEN: Final = (ContributionState.ACCEPTED, ContributionState.TOLD)

FULL: Final = 100
"""Percent of the longer bar."""


@dataclass(frozen=True, slots=True)
class QuarterFigures:
    """What a quarter was like.

    Attributes:
        meetings: That were not called off.
        participants: Of these meetings; None if nobody counted at any of them.
        joined, left: Mailboxes.
        sent: Letters of editions that the mail server took.
    """

    meetings: int
    participants: int | None
    joined: int
    left: int
    sent: int


def span_of(quarter: Quarter, zone: ZoneInfo) -> Span:
    """Return *quarter* on the clocks of *zone*."""
    return Span(quarter.starts_at(zone), quarter.ends_at(zone))


def quarter_figures(db: Db, span: Span) -> QuarterFigures:
    """Return the numbers of a quarter, as far as it has come."""
    counted = participants(db, span)
    return QuarterFigures(
        meetings=counting.count(
            db,
            sa.select(Meeting.id).where(
                Meeting.state != MeetingState.CANCELLED, *span.holds(Meeting.starts_at)
            ),
        ),
        participants=sum(counted.values()) if counted else None,
        joined=counting.joined(db, span),
        left=counting.left(db, span),
        sent=counting.sent(db, span),
    )


def participants(db: Db, span: Span) -> Mapping[MeetingId, int]:
    """Return how many took part, by the latest note on each meeting that has one."""
    later = aliased(Contribution)
    is_noted = [
        (row.kind == ContributionKind.RESULT)
        & row.state.in_(_TAKEN)
        & row.participants.is_not(None)
        for row in (Contribution, later)
    ]
    comes_after = sa.tuple_(later.received_at, later.id) > sa.tuple_(
        Contribution.received_at, Contribution.id
    )
    rows = db.execute(
        sa.select(Meeting.id, Contribution.participants)
        .join(Contribution, Contribution.meeting_id == Meeting.id)
        .where(
            Meeting.state != MeetingState.CANCELLED,
            *span.holds(Meeting.starts_at),
            is_noted[0],
            ~sa.exists().where(
                later.meeting_id == Meeting.id, is_noted[1], comes_after
            ),
        )
    )
    return {meeting_id: number for meeting_id, number in rows if number is not None}


def as_told(now: QuarterFigures, before: QuarterFigures) -> tuple[Figure, ...]:
    """Return the numbers as a letter tells them, without those that are nothing."""
    found = []
    for name, label in LABELS.items():
        this, that = getattr(now, name), getattr(before, name)
        longest = max(this or 0, that or 0)
        if longest:
            bars = [round(FULL * (one or 0) / longest) for one in (this, that)]
            found.append(Figure(label, _written(this), _written(that), *bars))
    return tuple(found)


def _written(number: int | None) -> str:
    return "nicht notiert" if number is None else f"{number:,}".replace(",", ".")
