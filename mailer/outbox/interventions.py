"""What people, and the recovery after a crash, may do to deliveries.

The worker's own steps are in ``ledger``. Both write a state only through ``moves``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from mailer.outbox import attempts
from mailer.outbox.models import Delivery, DeliveryId, FrozenLetter, Lease
from mailer.outbox.moves import may_be_sent, move
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.statements import MAX_COPIES
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from subscribers.database import Db

S, E = DeliveryState, DeliveryEvent

_NO_SUCH_ADDRESS: Final = ("5.1.1 %", "5.1.2 %", "5.1.3 %", "5.1.6 %", "5.1.10 %")
"""How a reply begins that ends all hope (RFC 3463, section 3.2; RFC 7505)."""

NOBODY_THERE: Final = "Überfällig: Zur vorgesehenen Zeit hat niemand gesendet."


def withdraw(db: Db, occasion: str, *, reason: str, now: datetime) -> int:
    """Skip all of *occasion* that has not left; returns how many."""
    return len(move(db, E.SKIP, Delivery.occasion == occasion, now=now, reason=reason))


def hold(db: Db, occasion: str, *, reason: str, now: datetime) -> int:
    """Keep back what waits for *occasion*; returns how many."""
    return len(move(db, E.HOLD, Delivery.occasion == occasion, now=now, reason=reason))


def let_go(db: Db, *chosen: sa.ColumnElement[bool], now: datetime) -> int:
    """Queue again what is held; returns how many."""
    held = (Delivery.waiting == S.HELD, *chosen)
    # Due from now on: it is not overdue, however long it was held.
    return len(move(db, E.RELEASE, *held, now=now, reason="", next_try_at=now))


def hold_overdue(
    db: Db, *, overdue_after: timedelta, last_work_at: datetime | None, now: datetime
) -> int:
    """Keep back what should have left long ago, while no worker was there.

    A letter that waits for its turn, for a pause or for the next try is not overdue:
    somebody looked after it. One that nobody looked after may be a week late, or come
    from a copy of the database. Only a person's own mail to the coordinator is never
    held: it is better late than with nobody.

    Args:
        last_work_at: When a worker last looked what is due; None for never.

    Returns:
        How many were held.
    """
    if last_work_at is not None and now - last_work_at <= overdue_after:
        return 0
    due_at = sa.func.coalesce(Delivery.next_try_at, Delivery.created_at)
    waiting = Delivery.waiting.in_([S.QUEUED, S.DEFERRED])
    long_due = due_at <= now - overdue_after
    of_a_person = Delivery.occasion.in_(
        sa.select(FrozenLetter.occasion).where(
            FrozenLetter.origin == LetterOrigin.FORWARDED
        )
    )
    held = (waiting, long_due, sa.not_(of_a_person))
    return len(move(db, E.HOLD, *held, now=now, reason=NOBODY_THERE))


def reopen(db: Db, *chosen: sa.ColumnElement[bool], now: datetime) -> int:
    """Give missed letters one more chance; returns how many.

    Whoever has a copy, or may have one, is left out; so is whoever must not get it.
    """
    again = (Delivery.copies == 0, *may_be_sent(now), *chosen)
    values: dict[str, Any] = {"reason": "", "worker": None, "next_try_at": now}
    return len(move(db, E.REOPEN, *again, now=now, **values))


def missed(
    db: Db, occasion: str, *, now: datetime
) -> tuple[dict[DeliveryState, int], int]:
    """Return who missed *occasion* and could get it now, by state; and who could not.

    Not again: an address that does not exist, a meeting that has begun or changed, a
    consent that has ended, and whoever has a copy.
    """
    lost = (
        Delivery.occasion == occasion,
        Delivery.state.in_(DELIVERY.sources(E.REOPEN)),
        Delivery.copies == 0,
    )
    counted = sa.select(Delivery.state, sa.func.count()).group_by(Delivery.state)
    rows = db.execute(counted.where(*lost, *has_hope(), *may_be_sent(now))).all()
    again = {state: number for state, number in rows}  # noqa: C416 - a Row is no pair
    everybody = db.execute(sa.select(sa.func.count()).where(*lost)).scalar_one()
    return again, everybody - sum(again.values())


def has_hope() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition: no server has said that the address does not exist."""
    return tuple(
        sa.or_(Delivery.reply_text.is_(None), sa.not_(Delivery.reply_text.like(said)))
        for said in _NO_SUCH_ADDRESS
    )


def hasten(db: Db, *chosen: sa.ColumnElement[bool], now: datetime) -> int:
    """Let what waits be tried now; returns how many."""
    hastened = db.scalars(
        sa.update(Delivery)
        .where(Delivery.waiting.in_([S.QUEUED, S.DEFERRED]), *chosen)
        .values(next_try_at=now)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(hastened.all())


def settle(
    db: Db, delivery_id: DeliveryId, event: DeliveryEvent, *, reason: str, now: datetime
) -> bool:
    """End a doubt: by a proof, by a person, or by one more copy (``RETRY``).

    Returns:
        False if the delivery is not in doubt, or has had its second copy already.
    """
    doubtful = [Delivery.id == delivery_id, Delivery.state == S.UNCERTAIN]
    # A copy that a person asks for is due from now on, not overdue.
    return bool(_settle(db, event, doubtful, reason=reason, due_at=now, now=now))


def retry_doubtful(db: Db, *, reason: str, now: datetime) -> int:
    """Queue one more copy of every doubtful delivery that had one; returns how many."""
    doubtful = [Delivery.waiting == S.UNCERTAIN]
    return len(_settle(db, E.RETRY, doubtful, reason=reason, now=now))


def bounce(db: Db, delivery_id: DeliveryId, *, reason: str, now: datetime) -> bool:
    """Note that a letter came back after it had been accepted, or might have been.

    Returns:
        False if it had not left, or had come back before.
    """
    here = Delivery.id == delivery_id
    return bool(move(db, E.BOUNCE, here, now=now, reason=reason))


def end_leases(db: Db, dead: Collection[str], *, reason: str, now: datetime) -> int:
    """Take the lease from workers that are gone, or late; returns how many deliveries.

    Args:
        dead: Workers that are certainly gone; whoever is late is found by the clock.
        reason: Stands beside those that are in doubt now.
    """
    # First the lease, in this transaction: a worker who is alive after all prolongs it
    # before this, or finds that it is gone.
    is_over = sa.or_(Lease.until <= now, Lease.worker.in_(dead))
    ended = db.scalars(sa.delete(Lease).where(is_over).returning(Lease.worker)).all()
    if not ended:
        return 0
    theirs = Delivery.worker.in_(ended)
    attempts.write_interrupted(db, theirs)
    in_doubt = sa.case((Delivery.state == S.TRANSMITTING, reason), else_="")
    return len(move(db, E.LEASE_EXPIRED, theirs, now=now, reason=in_doubt))


def _settle(
    db: Db,
    event: DeliveryEvent,
    doubtful: list[sa.ColumnElement[bool]],
    *,
    reason: str,
    now: datetime,
    due_at: datetime | None = None,
) -> list[DeliveryId]:
    values: dict[str, Any] = {"reason": reason}
    if event is E.RETRY:
        doubtful = [*doubtful, Delivery.copies < MAX_COPIES]
        # The old worker's late answer must not be taken for the new copy's.
        values |= {"worker": None, "next_try_at": due_at}
    return move(db, event, *doubtful, now=now, **values)
