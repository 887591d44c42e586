"""Tables: what visitors wish for until it is seen to, and how often somebody tries.

A wish holds an address for the seconds until the clerk has read it: whoever asks is
answered before anybody has looked whether we know her, so the answer cannot tell. The
wish goes with its effect, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, UtcDateTime, stored
from subscribers.models import MailboxId
from subscribers.topics import LetterStyle

WishId = NewType("WishId", int)


class WishKind(StrEnum):
    """What somebody wishes for."""

    JOIN = "join"
    """The invitations."""
    LINK = "link"
    """The link to her own settings, sent to her mailbox."""
    MOVE = "move"
    """Her letters at another address."""


class Wish(Base):
    """What somebody typed into a form; it waits for the clerk.

    Attributes:
        address: As she typed it, checked.
        mailbox_id: Who wishes to move; None for anything else.
        name: As she wants to be greeted; None if she did not say.
        style: How she wants letters worded.
        wording, wording_version: What she agreed to; empty if nothing.
        made_at: When she sent it.
        tries: How often the clerk has failed at it.
    """

    __tablename__ = "wish"

    id: Mapped[WishId] = mapped_column(sa.Integer, primary_key=True)
    kind: Mapped[WishKind] = mapped_column(stored(WishKind))
    address: Mapped[str] = mapped_column(String(254))
    mailbox_id: Mapped[MailboxId | None] = mapped_column(ForeignKey("mailbox.id"))
    name: Mapped[str | None] = mapped_column(String(200))
    style: Mapped[LetterStyle] = mapped_column(
        stored(LetterStyle), default=LetterStyle.STANDARD
    )
    wording_version: Mapped[str] = mapped_column(String(40), default="")
    wording: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)


class Tally(Base):
    """How often somebody has tried something within a span of time.

    Attributes:
        digest: Keyed hash of who, what and when; it names nobody, and with the next
            span it is another one.
        visits: So many.
        ends_at: When the span is over; then the row is of no use.
    """

    __tablename__ = "tally"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    visits: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
