"""Tables: what partners contribute to the network update, and the files with it.

A contribution belongs to the quarter in which it came (a local day decides); the
update about that quarter tells it. The coordinator's own have no partner. A result
belongs to a meeting and may say how many took part; a question is hers to all partners.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.meetings.models import Meeting, MeetingId
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from subscribers.database import Base, UtcDateTime, index_where, stored
from subscribers.models import Mailbox, MailboxId, Partner, PartnerId

ContributionId = NewType("ContributionId", int)


class Contribution(Base):
    """One thing that a network update may tell.

    Attributes:
        partner_id: Who has it to tell; None for the coordinator's own.
        mailbox_id: Who sent it; None if it was entered by a command.
        meeting_id: Of a result: of which meeting; None if nobody could say.
        participants: Of a result: how many took part; None if nobody counted.
        title: A line above it; may be empty.
        text: Markdown, as the coordinator accepted or shortened it.
        quarter: First day of the quarter whose update tells it.
        digest: SHA-256 of what it says, so that the same text twice is one row.
        message_id: Of the mail that brought it; None for one entered by a command.
        decided_at: When the coordinator said last what becomes of it.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        index_where(
            "uq_contribution_quarter_digest",
            "quarter",
            "digest",
            where="state NOT IN ('declined', 'lapsed')",
            unique=True,
        ),
    )

    id: Mapped[ContributionId] = mapped_column(sa.Integer, primary_key=True)
    partner_id: Mapped[PartnerId | None] = mapped_column(
        ForeignKey("partner.id"), index=True
    )
    mailbox_id: Mapped[MailboxId | None] = mapped_column(
        ForeignKey("mailbox.id"), index=True
    )
    meeting_id: Mapped[MeetingId | None] = mapped_column(ForeignKey("meeting.id"))
    kind: Mapped[ContributionKind] = mapped_column(stored(ContributionKind))
    state: Mapped[ContributionState] = mapped_column(stored(ContributionState))
    quarter: Mapped[date]
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    participants: Mapped[int | None]
    digest: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(998))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    partner: Mapped[Partner | None] = relationship()
    mailbox: Mapped[Mailbox | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship()
    files: Mapped[list[ContributionFile]] = relationship(
        order_by="ContributionFile.id", cascade="all, delete-orphan"
    )


class ContributionFile(Base):
    """A document or a picture that came with a contribution; never in a letter itself.

    Attributes:
        name: For people, without a path.
        media_type: What its bytes are, not what the mail called them.
        size: In octets.
        description: What a picture shows, for those who do not see it; empty if
            nobody said.
        asked_at: When the sender was asked to describe it; she is asked once.
        is_attached: The coordinator wants it in the letter, not only on the page.
    """

    __tablename__ = "contribution_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[ContributionId] = mapped_column(
        ForeignKey("contribution.id"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    description: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_attached: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    @property
    def is_picture(self) -> bool:
        """Whether somebody who does not see it needs its description."""
        return self.media_type.startswith("image/")

    @property
    def is_shown(self) -> bool:
        """Whether it may be linked or attached: a picture only with its description."""
        return bool(self.description) or not self.is_picture
