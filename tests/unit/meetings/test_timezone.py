"""The VTIMEZONE blocks themselves; what parsers make of them stands in standards."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from mailer.meetings.timezone import BERLIN, vtimezone

SUMMER = datetime(2026, 7, 2, 8, tzinfo=UTC)
WINTER = datetime(2026, 12, 3, 9, tzinfo=UTC)


def test_berlin_is_written_by_hand() -> None:
    """The same block at all times: frozen letters keep their bytes."""
    assert vtimezone(ZoneInfo("Europe/Berlin"), SUMMER, WINTER) is BERLIN


def test_another_zone_names_its_own_changes() -> None:
    """New York moves its clocks on 8 March and 1 November 2026, at two."""
    lines = vtimezone(ZoneInfo("America/New_York"), WINTER, WINTER)
    onsets = [line for line in lines if line.startswith("DTSTART")]
    assert onsets[-2:] == ["DTSTART:20260308T020000", "DTSTART:20261101T020000"]


def test_a_zone_without_summer_time_has_one_observance() -> None:
    """In Lagos clocks are never moved."""
    lines = vtimezone(ZoneInfo("Africa/Lagos"), SUMMER, WINTER)
    assert [line for line in lines if line.startswith("BEGIN")] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
    ]
    assert "TZOFFSETTO:+0100" in lines


@pytest.mark.parametrize(
    ("key", "offset"),
    [
        pytest.param("Asia/Kathmandu", "+0545", id="quarter hours"),
        pytest.param("Pacific/Marquesas", "-0930", id="west of Greenwich"),
        pytest.param("UTC", "+0000", id="none, with a plus sign"),
    ],
)
def test_offsets_are_written_as_rfc_5545_writes_them(key: str, offset: str) -> None:
    """Section 3.3.14: a sign, two digits for hours, two for minutes."""
    assert f"TZOFFSETTO:{offset}" in vtimezone(ZoneInfo(key), SUMMER, WINTER)


def test_old_offsets_with_seconds_keep_them() -> None:
    """Monrovia was 44 minutes and 30 seconds behind Greenwich until 1972."""
    moment = datetime(1930, 1, 15, 12, tzinfo=UTC)
    zone = ZoneInfo("Africa/Monrovia")
    assert "TZOFFSETTO:-004430" in vtimezone(zone, moment, moment)


def test_a_zone_without_a_name_is_refused() -> None:
    """No calendar could look it up."""
    data = files("tzdata.zoneinfo.Europe").joinpath("Vienna")
    with data.open("rb") as file, pytest.raises(ValueError, match="without a name"):
        vtimezone(ZoneInfo.from_file(file), SUMMER, WINTER)
