"""The calendar that people subscribe to: what a letter says, and nothing on readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from mailer.editions import context
from mailer.meetings import changes
from mailer.rendering.calendar_file import calendar_entry
from mailer.web import calendars
from subscribers.topics import LetterStyle
from tests.town_calendar import closures, meeting, plan
from tests.web_server import BASE_URL

if TYPE_CHECKING:
    from icalendar import Component

    from mailer.settings.model import Settings
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def public(settings: Settings) -> Settings:
    """The example network with public pages."""
    return replace(settings, web_base_url=BASE_URL)


def events(db: Db, settings: Settings) -> list[Component]:
    """Return the entries of the feed, as a parser reads them."""
    content = calendars.feed(db, settings, now=NOW).content.decode()
    return list(Calendar.from_ical(content).walk("VEVENT"))


@both
def test_an_entry_is_the_one_of_the_letter(db: Db, public: Settings) -> None:
    """Same UID, same SEQUENCE, same words: a calendar that has both shows one."""
    plan(db, public, now=NOW)
    row = meeting(db, date(2026, 12, 3))
    first = events(db, public)[0]
    sent = calendar_entry(context.facts(public, row), LetterStyle.STANDARD)
    assert first["UID"] == sent.uid == row.uid
    assert first["SEQUENCE"] == sent.sequence == 0
    assert first["SUMMARY"] == sent.title
    assert first["DESCRIPTION"] == sent.description
    assert first["LOCATION"] == sent.location
    assert first.decoded("DTSTART") == sent.starts_at
    assert first["URL"] == f"{BASE_URL}/termine"


@both
def test_every_meeting_is_in_it_once(db: Db, public: Settings) -> None:
    """The year of meetings, without the holiday."""
    plan(db, public, now=NOW)
    days = [one.decoded("DTSTART").date() for one in events(db, public)]
    assert len(days) == len(set(days)) == 25
    assert date(2027, 5, 6) not in days


def test_what_is_off_says_so_in_words_too(db: Db, public: Settings) -> None:
    """STATUS for programs, the title for people; and it blocks no time."""
    plan(db, public, now=NOW)
    row = meeting(db, date(2026, 12, 3))
    zone = public.series[0].zone
    changes.cancel(db, row, reason="Krankheit", zone=zone, now=NOW)
    first = events(db, public)[0]
    assert first["STATUS"] == "CANCELLED"
    assert first["SUMMARY"] == "Abgesagt: Miteinander reden"
    assert first["TRANSP"] == "TRANSPARENT"
    assert first["SEQUENCE"] == row.sequence == 1
    assert "Dieses Treffen fällt aus." in str(first["DESCRIPTION"])


def test_a_move_is_told_with_a_higher_sequence(db: Db, public: Settings) -> None:
    """RFC 5546, section 2.1.4; LAST-MODIFIED says when."""
    plan(db, public, now=NOW)
    row, series = meeting(db, date(2026, 12, 3)), public.series[0]
    later = NOW + timedelta(hours=1)
    to = replace(changes.as_it_is(row, series.zone), on=date(2026, 12, 10))
    changes.move(db, row, series, closures(public), to, now=later)
    first = events(db, public)[0]
    assert first["SEQUENCE"] == 1
    assert first.decoded("DTSTART").date() == date(2026, 12, 10)
    assert first.decoded("LAST-MODIFIED") == later
    assert calendars.feed(db, public, now=later).changed_at == later


def test_the_same_calendar_has_the_same_bytes(db: Db, public: Settings) -> None:
    """Else nobody could be told that there is nothing new."""
    plan(db, public, now=NOW)
    later = NOW + timedelta(days=30)
    assert calendars.feed(db, public, now=NOW) == calendars.feed(db, public, now=later)


def test_the_past_goes_by_years(db: Db, public: Settings) -> None:
    """Last year's meetings stay; those before it go on New Year's Day."""
    plan(db, public, now=NOW)
    kept = calendars.feed(db, public, now=datetime(2027, 12, 31, 22, tzinfo=UTC))
    new = calendars.feed(db, public, now=datetime(2027, 12, 31, 23, tzinfo=UTC))
    assert kept.first_on == date(2026, 1, 1)
    assert new.first_on == date(2027, 1, 1)
    assert b"20261203T100000" in kept.content
    assert b"20261203T100000" not in new.content


def test_an_empty_calendar_is_one(db: Db, public: Settings) -> None:
    """Before the first meeting is planned, whoever subscribes gets a valid file."""
    assert events(db, public) == []


def test_a_meeting_in_a_place_nobody_knows_is_left_out(
    db: Db, public: Settings
) -> None:
    """The settings lost its place; all others are shown."""
    plan(db, public, now=NOW)
    row = meeting(db, date(2026, 12, 3))
    row.venue = "turnhalle"
    db.flush()
    assert len(events(db, public)) == 24
    assert calendars.file_of(db, public, row.id) is None


def test_the_file_of_one_meeting_is_for_everybody(db: Db, public: Settings) -> None:
    """It holds the one entry, and nothing that only a subscription needs."""
    plan(db, public, now=NOW)
    row = meeting(db, date(2026, 12, 3))
    file = calendars.file_of(db, public, row.id)
    assert file is not None
    assert file.first_on == date(2026, 12, 3)
    read = Calendar.from_ical(file.content.decode())
    assert [one["UID"] for one in read.walk("VEVENT")] == [row.uid]
    assert "REFRESH-INTERVAL" not in read


def test_the_name_of_the_feed_stays(public: Settings) -> None:
    """It follows from the list alone, wherever the pages lie; it tells nothing."""
    moved = replace(public, web_base_url="https://anders.example")
    assert calendars.identifier(public) == calendars.identifier(moved)
    assert "aschersleben" not in calendars.identifier(public)
