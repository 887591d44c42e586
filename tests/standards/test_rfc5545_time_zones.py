"""RFC 5545, section 3.6.5: what a VTIMEZONE says is what clocks do.

Another implementation than ours reads the blocks: dateutil, which follows the rules
of the component and knows nothing of the zone's name.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped] # it has no stubs

from mailer.meetings.timezone import vtimezone

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365 + 365 + 366
"""2026, 2027 and the leap year 2028."""


def hours_that_differ(zone: ZoneInfo, days: int) -> list[datetime]:
    """Return every hour of so many days in which the block and the zone disagree."""
    last = FIRST + timedelta(days=days)
    block = "\r\n".join(
        ["BEGIN:VCALENDAR", *vtimezone(zone, FIRST, last), "END:VCALENDAR", ""]
    )
    read = tzical(io.StringIO(block)).get()
    assert read is not None
    every = (FIRST + timedelta(hours=hour) for hour in range(24 * days))
    return [
        moment
        for moment in every
        if moment.astimezone(read).utcoffset() != moment.astimezone(zone).utcoffset()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("Europe/Berlin", DAYS),
        ("Europe/Vienna", 365),
        ("America/New_York", 365),
        ("Australia/Lord_Howe", 365),
    ],
)
def test_the_block_agrees_with_the_zone_database_in_every_hour(
    key: str, days: int
) -> None:
    """Not one hour is wrong, not even that of the change in March."""
    assert hours_that_differ(ZoneInfo(key), days) == []


def test_the_onset_is_the_local_time_before_the_change() -> None:
    """3.6.5: DTSTART is "the effective onset date and local time": 02:00 in spring."""
    lines = vtimezone(ZoneInfo("Europe/Berlin"), FIRST, FIRST)
    onsets = [line for line in lines if line.startswith("DTSTART")]
    assert onsets == ["DTSTART:19810329T020000", "DTSTART:19961027T030000"]


def test_required_properties_stand_in_every_observance() -> None:
    """3.6.5: each has DTSTART, TZOFFSETFROM and TZOFFSETTO, once."""
    for key in ("Europe/Berlin", "America/New_York"):
        lines = vtimezone(ZoneInfo(key), FIRST, FIRST)
        observances = sum(
            line in {"BEGIN:STANDARD", "BEGIN:DAYLIGHT"} for line in lines
        )
        for name in ("DTSTART:", "TZOFFSETFROM:", "TZOFFSETTO:"):
            assert sum(line.startswith(name) for line in lines) == observances
