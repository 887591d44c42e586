"""Who is served now: a claim within pauses and limits, in one transaction.

The ledger knows whether a letter may leave at all; here it is decided whether it may
leave now, over this relay. What has to wait is not touched: it is not claimed, or
given back in the same breath, and no try is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.outbox import ledger, pacing, pauses
from mailer.outbox.models import Delivery, DeliveryId
from mailer.outbox.states import DeliveryState
from mailer.settings.providers import provider_of
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from mailer.outbox.ledger import Claim
    from mailer.outbox.pace import Limits
    from mailer.outbox.pauses import Paused
    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Tempo:
    """The limits that hold while one relay is used.

    Attributes:
        relay: Its name, "mail.example.org:587".
        limits: Of the relay.
        providers: Of some providers, by name, whatever the relay.
    """

    relay: str = ""
    limits: Limits = field(default_factory=dict)
    providers: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The relay's account."""
        return f"relay/{self.relay}"

    @property
    def is_limited(self) -> bool:
        """Whether anything is counted at all."""
        return any(self.limits.values()) or bool(self.providers)


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a worker behaves towards the world.

    Attributes:
        tempo: How fast.
        pause_after: So many equal refusals of one provider are about us.
        overdue_after: What nobody looked after for so long is held; None for never.
    """

    tempo: Tempo = field(default_factory=Tempo)
    pause_after: int = 3
    overdue_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a worker got.

    Attributes:
        claims: To be served.
        free_at: When the pace allows what it keeps back; None if there are claims, or
            it keeps nothing back.
        paused: What was left alone.
    """

    claims: Sequence[Claim]
    free_at: datetime | None
    paused: Paused


def admit(  # noqa: PLR0913 - what a claim needs, and the limits
    db: Db,
    tempo: Tempo,
    *,
    worker: str,
    limit: int,
    lease: timedelta,
    now: datetime,
    only: Collection[str] | None = None,
) -> Admitted:
    """Claim up to *limit* deliveries that may leave now.

    Args:
        only: Names of occasions; None takes all.
    """
    paused = pauses.paused(db, now=now)
    if paused.everything:
        return Admitted([], None, paused)
    full = _full(db, tempo, now=now)
    allowed, room = pacing.reserve(
        db, tempo.account, tempo.limits, wanted=limit, now=now
    )

    def claim(number: int, closed: frozenset[str]) -> Sequence[Claim]:
        among = _among(db, paused, closed)
        return ledger.claim(
            db,
            worker=worker,
            limit=number,
            lease=lease,
            now=now,
            only=only,
            among=among,
        )

    claims = claim(allowed, frozenset(full)) if allowed else []
    kept, back = _within(db, tempo, claims, now=now)
    waits = [moment for moment in (*full.values(), room.free_at) if moment]
    if waits and not kept:
        # Does anything wait for the pace at all? What could be claimed without it.
        kept_back = claim(1, frozenset())
        back += [one.delivery_id for one in kept_back]
        waits = waits if kept_back else []
    if back:
        ledger.release(db, worker, now=now, only=back)
    if tempo.is_limited:
        pacing.give_back(db, tempo.account, allowed - len(kept))
    return Admitted(kept, min(waits, default=None) if not kept else None, paused)


def dismiss(db: Db, tempo: Tempo, *, worker: str, now: datetime) -> None:
    """Give back what *worker* holds and has not sent, and what it would have cost."""
    if not tempo.is_limited:
        ledger.release(db, worker, now=now)
        return
    domains = db.scalars(
        sa.select(pauses.domain(db))
        .join(Delivery, Delivery.mailbox_id == Mailbox.id)
        .where(Delivery.worker == worker, Delivery.state == DeliveryState.CLAIMED)
    ).all()
    ledger.release(db, worker, now=now)
    pacing.give_back(db, tempo.account, len(domains))
    for name, number in Counter(map(provider_of, domains)).items():
        if name in tempo.providers:
            pacing.give_back(db, f"provider/{name}", number)


def _full(db: Db, tempo: Tempo, *, now: datetime) -> dict[str, datetime]:
    """Return the providers to whom nothing may leave now, and until when."""
    rooms = {
        name: pacing.room(db, f"provider/{name}", limits, now=now)
        for name, limits in tempo.providers.items()
    }
    return {name: one.free_at for name, one in rooms.items() if one.free_at}


def _among(
    db: Db, paused: Paused, full: frozenset[str]
) -> list[sa.ColumnElement[bool]]:
    """Return what a claim must fulfil; nothing where nothing is kept back."""
    left_alone = paused.providers | full
    conditions: list[sa.ColumnElement[bool]] = []
    if left_alone:
        conditions.append(sa.not_(pauses.is_to(db, left_alone)))
    if paused.occasions:
        conditions.append(Delivery.occasion.not_in(sorted(paused.occasions)))
    return conditions


def _within(
    db: Db, tempo: Tempo, claims: Sequence[Claim], *, now: datetime
) -> tuple[list[Claim], list[DeliveryId]]:
    """Return the claims that their providers take now, and the others."""
    if not tempo.providers:
        return list(claims), []
    wanted = Counter(
        provider
        for one in claims
        if (provider := provider_of(one.recipient.address.domain)) in tempo.providers
    )
    left = {
        name: pacing.reserve(
            db, f"provider/{name}", tempo.providers[name], wanted=number, now=now
        )[0]
        for name, number in wanted.items()
    }
    kept: list[Claim] = []
    back: list[DeliveryId] = []
    for one in claims:
        provider = provider_of(one.recipient.address.domain)
        if left.get(provider, 1) <= 0:
            back.append(one.delivery_id)
            continue
        if provider in left:
            left[provider] -= 1
        kept.append(one)
    return kept, back
