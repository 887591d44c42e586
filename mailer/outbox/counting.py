"""Numbers that several letters tell, each one query on the ledger and the proofs.

``docs/figures.md`` defines every one of them in SQL; tests run that and compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.states import DeliveryEvent
from subscribers.models import ConsentAct, ConsentRecord

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db

JOINED: Final = (ConsentAct.CONFIRMED, ConsentAct.RECORDED)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of time; its end does not belong to it."""

    starts_at: datetime
    ends_at: datetime

    def holds(
        self, column: sa.orm.InstrumentedAttribute[Any]
    ) -> tuple[sa.ColumnElement[bool], ...]:
        """Return the conditions that *column* lies within it."""
        return column >= self.starts_at, column < self.ends_at


def count(db: Db, chosen: sa.Select[Any]) -> int:
    """Return how many different things are chosen."""
    number = sa.select(sa.func.count()).select_from(chosen.distinct().subquery())
    return db.execute(number).scalar_one()


def sent(db: Db, span: Span) -> int:
    """Return how many letters of editions the mail server took."""
    taken = (
        sa.select(Delivery.id)
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .where(
            Delivery.topic.is_not(None),
            Attempt.outcome == DeliveryEvent.ACCEPT.value,
            *span.holds(Attempt.finished_at),
        )
    )
    return count(db, taken)


def joined(db: Db, span: Span) -> int:
    """Return how many mailboxes have a proof of consent that came in."""
    return count(db, _acts(span, *JOINED))


def left(db: Db, span: Span) -> int:
    """Return how many mailboxes ended a subscription."""
    return count(db, _acts(span, ConsentAct.WITHDRAWN))


def _acts(span: Span, *acts: ConsentAct) -> sa.Select[Any]:
    return sa.select(ConsentRecord.mailbox_id).where(
        ConsentRecord.act.in_(acts), *span.holds(ConsentRecord.recorded_at)
    )
