"""Every try over the wire: written when it has ended, or when a crash has ended it.

While a try is under way, the delivery itself says so: it is ``transmitting``, with the
number of the try and the worker. So a letter that simply goes well costs one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Attempt, Delivery, DeliveryId
from mailer.outbox.states import DeliveryState
from subscribers.database import insert_in, insert_into
from subscribers.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.sql import ClauseElement

    from mailer.rendering.parcel import SmtpReply
    from subscribers.database import Db

_KEY: Final = ["delivery_id", "number"]
_LATE: Final = (
    "worker", "started_at", "finished_at", "outcome", "reply_code", "reply_text"
)  # fmt: skip
"""What a late answer says of a try that had been given up."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A try that has ended.

    Attributes:
        number: Of the delivery's tries, from 1.
        event: What it led to.
        reply: The last words about it; None if nobody said anything.
    """

    delivery_id: DeliveryId
    number: int
    started_at: datetime
    event: str
    reply: SmtpReply | None


def write(db: Db, tries: Iterable[Tried], *, worker: str, now: datetime) -> None:
    """Write *tries* of *worker* that ended at *now*."""
    rows = [
        {
            "delivery_id": one.delivery_id,
            "number": one.number,
            "worker": worker,
            "started_at": one.started_at,
            "finished_at": now,
            "outcome": one.event,
            "reply_code": one.reply.code if one.reply else None,
            "reply_text": one.reply.text if one.reply else None,
        }
        for one in tries
    ]
    if rows:
        _INSERT.many(db.connection(), rows)


def _insert(dialect: str) -> ClauseElement:
    """Return the INSERT that lets a late answer win."""
    insert = insert_in(dialect, Attempt)
    late = {name: insert.excluded[name] for name in _LATE}
    return insert.on_conflict_do_update(index_elements=_KEY, set_=late)


_INSERT: Final = Prepared(_insert, *_KEY, *_LATE)


def write_interrupted(db: Db, gone: sa.ColumnElement[bool]) -> None:
    """Write the tries that nobody can finish any more: their answers are missing.

    Args:
        gone: Whose worker is gone, as a condition on ``delivery``.
    """
    interrupted = sa.select(
        Delivery.id, Delivery.tries, Delivery.worker, Delivery.changed_at
    ).where(gone, Delivery.state == DeliveryState.TRANSMITTING)
    insert = insert_into(db, Attempt)
    columns = ["delivery_id", "number", "worker", "started_at"]
    db.execute(
        insert.from_select(columns, interrupted).on_conflict_do_nothing(
            index_elements=_KEY
        )
    )
