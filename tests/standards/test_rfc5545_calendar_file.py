"""RFC 5545: a calendar file as every parser expects it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from mailer.meetings.icalendar import build
from tests.calendars import a_head, an_entry, read_calendar

if TYPE_CHECKING:
    from mailer.meetings.icalendar import CalendarEntry

LONG: Final = "Gemütliches Gespräch über Äußeres und Größe – „schön“ 😀 " * 12

UNIQUE: Final = (
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SEQUENCE",
    "ORGANIZER",
    "STATUS",
)


def raw(entry: CalendarEntry | None = None) -> bytes:
    """Return the bytes of an invitation's calendar file."""
    return build([entry or an_entry()], a_head())


def test_lines_end_with_crlf() -> None:
    """3.1: "Lines of text SHOULD NOT be longer than 75 octets" and end with CRLF."""
    assert raw().endswith(b"END:VCALENDAR\r\n")
    assert raw().count(b"\n") == raw().count(b"\r\n") == raw().count(b"\r")


def test_no_line_is_longer_than_75_octets_and_none_cuts_a_letter() -> None:
    """3.1: folding counts octets, and each line stays valid UTF-8."""
    lines = raw(an_entry(description=LONG, location=LONG)).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8", errors="strict")


def test_text_is_escaped() -> None:
    r"""3.3.11: backslash, semicolon, comma and line feed are written \\ \; \, \n."""
    written = raw(an_entry(description="a\\b;c,d\ne:f"))
    assert rb"DESCRIPTION:a\\b\;c\,d\ne:f" in written


def test_the_object_begins_with_version_and_product() -> None:
    """3.6: PRODID and VERSION "are REQUIRED, but MUST NOT occur more than once"."""
    lines = raw().decode().splitlines()
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("VERSION:2.0") == 1
    assert sum(line.startswith("PRODID:") for line in lines) == 1


@pytest.mark.parametrize("name", UNIQUE)
def test_properties_that_must_not_repeat_stand_once(name: str) -> None:
    """3.6.1: "MUST NOT occur more than once"."""
    text = raw().decode().replace("\r\n ", "")
    event = text[text.index("BEGIN:VEVENT") :]
    assert len(re.findall(rf"^{name}[;:]", event, re.MULTILINE)) == 1


def test_the_stamp_is_in_utc() -> None:
    """3.8.7.2: DTSTAMP "MUST be specified in the UTC time format"."""
    assert b"\r\nDTSTAMP:20261126T080000Z\r\n" in raw()


def test_the_uid_tells_neither_who_nor_where() -> None:
    """RFC 7986, section 5.3: no address, host or name in it; it is the meeting's."""
    assert b"\r\nUID:0b0f6d3e-6f6c-4d0e-9d53-0d3f2f9a7c11\r\n" in raw()


def test_every_zone_named_is_explained() -> None:
    """3.2.19: "An individual VTIMEZONE calendar component MUST be specified"."""
    text = raw().decode()
    named = set(re.findall(r";TZID=([^:;]+)", text))
    explained = set(re.findall(r"^TZID:(\S+)", text, re.MULTILINE))
    assert named == explained == {"Europe/Berlin"}


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        pytest.param((2026, 12, 3, 9), (2026, 12, 3, 12), id="winter"),
        pytest.param((2026, 7, 2, 8), (2026, 7, 2, 11), id="summer"),
        pytest.param((2027, 3, 18, 9), (2027, 3, 18, 12), id="before the change"),
        pytest.param((2027, 4, 1, 8), (2027, 4, 1, 11), id="after the change"),
    ],
)
def test_icalendar_reads_what_was_written(
    starts_at: tuple[int, int, int, int], ends_at: tuple[int, int, int, int]
) -> None:
    """The first parser agrees on UID, times, SEQUENCE and METHOD."""
    entry = an_entry(
        sequence=3,
        starts_at=datetime(*starts_at, tzinfo=UTC),
        ends_at=datetime(*ends_at, tzinfo=UTC),
    )
    calendar, (event,) = read_calendar(raw(entry))

    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == entry.uid
    assert event["SEQUENCE"] == 3
    assert event["DTSTART"].dt.astimezone(UTC) == entry.starts_at
    assert event["DTEND"].dt.astimezone(UTC) == entry.ends_at
    assert event["DTSTART"].dt.hour == 10
