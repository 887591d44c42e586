"""Tables: one row per meeting, and what people were told. The rules are settings."""

from __future__ import annotations

from datetime import date, datetime
from typing import NewType

import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailer.meetings.states import MeetingState
from subscribers.database import Base, UtcDateTime, stored

MeetingId = NewType("MeetingId", int)


class Meeting(Base):
    """One gathering with a place and a time.

    Attributes:
        uid: Its name in every calendar, for ever (RFC 5545, section 3.8.4.7).
        series: Key of the series in the settings.
        ruled_on: The day the settings made it for, by the rule or as an added day;
            None for a meeting added by hand. It stays when the meeting moves, so
            the settings do not make it again.
        starts_at: In UTC; the series says which local time that is.
        venue: Key of the venue in the settings.
        reason: Why it was moved or cancelled, for people to read; may be empty.
        sequence: How often calendars must be told (RFC 5545, section 3.8.7.4).
        announced_at: When people were first told; from then on no change of the
            rule touches it.
    """

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("series", "ruled_on"),)

    id: Mapped[MeetingId] = mapped_column(sa.Integer, primary_key=True)
    uid: Mapped[str] = mapped_column(String(100), unique=True)
    series: Mapped[str] = mapped_column(String(60))
    ruled_on: Mapped[date | None]
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    venue: Mapped[str] = mapped_column(String(60))
    state: Mapped[MeetingState] = mapped_column(stored(MeetingState))
    reason: Mapped[str] = mapped_column(Text, default="")
    sequence: Mapped[int] = mapped_column(default=0)
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MeetingVersion(Base):
    """What a letter told people about a meeting, under the SEQUENCE it had then.

    Written with the letter. Whoever knows this version, and no later one, must be
    told what has changed since.
    """

    __tablename__ = "meeting_version"

    meeting_id: Mapped[MeetingId] = mapped_column(
        ForeignKey("meeting.id"), primary_key=True
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    venue: Mapped[str] = mapped_column(String(60))
    state: Mapped[MeetingState] = mapped_column(stored(MeetingState))
