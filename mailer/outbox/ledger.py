"""The ledger: the only writer of a delivery's state.

It writes before the network is touched, in this order, each step durable before the
next begins:

* ``claim``: a worker takes a lease on deliveries that are due;
* ``mark``: contents are about to leave. This one statement also checks the consent,
  the suppression list, the meeting and the number of copies: what it lets through may
  be sent, whatever happened since the claim;
* ``record``: the server's answers.

Each step takes many deliveries at once, so that all connections of a worker share a
transaction (see ``journal``).

If the power fails after ``claim``, the lease runs out and the delivery is queued
again. If it fails after ``mark``, nobody knows: the delivery becomes uncertain (see
``recovery``). A delivery that may have reached a server twice is never sent a third
time.

Every move asks the table in ``states``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from mailer.outbox import statements
from mailer.outbox.models import Delivery, DeliveryId, Lease
from mailer.outbox.moves import move
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState
from mailer.rendering.parcel import Outcome, Verdict
from subscribers import audience, partners
from subscribers.database import insert_into
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from subscribers.audience import Recipient
    from subscribers.database import Db
    from subscribers.partners import Entry
    from subscribers.prepared import Pen, Values

S, E = DeliveryState, DeliveryEvent

ENQUEUED_AT_ONCE: Final = 500
"""Rows in memory while a crowd is enqueued; about 200 kB."""

EVENT_OF: Final = {
    Verdict.ACCEPTED: E.ACCEPT,
    Verdict.DEFERRED: E.DEFER,
    Verdict.REFUSED: E.REFUSE,
    Verdict.UNKNOWN: E.LOSE,
}
"""What an outcome does to a delivery; ``NOT_SENT`` is no ending of a try."""

_STYLES: Final = {str(one): one for one in LetterStyle}
_TOPICS: Final[Mapping[str | None, Topic | None]] = {
    **{str(one): one for one in Topic},
    None: None,
}
"""What the columns hold, by the words in them."""


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


class Claim(NamedTuple):
    """A delivery that a worker holds, with all it needs to write the message.

    Attributes:
        number: Of the attempt that is about to begin, from 1.
        token_version: What the recipient's tokens are made with.
        topic: Whose consent it needs; None for an answer somebody asked for.
        entries: For whom somebody speaks in the mailbox; only for network updates.
    """

    delivery_id: DeliveryId
    occasion: str
    style: LetterStyle
    message_id: str
    number: int
    recipient: Recipient
    token_version: int
    topic: Topic | None = None
    entries: tuple[Entry, ...] = ()


class Ending(NamedTuple):
    """How the try of a claimed delivery ended.

    Attributes:
        started_at: When the server first heard of it.
        wait: Before the next try, if the server said "later".
    """

    claimed: Claim
    outcome: Outcome
    started_at: datetime
    wait: timedelta


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
    insert = insert_into(db, Delivery).on_conflict_do_nothing(
        index_elements=["occasion", "mailbox_id"]
    )
    before = _count(db, occasion.name)
    waiting = iter(recipients)
    while some := list(islice(waiting, ENQUEUED_AT_ONCE)):
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
            for recipient in some
        ]
        db.connection().execute(insert, rows)
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
    """Take a lease on up to *limit* deliveries that are due, in their order.

    What was put off and is due comes before what was never tried.

    What must not be sent any more is passed over; ``recovery.sweep`` sets it aside.

    Args:
        only: Names of occasions; None takes all.
        among: More conditions on ``delivery``, from ``admission``.
    """
    chosen = [*among] if only is None else [*among, Delivery.occasion.in_(only)]
    ready = _chosen(db, chosen, limit, now) if chosen else _first(db, limit, now)
    if not ready:
        return []
    _lease(db, worker, until=now + lease)
    values = {"of_ids": ready, "worker": worker, "now": now}
    taken = statements.CLAIM.rows(db.connection(), values)
    return _claims(db, sorted(taken, key=itemgetter(0)))


def write(
    pen: Pen,
    endings: Collection[Ending],
    claims: Collection[Claim],
    *,
    worker: str,
    now: datetime,
) -> frozenset[DeliveryId]:
    """Write down how tries ended, then what is about to leave, as ``mark``.

    On PostgreSQL one statement does both, as long as all *claims* are for the same
    attempt: it needs no transaction around it.
    """
    if pen.dialect.name == "sqlite":
        record(pen, endings, worker=worker, now=now)
        return mark(pen, claims, worker=worker, now=now)
    first, *others = _by_number(claims) or [{"of_ids": [], "next_number": 0}]
    page = {
        **statements.columns(_tries(endings, now)),
        **first,
        **_who(worker, now),
    }
    marked = statements.PAGE.rows(pen, page)
    return frozenset(n for (n,) in marked) | _marked(pen, others, worker, now)


def mark(
    pen: Pen, claims: Collection[Claim], *, worker: str, now: datetime
) -> frozenset[DeliveryId]:
    """Write down that contents are about to leave; return whose may leave.

    The conditions are part of the statement that sets the mark, so nothing can
    change between the check and the mark.
    """
    return _marked(pen, _by_number(claims), worker, now)


def record(
    pen: Pen, endings: Collection[Ending], *, worker: str, now: datetime
) -> None:
    """Write down how tries ended, those that never came to a mark included.

    An answer that comes after the lease was taken away still settles the doubt, as
    long as no second copy was begun.
    """
    who = _who(worker, now)
    for event, statement in statements.ENDED.items():
        ended = [one for one in endings if EVENT_OF[one.outcome.verdict] is event]
        if ended:
            tries = _tries(ended, now)
            statement.many(pen, tries, who)
            statements.TRIED.many(pen, tries, who)


def extend(db: Db, worker: str, *, lease: timedelta, now: datetime) -> None:
    """Prolong the lease of *worker*: it is alive, however slow the server is."""
    db.execute(sa.update(Lease).where(Lease.worker == worker).values(until=now + lease))


def release(
    db: Db,
    worker: str,
    *,
    now: datetime,
    only: Collection[DeliveryId] | None = None,
) -> int:
    """Give back what *worker* holds and has not sent; returns how many.

    Args:
        only: These alone; None gives back all, and the lease with it, unless an answer
            is still missing.
    """
    mine = Delivery.worker == worker
    chosen = [] if only is None else [Delivery.id.in_(only)]
    claimed = (mine, Delivery.state == S.CLAIMED, *chosen)
    released = move(db, E.RELEASE, *claimed, now=now, worker=None)
    if only is None:
        is_in_hand = sa.exists().where(mine, Delivery.state == S.TRANSMITTING)
        db.execute(sa.delete(Lease).where(Lease.worker == worker, sa.not_(is_in_hand)))
    return len(released)


def _lease(db: Db, worker: str, *, until: datetime) -> None:
    """Write down that *worker* has something in hand."""
    lease = insert_into(db, Lease).values(worker=worker, until=until)
    db.execute(
        lease.on_conflict_do_update(
            index_elements=["worker"], set_={"until": lease.excluded.until}
        )
    )


def _first(db: Db, limit: int, now: datetime) -> list[DeliveryId]:
    """Return the first that are due, whatever they are."""
    ready: list[DeliveryId] = []
    for queue in statements.WHOLE_QUEUES:
        values = {"now": now, "at_most": limit - len(ready)}
        ready += [number for (number,) in queue.rows(db.connection(), values)]
    return ready


def _chosen(
    db: Db, chosen: Sequence[sa.ColumnElement[bool]], limit: int, now: datetime
) -> list[DeliveryId]:
    """Return the first that are due and fulfil all conditions."""
    ready: list[DeliveryId] = []
    for queue in statements.QUEUES:
        waiting = queue.where(*chosen).limit(limit - len(ready))
        ready += db.scalars(waiting, {"now": now})
    return ready


def _claims(db: Db, rows: Sequence[Sequence[Any]]) -> list[Claim]:
    """Return the claims that ``statements.CLAIM`` told of."""
    readers = audience.readers(db, [mailbox_id for *_, mailbox_id in rows])
    of_partners = [
        mailbox_id
        for *_, topic, _, mailbox_id in rows
        if topic == Topic.NETWORK_UPDATES
    ]
    entries = partners.entries(db, of_partners)
    return [
        Claim(
            delivery_id=delivery_id,
            occasion=occasion,
            style=_STYLES[style],
            message_id=message_id,
            number=tries + 1,
            recipient=readers[mailbox_id],
            token_version=version,
            topic=_TOPICS[topic],
            entries=entries.get(mailbox_id, ()) if topic else (),
        )
        for (
            delivery_id, occasion, style, message_id, tries, topic, version, mailbox_id
        ) in rows
    ]  # fmt: skip


def _who(worker: str, now: datetime) -> Values:
    return {"of_worker": worker, "ended_at": now, "now": now}


def _tries(endings: Iterable[Ending], now: datetime) -> list[Values]:
    """Return what the statements are given of each try that has ended."""
    tries: list[Values] = []
    for claimed, outcome, started_at, wait in endings:
        event, reply = EVENT_OF[outcome.verdict], outcome.reply
        tries.append(
            {
                "of_id": claimed.delivery_id,
                "of_number": claimed.number,
                "of_event": event.value,
                "began_at": started_at,
                "with_code": reply.code if reply else None,
                "with_text": reply.text if reply else None,
                "again_at": now + wait if event is E.DEFER else None,
            }
        )
    return tries


def _by_number(claims: Iterable[Claim]) -> list[Values]:
    """Return what is to be marked, for each number that the next try may have."""
    ids: dict[int, list[DeliveryId]] = {}
    for one in claims:
        ids.setdefault(one.number, []).append(one.delivery_id)
    return [{"of_ids": some, "next_number": number} for number, some in ids.items()]


def _marked(
    pen: Pen, waiting: Iterable[Values], worker: str, now: datetime
) -> frozenset[DeliveryId]:
    who = _who(worker, now)
    return frozenset(
        number
        for some in waiting
        for (number,) in statements.MARK.rows(pen, {**some, **who})
    )


def _count(db: Db, occasion: str) -> int:
    counted = sa.select(sa.func.count()).where(Delivery.occasion == occasion)
    return db.execute(counted).scalar_one()
