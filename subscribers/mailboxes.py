"""Mailboxes: the one place where an address becomes a row, and stays one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from subscribers.address import fingerprint
from subscribers.errors import ForeignKeys, UnknownPerson
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.topics import LetterStyle


def find(db: Db, address: EmailAddress) -> Mailbox | None:
    """Return the mailbox of *address*, or None if it was never seen or is erased."""
    return db.scalar(sa.select(Mailbox).where(Mailbox.canonical == address.canonical))


def get(db: Db, address: EmailAddress) -> Mailbox:
    """Return the mailbox of *address*.

    Raises:
        UnknownPerson: It was never seen, or is erased.
    """
    mailbox = find(db, address)
    if mailbox is None:
        raise UnknownPerson(address.text)
    return mailbox


def get_or_add(db: Db, address: EmailAddress, *, key: bytes, now: datetime) -> Mailbox:
    """Return the mailbox of *address*; add a row if there is none.

    Args:
        db: An open writing transaction.
        address: Any spelling of it; the first one is kept.
        key: ``TokenKeys.fingerprint_key``.
        now: Becomes ``created_at`` of a new row.
    """
    known = find(db, address)
    if known is not None:
        return known
    mailbox = Mailbox(
        address=address.text,
        canonical=address.canonical,
        fingerprint=fingerprint(address.canonical, key=key),
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(mailbox)
    except IntegrityError:
        # Another program added it between our look and our write (PostgreSQL).
        return get(db, address)
    return mailbox


def set_style(mailbox: Mailbox, style: LetterStyle) -> None:
    """Store how the reader of *mailbox* wants letters worded."""
    mailbox.style = style


def require_keys(db: Db, *, key: bytes) -> None:
    """Refuse a secret other than the one this database was written with.

    With another secret no address would be found on the suppression list any more.

    Raises:
        ForeignKeys: The fingerprints in the database come from another secret.
    """
    sample = db.scalar(
        sa.select(Mailbox).where(Mailbox.canonical.is_not(None)).limit(1)
    )
    if sample is None or sample.canonical is None:
        return
    if sample.fingerprint != fingerprint(sample.canonical, key=key):
        raise ForeignKeys
