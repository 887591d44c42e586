"""The statements of the worker's three steps, each made once.

A letter needs all of them, and putting one together takes longer than running it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from mailer.outbox.models import Attempt, Delivery, DeliveryId
from mailer.outbox.moves import TABLE, after, holds, may_be_sent, word
from mailer.outbox.states import DeliveryEvent, DeliveryState
from subscribers.database import insert_in
from subscribers.models import Mailbox
from subscribers.prepared import Prepared, among, given

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.dialects import postgresql, sqlite

S, E = DeliveryState, DeliveryEvent

MAX_COPIES: Final = 2
"""One copy, and at most one more where the server's answer was lost."""

_WORKER: Final = sa.bindparam("of_worker", type_=Delivery.worker.type)

_IS_MINE: Final = sa.func.coalesce(Delivery.worker, sa.text("''")) == _WORKER
"""The condition: nobody has taken the delivery over.

Said in such a way that no index knows it: SQLite would rather look through all that
the worker has had than look up a few by their numbers."""


def _queue(state: DeliveryState, *, has_its_time: bool) -> sa.Select[DeliveryId]:
    """Return the query for what may be claimed, in the order of its index."""
    now = sa.bindparam("now", type_=Delivery.changed_at.type)
    next_try_at = Delivery.next_try_at
    return (
        sa.select(Delivery.id)
        .where(
            Delivery.waiting == word(state),
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


def _all_of(queue: sa.Select[DeliveryId], _dialect: str) -> sa.Select[DeliveryId]:
    return queue.limit(sa.bindparam("at_most", type_=sa.Integer()))


WHOLE_QUEUES: Final = tuple(Prepared(partial(_all_of, queue)) for queue in QUEUES)
"""The same where nothing is left out."""


def _claim(dialect: str) -> sa.UpdateBase:
    """Return the statement that takes several deliveries in hand.

    It gives all that a worker needs to know of them, in no order.
    """
    table = TABLE.c
    version = sa.select(Mailbox.token_version).where(Mailbox.id == table.mailbox_id)
    return (
        sa.update(TABLE)
        .where(
            among(TABLE.c.id, "of_ids", dialect),
            holds(E.CLAIM),
        )
        .values(
            state=after(E.CLAIM),
            changed_at=sa.bindparam("now"),
            worker=sa.bindparam("worker"),
        )
        .returning(
            table.id,
            table.occasion,
            table.style,
            table.message_id,
            table.tries,
            table.topic,
            version.scalar_subquery(),
            table.mailbox_id,
        )
    )


CLAIM: Final = Prepared(_claim)


def _mark(dialect: str) -> sa.UpdateBase:
    """Return the statement that marks several deliveries of one worker."""
    now = sa.bindparam("now", type_=Delivery.changed_at.type)
    number = sa.bindparam("next_number", type_=Delivery.tries.type)
    return (
        sa.update(TABLE)
        .where(
            among(TABLE.c.id, "of_ids", dialect),
            _IS_MINE,
            # Whoever claimed it since then has made, or will make, this attempt.
            Delivery.tries == number - 1,
            Delivery.copies < MAX_COPIES,
            holds(E.TRANSMIT),
            *may_be_sent(now),
        )
        .values(
            state=after(E.TRANSMIT),
            tries=number,
            copies=Delivery.copies + 1,
            changed_at=now,
        )
        .returning(TABLE.c.id)
    )


MARK: Final = Prepared(_mark)


_TRY: Final[Mapping[str, sa.types.TypeEngine[Any]]] = {
    "of_id": TABLE.c.id.type,
    "of_number": TABLE.c.tries.type,
    "of_event": sa.Text(),
    "began_at": TABLE.c.changed_at.type,
    "with_code": TABLE.c.reply_code.type,
    "with_text": TABLE.c.reply_text.type,
    "again_at": TABLE.c.next_try_at.type,
}
"""What is given of each try that has ended."""

_ENDED_AT: Final = sa.bindparam("ended_at", type_=Delivery.changed_at.type)

_ENDS: Final = (E.ACCEPT, E.DEFER, E.REFUSE, E.LOSE)
"""How a try ends."""

_HAS_NO_COPY: Final = (E.DEFER, E.REFUSE)
"""A clear "later" or "no": no server holds this copy."""


def _ended(ends: Collection[DeliveryEvent], dialect: str) -> sa.Update:
    """Return the statement that ends tries of one worker.

    Args:
        ends: How they may have ended.
    """
    one = given(dialect, **_TRY)

    def is_one_of(*events: DeliveryEvent) -> sa.ColumnElement[bool]:
        """Return the condition: the try ended so, as far as that is not clear."""
        if set(events) >= set(ends):
            return sa.true()
        told = [
            one["of_event"] == sa.literal_column(f"'{event.value}'")
            for event in events
            if event in ends
        ]
        return sa.or_(sa.false(), *told)

    # A try that the server ended before the mark has not been counted yet.
    is_unmarked = Delivery.state == word(S.CLAIMED)
    number = Delivery.tries + sa.case((is_unmarked, sa.text("1")), else_=sa.text("0"))
    is_marked = Delivery.state == word(S.TRANSMITTING)
    is_back = sa.and_(is_marked, is_one_of(*_HAS_NO_COPY))
    return (
        sa.update(TABLE)
        .where(
            Delivery.id == one["of_id"],
            _IS_MINE,
            number == one["of_number"],
            sa.or_(*[sa.and_(is_one_of(event), holds(event)) for event in ends]),
        )
        .values(
            state=sa.case(*[(is_one_of(event), after(event)) for event in ends]),
            tries=one["of_number"],
            copies=sa.case((is_back, Delivery.copies - 1), else_=Delivery.copies),
            changed_at=_ENDED_AT,
            reply_code=one["with_code"],
            reply_text=one["with_text"],
            next_try_at=one["again_at"],
        )
    )


ENDED: Final = {event: Prepared(partial(_ended, [event])) for event in _ENDS}
"""For tries that ended in the same way."""

_KEY: Final = ("delivery_id", "number")
"""What names a try."""


def _tried(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that writes tries down, and lets a late answer win."""
    one = given(dialect, **_TRY)
    insert = insert_in(dialect, Attempt)
    values = {
        "delivery_id": one["of_id"],
        "number": one["of_number"],
        "worker": _WORKER,
        "started_at": one["began_at"],
        "finished_at": _ENDED_AT,
        "outcome": one["of_event"],
        "reply_code": one["with_code"],
        "reply_text": one["with_text"],
    }
    # Not VALUES: PostgreSQL has them as a table. The WHERE lets SQLite read on.
    rows = sa.select(*values.values()).where(sa.true())
    late = {name: insert.excluded[name] for name in values if name not in _KEY}
    return insert.from_select([*values], rows).on_conflict_do_update(
        index_elements=_KEY, set_=late
    )


TRIED: Final = Prepared(_tried)
"""Every try that has ended, from the same values as its delivery."""


def _page(dialect: str) -> sa.Select[DeliveryId]:
    """Return the one statement that writes a whole page, in PostgreSQL's words.

    No delivery is both in what has ended and in what is marked, so it does not matter
    that all parts see the ledger as it was before.

    Source: PostgreSQL documentation, "Data-Modifying Statements in WITH".
    """
    ended = _ended(_ENDS, dialect).returning(TABLE.c.id).cte("ended")
    tried = _tried(dialect).returning(Attempt.number).cte("tried")
    marked = _mark(dialect).cte("marked")
    return sa.select(marked.c.id).add_cte(ended, tried)


PAGE: Final = Prepared(_page)


def columns(rows: Sequence[Mapping[str, object]]) -> Mapping[str, Sequence[object]]:
    """Return what ``PAGE`` is given of tries that have ended, from one row for each."""
    return {name: [one[name] for one in rows] for name in _TRY}
