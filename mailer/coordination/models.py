"""Tables: who stands in for the coordinator, who released what, what waits for a "Ja".

Nothing here holds a letter or a right of its own: a release counts for one version of
one draft, a deputy until a day, a proposal until it is answered.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.editions.models import EditionId
from mailer.meetings.models import MeetingId
from subscribers.database import Base, UtcDateTime
from subscribers.models import Mailbox, MailboxId

ProposalId = NewType("ProposalId", int)


class Deputy(Base):
    """Somebody who answers drafts for the coordinator.

    Attributes:
        until_on: The last local day; None until the coordinator ends it.
        ended_at: When she did.
    """

    __tablename__ = "deputy"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    mailbox: Mapped[Mailbox] = relationship()


class Release(Base):
    """One person's "Freigeben" for one version of a draft.

    Attributes:
        draft_version: What she had seen; a later version needs a new word.
    """

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("edition_id", "draft_version", "mailbox_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[EditionId] = mapped_column(ForeignKey("edition.id"))
    draft_version: Mapped[int]
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"))
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)

    mailbox: Mapped[Mailbox] = relationship()


class Proposal(Base):
    """What a mail without a token of ours asks for; done only after a "Ja".

    Attributes:
        mailbox_id: Who wrote it, and who was asked.
        words: What she wrote, read again when she says yes.
        edition_id, meeting_id: What it is about, once that is known.
        created_at: Days in *words* are understood as of this moment.
        done_at: When it was done, or dropped; None while it waits.
    """

    __tablename__ = "proposal"

    id: Mapped[ProposalId] = mapped_column(sa.Integer, primary_key=True)
    mailbox_id: Mapped[MailboxId] = mapped_column(ForeignKey("mailbox.id"))
    words: Mapped[str] = mapped_column(Text)
    edition_id: Mapped[EditionId | None] = mapped_column(ForeignKey("edition.id"))
    meeting_id: Mapped[MeetingId | None] = mapped_column(ForeignKey("meeting.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
