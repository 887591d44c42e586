"""What came in, for a person's eyes: what waits for her, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.errors import PlanRefused
from mailer.inbound.models import Incoming
from mailer.inbound.reading import MAX_BYTES, Message, read
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that came in.

    Attributes:
        incoming: Its row.
        address: Of whom it is about; None if nobody is known.
        message: Its content, as long as it is kept and can be read.
    """

    incoming: Incoming
    address: str | None
    message: Message | None

    @property
    def is_waiting(self) -> bool:
        """Whether a person should look at it."""
        return (
            self.incoming.effected_at is None
            or self.incoming.raw is not None
            or self.incoming.octets > MAX_BYTES
        )


def arrivals(db: Db, *, only_waiting: bool, limit: int) -> list[Arrival]:
    """Return the newest messages, the newest first.

    Args:
        only_waiting: Those that a person should look at.
    """
    found = _chosen().order_by(Incoming.id.desc()).limit(limit)
    if only_waiting:
        found = found.where(
            sa.or_(
                Incoming.effected_at.is_(None),
                Incoming.raw.is_not(None),
                Incoming.octets > MAX_BYTES,
            )
        )
    return [_arrival(*row) for row in db.execute(found)]


def get(db: Db, number: int) -> Arrival:
    """Return the message with this *number*.

    Raises:
        PlanRefused: There is none.
    """
    row = db.execute(_chosen().where(Incoming.id == number)).first()
    if row is None:
        raise PlanRefused(
            f"Einen Eingang {number} gibt es nicht; alle zeigt „mia inbox list --all“."
        )
    return _arrival(*row)


def settle(db: Db, number: int, *, now: datetime) -> bool:
    """Drop the content of a message that a person has seen to; False if it is gone.

    Raises:
        PlanRefused: There is no such message.
    """
    incoming = get(db, number).incoming
    if incoming.raw is None:
        return False
    incoming.raw = None
    if incoming.effected_at is None:
        incoming.effect, incoming.effected_at = BY_HAND, now
    return True


BY_HAND = "by_hand"
"""The effect of what a person has seen to."""


def _chosen() -> sa.Select[Incoming, str | None]:
    return sa.select(Incoming, Mailbox.address).join(
        Mailbox, Mailbox.id == Incoming.mailbox_id, isouter=True
    )


def _arrival(incoming: Incoming, address: str | None) -> Arrival:
    message = read(incoming.raw) if incoming.raw is not None else None
    return Arrival(incoming, address, message if isinstance(message, Message) else None)
