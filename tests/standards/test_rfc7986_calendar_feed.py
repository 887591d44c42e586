"""RFC 7986: what a calendar that people subscribe to says about itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from mailer.web import calendars
from tests.town_calendar import plan
from tests.web_server import BASE_URL

if TYPE_CHECKING:
    from icalendar import Component

    from mailer.settings.model import Settings
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def content(db: Db, settings: Settings) -> str:
    """The feed of the example network."""
    plan(db, settings, now=NOW)
    known = replace(settings, web_base_url=BASE_URL)
    return calendars.feed(db, known, now=NOW).content.decode()


@pytest.fixture
def calendar(content: str) -> Component:
    """The same as a parser reads it."""
    return Calendar.from_ical(content)


def test_name_and_description(calendar: Component) -> None:
    """Sections 5.1 and 5.2; each may occur once without a language."""
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "MIA: Miteinander reden"
    assert str(calendar["DESCRIPTION"]).startswith("Alle Treffen des Netzwerks MIA")


def test_identifier_gives_nothing_away(calendar: Component) -> None:
    """Section 5.3: no data about host, person or place."""
    assert len(str(calendar["UID"])) == 36
    assert "@" not in str(calendar["UID"])


def test_last_modified_is_in_utc(calendar: Component) -> None:
    """Section 5.4: the change that came last."""
    assert calendar.decoded("LAST-MODIFIED") == NOW
    for event in calendar.walk("VEVENT"):
        assert event.decoded("LAST-MODIFIED") == NOW


def test_url_is_the_page_for_people(calendar: Component) -> None:
    """Section 5.5."""
    assert calendar["URL"] == f"{BASE_URL}/termine"


def test_refresh_interval_is_a_positive_duration(
    calendar: Component, content: str
) -> None:
    """Section 5.7: VALUE=DURATION must be said."""
    assert calendar.decoded("REFRESH-INTERVAL") >= timedelta(minutes=30)
    assert "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in content


def test_source_is_where_it_came_from(content: str) -> None:
    """Section 5.8: VALUE=URI must be said."""
    unfolded = content.replace("\r\n ", "")
    assert f"\r\nSOURCE;VALUE=URI:{BASE_URL}/termine.ics\r\n" in unfolded


def test_colour_is_a_name_of_css3(calendar: Component) -> None:
    """Section 5.9: a name, never a number."""
    assert calendar["COLOR"] == "navy"


def test_it_is_published_to_nobody_in_particular(calendar: Component) -> None:
    """RFC 5546, section 3.2.1: no ATTENDEE, so nothing about a reader."""
    assert calendar["METHOD"] == "PUBLISH"
    for event in calendar.walk("VEVENT"):
        assert "ATTENDEE" not in event
        assert event.decoded("DTSTAMP") == NOW
