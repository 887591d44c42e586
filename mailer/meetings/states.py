"""The life of one meeting."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from subscribers.machine import Machine


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"
    """It took place; nothing about it changes any more."""


class MeetingEvent(StrEnum):
    """What can happen to a meeting."""

    MOVE = "move"
    """Another time or place; SEQUENCE + 1 (RFC 5546, section 2.1.4)."""
    CANCEL = "cancel"
    """It is off; SEQUENCE + 1."""
    REINSTATE = "reinstate"
    """It takes place after all; SEQUENCE + 1."""
    HOLD = "hold"


S, E = MeetingState, MeetingEvent

MEETING: Final = Machine(
    name="meeting",
    start=S.PLANNED,
    table={
        S.PLANNED: {E.MOVE: S.PLANNED, E.CANCEL: S.CANCELLED, E.HOLD: S.HELD},
        S.CANCELLED: {E.REINSTATE: S.PLANNED},
        S.HELD: {},
    },
)
