"""The numbers of a week, each by one query on the ledger and the proofs.

``docs/figures.md`` defines every one of them in SQL; a test runs that and compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.german import short_day
from mailer.inbound.models import Incoming
from mailer.network.models import Contribution
from mailer.network.states import ContributionState
from mailer.outbox import counting
from mailer.outbox.counting import Span, count
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import audience
from subscribers.topics import Topic

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from subscribers.database import Db

SEVEN_DAYS: Final = timedelta(days=7)

NOT_DELIVERED: Final = (
    DeliveryState.REFUSED,
    DeliveryState.EXPIRED,
    DeliveryState.BOUNCED,
)
"""How a letter ends that its reader has not got."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven local days.

    Attributes:
        first: The first of them.
    """

    first: date
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """As the ledger names it, "2026-W48" (ISO 8601, of the first day)."""
        year, number, _ = self.first.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def german(self) -> str:
        """Return "16. bis 22. November 2026"."""
        last = self.first + SEVEN_DAYS - timedelta(days=1)
        is_one_month = self.first.month == last.month
        first = f"{self.first.day}." if is_one_month else short_day(self.first)
        return f"{first} bis {short_day(last)}"

    @property
    def starts_at(self) -> datetime:
        """The first midnight."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends_at(self) -> datetime:
        """The midnight after the last day: it does not belong to the week."""
        return datetime.combine(self.first + SEVEN_DAYS, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a week was like, and what waits at its end.

    Attributes:
        sent: Letters of editions that the mail server took.
        not_delivered: Letters of editions that their readers will not get.
        joined, left: Mailboxes.
        readers: Mailboxes that get invitations now.
        in_doubt: Letters of which nobody knows whether a server has them, now.
        held: Letters that somebody holds back, now.
        drafts: Editions that wait for a yes, now.
        mails: Mails that wait for a person, now.
        contributions: Contributions that wait for the coordinator's word, now.
    """

    sent: int
    not_delivered: int
    joined: int
    left: int
    readers: int
    in_doubt: int
    held: int
    drafts: int
    mails: int
    contributions: int


def figures(db: Db, week: Week) -> Figures:
    """Return the numbers of *week*, and of this moment."""
    span = Span(week.starts_at, week.ends_at)
    return Figures(
        sent=counting.sent(db, span),
        not_delivered=count(
            db,
            sa.select(Delivery.id).where(
                Delivery.topic.is_not(None),
                Delivery.state.in_(NOT_DELIVERED),
                *span.holds(Delivery.changed_at),
            ),
        ),
        joined=counting.joined(db, span),
        left=counting.left(db, span),
        readers=sum(audience.count(db, Topic.INVITATIONS).values()),
        in_doubt=count(db, _in(DeliveryState.UNCERTAIN)),
        held=count(db, _in(DeliveryState.HELD)),
        drafts=count(
            db, sa.select(Edition.id).where(Edition.state == EditionState.DRAFT)
        ),
        mails=count(
            db,
            sa.select(Incoming.id).where(
                sa.or_(Incoming.effected_at.is_(None), Incoming.raw.is_not(None))
            ),
        ),
        contributions=count(
            db,
            sa.select(Contribution.id).where(
                Contribution.state == ContributionState.WAITING
            ),
        ),
    )


def _in(state: DeliveryState) -> sa.Select[Any]:
    return sa.select(Delivery.id).where(Delivery.waiting == state)
