"""What has had its time: unanswered questions, forwarded mails, words, pauses.

Run after every reading and every sending; running it twice changes nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.inbound.forgetting import forget_forwarded
from mailer.inbound.strangers import forget_strangers
from mailer.network import forgetting
from subscribers import confirmation, subscription

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from subscribers.database import Db


def keep_up(db: Db, *, zone: ZoneInfo, now: datetime) -> None:
    """Erase what need not be known any more, and end pauses that are over.

    Args:
        zone: Whose midnight ends a pause.
    """
    confirmation.erase_expired(db, now=now)
    forget_forwarded(db)
    forget_strangers(db, now=now)
    forgetting.forget(db, now=now)
    subscription.resume_due(db, today=now.astimezone(zone).date(), now=now)
