"""How sending stands as a whole: who waits, for how long, how fast it goes, what rests.

For ``mia outbox status`` and for whoever watches over it; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.outbox import pauses
from mailer.outbox.models import Delivery
from mailer.outbox.states import OPEN, DeliveryState
from mailer.settings.providers import provider_of
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailer.outbox.conduct import Pause
    from subscribers.database import Db

S = DeliveryState

RATE_SPAN: Final = timedelta(minutes=10)
"""Over what time the rate is measured: long enough to be steady, short enough to be
of this run."""

WAITING: Final = frozenset({S.QUEUED, S.CLAIMED, S.TRANSMITTING, S.DEFERRED})
"""What will leave without anybody's doing."""


@dataclass(frozen=True, slots=True)
class Held:
    """Deliveries that wait for a person, for one reason."""

    occasion: str
    reason: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How sending stands.

    Attributes:
        providers: Open deliveries by provider and state, the fullest provider first;
            people who were erased count under an empty name.
        waiting: Deliveries that will leave without anybody's doing.
        in_doubt: Deliveries whose answer was lost.
        oldest_at: Since when the oldest of the waiting ones waits; None if none does.
        per_minute: Letters accepted per minute lately; None if there were none.
        done_at: When the last waiting one will have left at this rate; None if
            nothing waits or nothing moves.
        held: What waits for a person.
        pauses: What is paused, the oldest pause first.
    """

    providers: Mapping[str, Mapping[DeliveryState, int]]
    waiting: int
    in_doubt: int
    oldest_at: datetime | None
    per_minute: float | None
    done_at: datetime | None
    held: Sequence[Held]
    pauses: Sequence[Pause]


def overview(db: Db, *, now: datetime) -> Overview:
    """Return how sending stands at *now*."""
    providers = _providers(db)
    states: Counter[DeliveryState] = Counter()
    for row in providers.values():
        states.update(row)
    waiting = sum(states[state] for state in WAITING)
    rate = _rate(db, now)
    return Overview(
        providers=providers,
        waiting=waiting,
        in_doubt=states[S.UNCERTAIN],
        oldest_at=_oldest(db),
        per_minute=rate,
        done_at=now + timedelta(minutes=waiting / rate) if rate and waiting else None,
        held=_held(db),
        pauses=pauses.in_force(db, now=now),
    )


def _providers(db: Db) -> dict[str, Counter[DeliveryState]]:
    domain = pauses.domain(db)
    rows = db.execute(
        sa.select(domain, Delivery.state, sa.func.count())
        .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
        .where(Delivery.state.in_(OPEN))
        .group_by(domain, Delivery.state)
    )
    found: dict[str, Counter[DeliveryState]] = {}
    for name, state, number in rows:
        found.setdefault(provider_of(name or ""), Counter())[state] += number
    fullest = sorted(found, key=lambda name: (-found[name].total(), name))
    return {name: found[name] for name in fullest}


def _oldest(db: Db) -> datetime | None:
    oldest = sa.select(sa.func.min(Delivery.created_at)).where(
        Delivery.state.in_(WAITING)
    )
    return db.execute(oldest).scalar_one()


def _rate(db: Db, now: datetime) -> float | None:
    """Return letters accepted per minute, since the first one of the span."""
    number, first_at = db.execute(
        sa.select(sa.func.count(), sa.func.min(Delivery.changed_at)).where(
            Delivery.state == S.ACCEPTED, Delivery.changed_at > now - RATE_SPAN
        )
    ).one()
    if not number:
        return None
    # At least a second, or a single letter would seem to be a flood.
    passed = max(now - first_at, timedelta(seconds=1))
    return float(number / (passed / timedelta(minutes=1)))


def _held(db: Db) -> list[Held]:
    rows = db.execute(
        sa.select(Delivery.occasion, Delivery.reason, sa.func.count())
        .where(Delivery.waiting == S.HELD)
        .group_by(Delivery.occasion, Delivery.reason)
        .order_by(sa.func.min(Delivery.id))
    )
    return [Held(occasion, reason, number) for occasion, reason, number in rows]
