"""What the next quarter brings, for the network update: days and a calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer import german
from mailer.editions.context import facts, venue_words
from mailer.editions.update_facts import ComingDay
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.models import Meeting
from mailer.outbox.quarter_material import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailer.editions.facts import Facts, VenueWords
    from mailer.meetings.calendar_day import CalendarDay
    from mailer.outbox.quarter_material import Material
    from subscribers.database import Db


def coming_days(db: Db, known: Material) -> list[CalendarDay]:
    """Return what the next quarter has; a cancelled extra meeting is nobody's news."""
    following = known.quarter.following
    days = planning.calendar(
        db,
        known.settings.series,
        known.closures,
        first=following.first,
        last=following.last,
    )
    return [
        day
        for day in days
        if day.state is not DayState.CANCELLED or day.ruled_on is not None
    ]


def calendar_facts(db: Db, known: Material) -> list[Facts]:
    """Return the facts of every meeting of the next quarter, for a calendar file."""
    rows = [
        db.get_one(Meeting, day.meeting_id)
        for day in coming_days(db, known)
        if day.state is DayState.PLANNED and day.meeting_id is not None
    ]
    return [facts(known.settings, one) for one in rows]


def have_rows(days: Sequence[CalendarDay]) -> bool:
    """Tell whether there are meetings, and all of them can stand in a calendar."""
    planned = [day.meeting_id for day in days if day.state is DayState.PLANNED]
    return bool(planned) and None not in planned


def as_told(days: Sequence[CalendarDay], known: Material) -> Iterator[ComingDay]:
    """Yield the days as a letter tells them; what all have in common it says once."""
    has_one_title = bool(same(day.title for day in days))
    planned = [day for day in days if day.state is DayState.PLANNED]
    has_same_hours = bool(same(map(hours, planned)))
    has_one_venue = venue(days, known) is not None
    for day in days:
        is_off = day.state is not DayState.PLANNED
        place = known.settings.venues.get(day.venue)
        yield ComingDay(
            day=german.full_day(day.on),
            hours="" if is_off or has_same_hours else hours(day),
            place="" if is_off or has_one_venue or place is None else place.label,
            title="" if has_one_title else day.title,
            note=day.reason.rstrip("."),
            is_off=is_off,
        )


def venue(days: Sequence[CalendarDay], known: Material) -> VenueWords | None:
    """Return where all meetings of these days are; None if they differ."""
    key = same(day.venue for day in days if day.state is DayState.PLANNED)
    place = known.settings.venues.get(key)
    return venue_words(place, known.settings.coordinator.phone) if place else None


def hours(day: CalendarDay) -> str:
    """Return when a day begins and ends, "10:00 bis 13:00 Uhr"."""
    return german.hours(day.starts_at.time(), day.ends_at.time())
