"""What is left alone for now: begun by a person or by a refusal, ended by a person.

A pause changes no delivery. What it concerns is not claimed while it lasts, waits as
it is, and goes on when it ends. Workers look at the table every second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox import interventions
from mailer.outbox.conduct import Pause, PauseScope
from mailer.outbox.models import Delivery
from mailer.settings.providers import domains_of
from subscribers.database import insert_into
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mailer.outbox.blame import Alarm
    from subscribers.database import Db


SAME_TROUBLE: Final = timedelta(hours=2)
"""A relay that fails again within this time after a rest never was well: whoever looks
once an hour has not seen it work."""


@dataclass(frozen=True, slots=True)
class Paused:
    """What may not be sent at one moment.

    Attributes:
        everything: Nothing at all may leave.
        providers: Names of providers that are left alone.
        occasions: Names of occasions that are left alone.
    """

    everything: bool = False
    providers: frozenset[str] = frozenset()
    occasions: frozenset[str] = frozenset()


def pause(  # noqa: PLR0913 - one argument per column
    db: Db,
    scope: PauseScope,
    name: str,
    *,
    reason: str,
    now: datetime,
    is_by_hand: bool = False,
    until: datetime | None = None,
) -> bool:
    """Leave something alone; False if it is left alone already, for as long or longer.

    Args:
        name: Within the scope; empty for ``ALL``.
        until: It ends by itself then; None waits for a person.
    """
    values = {
        "reason": reason,
        "is_by_hand": is_by_hand,
        "since_at": now,
        "until_at": until,
    }
    ended = sa.and_(Pause.until_at.is_not(None), Pause.until_at <= now)
    outlasted = Pause.until_at.is_not(None) if until is None else Pause.until_at < until
    begun = db.execute(
        insert_into(db, Pause)
        .values(scope=scope, name=name, **values)
        .on_conflict_do_update(
            index_elements=["scope", "name"],
            set_=values,
            where=sa.or_(ended, outlasted),
        )
        .returning(Pause.name)
    )
    return begun.first() is not None


def resume(db: Db, scope: PauseScope, name: str, *, now: datetime) -> bool:
    """End a pause, and let what waited for its end be tried now.

    Returns:
        False if there was no such pause.
    """
    ended = db.execute(
        sa.delete(Pause)
        .where(Pause.scope == scope, Pause.name == name)
        .returning(Pause.name)
    )
    if ended.first() is None:
        return False
    if scope is not PauseScope.RELAY:
        interventions.hasten(db, *_within(db, scope, name), now=now)
    return True


def heed(db: Db, alarm: Alarm, *, now: datetime) -> None:
    """Leave alone whom *alarm* names, and let wait again who was refused for it.

    A letter that only one person was to get, such as a mail that is handed on, stays
    refused: nobody waits for more of them.
    """
    refused: sa.ColumnElement[bool] = Delivery.id.in_(alarm.deliveries)
    if alarm.is_about_letter:
        refused = sa.and_(refused, Delivery.topic.is_not(None))
        for occasion in db.scalars(sa.select(Delivery.occasion).where(refused)).all():
            pause(db, PauseScope.OCCASION, occasion, reason=alarm.reason, now=now)
    elif alarm.provider is None:
        pause(db, PauseScope.ALL, "", reason=alarm.reason, now=now)
    else:
        pause(db, PauseScope.PROVIDER, alarm.provider, reason=alarm.reason, now=now)
    interventions.reopen(db, refused, now=now)


def in_force(db: Db, *, now: datetime) -> Sequence[Pause]:
    """Return every pause that holds at *now*: what, why, since when; the oldest first.

    This is what alarms and the status are made from.
    """
    return db.scalars(
        sa.select(Pause)
        .where(sa.or_(Pause.until_at.is_(None), Pause.until_at > now))
        .order_by(Pause.since_at, Pause.scope, Pause.name)
    ).all()


def resting(db: Db) -> Sequence[Pause]:
    """Return the relays that could not be used and have not been since; by name.

    Also those that are tried in their turn again: nobody knows yet whether they work.
    """
    rests = sa.select(Pause).where(Pause.scope == PauseScope.RELAY)
    return db.scalars(rests.order_by(Pause.name)).all()


def rest(db: Db, relay: str, *, reason: str, now: datetime, until: datetime) -> None:
    """Let a relay come last for a while.

    If it fails again soon after a rest, it is in trouble since it first failed.
    """
    before = db.get(Pause, (PauseScope.RELAY, relay))
    since = now
    if before is not None and before.until_at is not None:
        is_the_same = now - before.until_at <= SAME_TROUBLE
        since = before.since_at if is_the_same else now
    pause(db, PauseScope.RELAY, relay, reason=reason, now=now, until=until)
    db.execute(
        sa.update(Pause)
        .where(Pause.scope == PauseScope.RELAY, Pause.name == relay)
        .values(since_at=since)
    )


def paused(db: Db, *, now: datetime) -> Paused:
    """Return what may not be sent at *now*."""
    found: dict[PauseScope, set[str]] = {scope: set() for scope in PauseScope}
    for one in in_force(db, now=now):
        found[one.scope].add(one.name)
    return Paused(
        everything=bool(found[PauseScope.ALL]),
        providers=frozenset(found[PauseScope.PROVIDER]),
        occasions=frozenset(found[PauseScope.OCCASION]),
    )


def _within(db: Db, scope: PauseScope, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what makes a delivery wait for the end of a pause."""
    if scope is PauseScope.PROVIDER:
        return (is_to(db, [name]),)
    if scope is PauseScope.OCCASION:
        return (Delivery.occasion == name,)
    return ()


def is_to(db: Db, providers: Collection[str]) -> sa.ColumnElement[bool]:
    """Return the condition: the delivery goes to a mailbox of one of *providers*."""
    return (
        sa.exists()
        .where(
            Mailbox.id == Delivery.mailbox_id,
            domain(db).in_(sorted(domains_of(providers))),
        )
        .correlate_except(Mailbox)
    )


def domain(db: Db) -> sa.ColumnElement[str]:
    """Return the domain of a mailbox's address, as SQL of this database."""
    # The gate for addresses lets nothing with a second "@" through.
    if db.get_bind().dialect.name == "sqlite":
        at = sa.func.instr(Mailbox.canonical, "@")
        return sa.func.substr(Mailbox.canonical, at + 1)
    return sa.func.split_part(Mailbox.canonical, "@", 2)
