"""RFC 5546: what each method must and must not carry."""

from __future__ import annotations

from typing import Any

import pytest

from mailer.meetings.icalendar import EntryStatus, build
from subscribers.topics import LetterStyle
from tests import leichte_sprache
from tests.calendars import a_head, an_entry, read_calendar
from tests.letters import december, meeting_row
from tests.year_letters import AFTERNOON, USUAL, WEEK_LATER, calendar_of

ASKED = "rita@post.example"


def event(method: str, attendee: str = "", **fields: object) -> Any:
    """Return the one event of a file with this method, as a parser reads it."""
    head = a_head(method=method, attendee_address=attendee)
    calendar, (found,) = read_calendar(build([an_entry(**fields)], head))
    assert calendar["METHOD"] == method
    return found


def test_publish_asks_nobody() -> None:
    """3.2.1: ATTENDEE "MUST NOT be present": no registration is needed."""
    found = event("PUBLISH")
    assert "ATTENDEE" not in found
    assert found["ORGANIZER"] == "mailto:k_sommer@aschersleben.example"


def test_request_names_the_addressee_alone() -> None:
    """3.2.2: ATTENDEE is present; for privacy it is never a list of people."""
    found = event("REQUEST", ASKED)
    assert found["ATTENDEE"] == f"mailto:{ASKED}"
    assert found["ATTENDEE"].params["RSVP"] == "FALSE"


def test_cancel_says_that_the_meeting_is_off() -> None:
    """3.2.5: STATUS is "CANCELLED", also if the entry itself forgot to say so."""
    found = event("CANCEL", sequence=1)
    assert found["STATUS"] == EntryStatus.CANCELLED
    assert found["SEQUENCE"] == 1


def test_cancel_and_publish_name_the_same_meeting() -> None:
    """2.1.5: UID and a higher SEQUENCE let a calendar find what it holds."""
    before, after = event("PUBLISH", sequence=0), event("CANCEL", sequence=1)
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]


@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL"])
@pytest.mark.parametrize(
    "name", ["DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "UID", "SEQUENCE"]
)
def test_required_properties_are_there(method: str, name: str) -> None:
    """3.2.1 and 3.2.5: what a calendar needs to act."""
    assert name in event(method)


PUBLISHED: dict[str, Any] = {
    "update": (1, WEEK_LATER),
    "update-begin": (1, AFTERNOON),
    "update-place": (1, USUAL),
    "reinstatement": (2, USUAL),
    "reinstatement-day": (2, WEEK_LATER),
}
"""Letters that say a new state: its number, and when the meeting begins in it."""


@pytest.mark.parametrize("style", LetterStyle)
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_change_is_published_again(name: str, style: LetterStyle) -> None:
    """3.2.1: the organizer updates what was published with another PUBLISH."""
    sequence, starts_at = PUBLISHED[name]
    letter = calendar_of(name, style)
    assert letter.calendar is not None
    calendar, (found,) = read_calendar(letter.calendar)
    assert letter.method == calendar["METHOD"] == "PUBLISH"
    assert found["UID"] == december().uid
    assert found["SEQUENCE"] == sequence
    assert found["STATUS"] == EntryStatus.CONFIRMED
    assert found.decoded("DTSTART") == starts_at
    assert "ATTENDEE" not in found


@pytest.mark.parametrize("style", LetterStyle)
def test_what_was_published_is_cancelled(style: LetterStyle) -> None:
    """3.2.1: and takes it back with CANCEL; who sees it in a list reads so too."""
    letter = calendar_of("cancellation", style)
    assert letter.calendar is not None
    calendar, (found,) = read_calendar(letter.calendar)
    assert letter.method == calendar["METHOD"] == "CANCEL"
    assert found["UID"] == december().uid
    assert found["SEQUENCE"] == 1
    assert found["STATUS"] == EntryStatus.CANCELLED
    assert found["TRANSP"] == "TRANSPARENT"
    assert "ATTENDEE" not in found
    said = str(found["DESCRIPTION"])
    assert "Anmeldung" not in said
    assert "fällt aus" in said or "kein Treffen" in said
    if style is LetterStyle.EASY:
        assert leichte_sprache.errors(said) == []


def test_a_cancelled_entry_is_the_one_that_calendars_hold() -> None:
    """Moved and called off before anybody heard of the move: the old time is off."""
    letter = calendar_of("cancellation", before=meeting_row(WEEK_LATER))
    assert letter.calendar is not None
    _, (found,) = read_calendar(letter.calendar)
    assert found.decoded("DTSTART") == WEEK_LATER


@pytest.mark.parametrize("name", ["reminder", "cancellation-untold"])
def test_no_second_entry_is_offered(name: str) -> None:
    """Who has the entry needs no other; who was never told has none to remove."""
    letter = calendar_of(name)
    assert letter.calendar is None
    assert letter.method == ""
