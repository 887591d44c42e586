"""Quarters: their names, their midnights, and the working days around them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailer.editions.due import USEFUL_FOR, UpdateTimes, update_on, updates
from mailer.editions.quarter import (
    Quarter,
    is_working_day,
    working_day_from,
    working_day_until,
    working_days_before,
)
from mailer.meetings.closures import Closures
from mailer.settings.model import ClosedDays

BERLIN = ZoneInfo("Europe/Berlin")
ST = Closures("ST")
TIMES = UpdateTimes(timedelta(days=14), time(9), BERLIN, ST)


def test_a_quarter_knows_its_neighbours() -> None:
    """Across the year; midnights are those of the town."""
    quarter = Quarter.of(date(2026, 12, 31))
    assert (quarter.about, quarter.german) == (
        "quarter/2026-10-01",
        "Oktober bis Dezember 2026",
    )
    assert quarter.following == Quarter(date(2027, 1, 1))
    assert quarter.before == Quarter(date(2026, 7, 1))
    assert quarter.last == date(2026, 12, 31)
    assert quarter.starts_at(BERLIN) == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert quarter.ends_at(BERLIN) == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "draft", "due"),
    [
        (date(2026, 10, 1), "2026-12-17 09:00", "2027-01-04 09:00"),
        (date(2027, 1, 1), "2027-03-17 09:00", "2027-04-01 09:00"),
        (date(2027, 4, 1), "2027-06-16 09:00", "2027-07-01 09:00"),
        (date(2027, 10, 1), "2027-12-17 09:00", "2028-01-03 09:00"),
        (date(2029, 1, 1), "2029-03-17 09:00", "2029-04-03 09:00"),
    ],
)  # fmt: skip
def test_an_update_leaves_on_the_first_working_day(
    first: date, draft: str, due: str
) -> None:
    """On the town's clock; New Year on a Friday and Easter Monday are none."""
    found = update_on(Quarter(first), TIMES)
    local = [
        f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}"
        for at in (found.draft_at, found.due_at)
    ]
    assert local == [draft, due]
    assert found.expires_at == found.due_at + USEFUL_FOR
    assert (found.about, found.on, found.meeting_id) == (
        f"quarter/{first}",
        first,
        None,
    )
    assert found.title == Quarter(first).german


def test_the_quarter_before_counts_as_well() -> None:
    """Its update may still wait; what begins after the last day is not asked for."""
    found = updates(date(2027, 1, 2), date(2027, 3, 31), TIMES)
    assert [one.about for one in found] == ["quarter/2026-10-01", "quarter/2027-01-01"]


def test_our_own_closed_days_are_working_days() -> None:
    """A summer without meetings does not stop a letter; a holiday does."""
    summer = ClosedDays(date(2027, 7, 1), date(2027, 9, 30), "Sommerpause")
    closures = Closures("ST", (summer,))
    assert is_working_day(date(2027, 7, 1), closures)
    assert not is_working_day(date(2027, 1, 6), closures)  # in Saxony-Anhalt
    assert is_working_day(date(2027, 1, 6), Closures("BE"))
    assert not is_working_day(date(2027, 7, 3), closures)


def test_working_days_are_counted_past_weekends_and_holidays() -> None:
    """Before Monday, 4 January 2027: Thursday, because Friday is New Year."""
    due = date(2027, 1, 4)
    assert working_days_before(due, 0, ST) == due
    assert working_days_before(due, 1, ST) == date(2026, 12, 31)
    assert working_days_before(due, 4, ST) == date(2026, 12, 28)
    assert working_day_from(date(2027, 1, 1), ST) == due
    assert working_day_until(date(2027, 1, 3), ST) == date(2026, 12, 31)
