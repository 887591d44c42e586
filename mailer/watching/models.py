"""Tables: the pulse of each loop, and every alarm that was ever raised."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, UtcDateTime, stored


class LoopName(StrEnum):
    """What runs by itself, and the process around it."""

    PLAN = "plan"
    SEND = "send"
    FETCH = "fetch"
    SWEEP = "sweep"
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
