"""RFC 5545 as a second, independent parser reads it: ical.js, on node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest

from mailer.meetings.icalendar import build
from tests.calendars import a_head, an_entry, read_calendar
from tests.conftest import missing
from tests.year_letters import calendar_of

if TYPE_CHECKING:
    from mailer.meetings.icalendar import CalendarEntry

pytestmark = pytest.mark.node

TOOLS: Final = Path(__file__).parents[1] / "node"

DAYS: Final = {
    "winter": datetime(2026, 12, 3, 9, tzinfo=UTC),
    "summer": datetime(2026, 7, 2, 8, tzinfo=UTC),
    "the hour before the change": datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    "the hour after the change": datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    "the first of two equal hours": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "the second of two equal hours": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    "leap day": datetime(2028, 2, 29, 9, tzinfo=UTC),
    "far away": datetime(2045, 6, 1, 8, tzinfo=UTC),
}


def second_opinion(raw: bytes) -> dict[str, Any]:
    """Return what ical.js reads; the machine's own zone must not matter."""
    node = shutil.which("node")
    if node is None or not (TOOLS / "node_modules" / "ical.js").exists():
        missing("ical.js (npm ci in tests/node)")
    read = subprocess.run(
        ["node", str(TOOLS / "ical.mjs")],
        input=raw,
        capture_output=True,
        check=True,
        env={**os.environ, "TZ": "Pacific/Auckland"},
    )
    found: dict[str, Any] = json.loads(read.stdout)
    return found


def several() -> list[CalendarEntry]:
    """Return one entry for each day worth a look."""
    return [
        an_entry(
            uid=name, sequence=n, starts_at=moment, ends_at=moment + timedelta(hours=3)
        )
        for n, (name, moment) in enumerate(DAYS.items())
    ]


def test_both_parsers_read_the_same_meetings() -> None:
    """UID, beginning, end, SEQUENCE and METHOD, on both sides of every change."""
    entries = several()
    raw = build(entries, a_head())
    second = second_opinion(raw)
    first, events = read_calendar(raw)

    assert second["method"] == first["METHOD"] == "PUBLISH"
    for entry, one, two in zip(entries, events, second["entries"], strict=True):
        assert two["uid"] == one["UID"] == entry.uid
        assert two["sequence"] == one["SEQUENCE"] == entry.sequence
        starts_at = datetime.fromisoformat(two["start"])
        ends_at = datetime.fromisoformat(two["end"])
        assert starts_at == one["DTSTART"].dt == entry.starts_at, entry.uid
        assert ends_at == one["DTEND"].dt == entry.ends_at, entry.uid


def test_the_time_does_not_float() -> None:
    """Without a zone it can resolve, ical.js says "floating"; here it says which."""
    raw = build([an_entry()], a_head())
    (entry,) = second_opinion(raw)["entries"]
    assert entry["zone"] == "Europe/Berlin"


def test_a_missing_explanation_of_the_zone_would_be_noticed() -> None:
    """The test above can fail: without VTIMEZONE the time floats."""
    raw = build([an_entry()], a_head())
    start, end = raw.index(b"BEGIN:VTIMEZONE"), raw.index(b"BEGIN:VEVENT")
    (entry,) = second_opinion(raw[:start] + raw[end:])["entries"]
    assert entry["zone"] == "floating"


@pytest.mark.parametrize("key", ["Europe/Vienna", "America/New_York"])
def test_other_zones_resolve_too(key: str) -> None:
    """A network elsewhere meets at the right hour, in summer and in winter."""
    entries = [
        an_entry(starts_at=moment, ends_at=moment + timedelta(hours=3), zone=zone)
        for zone in [ZoneInfo(key)]
        for moment in (DAYS["winter"], DAYS["summer"])
    ]
    found = second_opinion(build(entries, a_head()))["entries"]
    starts = [datetime.fromisoformat(entry["start"]) for entry in found]
    assert starts == [DAYS["winter"], DAYS["summer"]]
    assert {entry["zone"] for entry in found} == {key}


@pytest.mark.parametrize("name", ["update-all", "cancellation", "reinstatement"])
def test_both_parsers_read_the_same_change(name: str) -> None:
    """Method, state, number and place of what changed, in both readings."""
    letter = calendar_of(name)
    assert letter.calendar is not None
    calendar, (one,) = read_calendar(letter.calendar)
    second = second_opinion(letter.calendar)
    (two,) = second["entries"]
    assert second["method"] == calendar["METHOD"] == letter.method
    assert two["status"] == one["STATUS"]
    assert (two["uid"], two["sequence"]) == (one["UID"], one["SEQUENCE"])
    assert datetime.fromisoformat(two["start"]) == one["DTSTART"].dt
    assert two["location"] == one["LOCATION"]


def test_words_survive() -> None:
    """Umlauts, quotes, commas and line feeds arrive as they were written."""
    text = "Grüße; Fragen?\n„Ja“, sagte sie: \\o/ 😀 " + "ß" * 200
    entry = an_entry(title="Äpfel, Öl; Übermut", description=text)
    raw = build([entry], a_head(organiser_name='Dr. "Kätchen" Sommer, Amt: 1'))
    (found,) = second_opinion(raw)["entries"]
    assert found["title"] == entry.title
    assert found["location"] == entry.location
    assert found["description"] == text
    assert found["organiserName"] == 'Dr. "Kätchen" Sommer, Amt: 1'
    assert found["attendees"] == 0


def test_the_lock_file_names_no_host() -> None:
    """The tools come from whatever registry the machine is set to."""
    assert "://" not in (TOOLS / "package-lock.json").read_text(encoding="utf-8")
