"""Every try over the wire: written when it has ended, or when a crash has ended it.

While a try is under way, the delivery itself says so: it is ``transmitting``, with the
number of the try and the worker. So a letter that simply goes well costs one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.states import DeliveryState
from subscribers.database import insert_in, insert_into
from subscribers.prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy.sql import ClauseElement

    from subscribers.database import Db

_KEY: Final = {"delivery_id": "of_id", "number": "of_number"}
_LATE: Final = {
    "worker": "of_worker",
    "started_at": "began_at",
    "finished_at": "ended_at",
    "outcome": "of_event",
    "reply_code": "with_code",
    "reply_text": "with_text",
}
"""What a late answer says of a try that had been given up."""


def _insert(dialect: str) -> ClauseElement:
    """Return the INSERT that lets a late answer win."""
    insert = insert_in(dialect, Attempt)
    late = {name: insert.excluded[name] for name in _LATE}
    said = {**_KEY, **_LATE}
    values: dict[str, sa.BindParameter[object]] = {
        name: sa.bindparam(word) for name, word in said.items()
    }
    return insert.values(values).on_conflict_do_update(
        index_elements=list(_KEY), set_=late
    )


WRITE: Final = Prepared(_insert)
"""Writes tries that have ended, from the same values as their deliveries."""


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
            index_elements=list(_KEY)
        )
    )
