"""What people, and the recovery after a crash, may do to deliveries.

The worker's own steps are in ``ledger``. Both write a state only through ``moves``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mailer.outbox import attempts
from mailer.outbox.ledger import MAX_COPIES
from mailer.outbox.models import Delivery, DeliveryId
from mailer.outbox.moves import move
from mailer.outbox.states import DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

S, E = DeliveryState, DeliveryEvent


def withdraw(db: Db, occasion: str, *, reason: str, now: datetime) -> int:
    """Skip all of *occasion* that has not left; returns how many."""
    return len(move(db, E.SKIP, Delivery.occasion == occasion, now=now, reason=reason))


def hold(db: Db, occasion: str, *, reason: str, now: datetime) -> int:
    """Keep back what waits for *occasion*; returns how many."""
    return len(move(db, E.HOLD, Delivery.occasion == occasion, now=now, reason=reason))


def let_go(db: Db, occasion: str, *, now: datetime) -> int:
    """Queue again what was held for *occasion*; returns how many."""
    held = (Delivery.occasion == occasion, Delivery.state == S.HELD)
    return len(move(db, E.RELEASE, *held, now=now, reason="", next_try_at=None))


def settle(
    db: Db, delivery_id: DeliveryId, event: DeliveryEvent, *, reason: str, now: datetime
) -> bool:
    """End a doubt: by a proof, by a person, or by one more copy (``RETRY``).

    Returns:
        False if the delivery is not in doubt, or has had its second copy already.
    """
    doubtful = [Delivery.id == delivery_id, Delivery.state == S.UNCERTAIN]
    return bool(_settle(db, event, doubtful, reason=reason, now=now))


def retry_doubtful(db: Db, *, reason: str, now: datetime) -> int:
    """Queue one more copy of every doubtful delivery that had one; returns how many."""
    doubtful = [Delivery.state == S.UNCERTAIN]
    return len(_settle(db, E.RETRY, doubtful, reason=reason, now=now))


def bounce(db: Db, delivery_id: DeliveryId, *, reason: str, now: datetime) -> bool:
    """Note that a letter came back after it had been accepted, or might have been.

    Returns:
        False if it had not left, or had come back before.
    """
    here = Delivery.id == delivery_id
    return bool(move(db, E.BOUNCE, here, now=now, reason=reason))


def end_leases(
    db: Db, dead: sa.ColumnElement[bool], *, reason: str, now: datetime
) -> int:
    """Take the lease from workers that are gone; returns how many deliveries.

    Args:
        dead: Which leases have ended, as a condition on ``delivery``.
        reason: Stands beside those that are in doubt now.
    """
    attempts.write_interrupted(db, dead)
    ended = move(
        db,
        E.LEASE_EXPIRED,
        dead,
        now=now,
        lease_until=None,
        reason=sa.case((Delivery.state == S.TRANSMITTING, reason), else_=""),
    )
    return len(ended)


def _settle(
    db: Db,
    event: DeliveryEvent,
    doubtful: list[sa.ColumnElement[bool]],
    *,
    reason: str,
    now: datetime,
) -> list[DeliveryId]:
    values: dict[str, Any] = {"reason": reason}
    if event is E.RETRY:
        doubtful = [*doubtful, Delivery.copies < MAX_COPIES]
        # The old worker's late answer must not be taken for the new copy's.
        values |= {"worker": None, "next_try_at": None}
    return move(db, event, *doubtful, now=now, **values)
