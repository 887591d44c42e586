"""Who was heard of: by a mail from one of a partner's mailboxes, or a contribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.inbound.kinds import Kind
from mailer.inbound.models import Incoming
from mailer.network.models import Contribution
from subscribers.models import PartnerContact

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db
    from subscribers.models import PartnerId

_BY_PEOPLE: Final = (Kind.HUMAN, Kind.COMMAND, Kind.INSTRUCTION)
"""An absence note, or a letter that came back, is no sign of life."""


def heard_since(db: Db, since: datetime) -> frozenset[PartnerId]:
    """Return which partners have written, or contributed, since a moment."""
    wrote = (
        sa.select(PartnerContact.partner_id)
        .join(Incoming, Incoming.mailbox_id == PartnerContact.mailbox_id)
        .where(Incoming.received_at >= since, Incoming.kind.in_(_BY_PEOPLE))
    )
    contributed = sa.select(Contribution.partner_id).where(
        Contribution.received_at >= since, Contribution.partner_id.is_not(None)
    )
    return frozenset(
        one for one in db.scalars(sa.union(wrote, contributed)) if one is not None
    )
