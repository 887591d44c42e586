"""Erasure: what is left of a person is the proof and the protection.

Art. 17 DSGVO takes the data, Art. 17(3)(e) and 7(1) keep the proof of consent, and
the keyed hash on the suppression list keeps us from writing to her ever again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from subscribers import subscription
from subscribers.models import ConfirmToken, Mailbox, PartnerContact, Subscriber
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.consent import Proof
    from subscribers.database import Db


def erase(db: Db, mailbox: Mailbox, proof: Proof, *, now: datetime) -> None:
    """Erase everybody who reads *mailbox*: subscriptions end, the row is emptied.

    Deliveries go on pointing to the id, consent records stay, and a suppression
    stays in force under the fingerprint. Erasing twice changes nothing.

    Args:
        db: An open writing transaction.
        mailbox: Whose data.
        proof: How the wish reached us; kept as the proof of withdrawal.
        now: Becomes ``erased_at``.
    """
    if mailbox.erased_at is not None:
        return
    subscription.end_open(db, mailbox, tuple(Topic), proof, now=now)
    db.execute(
        sa.delete(ConfirmToken).where(
            sa.or_(
                ConfirmToken.mailbox_id == mailbox.id,
                ConfirmToken.former_mailbox_id == mailbox.id,
            )
        )
    )
    db.execute(sa.delete(Subscriber).where(Subscriber.mailbox_id == mailbox.id))
    # The basis stays: it is the proof why we wrote to a partner's mailbox.
    for row in db.scalars(
        sa.select(PartnerContact).where(PartnerContact.mailbox_id == mailbox.id)
    ):
        row.name = None
        row.role = None
        row.left_at = row.left_at or now
    empty(mailbox, now=now)
    db.flush()


def empty(mailbox: Mailbox, *, now: datetime) -> None:
    """Take from the row of *mailbox* whatever names a person; its id stays."""
    mailbox.address = None
    mailbox.canonical = None
    mailbox.fingerprint = None
    mailbox.style = LetterStyle.STANDARD
    mailbox.token_version += 1
    mailbox.erased_at = now
