"""The statements of the worker's three steps, each made once.

A letter needs all of them, and putting one together takes longer than running it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from mailer.outbox.models import Delivery, DeliveryId
from mailer.outbox.moves import TABLE, after, holds, may_be_sent, still_holds, word
from mailer.outbox.states import DeliveryEvent, DeliveryState
from subscribers.models import Mailbox
from subscribers.prepared import Prepared, among

S, E = DeliveryState, DeliveryEvent

MAX_COPIES: Final = 2
"""One copy, and at most one more where the server's answer was lost."""


def _queue(state: DeliveryState, *, has_its_time: bool) -> sa.Select[DeliveryId]:
    """Return the query for what may be claimed, in the order of its index."""
    now = sa.bindparam("now", type_=Delivery.changed_at.type)
    next_try_at = Delivery.next_try_at
    return (
        sa.select(Delivery.id)
        .where(
            Delivery.state == word(state),
            next_try_at <= now if has_its_time else next_try_at.is_(None),
            # Checked here so that nobody is asked about a recipient in vain; what
            # counts is the same check in the mark.
            *may_be_sent(now),
        )
        # By both, as the index has it, also where the first is missing: PostgreSQL
        # would sort all that waits.
        .order_by(next_try_at, Delivery.id)
        # PostgreSQL: another worker's rows are passed over. SQLite ignores it: there
        # the transaction already holds the only write lock.
        .with_for_update(skip_locked=True)
    )


QUEUES: Final = tuple(
    _queue(state, has_its_time=has_its_time)
    for state in (S.DEFERRED, S.QUEUED)
    for has_its_time in (True, False)
)
"""Where claims come from, one after another."""


def _lease(dialect: str) -> sa.UpdateBase:
    """Return the statement that takes a lease on several deliveries."""
    return (
        sa.update(TABLE)
        .where(
            among(TABLE.c.id, "of_ids", dialect),
            still_holds(E.CLAIM),
        )
        .values(
            state=after(E.CLAIM),
            changed_at=sa.bindparam("now"),
            worker=sa.bindparam("worker"),
            lease_until=sa.bindparam("until"),
        )
        .returning(TABLE.c.id)
    )


CLAIM: Final = Prepared(_lease)


def _taken(dialect: str) -> sa.Select[Any]:
    """Return the query for what a worker needs to know of what it claimed."""
    return (
        sa.select(
            TABLE.c.id,
            TABLE.c.occasion,
            TABLE.c.style,
            TABLE.c.message_id,
            TABLE.c.tries,
            TABLE.c.topic,
            Mailbox.token_version,
            TABLE.c.mailbox_id,
        )
        .join(Mailbox, Mailbox.id == TABLE.c.mailbox_id)
        .where(among(TABLE.c.id, "of_ids", dialect))
        .order_by(TABLE.c.id)
    )


TAKEN: Final = Prepared(_taken)


def _mark(dialect: str) -> sa.UpdateBase:
    """Return the statement that marks several deliveries of one worker."""
    now = sa.bindparam("now", type_=Delivery.changed_at.type)
    number = sa.bindparam("of_number", type_=Delivery.tries.type)
    return (
        sa.update(TABLE)
        .where(
            among(TABLE.c.id, "of_ids", dialect),
            Delivery.worker == sa.bindparam("of_worker"),
            # Whoever claimed it since then has made, or will make, this attempt.
            Delivery.tries == number - 1,
            Delivery.copies < MAX_COPIES,
            still_holds(E.TRANSMIT),
            *may_be_sent(now),
        )
        .values(
            state=after(E.TRANSMIT),
            tries=number,
            copies=Delivery.copies + 1,
            changed_at=now,
            lease_until=sa.bindparam("until"),
        )
        .returning(TABLE.c.id)
    )


MARK: Final = Prepared(_mark)


def _ending(event: DeliveryEvent, _dialect: str) -> sa.Update:
    """Return the statement that ends a try with *event*, for one row of values."""
    # A try that the server ended before the mark has not been counted yet.
    is_unmarked = Delivery.state == word(S.CLAIMED)
    number = Delivery.tries + sa.case((is_unmarked, sa.text("1")), else_=sa.text("0"))
    # A clear "no" or "later" means that no server holds this copy.
    is_marked = Delivery.state == word(S.TRANSMITTING)
    taken_back = sa.case((is_marked, Delivery.copies - 1), else_=Delivery.copies)
    has_no_copy = event in {E.DEFER, E.REFUSE}
    return (
        sa.update(TABLE)
        .where(
            Delivery.id == sa.bindparam("of_id"),
            # Nobody has taken the delivery over.
            Delivery.worker == sa.bindparam("of_worker"),
            number == sa.bindparam("of_number"),
            holds(event),
        )
        .values(
            state=after(event),
            tries=sa.bindparam("of_number"),
            copies=taken_back if has_no_copy else Delivery.copies,
            lease_until=None,
            changed_at=sa.bindparam("ended_at"),
            reply_code=sa.bindparam("with_code"),
            reply_text=sa.bindparam("with_text"),
            next_try_at=sa.bindparam("again_at"),
        )
    )


ENDINGS: Final = {
    event: Prepared(partial(_ending, event))
    for event in (E.ACCEPT, E.DEFER, E.REFUSE, E.LOSE)
}
"""How a try ends, by event; made once as well."""
