"""Is there something to send? The query that spares most rounds a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Delivery
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

_LEFT_BEHIND: Final = (
    DeliveryState.CLAIMED,
    DeliveryState.TRANSMITTING,
    DeliveryState.UNCERTAIN,
)
"""Somebody works on these, or died over them: the worker finds out."""


def is_due(db: Db, *, now: datetime) -> bool:
    """Tell whether a worker would find something to do."""
    ready = sa.and_(
        Delivery.state.in_(DELIVERY.sources(DeliveryEvent.CLAIM)),
        sa.or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now),
    )
    waiting = sa.select(Delivery.id).where(
        sa.or_(ready, Delivery.state.in_(_LEFT_BEHIND))
    )
    return db.scalars(waiting.limit(1)).first() is not None
