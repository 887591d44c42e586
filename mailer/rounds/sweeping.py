"""One round of sweeping: what is finished is closed, what had its time is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.inbound.upkeep import keep_up
from mailer.logs import LogEvent, log
from mailer.outbox import issuing

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from subscribers.database import Database


def settle(database: Database, *, zone: ZoneInfo, now: datetime) -> None:
    """Close finished editions, and forget what need not be known any more.

    Args:
        zone: Whose midnight ends a pause.
    """
    with database.transaction("close") as db:
        closed = issuing.close_finished(db, now=now)
        keep_up(db, zone=zone, now=now)
    for edition in closed:
        log(LogEvent.EDITION_CLOSED, edition=edition.id)
