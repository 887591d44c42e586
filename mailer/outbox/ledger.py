"""The ledger: the only writer of a delivery's state.

It writes before the network is touched, in this order, each step committed before
the next begins:

* ``claim``: a worker takes a lease on deliveries that are due;
* ``begin``: an attempt is opened, so a crash leaves a trace;
* ``mark``: the content is about to leave. This one statement also checks the
  consent, the suppression list, the meeting and the number of copies: what it lets
  through may be sent, whatever happened since the claim;
* ``record``: the server's answer.

If the power fails after ``claim`` or ``begin``, the lease runs out and the delivery is
queued again. If it fails after ``mark``, nobody knows: the delivery becomes uncertain
(see ``recovery``). A delivery that may have reached a server twice is never sent a
third time.

Every move goes through the one statement in ``moves``, which asks the table in
``states``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailer.outbox.models import Attempt, Delivery, DeliveryId
from mailer.outbox.moves import holds, may_be_sent, move
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState
from mailer.rendering.parcel import Outcome, Verdict
from subscribers import audience
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime, timedelta

    from subscribers.audience import Recipient
    from subscribers.database import Db
    from subscribers.topics import LetterStyle, Topic

S, E = DeliveryState, DeliveryEvent

MAX_COPIES: Final = 2
"""One copy, and at most one more where the server's answer was lost."""

_EVENT_OF: Final = {
    Verdict.ACCEPTED: E.ACCEPT,
    Verdict.DEFERRED: E.DEFER,
    Verdict.REFUSED: E.REFUSE,
    Verdict.UNKNOWN: E.LOSE,
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why several people get a letter.

    Attributes:
        name: "edition/42"; its frozen letters must stand in the ledger already.
        topic: Whose consent is needed; None for an answer somebody asked for.
        expires_at: Nothing is sent after this moment; None for never.
    """

    name: str
    topic: Topic | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a worker holds, with all it needs to write the message.

    Attributes:
        number: Of the attempt that is about to begin, from 1.
        token_version: What the recipient's tokens are made with.
    """

    delivery_id: DeliveryId
    occasion: str
    style: LetterStyle
    message_id: str
    number: int
    recipient: Recipient
    token_version: int


def enqueue(
    db: Db,
    occasion: Occasion,
    recipients: Iterable[Recipient],
    *,
    new_message_id: Callable[[], str],
    now: datetime,
) -> int:
    """Write one delivery for each recipient; who has one already keeps it.

    Args:
        recipients: In the order in which they shall be served.
        new_message_id: Makes one that was never used before, ``<…@domain>``.

    Returns:
        How many are new.
    """
    insert = _insert_for(db).on_conflict_do_nothing(
        index_elements=["occasion", "mailbox_id"]
    )
    rows = [
        {
            "occasion": occasion.name,
            "mailbox_id": recipient.mailbox_id,
            "topic": occasion.topic,
            "style": recipient.style,
            "state": DELIVERY.start,
            "tries": 0,
            "copies": 0,
            "message_id": new_message_id(),
            "expires_at": occasion.expires_at,
            "reason": "",
            "created_at": now,
            "changed_at": now,
        }
        for recipient in recipients
    ]
    before = _count(db, occasion.name)
    if rows:
        db.execute(insert, rows)
    return _count(db, occasion.name) - before


def claim(  # noqa: PLR0913 - the conditions of a claim, each by its name
    db: Db,
    *,
    worker: str,
    limit: int,
    lease: timedelta,
    now: datetime,
    only: Collection[str] | None = None,
    among: Iterable[sa.ColumnElement[bool]] = (),
) -> list[Claim]:
    """Take a lease on up to *limit* deliveries that are due, the oldest first.

    What must not be sent any more is passed over; ``recovery.sweep`` sets it aside.

    Args:
        only: Names of occasions; None takes all.
        among: More conditions on ``delivery``, from ``admission``.
    """
    chosen = [] if only is None else [Delivery.occasion.in_(only)]
    ready = (
        sa.select(Delivery.id)
        .where(
            Delivery.state.in_(DELIVERY.sources(E.CLAIM)),
            # A deferred delivery waits for its time; a queued one has none.
            sa.or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now),
            # Checked here so that nobody is asked about a recipient in vain; what
            # counts is the same check in ``mark``.
            *may_be_sent(now),
            *chosen,
            *among,
        )
        .order_by(Delivery.id)
        .limit(limit)
        # PostgreSQL: another worker's rows are passed over. SQLite ignores it: there
        # the transaction already holds the only write lock.
        .with_for_update(skip_locked=True)
    )
    taken = move(
        db,
        E.CLAIM,
        Delivery.id.in_(ready),
        now=now,
        worker=worker,
        lease_until=now + lease,
    )
    return _claims(db, taken)


