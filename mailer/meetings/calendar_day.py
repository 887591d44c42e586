"""Pure: one line of the calendar, as every floor above reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailer.meetings.models import MeetingId


class DayState(StrEnum):
    """What a day of the calendar is."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"
    CLOSED = "closed"
    """The rule names it, but nothing takes place: there is no meeting."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One line of the calendar.

    Attributes:
        on: The local day.
        starts_at: Aware, in the zone of the series.
        ends_at: Aware, in the zone of the series.
        reason: For people to read: why it falls out, moved or was added; may be
            empty.
        venue: Key of the venue in the settings.
        series: Key of the series.
        meeting_id: None if there is no row (yet).
        announced: Whether people were told about it.
        ruled_on: The day the settings name it for; None if only a person wants it.
        sequence: How often it was changed by hand.
        decided_at: When a person added, moved, cancelled or reinstated it; None if
            it is as the settings say.
    """

    on: date
    starts_at: datetime
    ends_at: datetime
    state: DayState
    reason: str
    venue: str
    title: str
    series: str
    meeting_id: MeetingId | None
    announced: bool
    ruled_on: date | None
    sequence: int
    decided_at: datetime | None
