"""What goes out when: from the calendar and the lead times to a timetable.

Pure, so that ``mia plan`` can be asked about any year, and what it says is what the
plan round then does: both read this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from mailer.editions.kinds import KINDS, EditionKind, Lead
from mailer.editions.quarter import Quarter, working_day_from
from mailer.meetings.calendar_day import DayState
from mailer.meetings.localtime import before, moment_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime, time

    from mailer.meetings.calendar_day import CalendarDay
    from mailer.meetings.closures import Closures
    from mailer.meetings.models import MeetingId
    from mailer.settings.model import Settings

SHORT_NOTICE: Final = timedelta(hours=2)
"""What the coordinator has for a look at the draft when she adds or moves a meeting so
late that its invitation is due at once."""

USEFUL_FOR: Final = timedelta(days=30)
"""So long after it was due a network update is still worth reading."""


@dataclass(frozen=True, slots=True)
class Leads:
    """How long before a meeting things happen.

    Attributes:
        draft: The coordinator gets the draft of an invitation.
        invite: The invitation, or the notice that nothing takes place, goes out.
        remind: The reminder goes out.
    """

    draft: timedelta
    invite: timedelta
    remind: timedelta


@dataclass(frozen=True, slots=True)
class UpdateTimes:
    """When network updates happen.

    Attributes:
        draft: So long before the last day of the quarter the coordinator gets it.
        at: At this time of day both happen.
        zone: Whose clock that is.
        closures: What is no working day.
    """

    draft: timedelta
    at: time
    zone: ZoneInfo
    closures: Closures

    @classmethod
    def of(cls, settings: Settings, closures: Closures) -> UpdateTimes:
        """Return what *settings* say, on the clock of their first series."""
        update = settings.network_update
        zone = settings.series[0].zone
        return cls(update.draft_before, update.at, zone, closures)


@dataclass(frozen=True, slots=True)
class Due:
    """An edition that should exist.

    Attributes:
        day: What it is about; None for a network update.
        quarter: What a network update is about; None for every other kind.
        draft_at: When the coordinator should get its draft; *due_at* if the kind has
            none.
        due_at: When it should go out, in UTC.
    """

    kind: EditionKind
    day: CalendarDay | None
    draft_at: datetime
    due_at: datetime
    quarter: Quarter | None = None

    @property
    def expires_at(self) -> datetime:
        """When nobody has any use for it any more: its meeting begins.

        A reminder is of no use once half of its time is over.
        """
        if self.day is None:
            return self.due_at + USEFUL_FOR
        if self.kind is EditionKind.REMINDER:
            return self.due_at + (self.day.starts_at - self.due_at) / 2
        return self.day.starts_at

    @property
    def about(self) -> str:
        """What it says something about, as a draft names it.

        A meeting has one invitation, wherever it moves; but each new date is worth a
        reminder.
        """
        if self.day is None:
            return self._quarter.about
        if self.day.meeting_id is None:
            return f"day/{self.day.series}/{self.day.on.isoformat()}"
        version = f"@{self.day.sequence}" if self.kind is EditionKind.REMINDER else ""
        return f"meeting/{self.day.meeting_id}{version}"

    @property
    def meeting_id(self) -> MeetingId | None:
        """The meeting it is about; None if it is about none, or has no row yet."""
        return self.day.meeting_id if self.day is not None else None

    @property
    def on(self) -> date:
        """The day it is about; of a quarter the first."""
        return self.day.on if self.day is not None else self._quarter.first

    @property
    def title(self) -> str:
        """What people call that: "Miteinander reden", "Oktober bis Dezember 2026"."""
        return self.day.title if self.day is not None else self._quarter.german

    @property
    def _quarter(self) -> Quarter:
        assert self.quarter is not None  # noqa: S101 - it is about one or the other
        return self.quarter


_ANNOUNCED_BY: Final[Mapping[DayState, tuple[EditionKind, ...]]] = {
    DayState.PLANNED: (EditionKind.INVITATION, EditionKind.REMINDER),
    DayState.CLOSED: (EditionKind.HOLIDAY,),
    DayState.CANCELLED: (EditionKind.CANCELLATION,),
    DayState.HELD: (),
}
"""What people are told of a day by the calendar; changes are told when they happen."""


def timetable(days: Iterable[CalendarDay], leads: Leads) -> list[Due]:
    """Return what should go out about *days*, the earliest first."""
    due = [one for day in days for one in _about(day, leads)]
    return sorted(due, key=lambda one: (one.due_at, one.about, one.kind))


def updates(first: date, last: date, times: UpdateTimes) -> list[Due]:
    """Return the network updates that may be of use on the days *first* to *last*."""
    quarter = Quarter.of(first).before
    found = []
    while quarter.first <= last:
        found.append(update_on(quarter, times))
        quarter = quarter.following
    return found


def update_on(quarter: Quarter, times: UpdateTimes) -> Due:
    """Return the network update about *quarter*."""
    drafted_on = quarter.last - times.draft
    due_on = working_day_from(quarter.following.first, times.closures)
    draft_at, due_at = (
        moment_at(day, times.at, times.zone) for day in (drafted_on, due_on)
    )
    return Due(EditionKind.NETWORK_UPDATE, None, draft_at, due_at, quarter)


def _about(day: CalendarDay, leads: Leads) -> Iterator[Due]:
    for kind in _ANNOUNCED_BY[day.state]:
        if kind is EditionKind.CANCELLATION and day.ruled_on is None:
            continue  # nobody comes to it by the rule
        if KINDS[kind].lead is Lead.REMIND:
            at = before(day.starts_at, leads.remind, _zone(day))
            yield Due(kind, day, at, at)
        else:
            yield _announcement(kind, day, leads)


def _announcement(kind: EditionKind, day: CalendarDay, leads: Leads) -> Due:
    """Return the first letter about a day, on the day the rule would want it."""
    zone = _zone(day)
    expected = _expected_at(day)
    due_at = before(expected, leads.invite, zone)
    draft_at = before(expected, leads.draft, zone)
    if day.decided_at is not None and day.decided_at > due_at:
        # Decided after the letter should have gone: as soon as she has had a look.
        soon = day.decided_at + SHORT_NOTICE * KINDS[kind].is_drafted
        due_at = soon if soon < day.starts_at else day.decided_at
    if not KINDS[kind].is_drafted:
        draft_at = due_at
    return Due(kind, day, min(draft_at, due_at), due_at)


def _expected_at(day: CalendarDay) -> datetime:
    """Return when people who only know the rule would come."""
    if day.ruled_on is None:
        return day.starts_at
    ruled_at = moment_at(day.ruled_on, day.starts_at.time(), _zone(day))
    return min(day.starts_at, ruled_at)


def _zone(day: CalendarDay) -> ZoneInfo:
    zone = day.starts_at.tzinfo
    assert isinstance(zone, ZoneInfo), zone  # noqa: S101 - what CalendarDay promises
    return zone
