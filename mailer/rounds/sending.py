"""One round of sending: what is due leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox.models import Delivery
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from mailer.outbox.worker import Watch, Worker
    from mailer.transport.smtp import SmtpTransport
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


async def send_round(
    transports: Sequence[SmtpTransport], hire: Callable[..., Worker], watch: Watch
) -> None:
    """Send all that is due over these connections.

    Args:
        hire: Makes the worker for the transports.

    Raises:
        TransportError: The relay cannot be used; nothing is lost.
    """
    try:
        await hire(*transports).drain(watch)
    finally:
        for transport in transports:
            await transport.close()
