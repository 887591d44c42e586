"""Contributions on paper: offered, accepted, shortened, declined. Nothing here tells.

The same text twice is one contribution, whoever sent it, as long as nobody has
declined it: a joint notice of two partners stands in the update once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.errors import PlanRefused
from mailer.meetings.localtime import moment_at
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.network.models import Contribution, ContributionFile
from mailer.network.offers import cleaned
from mailer.network.states import CONTRIBUTION, ContributionEvent, ContributionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mailer.meetings.models import MeetingId
    from mailer.network.files import Checked
    from mailer.network.kinds import ContributionKind
    from subscribers.database import Db
    from subscribers.models import MailboxId, PartnerId

_LIVE = (ContributionState.WAITING, ContributionState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody has to tell.

    Attributes:
        kind, title, text, meeting_id, participants: As in ``Contribution``.
        partner_id, mailbox_id, message_id: Where it comes from; None if unknown.
        files: Checked before; a picture among them shows *description*.
        description: Empty if nobody said what it shows.
    """

    kind: ContributionKind
    text: str
    title: str = ""
    partner_id: PartnerId | None = None
    mailbox_id: MailboxId | None = None
    meeting_id: MeetingId | None = None
    participants: int | None = None
    message_id: str | None = None
    files: Sequence[Checked] = ()
    description: str = ""

    @property
    def digest(self) -> str:
        """What makes two contributions the same, whatever their spaces and capitals."""
        said = " ".join(f"{self.kind} {self.title} {self.text}".casefold().split())
        return hashlib.sha256(said.encode()).hexdigest()


def get(db: Db, contribution_id: int) -> Contribution:
    """Return the contribution with this number.

    Raises:
        PlanRefused: There is none.
    """
    row = db.get(Contribution, contribution_id)
    if row is None:
        raise PlanRefused(
            f"Eine Meldung mit der Nummer {contribution_id} gibt es nicht. "
            "Alle Nummern zeigt „mia news list“."
        )
    return row


def find_same(db: Db, offered: Offered, quarter: date) -> Contribution | None:
    """Return the contribution that says what *offered* says; None if it is new."""
    return db.scalars(
        sa.select(Contribution)
        .where(
            Contribution.digest == offered.digest,
            sa.or_(
                Contribution.state.in_(_LIVE),
                sa.and_(
                    Contribution.quarter == quarter,
                    Contribution.state == ContributionState.TOLD,
                ),
            ),
        )
        .limit(1)
    ).first()


def enter(
    db: Db, offered: Offered, quarter: date, *, now: datetime
) -> Contribution | None:
    """Write down *offered* for *quarter*; None if it is known already."""
    if find_same(db, offered, quarter) is not None:
        return None
    row = Contribution(
        kind=offered.kind,
        state=CONTRIBUTION.start,
        quarter=quarter,
        title=cleaned(offered.title),
        text=cleaned(offered.text),
        partner_id=offered.partner_id,
        mailbox_id=offered.mailbox_id,
        meeting_id=offered.meeting_id,
        participants=offered.participants,
        digest=offered.digest,
        message_id=offered.message_id,
        received_at=now,
        files=[_file(one, offered.description) for one in offered.files],
    )
    db.add(row)
    db.flush()
    return row


def describe(row: Contribution, description: str) -> bool:
    """Say what the picture of a contribution shows; False if it has none."""
    pictures = [one for one in row.files if one.is_picture]
    for one in pictures:
        one.description = description
    return bool(pictures)


def accept(row: Contribution, *, now: datetime) -> None:
    """Take a contribution as it is.

    Raises:
        ForbiddenTransition: It is told, or has lapsed.
    """
    _decide(row, ContributionEvent.ACCEPT, now)


def shorten(row: Contribution, text: str, *, now: datetime) -> None:
    """Take a contribution in the coordinator's words.

    Raises:
        ForbiddenTransition: It is told, or has lapsed.
    """
    _decide(row, ContributionEvent.SHORTEN, now)
    row.text = cleaned(text)


def decline(row: Contribution, *, now: datetime) -> None:
    """Leave a contribution out; she may still change her mind.

    Raises:
        ForbiddenTransition: It is told, declined, or has lapsed.
    """
    _decide(row, ContributionEvent.DECLINE, now)


def meeting_of_result(
    db: Db, day: date | None, *, zone: ZoneInfo, now: datetime
) -> Meeting | None:
    """Return the meeting on *day*, else the last that has begun; None if none did.

    Args:
        day: As somebody named it; None if nobody did.
        zone: Whose day that is.
    """
    begun = (
        sa.select(Meeting)
        .where(Meeting.state != MeetingState.CANCELLED, Meeting.starts_at <= now)
        .order_by(Meeting.starts_at.desc(), Meeting.id)
    )
    if day is None:
        return db.scalars(begun.limit(1)).first()
    begins = moment_at(day, time(), zone)
    ends = moment_at(day + timedelta(days=1), time(), zone)
    on_it = begun.where(Meeting.starts_at >= begins, Meeting.starts_at < ends)
    return db.scalars(on_it.limit(1)).first()


def _decide(row: Contribution, event: ContributionEvent, now: datetime) -> None:
    row.state = CONTRIBUTION.after(row.state, event)
    row.decided_at = now


def _file(one: Checked, description: str) -> ContributionFile:
    row = ContributionFile(
        name=one.name,
        media_type=one.media_type,
        content=one.content,
        size=len(one.content),
    )
    row.description = description if row.is_picture else ""
    return row
