"""The ledger's tables: what was frozen, what is owed to whom, and every try."""

from __future__ import annotations

from datetime import datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from mailer.meetings.models import MeetingId
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.states import DeliveryState
from subscribers.database import Base, UtcDateTime, index_where, stored
from subscribers.models import MailboxId
from subscribers.topics import LetterStyle, Topic

DeliveryId = NewType("DeliveryId", int)


class FrozenLetter(Base):
    """What an occasion says in one style, exactly as issued.

    The personal places are still open (see ``rendering.letter``); everything else,
    the Date included, never changes again. So a second copy has identical bytes, and
    a template edited tomorrow touches nothing issued today.

    Attributes:
        dated_at: The Date header of every copy.
        calendar: The iCalendar object; None if the letter carries none.
        method: Its iTIP method; empty without a calendar, and for a mere file.
        meeting_id, meeting_sequence: What was true of the meeting when the letter
            was frozen. Once the meeting has moved on, the letter is superseded.
        origin: How it came about; that decides envelope and header.
        in_reply_to: Message-ID of the mail it answers; None if it answers none.
        thread: Message-IDs of the talk before it, the oldest first, in one line.
        reply_to_id: Who gets the answer to a forwarded mail; None for the usual one.
        attachment: The mail that is enclosed; None once it has arrived.
    """

    __tablename__ = "frozen_letter"

    occasion: Mapped[str] = mapped_column(String(80), primary_key=True)
    style: Mapped[LetterStyle] = mapped_column(stored(LetterStyle), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    method: Mapped[str] = mapped_column(String(20), default="")
    dated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    meeting_id: Mapped[MeetingId | None] = mapped_column(ForeignKey("meeting.id"))
    meeting_sequence: Mapped[int | None]
    origin: Mapped[LetterOrigin] = mapped_column(
        stored(LetterOrigin),
        default=LetterOrigin.EDITION,
        server_default=LetterOrigin.EDITION.value,
    )
    in_reply_to: Mapped[str | None] = mapped_column(String(998))
    thread: Mapped[str] = mapped_column(Text, default="", server_default="")
    reply_to_id: Mapped[MailboxId | None] = mapped_column(ForeignKey("mailbox.id"))
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary)


class FrozenFile(Base):
    """A file that goes with every copy of a letter, exactly as issued.

    Attributes:
        number: Its place, from 1.
    """

    __tablename__ = "frozen_file"

    occasion: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """One occasion to one mailbox.

    Only ``ledger.py`` writes ``state``.

    Attributes:
        occasion: Why: "edition/42".
        topic: Whose consent it needs; None for an answer somebody asked for.
        id: Also its place in the order of the recipients, as they were enqueued.
        style: Which frozen letter.
        tries: Attempts begun; each has a row in ``attempt`` once it has ended.
        copies: How many copies a server has, or may have; never above 2.
        message_id: The same for every try (RFC 5322, section 3.6.4).
        worker: Who works on it, or was the last to do so; see ``Lease``.
        waiting: The state, if the delivery is in nobody's hands and not at its end.
            The database keeps it. What is due is found by it, and while a worker has
            the delivery it does not change: neither does any index.
        next_try_at: Not before this moment; None means now.
        expires_at: Never after this moment; the begin of the meeting.
        reply_code, reply_text: The server's last word, cleaned; None before it.
        reason: Why it was skipped, held, expired or doubted, in German.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("occasion", "mailbox_id"),
        # What is owed has its letter: nothing can be queued that cannot be written.
        ForeignKeyConstraint(
            ["occasion", "style"], ["frozen_letter.occasion", "frozen_letter.style"]
        ),
        # In the order in which they are claimed, so that nobody sorts a million rows.
        index_where(
            "ix_delivery_waiting_next_try_at_id",
            "waiting",
            "next_try_at",
            "id",
            where="waiting IS NOT NULL",
        ),
    )

    id: Mapped[DeliveryId] = mapped_column(sa.Integer, primary_key=True)
    occasion: Mapped[str] = mapped_column(String(80))
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"), index=True)
    topic: Mapped[Topic | None] = mapped_column(stored(Topic))
    style: Mapped[LetterStyle] = mapped_column(stored(LetterStyle))
    state: Mapped[DeliveryState] = mapped_column(stored(DeliveryState))
    tries: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    worker: Mapped[str | None] = mapped_column(String(80), index=True)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply_code: Mapped[int | None]
    reply_text: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    waiting: Mapped[DeliveryState | None] = mapped_column(
        stored(DeliveryState), sa.FetchedValue(), sa.FetchedValue(for_update=True)
    )


class Lease(Base):
    """Who works on deliveries, and until when we believe so.

    It is there while a worker has anything in hand. A sign of life prolongs it, and
    with it all that he holds.
    """

    __tablename__ = "lease"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Attempt(Base):
    """One try over the wire that has ended, see ``attempts``.

    Attributes:
        finished_at: None if a crash interrupted it.
        outcome: The event it led to; None after a crash.
    """

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[DeliveryId] = mapped_column(ForeignKey("delivery.id"))
    number: Mapped[int]
    worker: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))
    reply_code: Mapped[int | None]
    reply_text: Mapped[str | None] = mapped_column(Text)
