"""The audience: who gets a letter about a topic, now.

Two questions, one answer: ``recipients`` streams everybody who may be written to,
``wanted`` asks the same about one mailbox again, inside the UPDATE that marks a
delivery before it leaves. A person who left in between gets nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import sqlalchemy as sa

from subscribers import suppression
from subscribers.address import EmailAddress
from subscribers.models import (
    Mailbox,
    MailboxId,
    Partner,
    PartnerContact,
    Subscriber,
    Subscription,
)
from subscribers.prepared import Prepared, among
from subscribers.states import PartnerState, SubscriptionState
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from subscribers.database import Db
    from subscribers.topics import Topic

    Narrowing: TypeAlias = Callable[[Any], sa.ColumnElement[bool]]
    """From a column with mailboxes to the condition: it is one of those asked for."""

_STYLES: Final = {str(style): style for style in LetterStyle}
"""What the column holds, by the words in it."""

ROWS_AT_A_TIME: Final = 500
"""How many rows are held in memory while streaming; about 200 kB."""


class Recipient(NamedTuple):
    """A frozen picture of one mailbox that gets a letter.

    Attributes:
        mailbox_id: For the ledger.
        address: Where the letter goes.
        name: For the greeting; None unless exactly one person reads the mailbox
            and her name is known.
        style: How the letter is worded.
        is_partner: Whether somebody speaks for a partner there, for the line that
            says why the letter comes.
    """

    mailbox_id: MailboxId
    address: EmailAddress
    name: str | None
    style: LetterStyle
    is_partner: bool


def recipients(
    db: Db, topic: Topic, *narrowed: sa.ColumnElement[bool]
) -> Iterator[Recipient]:
    """Stream everybody who gets letters about *topic*, ordered by mailbox.

    One query, whatever the size; at most ``ROWS_AT_A_TIME`` rows are in memory.

    Args:
        narrowed: More conditions, on ``Mailbox`` or ``Subscription``.
    """
    rows = db.execute(
        _everybody(topic).where(*narrowed).execution_options(yield_per=ROWS_AT_A_TIME),
    )
    for row in rows:
        yield _recipient(row)


def wants_reminders() -> sa.ColumnElement[bool]:
    """Return the condition: a reminder the day before is welcome."""
    return Subscription.reminds.is_(True)


def readers(db: Db, mailbox_ids: Sequence[MailboxId]) -> dict[MailboxId, Recipient]:
    """Return who reads these mailboxes; an erased one is missing.

    What they subscribed to is not asked: see ``wanted``.
    """
    rows = _READERS.rows(db.connection(), {"of_ids": mailbox_ids})
    return {row[0]: _recipient(row) for row in rows}


def count(
    db: Db, topic: Topic, *narrowed: sa.ColumnElement[bool]
) -> dict[LetterStyle, int]:
    """Return how many mailboxes get letters about *topic*, for each style in use.

    Args:
        narrowed: As in ``recipients``.
    """
    rows = db.execute(
        sa.select(Mailbox.style, sa.func.count())
        .join(Subscription, Subscription.mailbox_id == Mailbox.id)
        .where(*_may_be_written_to(), *_is_active(topic), *narrowed)
        .group_by(Mailbox.style)
        .order_by(Mailbox.style)
    )
    return {style: number for style, number in rows}  # noqa: C416 - a Row is no pair


def wanted(
    mailbox_id: sa.ColumnElement[MailboxId] | sa.orm.InstrumentedAttribute[MailboxId],
    topic: sa.ColumnElement[Topic | None] | sa.orm.InstrumentedAttribute[Topic | None],
) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a letter is still wanted.

    It fits into the WHERE of an UPDATE or a SELECT on the table of the two columns,
    on SQLite and on PostgreSQL.

    Args:
        mailbox_id: Column with the mailbox the letter goes to.
        topic: Column with the topic it needs a subscription for. NULL means an
            answer somebody asked for; then the mailbox only must not be erased.
    """
    subscribed = (
        sa.exists()
        .where(
            Subscription.mailbox_id == Mailbox.id,
            Subscription.topic == topic,
            Subscription.state == SubscriptionState.ACTIVE,
        )
        .correlate_except(Subscription)
    )
    return (
        sa.exists()
        .where(
            Mailbox.id == mailbox_id,
            _is_not_erased(),
            sa.or_(
                topic.is_(None),
                sa.and_(subscribed, *_may_be_written_to()),
            ),
        )
        .correlate_except(Mailbox)
    )


