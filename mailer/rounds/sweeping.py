"""One round of sweeping: what is finished is closed, what had its time is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer.inbound.upkeep import keep_up
from mailer.logs import LogEvent, log
from mailer.outbox import issuing

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.editions.models import EditionId
    from subscribers.database import Database, Db


def settle(database: Database, *, zone: ZoneInfo, now: datetime) -> None:
    """Close finished editions, and forget what need not be known any more.

    Args:
        zone: Whose midnight ends a pause.
    """
    for edition_id in database.once("close", _settle, zone=zone, now=now):
        log(LogEvent.EDITION_CLOSED, edition=edition_id)


def _settle(db: Db, *, zone: ZoneInfo, now: datetime) -> list[EditionId]:
    closed = issuing.close_finished(db, now=now)
    keep_up(db, zone=zone, now=now)
    return [edition.id for edition in closed]
