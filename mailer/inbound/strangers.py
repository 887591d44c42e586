"""People who only wrote to us: after a month their address is forgotten.

Their mail had its answer, and the coordinator has the mail itself. What is left is a
row that keeps a second automatic answer from leaving; it loses its address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.models import Incoming
from mailer.outbox.models import Delivery
from mailer.outbox.states import OPEN
from subscribers import privacy
from subscribers.models import (
    ConfirmToken,
    ConsentRecord,
    Mailbox,
    PartnerContact,
    Subscriber,
    Subscription,
)

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

KNOWN_FOR: Final = timedelta(days=30)
"""How long somebody who wrote may expect to be recognised."""

_TIES: Final = (Subscriber, Subscription, PartnerContact, ConsentRecord, ConfirmToken)
"""Whoever stands in one of these is no stranger."""


def forget_strangers(db: Db, *, now: datetime) -> int:
    """Empty the mailbox of everybody who only wrote, long ago; returns how many.

    The coordinator is no stranger: mail is forwarded to her.
    """
    before = now - KNOWN_FOR
    lately = sa.exists().where(
        Incoming.mailbox_id == Mailbox.id, Incoming.received_at >= before
    )
    written_to = sa.exists().where(
        Delivery.mailbox_id == Mailbox.id,
        sa.or_(
            Delivery.state.in_(OPEN),
            Delivery.created_at >= before,
            Delivery.occasion.not_like("answer/%"),
        ),
    )
    ties = [sa.exists().where(table.mailbox_id == Mailbox.id) for table in _TIES]
    strangers = db.scalars(
        sa.select(Mailbox).where(
            Mailbox.canonical.is_not(None),
            Mailbox.created_at < before,
            ~lately,
            ~written_to,
            *[~tie for tie in ties],
        )
    ).all()
    for mailbox in strangers:
        privacy.empty(mailbox, now=now)
    db.flush()
    return len(strangers)