def _everybody(
    topic: Topic,
) -> sa.Select[MailboxId, str, str, LetterStyle, str | None, int]:
    return (
        _pictures()
        .join(Subscription, Subscription.mailbox_id == Mailbox.id)
        .where(*_may_be_written_to(), *_is_active(topic))
        .order_by(Mailbox.id)
    )


def _some(
    dialect: str,
) -> sa.Select[MailboxId, str, str, LetterStyle, str | None, int]:
    """Return the query for those that are named."""
    here = partial(among, name="of_ids", dialect=dialect)
    return _pictures(here).where(here(Mailbox.id), _is_not_erased())


def _pictures(
    here: Narrowing | None = None,
) -> sa.Select[MailboxId, str, str, LetterStyle, str | None, int]:
    """Return the columns of a ``Recipient``, for every mailbox.

    Args:
        here: Narrows the look at people, so that a few do not cost a walk through
            everybody; None for all.
    """
    people = _readers(here)
    return sa.select(
        Mailbox.id,
        Mailbox.address,
        Mailbox.canonical,
        Mailbox.style,
        people.c.name,
        sa.func.coalesce(people.c.is_partner, 0),
    ).outerjoin(people, people.c.mailbox_id == Mailbox.id)


def _recipient(row: Sequence[Any]) -> Recipient:
    mailbox_id, address, canonical, style, name, is_partner = row
    return Recipient(
        mailbox_id,
        EmailAddress.restore(address, canonical),
        name,
        _STYLES[style],
        is_partner=bool(is_partner),
    )


def _readers(here: Narrowing | None) -> sa.Subquery:
    """Return one row per mailbox: the name of its only reader, and is it a partner's.

    A reader without a name counts as somebody else, so a shared mailbox is never
    greeted by the name of one of its readers.
    """
    own = sa.select(
        Subscriber.mailbox_id, Subscriber.name, sa.literal(0).label("speaks")
    )
    partners = (
        sa.select(
            PartnerContact.mailbox_id,
            PartnerContact.name,
            sa.literal(1).label("speaks"),
        )
        .join(Partner, Partner.id == PartnerContact.partner_id)
        .where(PartnerContact.left_at.is_(None), Partner.state != PartnerState.LEFT)
    )
    if here is not None:
        own = own.where(here(Subscriber.mailbox_id))
        partners = partners.where(here(PartnerContact.mailbox_id))
    people = sa.union_all(own, partners).subquery("people")
    only_name = sa.and_(
        sa.func.count(sa.distinct(people.c.name)) == 1,
        sa.func.count(people.c.name) == sa.func.count(),
    )
    return (
        sa.select(
            people.c.mailbox_id,
            sa.case((only_name, sa.func.min(people.c.name))).label("name"),
            sa.func.max(people.c.speaks).label("is_partner"),
        )
        .group_by(people.c.mailbox_id)
        .subquery("readers")
    )


def _is_active(topic: Topic) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Subscription.topic == topic,
        Subscription.state == SubscriptionState.ACTIVE,
    )


def _is_not_erased() -> sa.ColumnElement[bool]:
    return sa.and_(Mailbox.erased_at.is_(None), Mailbox.canonical.is_not(None))


def _may_be_written_to() -> tuple[sa.ColumnElement[bool], ...]:
    """A row without fingerprint cannot be looked up on the list: it gets nothing."""
    return (
        _is_not_erased(),
        Mailbox.fingerprint.is_not(None),
        ~suppression.holds_for(Mailbox),
    )


_READERS: Final = Prepared(_some, is_planned_anew=True)
"""Asked for every letter that is about to leave."""
