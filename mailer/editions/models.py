"""Table: one row per edition, the thing we say to an audience."""

from __future__ import annotations

from datetime import datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionState
from mailer.meetings.models import Meeting, MeetingId
from subscribers.database import Base, UtcDateTime, stored

EditionId = NewType("EditionId", int)

_NOT_WITHDRAWN = sa.text("state <> 'withdrawn'")


class Edition(Base):
    """One thing we say to an audience.

    Attributes:
        meeting_id: What it is about; None for a letter that is not about a meeting.
        words: The coordinator's own text, Markdown; empty if she has none.
        easy_words: The same in Leichte Sprache, written by her; never derived.
        draft_version: How often she was shown another draft; 0 before the first.
        draft_digest: What the last one said, as a SHA-256; empty before the first.
        approved_at, issued_at, closed_at, withdrawn_at: When it moved there.
    """

    __tablename__ = "edition"
    __table_args__ = (
        # Two programs that plan at the same moment make one invitation, not two.
        Index(
            "uq_edition_kind_meeting",
            "kind",
            "meeting_id",
            unique=True,
            sqlite_where=_NOT_WITHDRAWN,
            postgresql_where=_NOT_WITHDRAWN,
        ),
    )

    id: Mapped[EditionId] = mapped_column(sa.Integer, primary_key=True)
    kind: Mapped[EditionKind] = mapped_column(stored(EditionKind))
    meeting_id: Mapped[MeetingId | None] = mapped_column(ForeignKey("meeting.id"))
    state: Mapped[EditionState] = mapped_column(stored(EditionState))
    words: Mapped[str] = mapped_column(Text, default="")
    easy_words: Mapped[str] = mapped_column(Text, default="")
    draft_version: Mapped[int] = mapped_column(default=0, server_default="0")
    draft_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    meeting: Mapped[Meeting | None] = relationship()

    @property
    def occasion(self) -> str:
        """Why somebody gets this letter, as the ledger names it: "edition/42"."""
        return f"edition/{self.id}"
