"""RFC 6047: the calendar in a message, as mail programs look for it."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from mailer.errors import MessageUnsafe
from tests.messages import CALENDAR, a_message, part, read


@pytest.mark.parametrize("method", ["PUBLISH", "REQUEST", "CANCEL"])
def test_the_method_is_said_twice_and_is_the_same(method: str) -> None:
    """Section 2.4: the method parameter equals the METHOD of the object."""
    calendar = CALENDAR.replace(b"METHOD:PUBLISH", f"METHOD:{method}".encode())
    found = part(a_message(calendar=calendar, method=method), "text/calendar")
    assert found.get_param("method") == method
    assert found.get_param("charset") == "utf-8"
    read_back = Calendar.from_ical(found.get_content())
    assert read_back["METHOD"] == method


def test_another_method_is_refused() -> None:
    """Section 2.4: a part that says two things is never sent."""
    with pytest.raises(MessageUnsafe, match="METHOD"):
        a_message(method="CANCEL")


def test_the_calendar_is_the_last_alternative() -> None:
    """Programs that know calendars take it, all others show the letter."""
    alternative = part(a_message(), "multipart/alternative")
    *_, last = alternative.iter_parts()
    assert last.get_content_type() == "text/calendar"
    assert last.get_content_disposition() is None


def test_the_file_is_the_same_object_under_another_type() -> None:
    """A second text/calendar part could be offered as a second meeting."""
    message = read(a_message())
    kinds = [found.get_content_type() for found in message.walk()]
    assert kinds.count("text/calendar") == 1
    (file,) = message.iter_attachments()
    assert file.get_payload(decode=True) == CALENDAR
