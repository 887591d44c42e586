"""The meeting for a calendar: from the same facts as the words of the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailer.meetings.icalendar import CalendarEntry, CalendarHead, build
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.editions.facts import Facts
    from mailer.rendering.letter import Letter


def with_calendar(
    letter: Letter,
    facts: Facts,
    style: LetterStyle,
    *,
    method: str,
    stamped_at: datetime,
) -> Letter:
    """Return *letter* with a calendar file of its meeting.

    Args:
        letter: Its personal places may be open; a calendar file has none.
        facts: What the letter was rendered from.
        style: How the description is worded.
        method: The iTIP method (RFC 5546, section 1.4), "PUBLISH".
        stamped_at: When the letter was made; aware. Frozen with it.
    """
    head = CalendarHead(
        method=method,
        organiser_name=facts.sender.name,
        organiser_address=facts.sender.wire,
        stamped_at=stamped_at,
    )
    written = build([calendar_entry(facts, style)], head)
    return replace(letter, calendar=written, method=method)


def calendar_entry(facts: Facts, style: LetterStyle) -> CalendarEntry:
    """Return the meeting as a calendar shows it."""
    return CalendarEntry(
        uid=facts.meeting.uid,
        sequence=facts.meeting.sequence,
        starts_at=facts.when.starts_at,
        ends_at=facts.when.ends_at,
        zone=facts.when.zone,
        title=facts.meeting.title,
        location=facts.venue.label,
        description=(
            _easy_description(facts)
            if style is LetterStyle.EASY
            else _description(facts)
        ),
    )


def _description(facts: Facts) -> str:
    coordinator = facts.coordinator
    return (
        f"{facts.network.full_name}\n\n"
        f"{facts.meeting.about}\n\n"
        f"Anmeldung: {facts.meeting.registration}\n\n"
        f"Fragen? {coordinator.name}\n"
        f"Telefon: {coordinator.phone}\n"
        f"E-Mail: {coordinator.email}"
    )


def _easy_description(facts: Facts) -> str:
    coordinator = facts.coordinator
    return (
        f"Das Treffen beginnt um {facts.when.start_easy}.\n"
        f"Das Treffen endet um {facts.when.end_easy}.\n"
        "Sie müssen sich nicht anmelden.\n\n"
        "Haben Sie Fragen?\n"
        f"Dann fragen Sie {coordinator.name}.\n\n"
        f"Telefon:\n{coordinator.phone_easy}\n\n"
        f"E-Mail:\n{coordinator.email}"
    )
