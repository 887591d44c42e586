"""The calendar file of a letter, from the same facts as its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.meetings.icalendar import CalendarEntry, CalendarHead, EntryStatus, build
from mailer.meetings.states import MeetingState

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mailer.editions.context import Facts

STATUS: Final = {
    MeetingState.PLANNED: EntryStatus.CONFIRMED,
    MeetingState.HELD: EntryStatus.CONFIRMED,
    MeetingState.CANCELLED: EntryStatus.CANCELLED,
}


def calendar_file(
    facts: Facts, *, method: str, zone: ZoneInfo, stamped_at: datetime
) -> bytes:
    """Return the iCalendar object for the meeting that *facts* are about.

    Args:
        method: The iTIP method of the edition's kind.
        zone: In which zone calendars show it.
        stamped_at: When the letter was frozen; aware.
    """
    meeting, person = facts.meeting, facts.coordinator
    description = "\n".join(
        (
            f"{facts.network.full_name}: „{meeting.title}“",
            f"Für wen: {meeting.audience}",
            f"Anmeldung: {meeting.registration}",
            f"Fragen: {person.name}, Telefon {person.phone}, E-Mail {person.email}",
        )
    )
    entry = CalendarEntry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=facts.when.starts_at,
        ends_at=facts.when.ends_at,
        zone=zone,
        title=meeting.title,
        location=facts.venue.label,
        description=description,
        status=STATUS[meeting.state],
        url=facts.links.base,
    )
    head = CalendarHead(
        method=method,
        organiser_name=person.name,
        organiser_address=facts.sender.address,
        stamped_at=stamped_at,
    )
    return build([entry], head)
