"""Tables: the pulse of each loop, and every alarm that was ever raised."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, UtcDateTime, index_where, stored


class LoopName(StrEnum):
    """What runs by itself, and the process around it."""

    PLAN = "plan"
    SEND = "send"
    FETCH = "fetch"
    SWEEP = "sweep"
    SERVE = "serve"
    DAEMON = "daemon"
    """``mia run`` itself: begun when it started, done when it ended in good order."""


class Cause(StrEnum):
    """What a round failed at."""

    RELAY = "relay"
    INBOX = "inbox"
    STORE = "store"
    SETTINGS = "settings"
    PROGRAM = "program"
    """Nobody foresaw it."""


class Pulse(Base):
    """What a loop has done last; whoever looks sees whether it lives.

    Attributes:
        begun_at: When its last round began.
        done_at: When a round last ended well; None if none ever did, and for the
            daemon as long as it runs.
        failing_since: When the first of the failures in a row was; None if the last
            round was well.
        failures: How many in a row.
        cause: Of the last failure; None if the last round was well.
        is_lasting: Whether only a person can mend it.
        trouble: A German sentence about the last failure; empty if all is well.
    """

    __tablename__ = "pulse"

    name: Mapped[LoopName] = mapped_column(stored(LoopName), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    cause: Mapped[Cause | None] = mapped_column(stored(Cause))
    is_lasting: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(Text, default="")


class AlarmKind(StrEnum):
    """What people must be told; ``kinds`` says how each behaves."""

    HELD = "held"
    """An edition is due and waits for a yes."""
    OVERDUE = "overdue"
    """Letters should have left while no worker was there, and are held back now."""
    RELAY = "relay"
    INBOX = "inbox"
    LOOP = "loop"
    DAEMON = "daemon"
    DOUBT = "doubt"
    """Nobody knows whether a server has a letter."""
    FAILOVER = "failover"
    """One of several relays cannot be used, and another has its work."""
    PAUSED = "paused"
    RESTS = "rests"
    """Letters to a mailbox rest, and nobody was told by a forwarded report."""
    DISK = "disk"
    WAITING = "waiting"
    """A mail waits for a person."""


class Alarm(Base):
    """One cause for alarm, from its beginning to its end; there is one at a time.

    Attributes:
        subject: What it is about: "edition/12", "send", "incoming/7".
        since_at: When the trouble began.
        sentence: What happened, in German; never an address.
        told_at: When a letter about it left or was owed; None if none yet.
        told_by: On which way: "outbox", "relay" or "sendmail"; empty if none yet.
        hooked_at: When the operator's own command took it; None if it has not.
        ended_at: When the trouble was over; None while it lasts.
        cleared_at: When its end was told, or did not need to be; None if not yet.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        index_where(
            "uq_alarm_kind_subject",
            "kind",
            "subject",
            where="ended_at IS NULL",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AlarmKind] = mapped_column(stored(AlarmKind))
    subject: Mapped[str] = mapped_column(String(300))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sentence: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_by: Mapped[str] = mapped_column(String(20), default="")
    hooked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
