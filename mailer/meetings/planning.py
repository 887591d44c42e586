"""The door of this room for higher floors: everything that needs the database.

Rules become rows in ``materialising``, people change them in ``changes``, and
``agenda`` tells what takes place when.
"""

from __future__ import annotations

from mailer.meetings.agenda import (
    calendar,
    meeting_on,
    meetings_on,
    next_meeting,
)
from mailer.meetings.calendar_day import CalendarDay, DayState
from mailer.meetings.changes import (
    Proposal,
    add,
    as_it_is,
    cancel,
    mark_announced,
    move,
    reinstate,
    usual,
)
from mailer.meetings.materialising import (
    Kept,
    Materialised,
    materialise,
    materialise_day,
    upcoming,
)

__all__ = [
    "CalendarDay",
    "DayState",
    "Kept",
    "Materialised",
    "Proposal",
    "add",
    "as_it_is",
    "calendar",
    "cancel",
    "mark_announced",
    "materialise",
    "materialise_day",
    "meeting_on",
    "meetings_on",
    "move",
    "next_meeting",
    "reinstate",
    "upcoming",
    "usual",
]