def begin(db: Db, claimed: Claim, *, worker: str, now: datetime) -> bool:
    """Open an attempt; False if the lease has gone to somebody else."""
    mine = sa.update(Delivery).where(
        Delivery.id == claimed.delivery_id,
        Delivery.worker == worker,
        # Whoever claimed it since then has begun, or will begin, this attempt.
        Delivery.tries == claimed.number - 1,
        holds(E.TRANSMIT),
    )
    updated = db.execute(mine.values(tries=claimed.number).returning(Delivery.id))
    if updated.first() is None:
        return False
    db.add(
        Attempt(
            delivery_id=claimed.delivery_id,
            number=claimed.number,
            worker=worker,
            started_at=now,
        )
    )
    return True


def mark(
    db: Db, claimed: Claim, *, worker: str, lease: timedelta, now: datetime
) -> bool:
    """Write down that the content is about to leave; False forbids to send it.

    The conditions are part of the statement that sets the mark, so nothing can
    change between the check and the mark.
    """
    marked = move(
        db,
        E.TRANSMIT,
        *_mine(claimed, worker),
        *may_be_sent(now),
        Delivery.copies < MAX_COPIES,
        now=now,
        copies=Delivery.copies + 1,
        lease_until=now + lease,
    )
    return bool(marked)


def record(
    db: Db,
    claimed: Claim,
    outcome: Outcome,
    *,
    worker: str,
    wait: timedelta,
    now: datetime,
) -> None:
    """Write down how an attempt ended.

    An answer that comes after the lease was taken away still settles the doubt, as
    long as no second copy was begun.

    Args:
        wait: Before the next try, if the server said "later".
    """
    event = _EVENT_OF[outcome.verdict]
    reply = outcome.reply
    # A clear "no" or "later" means that no server holds this copy.
    taken_back = sa.case(
        (Delivery.state == S.TRANSMITTING, Delivery.copies - 1), else_=Delivery.copies
    )
    changes: dict[str, Any] = {
        "reply_code": reply.code if reply else None,
        "reply_text": reply.text if reply else None,
        "lease_until": None,
        "next_try_at": now + wait if event is E.DEFER else None,
        "copies": taken_back if event in {E.DEFER, E.REFUSE} else Delivery.copies,
    }
    move(db, event, *_mine(claimed, worker), now=now, **changes)
    finish_attempt(db, claimed, str(event), now=now, outcome=outcome)


def finish_attempt(
    db: Db,
    claimed: Claim,
    ended: str,
    *,
    now: datetime,
    outcome: Outcome | None = None,
) -> None:
    """Close the attempt of *claimed* with the word *ended*."""
    reply = outcome.reply if outcome else None
    db.execute(
        sa.update(Attempt)
        .where(
            Attempt.delivery_id == claimed.delivery_id,
            Attempt.number == claimed.number,
        )
        .values(
            finished_at=now,
            outcome=ended,
            reply_code=reply.code if reply else None,
            reply_text=reply.text if reply else None,
        )
    )


def release(
    db: Db,
    worker: str,
    *,
    now: datetime,
    only: Collection[DeliveryId] | None = None,
) -> int:
    """Give back what *worker* holds and has not sent; returns how many.

    Args:
        only: These alone; None gives back all.
    """
    chosen = [] if only is None else [Delivery.id.in_(only)]
    return len(
        move(
            db,
            E.RELEASE,
            Delivery.worker == worker,
            Delivery.state == S.CLAIMED,
            *chosen,
            now=now,
            worker=None,
            lease_until=None,
        )
    )


def _mine(claimed: Claim, worker: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition: this attempt, and nobody has taken the delivery over."""
    return (
        Delivery.id == claimed.delivery_id,
        Delivery.worker == worker,
        Delivery.tries == claimed.number,
    )


def _claims(db: Db, taken: list[DeliveryId]) -> list[Claim]:
    rows = db.execute(
        sa.select(Delivery, Mailbox.token_version)
        .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
        .where(Delivery.id.in_(taken))
        .order_by(Delivery.id)
        .execution_options(populate_existing=True)
    ).all()
    readers = audience.readers(db, [row.Delivery.mailbox_id for row in rows])
    return [
        Claim(
            delivery_id=delivery.id,
            occasion=delivery.occasion,
            style=delivery.style,
            message_id=delivery.message_id,
            number=delivery.tries + 1,
            recipient=readers[delivery.mailbox_id],
            token_version=version,
        )
        for delivery, version in rows
    ]


def _count(db: Db, occasion: str) -> int:
    counted = sa.select(sa.func.count()).where(Delivery.occasion == occasion)
    return db.execute(counted).scalar_one()


def _insert_for(db: Db) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT that knows ON CONFLICT, in the database's own words."""
    table = Delivery.metadata.tables[Delivery.__tablename__]
    if db.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
