"""Is there something to send? The query that spares most rounds a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.outbox.models import Delivery, Lease
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db


def is_due(db: Db, *, now: datetime) -> bool:
    """Tell whether a worker would find something to do."""
    ready = sa.exists().where(
        Delivery.waiting.in_(DELIVERY.sources(DeliveryEvent.CLAIM)),
        sa.or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now),
    )
    in_doubt = sa.exists().where(Delivery.waiting == DeliveryState.UNCERTAIN)
    # Somebody works on these, or died over them: the worker finds out.
    in_hand = sa.exists(sa.select(Lease.worker))
    return db.execute(sa.select(sa.or_(ready, in_doubt, in_hand))).scalar_one()
