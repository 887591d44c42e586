"""What came in: each message once, every place it lies at, and where we look.

The same bytes are one message, wherever and however often they lie: a mailbox that
is renumbered (a new UIDVALIDITY), a mail filed twice, a pipe that tries again. So the
digest is the key of the effect, and a place only says what is left to be filed.
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailer.outbox.models import DeliveryId
from subscribers.database import Base, UtcDateTime
from subscribers.models import MailboxId

IncomingId = NewType("IncomingId", int)


class Incoming(Base):
    """One message that came in, and the one effect it had.

    Row and effect are committed together; a row without ``effected_at`` is a message
    whose effect failed, kept whole for a person to look at.

    Attributes:
        digest: SHA-256 of the raw bytes, in hexadecimal.
        source: Where it was first seen: "imap/INBOX", "maildir/…", "stdin".
        received_at: When we first saw it; a Date header is nobody's word of honour.
        octets: Its size.
        kind: What it is, a value of ``classify.Kind``.
        rule: The rule that matched.
        mailbox_id: Whom it is about; None if nobody or unknown.
        delivery_id: Which delivery it answers; None if none or unknown.
        raw: The message, only as long as a person still needs it: mail for a human
            until it is forwarded, and the drawer of what could not be read.
        effect: What was done, as ``effects`` names it; None if it failed.
        effected_at: When that was committed; None if it failed.
    """

    __tablename__ = "incoming"

    id: Mapped[IncomingId] = mapped_column(sa.Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    octets: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(80))
    mailbox_id: Mapped[MailboxId | None] = mapped_column(
        ForeignKey("mailbox.id"), index=True
    )
    delivery_id: Mapped[DeliveryId | None] = mapped_column(ForeignKey("delivery.id"))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    effect: Mapped[str | None] = mapped_column(String(40))
    effected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IncomingPlace(Base):
    """One place where a message lies, named so that it is recognised again.

    Attributes:
        source: As in ``Incoming``.
        name: Its name there, never given twice: "UIDVALIDITY/UID" in a mailbox
            (RFC 9051, section 2.3.1.1), the unique part of its file name in a Maildir.
        incoming_id: The message there; None if it is too large to be fetched.
        octets: Its size as the place states it.
        seen_at: When we first saw it there.
        filed_at: When it was moved away, or found to be left where it lies; None
            while that is still to be done.
    """

    __tablename__ = "incoming_place"
    __table_args__ = (UniqueConstraint("source", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(255))
    incoming_id: Mapped[IncomingId | None] = mapped_column(
        ForeignKey("incoming.id"), index=True
    )
    octets: Mapped[int] = mapped_column(sa.BigInteger)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WatchedFolder(Base):
    """A folder that we read, and from when on its mail is our business.

    Attributes:
        source: As in ``Incoming``.
        uidvalidity: The numbering that we know (RFC 9051, section 2.3.1.1); 0 in a
            Maildir, which has none.
        since_at: Mail that arrived before is left alone: a mailbox shared with a
            person holds years of it. None: all of it is ours.
        read_at: When it was last read to its end.
    """

    __tablename__ = "watched_folder"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(sa.BigInteger)
    since_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
