"""What stands in a calendar file, entry by entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.meetings.icalendar import CalendarEntry, EntryStatus, build
from tests.calendars import a_head, an_entry, read_calendar

HOUR = timedelta(hours=1)

FIRST_HALF_PAST_TWO = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""In that night Berlin has two of them, an hour apart."""


def lines(entry: CalendarEntry) -> list[str]:
    """Return the unfolded lines of a file with one entry."""
    text = build([entry], a_head()).decode()
    return text.replace("\r\n ", "").splitlines()


def test_an_entry_says_when_what_and_where() -> None:
    """One meeting, one VEVENT, in the words of the letter."""
    found = lines(an_entry())
    assert "DTSTART;TZID=Europe/Berlin:20261203T100000" in found
    assert "DTEND;TZID=Europe/Berlin:20261203T130000" in found
    assert "SUMMARY:Miteinander reden" in found
    assert r"LOCATION:Konferenzraum\, Hohe Straße 21\, 06449 Aschersleben" in found
    description = r"DESCRIPTION:Anmeldung: nicht notwendig\nTelefon: 03473 958-111"
    assert description in found
    assert "STATUS:CONFIRMED" in found
    assert "TRANSP:OPAQUE" in found


def test_the_organiser_has_a_name_and_an_address() -> None:
    """Calendars show who invites."""
    organiser = 'ORGANIZER;CN="Kathrin Sommer":mailto:k_sommer@aschersleben.example'
    assert organiser.replace('"', "") in [
        one.replace('"', "") for one in lines(an_entry())
    ]


def test_bytes_depend_on_the_entries_alone() -> None:
    """What was issued is frozen: a second build gives the same bytes."""
    assert build([an_entry()], a_head()) == build([an_entry()], a_head())


def test_a_moment_counts_however_its_zone_is_written() -> None:
    """UTC, Berlin or a bare offset: the same moment makes the same bytes."""
    plus_one = timezone(timedelta(hours=1))
    moment = an_entry().starts_at
    expected = build([an_entry()], a_head())
    for zone in (ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), plus_one):
        entry = an_entry(starts_at=moment.astimezone(zone))
        assert build([entry], a_head()) == expected


def test_an_ambiguous_local_time_is_written_in_utc() -> None:
    """Parsers differ about a time that comes twice, so it is not left to them."""
    starts_at = FIRST_HALF_PAST_TWO
    entry = an_entry(starts_at=starts_at, ends_at=starts_at + HOUR)
    assert "DTSTART:20261025T003000Z" in lines(entry)
    assert "DTEND:20261025T013000Z" in lines(entry)
    later = an_entry(starts_at=starts_at, ends_at=starts_at + 2 * HOUR)
    assert "DTEND;TZID=Europe/Berlin:20261025T033000" in lines(later)


def test_without_public_pages_there_is_no_url() -> None:
    """Files promise only what works."""
    assert not any(line.startswith("URL") for line in lines(an_entry()))
    page = "https://mia.example/termine/1"
    assert f"URL:{page}" in lines(an_entry(url=page))


def test_a_cancelled_entry_says_so() -> None:
    """In a feed of many meetings one may be off."""
    assert "STATUS:CANCELLED" in lines(an_entry(status=EntryStatus.CANCELLED))


def test_several_entries_share_one_zone() -> None:
    """A feed has one VTIMEZONE for each zone, not for each meeting."""
    far = an_entry(uid="b", zone=ZoneInfo("America/New_York"))
    text = build([an_entry(), an_entry(uid="a"), far], a_head()).decode()
    assert text.count("BEGIN:VTIMEZONE") == 2
    assert text.count("BEGIN:VEVENT") == 3


@pytest.mark.parametrize(
    ("method", "attendee", "message"),
    [
        ("PUBLISH", "rita@post.example", "PUBLISH with attendee"),
        ("CANCEL", "rita@post.example", "CANCEL with attendee"),
        ("REQUEST", "", "REQUEST with attendee"),
        ("publish", "", "is not a valid Method"),
        ("REPLY", "", "is not a valid Method"),
    ],
)
def test_methods_and_attendees_must_fit(
    method: str, attendee: str, message: str
) -> None:
    """Only who is asked is named, and only when somebody is asked."""
    head = a_head(method=method, attendee_address=attendee)
    with pytest.raises(ValueError, match=message):
        build([an_entry()], head)


def test_an_entry_that_ends_before_it_starts_is_refused() -> None:
    """A calendar would show it somewhere else, or not at all."""
    entry = an_entry(ends_at=an_entry().starts_at)
    with pytest.raises(ValueError, match="ends before it starts"):
        build([entry], a_head())


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\u0085", "\v", "\f"])
def test_no_text_can_begin_a_line_of_its_own(end: str) -> None:
    """Words of people never become properties, however they end their lines."""
    planted = f"Thema{end}ATTENDEE:mailto:alle@post.example"
    entry = an_entry(title=planted, location=planted, description=planted)
    text = build([entry], a_head(organiser_name=planted)).decode()

    assert not any(line.startswith("ATTENDEE") for line in text.splitlines())
    event = read_calendar(text.encode())[1][0]
    assert event["SUMMARY"] == "Thema ATTENDEE:mailto:alle@post.example"
    assert event["DESCRIPTION"] == "Thema\nATTENDEE:mailto:alle@post.example"


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def cleaned(text: str) -> str:
    """Return *text* as a reader may expect it back: lines, no control characters."""
    kept = "\n".join(text.splitlines())
    return "".join(sign for sign in kept if sign in "\n\t" or sign >= " ").replace(
        "\x7f", ""
    )


@given(title=ANY_TEXT, description=ANY_TEXT, name=ANY_TEXT)
def test_all_text_survives_escaping_and_folding(
    title: str, description: str, name: str
) -> None:
    """RFC 5545, sections 3.1 and 3.3.11: what was written is read, sign for sign."""
    entry = an_entry(title=title, description=description)
    raw = build([entry], a_head(organiser_name=name))

    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert all(line.decode() is not None for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    event = read_calendar(raw)[1][0]
    assert event["DESCRIPTION"] == cleaned(description)
    assert event["SUMMARY"] == " ".join(cleaned(title).split())
