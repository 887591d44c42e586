"""The statements that change a delivery's state, and what may be asked of it.

Every move asks the table in ``states``: a delivery that does not know the event is
not touched. The conditions under which a letter may leave stand here once, for the
claim, for the mark and for setting aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlalchemy as sa

from mailer.meetings.models import Meeting
from mailer.outbox.backoff import GIVE_UP_AFTER
from mailer.outbox.models import Delivery, DeliveryId, FrozenLetter
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.states import DELIVERY, DeliveryEvent, DeliveryState
from subscribers import audience

if TYPE_CHECKING:
    from datetime import datetime

    Moment: TypeAlias = datetime | sa.BindParameter[datetime]

    from subscribers.database import Db

S, E = DeliveryState, DeliveryEvent

TABLE: Final = Delivery.metadata.tables[Delivery.__tablename__]

SUPERSEDED: Final = "Der Termin hat sich seitdem geändert."
UNWANTED: Final = "Die Einwilligung gilt nicht mehr."
TOO_LATE: Final = "Das Treffen hat schon begonnen."
OVERDUE: Final = "Die Frist für diesen Brief ist vorbei."
GIVEN_UP: Final = "Fünf Tage lang hat der Server den Brief aufgeschoben."


def move(
    db: Db,
    event: DeliveryEvent,
    *conditions: sa.ColumnElement[bool],
    now: datetime,
    **values: Any,  # noqa: ANN401 - columns of Delivery, checked by SQLAlchemy
) -> list[DeliveryId]:
    """Move every delivery that meets *conditions* and knows *event*."""
    statement = (
        sa.update(TABLE)
        .where(holds(event), *conditions)
        .values(state=after(event), changed_at=now, **values)
        .returning(TABLE.c.id)
    )
    return sorted(db.scalars(statement))


def after(event: DeliveryEvent) -> sa.Case[DeliveryState]:
    """Return the state that follows *event*, as an expression on ``delivery``."""
    table = {state: DELIVERY.table[state][event] for state in DELIVERY.sources(event)}
    return sa.case(
        *[
            (Delivery.state == word(state), word(target))
            for state, target in table.items()
        ]
    )


def word(state: DeliveryState) -> sa.ColumnElement[DeliveryState]:
    """Return *state* as a word of SQL: it need not be handed over for each row."""
    return sa.literal_column(f"'{state.value}'", Delivery.state.type)


def holds(event: DeliveryEvent) -> sa.ColumnElement[bool]:
    """Return the condition: the delivery is in a state that knows *event*."""
    # Not an IN: that cannot be said for many rows at once.
    return sa.or_(*[Delivery.state == word(one) for one in DELIVERY.sources(event)])


def may_be_sent(now: Moment) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a letter may leave at *now*."""
    return (is_wanted(), sa.not_(is_superseded()), sa.not_(is_late(now)))


def is_wanted() -> sa.ColumnElement[bool]:
    """Return the condition: consent holds, and the address is not suppressed."""
    return audience.wanted(Delivery.mailbox_id, Delivery.topic)


def is_late(now: Moment) -> sa.ColumnElement[bool]:
    """Return the condition: nobody has any use for it after *now*."""
    # Written so that it is never NULL: its negation must hold without an expiry.
    return sa.and_(Delivery.expires_at.is_not(None), Delivery.expires_at <= now)


def is_given_up(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition: "later" went on for days, and the next try lies ahead.

    A try that is due is made first: after a long pause it may well succeed.
    """
    return sa.and_(
        Delivery.state == S.DEFERRED,
        Delivery.expires_at.is_(None),
        Delivery.created_at <= now - GIVE_UP_AFTER,
        Delivery.next_try_at > now,
    )


def is_superseded() -> sa.ColumnElement[bool]:
    """Return the condition: the meeting has changed since the letter was frozen.

    Only a letter to the list is given up for a newer one. A welcome is not: its reader
    is told of the change by a letter of its own.
    """
    return (
        sa.select(FrozenLetter.occasion)
        .join(Meeting, Meeting.id == FrozenLetter.meeting_id)
        .where(
            FrozenLetter.occasion == Delivery.occasion,
            FrozenLetter.style == Delivery.style,
            FrozenLetter.origin == LetterOrigin.EDITION,
            FrozenLetter.meeting_sequence != Meeting.sequence,
        )
        .correlate(Delivery)
        .exists()
    )


def set_aside(db: Db, *, now: datetime, only: DeliveryId | None = None) -> str | None:
    """Skip or expire waiting and claimed deliveries that must not be sent any more.

    Args:
        only: Look at this delivery alone.

    Returns:
        The reason of the last one set aside, in German; None if there was none.
    """
    # A worker finds out about a claimed delivery by itself, when it sets the mark.
    here = Delivery.waiting.is_not(None) if only is None else Delivery.id == only
    obstacles = (
        (E.EXPIRE, sa.and_(is_late(now), Delivery.topic.is_not(None)), TOO_LATE),
        (E.EXPIRE, is_late(now), OVERDUE),
        (E.EXPIRE, is_given_up(now), GIVEN_UP),
        (E.SKIP, is_superseded(), SUPERSEDED),
        (E.SKIP, sa.not_(is_wanted()), UNWANTED),
    )
    told = None
    for event, obstacle, reason in obstacles:
        gone = move(db, event, here, obstacle, now=now, reason=reason)
        told = reason if gone else told
    return told
