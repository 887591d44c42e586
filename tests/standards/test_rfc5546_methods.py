"""RFC 5546: what each method must and must not carry."""

from __future__ import annotations

from typing import Any

import pytest

from mailer.meetings.icalendar import EntryStatus, build
from tests.calendars import a_head, an_entry, read_calendar

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
