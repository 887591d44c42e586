"""What is left alone for now: begun by a person or by a refusal, ended by a person.

A pause changes no delivery. What it concerns is not claimed while it lasts, waits as
it is, and goes on when it ends. Workers look at the table every second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.outbox import interventions
from mailer.outbox.conduct import Pause, PauseScope
from mailer.outbox.models import Delivery
from mailer.outbox.providers import domains_of
from subscribers.database import insert_into
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from mailer.outbox.blame import Alarm
    from subscribers.database import Db


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
    refused = Delivery.id.in_(alarm.deliveries)
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
