"""Who knows what about a meeting: the ledger remembers which letter reached whom.

A letter that a server has, or may have, has told its reader what stood in it: the
meeting under the SEQUENCE it had then. Whoever knows an older version must hear of a
change; whoever knows none must not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Delivery, DeliveryId, FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.states import OPEN, DeliveryState
from subscribers.models import Mailbox, MailboxId

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mailer.meetings.models import MeetingId
    from subscribers.database import Db

S = DeliveryState

ARRIVED: Final = (S.ACCEPTED, S.TRANSMITTING, S.UNCERTAIN)
"""States in which a server has the letter, or may have it."""


def versions_known(db: Db, meeting_id: MeetingId) -> Sequence[int]:
    """Return the versions of a meeting that are somebody's last word, oldest first."""
    last = _last_words(meeting_id).subquery()
    return db.scalars(
        sa.select(last.c.sequence).distinct().order_by(last.c.sequence)
    ).all()


def knows(meeting_id: MeetingId, sequence: int) -> sa.ColumnElement[bool]:
    """Return the condition: the last this mailbox heard of a meeting is *sequence*."""
    last = _last_words(meeting_id).subquery()
    return Mailbox.id.in_(
        sa.select(last.c.mailbox_id).where(last.c.sequence == sequence)
    )


def knows_nothing(meeting_id: MeetingId) -> sa.ColumnElement[bool]:
    """Return the condition: no letter about a meeting went, or goes, to this mailbox.

    One that was set aside before it left does not count: its reader knows nothing.
    """
    told = (
        _letters(meeting_id)
        .where(Delivery.state != S.SKIPPED)
        .with_only_columns(Delivery.mailbox_id)
    )
    return Mailbox.id.not_in(told)


def was_passed_over(meeting_id: MeetingId) -> sa.ColumnElement[bool]:
    """Return the condition: a letter about a meeting was set aside for this mailbox."""
    skipped = (
        _letters(meeting_id)
        .where(Delivery.state == S.SKIPPED)
        .with_only_columns(Delivery.mailbox_id)
    )
    return Mailbox.id.in_(skipped)


def heard_since(meeting_id: MeetingId, since: datetime) -> sa.ColumnElement[bool]:
    """Return the condition: this mailbox got a letter about a meeting after *since*."""
    lately = (
        _letters(meeting_id)
        .where(Delivery.state.in_(ARRIVED), Delivery.changed_at > since)
        .with_only_columns(Delivery.mailbox_id)
    )
    return Mailbox.id.in_(lately)


def number_reached(db: Db, occasions: Collection[str]) -> int:
    """Return how many mailboxes have, or may have, a letter of one of *occasions*."""
    reached = sa.select(sa.func.count(Delivery.mailbox_id.distinct())).where(
        Delivery.occasion.in_(occasions), Delivery.state.in_(ARRIVED)
    )
    return db.execute(reached).scalar_one()


def has_delivery(occasion: str) -> sa.ColumnElement[bool]:
    """Return the condition: *occasion* stands in the ledger for this mailbox."""
    return Mailbox.id.in_(
        sa.select(Delivery.mailbox_id).where(Delivery.occasion == occasion)
    )


def _last_words(meeting_id: MeetingId) -> sa.Select[MailboxId, int | None]:
    """Return mailbox and highest SEQUENCE of what reached it.

    A welcome is never taken back when its meeting changes, so one that still waits
    counts as if it had arrived.
    """
    arrives = sa.or_(
        Delivery.state.in_(ARRIVED),
        sa.and_(FrozenLetter.origin != LetterOrigin.EDITION, Delivery.state.in_(OPEN)),
    )
    return (
        _letters(meeting_id)
        .where(arrives)
        .with_only_columns(
            Delivery.mailbox_id,
            sa.func.max(FrozenLetter.meeting_sequence).label("sequence"),
        )
        .group_by(Delivery.mailbox_id)
    )


def _letters(meeting_id: MeetingId) -> sa.Select[DeliveryId]:
    return (
        sa.select(Delivery.id)
        .join(
            FrozenLetter,
            sa.and_(
                FrozenLetter.occasion == Delivery.occasion,
                FrozenLetter.style == Delivery.style,
            ),
        )
        .where(FrozenLetter.meeting_id == meeting_id)
    )
