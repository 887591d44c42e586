"""Somebody has left a partner: the coordinator is asked, and so is who follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.coordination import delegates
from mailer.coordination.office import Office
from mailer.inbound import asking
from mailer.inbound.contributions import speaker
from mailer.inbound.departing import departure
from mailer.inbound.forwarding import MAX_ENCLOSED_BYTES
from mailer.inbound.own_text import own_text
from subscribers.consent import Proof
from subscribers.models import ConsentChannel, PartnerContact

if TYPE_CHECKING:
    from mailer.inbound.desk import Case, Desk
    from subscribers.database import Db


def tell(db: Db, desk: Desk, case: Case) -> bool:
    """Ask the coordinator about somebody who seems to have left a partner.

    Only a mail from a partner's mailbox counts, whether a person or a machine wrote it.

    Returns:
        False if it says nothing of the kind, or she was asked before.
    """
    speaks, message = speaker(db, case.sender), case.message
    if speaks is None or message is None or case.sender is None:
        return False
    told = departure(
        own_text(message.text).text,
        sender=case.sender.canonical,
        ours=desk.own_addresses,
    )
    if told is None:
        return False
    case.incoming.mailbox_id = speaks.mailbox_id
    fits = len(case.content) <= MAX_ENCLOSED_BYTES
    return delegates.show(
        db,
        Office(desk.press, desk.keys),
        speaks,
        following=told.following,
        enclosed=case.content if fits else None,
        now=case.now,
    )


def ask_who_follows(db: Db, desk: Desk, case: Case) -> None:
    """Ask everybody whom the coordinator named in this mail to speak for a partner."""
    named = sa.select(PartnerContact).where(PartnerContact.since_at == case.now)
    for one in db.scalars(named.order_by(PartnerContact.id)).all():
        proof = Proof(
            channel=ConsentChannel.OPERATOR,
            happened_at=case.now,
            evidence=one.basis,
        )
        asking.ask_delegate(db, desk, one, proof, now=case.now)
