"""Contributions on paper: offered, accepted, shortened, declined. Nothing here tells.

The same text twice is one contribution, whoever sent it, as long as nobody has
declined it: a joint notice of two partners stands in the update once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.network.models import Contribution, ContributionFile, ContributionKind
from mailer.network.states import CONTRIBUTION, ContributionEvent, ContributionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from mailer.meetings.models import MeetingId
    from subscribers.database import Db
    from subscribers.models import MailboxId, PartnerId

_LIVE = (ContributionState.WAITING, ContributionState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody has to tell.

    Attributes:
        kind, title, text, meeting_id, participants: As in ``Contribution``.
        partner_id, mailbox_id, message_id: Where it comes from; None if unknown.
        files: Checked before.
    """

    kind: ContributionKind
    text: str
    title: str = ""
    partner_id: PartnerId | None = None
    mailbox_id: MailboxId | None = None
    meeting_id: MeetingId | None = None
    participants: int | None = None
    message_id: str | None = None
    files: Sequence[ContributionFile] = ()

    @property
    def digest(self) -> str:
        """What makes two contributions the same, whatever their spaces and capitals."""
        said = " ".join(f"{self.kind} {self.title} {self.text}".casefold().split())
        return hashlib.sha256(said.encode()).hexdigest()


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
        title=offered.title,
        text=offered.text,
        partner_id=offered.partner_id,
        mailbox_id=offered.mailbox_id,
        meeting_id=offered.meeting_id,
        participants=offered.participants,
        digest=offered.digest,
        message_id=offered.message_id,
        received_at=now,
        files=list(offered.files),
    )
    db.add(row)
    db.flush()
    return row


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
    row.text = text


def decline(row: Contribution, *, now: datetime) -> None:
    """Leave a contribution out; she may still change her mind.

    Raises:
        ForbiddenTransition: It is told, declined, or has lapsed.
    """
    _decide(row, ContributionEvent.DECLINE, now)


def _decide(row: Contribution, event: ContributionEvent, now: datetime) -> None:
    row.state = CONTRIBUTION.after(row.state, event)
    row.decided_at = now
