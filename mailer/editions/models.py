"""Table: one row per edition, the thing we say to an audience."""

from __future__ import annotations

from datetime import date, datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.editions.kinds import EditionKind
from mailer.editions.quarter import Quarter
from mailer.editions.states import EditionState
from mailer.meetings.models import Meeting, MeetingId
from subscribers.database import Base, UtcDateTime, index_where, stored

EditionId = NewType("EditionId", int)


class Edition(Base):
    """One thing we say to an audience.

    Attributes:
        about: What it says something about, unique for its kind, so that two programs
            that plan at the same moment make one edition: "meeting/17" while it is a
            draft, "meeting/17@2" once issued, "meeting/17@2<0" for readers who know
            version 0, "day/miteinander-reden/2027-05-06" for a day without a meeting,
            "quarter/2026-10-01" for a network update.
        meeting_id: What it is about; None for a letter that is not about a meeting.
        sequence: The version of the meeting that readers get; None until issued.
        since: The version its readers know; None if they know none.
        series, day: A day on which nothing takes place; None for a meeting. Without
            a series, *day* is the first of the quarter that an update is about.
        words: The coordinator's own text, Markdown; empty if she has none.
        easy_words: The same in Leichte Sprache, written by her; never derived.
        draft_version: How often she was shown another draft; 0 before the first.
        draft_digest: What the last one said, as a SHA-256; empty before the first.
        due_at: When it shall go out; None if nobody planned that.
        approved_at, issued_at, closed_at, withdrawn_at, lapsed_at: When it moved
            there.
    """

    __tablename__ = "edition"
    __table_args__ = (
        index_where(
            "uq_edition_kind_about",
            "kind",
            "about",
            where="state NOT IN ('withdrawn', 'lapsed')",
            unique=True,
        ),
    )

    id: Mapped[EditionId] = mapped_column(sa.Integer, primary_key=True)
    kind: Mapped[EditionKind] = mapped_column(stored(EditionKind))
    about: Mapped[str] = mapped_column(String(120), server_default="")
    meeting_id: Mapped[MeetingId | None] = mapped_column(ForeignKey("meeting.id"))
    sequence: Mapped[int | None]
    since: Mapped[int | None]
    series: Mapped[str | None] = mapped_column(String(60))
    day: Mapped[date | None]
    state: Mapped[EditionState] = mapped_column(stored(EditionState))
    words: Mapped[str] = mapped_column(Text, default="")
    easy_words: Mapped[str] = mapped_column(Text, default="")
    draft_version: Mapped[int] = mapped_column(default=0, server_default="0")
    draft_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lapsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    meeting: Mapped[Meeting | None] = relationship()

    @property
    def occasion(self) -> str:
        """Why somebody gets this letter, as the ledger names it: "edition/42"."""
        return f"edition/{self.id}"

    @property
    def quarter(self) -> Quarter | None:
        """What a network update is about; None for every other kind."""
        if self.kind is not EditionKind.NETWORK_UPDATE or self.day is None:
            return None
        return Quarter(self.day)
