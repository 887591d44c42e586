"""The meeting for a calendar: from the same facts as the words of the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailer.meetings.icalendar import CalendarEntry, CalendarHead, Method, build
from mailer.meetings.states import MeetingState
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    """Return *letter* with a calendar file of its meeting, if it is to have one.

    Args:
        letter: Its personal places may be open; a calendar file has none.
        facts: What the letter was rendered from.
        style: How the description is worded.
        method: The iTIP method (RFC 5546, section 1.4), "PUBLISH"; empty for a kind
            of letter without a calendar file.
        stamped_at: When the letter was made; aware. Frozen with it.
    """
    if not method or not facts.has_calendar:
        return letter
    head = CalendarHead(
        method=method,
        organiser_name=facts.sender.name,
        organiser_address=facts.sender.wire,
        stamped_at=stamped_at,
    )
    written = build([calendar_entry(facts, style)], head)
    return replace(letter, calendar=written, method=method)


def with_calendar_of_many(
    letter: Letter, coming: Sequence[Facts], style: LetterStyle, *, stamped_at: datetime
) -> Letter:
    """Return *letter* with one file of several meetings; unchanged if there are none.

    It asks nobody anything: no method, so it travels as a file alone. Mail programs
    that turn a calendar part into buttons would offer only the first of the meetings.

    Args:
        coming: The facts of each meeting.
    """
    if not coming:
        return letter
    head = CalendarHead(
        method=Method.PUBLISH,
        organiser_name=coming[0].sender.name,
        organiser_address=coming[0].sender.wire,
        stamped_at=stamped_at,
    )
    entries = [calendar_entry(one, style) for one in coming]
    return replace(letter, calendar=build(entries, head), method="")


def calendar_entry(facts: Facts, style: LetterStyle) -> CalendarEntry:
    """Return the meeting as a calendar shows it; one that is off, as it was known."""
    when, venue = facts.when, facts.venue
    if _is_off(facts):
        when, venue = facts.before or when, facts.before_venue or venue
    return CalendarEntry(
        uid=facts.meeting.uid,
        sequence=facts.meeting.sequence,
        starts_at=when.starts_at,
        ends_at=when.ends_at,
        zone=when.zone,
        title=facts.meeting.title,
        location=venue.label,
        description=(
            _easy_description(facts)
            if style is LetterStyle.EASY
            else _description(facts)
        ),
    )


def _description(facts: Facts) -> str:
    coordinator = facts.coordinator
    told = f"{facts.meeting.about}\n\nAnmeldung: {facts.meeting.registration}"
    return (
        f"{facts.network.full_name}\n\n"
        f"{'Dieses Treffen fällt aus.' if _is_off(facts) else told}\n\n"
        f"Fragen? {coordinator.name}\n"
        f"Telefon: {coordinator.phone}\n"
        f"E-Mail: {coordinator.email}"
    )


def _easy_description(facts: Facts) -> str:
    coordinator = facts.coordinator
    told = (
        f"Das Treffen beginnt um {facts.when.start_easy}.\n"
        f"Das Treffen endet um {facts.when.end_easy}.\n"
        "Sie müssen sich nicht anmelden."
    )
    return (
        f"{'Es gibt kein Treffen.' if _is_off(facts) else told}\n\n"
        "Haben Sie Fragen?\n"
        f"Dann fragen Sie {coordinator.name}.\n\n"
        f"Telefon:\n{coordinator.phone_easy}\n\n"
        f"E-Mail:\n{coordinator.email}"
    )


def _is_off(facts: Facts) -> bool:
    return facts.meeting.state is MeetingState.CANCELLED
