"""Residents: people with a mailbox of their own, and how they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers import mailboxes, subscription, suppression
from subscribers.address import fingerprint
from subscribers.models import Mailbox, Subscriber
from subscribers.subscription import Joined
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from subscribers.address import EmailAddress
    from subscribers.consent import Proof
    from subscribers.database import Db
    from subscribers.topics import LetterStyle


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be entered, as a command or a list names her.

    Attributes:
        address: Where she reads.
        name: As she wants to be greeted; None if unknown.
        style: How she wants letters worded; None leaves the mailbox as it is.
        topics: What she wants.
        entry: The documented consent; or channel OPERATOR if there is none.
        own_wish: She asked again after leaving.
        reminds: Reminders of the meetings are welcome.
    """

    address: EmailAddress
    name: str | None
    style: LetterStyle | None
    topics: tuple[Topic, ...]
    entry: Proof
    own_wish: bool = False
    reminds: bool = True


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a newcomer.

    Attributes:
        mailbox: Where she reads.
        is_new: Whether she was unknown in this role before.
        joined: For each topic, what became of it.
    """

    mailbox: Mailbox
    is_new: bool
    joined: Mapping[Topic, Joined]


def find(db: Db, mailbox: Mailbox) -> Subscriber | None:
    """Return the resident who reads *mailbox*, or None."""
    return db.scalar(sa.select(Subscriber).where(Subscriber.mailbox_id == mailbox.id))


def everybody(db: Db) -> Sequence[Subscriber]:
    """Return all residents who are not erased, ordered by mailbox."""
    rows = db.scalars(
        sa.select(Subscriber)
        .join(Mailbox)
        .where(Mailbox.canonical.is_not(None))
        .order_by(Mailbox.id)
    )
    return rows.all()


def enter(db: Db, newcomer: Newcomer, *, key: bytes, now: datetime) -> Entered:
    """Enter a resident; who is known keeps her name, and gets topics she lacks.

    Raises:
        Suppressed: The address must not be written to; it is not stored either.
        NoProof: See ``subscription.join``.
    """
    mailbox = admit(db, newcomer.address, key=key, now=now)
    known = find(db, mailbox)
    if known is None:
        known = Subscriber(mailbox=mailbox, name=newcomer.name, created_at=now)
        db.add(known)
        is_new = True
        _apply_style(mailbox, newcomer)
    else:
        known.name = known.name or newcomer.name
        is_new = False
    return Entered(mailbox, is_new, join_all(db, mailbox, newcomer, now=now))


def admit(db: Db, address: EmailAddress, *, key: bytes, now: datetime) -> Mailbox:
    """Return the mailbox of *address*, unless it is on the suppression list.

    Raises:
        Suppressed: It is; then the address is not even stored.
    """
    suppression.refuse(db, fingerprint(address.canonical, key=key))
    return mailboxes.get_or_add(db, address, key=key, now=now)


def join_all(
    db: Db, mailbox: Mailbox, newcomer: Newcomer, *, now: datetime
) -> dict[Topic, Joined]:
    """Enter *newcomer* for each of her topics; who is there keeps her wishes."""
    joined = {
        topic: subscription.join(
            db, mailbox, topic, newcomer.entry, own_wish=newcomer.own_wish, now=now
        )
        for topic in newcomer.topics
    }
    if not newcomer.reminds and joined.get(Topic.INVITATIONS) in _ENTERED:
        subscription.set_reminds(db, mailbox, reminds=False)
    return joined


_ENTERED: Final = (Joined.ACTIVE, Joined.WAITING, Joined.PROVEN)


def _apply_style(mailbox: Mailbox, newcomer: Newcomer) -> None:
    if newcomer.style is not None:
        mailbox.style = newcomer.style
