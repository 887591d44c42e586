"""What the ledger says, for people: counts, troubles, history. Nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.errors import PlanRefused
from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.statements import MAX_COPIES
from mailer.outbox.states import OPEN, DeliveryEvent, DeliveryState
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from subscribers.database import Db
    from subscribers.models import MailboxId

S, E = DeliveryState, DeliveryEvent

GERMAN: Final[Mapping[DeliveryState, str]] = {
    S.ACCEPTED: "angenommen",
    S.DEFERRED: "aufgeschoben",
    S.REFUSED: "abgelehnt",
    S.SKIPPED: "übersprungen",
    S.UNCERTAIN: "im Zweifel",
    S.EXPIRED: "zu spät",
    S.HELD: "angehalten",
    S.QUEUED: "wartet",
    S.CLAIMED: "in Arbeit",
    S.TRANSMITTING: "wird übertragen",
    S.BOUNCED: "zurückgekommen",
}
"""What people call the states, in the order of a report."""

ENDED: Final[Mapping[str, str]] = {
    E.ACCEPT: "angenommen",
    E.DEFER: "aufgeschoben",
    E.REFUSE: "abgelehnt",
    E.LOSE: "Antwort verloren",
}
"""What people call the end of one try; any other was interrupted."""

TROUBLED: Final = (S.DEFERRED, S.REFUSED, S.UNCERTAIN, S.EXPIRED, S.BOUNCED)
"""States that a report explains one by one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the deliveries of some occasions stand.

    Attributes:
        states: How many are in each state; a state without any is missing.
        second_copies: How many a server has, or may have, twice.
    """

    states: Mapping[DeliveryState, int]
    second_copies: int

    @property
    def total(self) -> int:
        """All deliveries."""
        return sum(self.states.values())

    @property
    def open(self) -> int:
        """Deliveries with something still to do or to find out."""
        return sum(number for state, number in self.states.items() if state in OPEN)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A delivery that is not simply done.

    Attributes:
        address: None once the person was erased.
        why: The server's last words, or ours.
    """

    delivery_id: int
    occasion: str
    address: str | None
    state: DeliveryState
    copies: int
    tries: int
    why: str


def tally(db: Db, occasions: Collection[str] | None = None) -> Tally:
    """Count the deliveries of *occasions*; None counts all."""
    chosen = [] if occasions is None else [Delivery.occasion.in_(occasions)]
    counted = db.execute(
        sa.select(Delivery.state, sa.func.count())
        .where(*chosen)
        .group_by(Delivery.state)
    )
    found = {state: number for state, number in counted}  # noqa: C416 - a Row is no pair
    twice = sa.select(sa.func.count()).where(Delivery.copies >= MAX_COPIES, *chosen)
    return Tally(
        states={state: found[state] for state in GERMAN if state in found},
        second_copies=db.execute(twice).scalar_one(),
    )


def tallies(db: Db) -> dict[str, Tally]:
    """Return the tally of every occasion, the newest last."""
    rows = db.execute(
        sa.select(
            Delivery.occasion,
            Delivery.state,
            sa.func.count(),
            sa.func.sum(sa.case((Delivery.copies >= MAX_COPIES, 1), else_=0)),
            sa.func.min(Delivery.id),
        ).group_by(Delivery.occasion, Delivery.state)
    ).all()
    states: dict[str, dict[DeliveryState, int]] = {}
    twice: Counter[str] = Counter()
    for name, state, number, second, _ in sorted(rows, key=lambda row: row[-1]):
        states.setdefault(name, {})[state] = number
        twice[name] += second
    return {name: Tally(found, twice[name]) for name, found in states.items()}


def troubles(db: Db, occasions: Collection[str] | None = None) -> list[Trouble]:
    """Return what needs an explanation, second copies included."""
    chosen = [] if occasions is None else [Delivery.occasion.in_(occasions)]
    troubled = sa.or_(Delivery.state.in_(TROUBLED), Delivery.copies >= MAX_COPIES)
    rows = db.execute(
        sa.select(Delivery, Mailbox.address)
        .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
        .where(troubled, *chosen)
        .order_by(Delivery.id)
    )
    return [
        Trouble(
            delivery_id=delivery.id,
            occasion=delivery.occasion,
            address=address,
            state=delivery.state,
            copies=delivery.copies,
            tries=delivery.tries,
            why=delivery.reason or delivery.reply_text or "",
        )
        for delivery, address in rows
    ]


def one(db: Db, delivery_id: int) -> tuple[Delivery, str | None, Sequence[Attempt]]:
    """Return a delivery, its address, and its attempts, the oldest first.

    Raises:
        PlanRefused: There is none with this number.
    """
    found = db.execute(
        sa.select(Delivery, Mailbox.address)
        .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if found is None:
        raise PlanRefused(
            f"Eine Zustellung {delivery_id} gibt es nicht. Die Nummern zeigt „mia "
            "outbox status“."
        )
    return found.Delivery, found.address, _attempts(db, delivery_id)


def history(
    db: Db, mailbox_id: MailboxId
) -> Sequence[tuple[Delivery, Sequence[Attempt]]]:
    """Return every delivery to a mailbox with its attempts, the oldest first."""
    deliveries = db.scalars(
        sa.select(Delivery)
        .where(Delivery.mailbox_id == mailbox_id)
        .order_by(Delivery.id)
    ).all()
    return [(delivery, _attempts(db, delivery.id)) for delivery in deliveries]


def _attempts(db: Db, delivery_id: int) -> Sequence[Attempt]:
    return db.scalars(
        sa.select(Attempt)
        .where(Attempt.delivery_id == delivery_id)
        .order_by(Attempt.number)
    ).all()
