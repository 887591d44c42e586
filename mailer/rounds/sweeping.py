"""One round of sweeping: what is finished is closed, what had its time is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.inbound.upkeep import keep_up
from mailer.logs import LogEvent, log

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from subscribers.database import Database, Db


def settle(database: Database, *, zone: ZoneInfo, now: datetime) -> None:
    """Close finished editions, and forget what need not be known any more.

    Args:
        zone: Whose midnight ends a pause.
    """
    with database.transaction("close") as db:
        closed = _closed(db, now=now)
        keep_up(db, zone=zone, now=now)
    for edition in closed:
        log(LogEvent.EDITION_CLOSED, edition=edition.id)


def _closed(db: Db, *, now: datetime) -> list[Edition]:
    """Close what is finished; the press is only fetched if something may be."""
    issued = sa.select(Edition.id).where(Edition.state == EditionState.ISSUED)
    if db.scalars(issued.limit(1)).first() is None:
        return []
    from mailer.outbox import issuing  # noqa: PLC0415 - an idle tick needs no templates

    return issuing.close_finished(db, now=now)
