"""A person's choice about reminders: it holds at once, also for what waits to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.outbox.models import Delivery
from mailer.outbox.moves import move
from mailer.outbox.states import DeliveryEvent
from subscribers import subscription

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db
    from subscribers.models import Mailbox

NOT_WANTED: Final = "Die Person möchte keine Erinnerungen."


def choose(db: Db, mailbox: Mailbox, *, reminds: bool, now: datetime) -> bool:
    """Note whether reminders are welcome; if not, skip those that have not left.

    Returns:
        False if nobody there gets invitations, or will get them.
    """
    if not subscription.set_reminds(db, mailbox, reminds=reminds):
        return False
    if not reminds:
        # As ``Edition.occasion`` names it.
        occasions = sa.select("edition/" + sa.cast(Edition.id, sa.String)).where(
            Edition.kind == EditionKind.REMINDER
        )
        here = (Delivery.mailbox_id == mailbox.id, Delivery.occasion.in_(occasions))
        move(db, DeliveryEvent.SKIP, *here, now=now, reason=NOT_WANTED)
    return True
