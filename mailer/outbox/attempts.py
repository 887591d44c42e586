"""Every try over the wire: written when it has ended, or when a crash has ended it.

While a try is under way, the delivery itself says so: it is ``transmitting``, with the
number of the try and the worker. So a letter that simply goes well costs one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.states import DeliveryState
from subscribers.database import insert_into

if TYPE_CHECKING:
    from subscribers.database import Db


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
            index_elements=["delivery_id", "number"]
        )
    )
