"""The calendar people see: rows, rule days and fall-outs as one list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.meetings import planning
from mailer.meetings.closures import Closures
from mailer.meetings.models import Meeting
from mailer.settings.model import ClosedDays
from tests.calendars import (
    BERLIN,
    CLOSURES,
    FOUNDING,
    a_series,
    saxony_anhalt,
    thursdays,
)
from tests.factories import a_meeting

if TYPE_CHECKING:
    from mailer.meetings.planning import CalendarDay
    from mailer.settings.model import Series
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DECEMBER_3, DECEMBER_10 = date(2026, 12, 3), date(2026, 12, 10)
DECEMBER_17 = date(2026, 12, 17)

FALL_OUTS = {
    date(2027, 5, 6): "Christi Himmelfahrt",
    date(2028, 1, 6): "Heilige Drei Könige",
    date(2030, 10, 3): "Tag der Deutschen Einheit",
    date(2031, 5, 1): "Erster Mai",
    date(2032, 1, 1): "Neujahr",
    date(2032, 5, 6): "Christi Himmelfahrt",
    date(2033, 1, 6): "Heilige Drei Könige",
    date(2034, 5, 18): "Christi Himmelfahrt",
    date(2035, 5, 3): "Christi Himmelfahrt",
}
"""What falls out up to 2035, as the description of the product lists it."""


def calendar(
    db: Db,
    first: date,
    last: date,
    *series: Series,
    closures: Closures = CLOSURES,
) -> list[CalendarDay]:
    """Return the calendar of the example's series."""
    return planning.calendar(
        db, series or (a_series(),), closures, first=first, last=last
    )


def december(db: Db) -> list[CalendarDay]:
    """Return December 2026."""
    return calendar(db, date(2026, 12, 1), date(2026, 12, 31))


def moved(db: Db, *, reason: str = "") -> Meeting:
    """Return the meeting of 3 December 2026, moved by a week."""
    series = a_series()
    meeting = planning.materialise_day(db, series, CLOSURES, DECEMBER_3, now=NOW)
    assert meeting is not None
    proposal = replace(planning.usual(series, DECEMBER_10), reason=reason)
    planning.move(db, meeting, series, CLOSURES, proposal, now=NOW)
    return meeting


def test_ten_years_without_any_row_agree_with_the_oracle(db: Db) -> None:
    """230 meetings from 2026 to 2035 and exactly the nine fall-outs, with reasons."""
    found = calendar(db, date(2026, 1, 1), date(2035, 12, 31))

    planned = [day.on for day in found if day.state == "planned"]
    closed = {day.on: day.reason for day in found if day.state == "closed"}
    assert len(planned) == 230
    assert planned[0] == FOUNDING
    assert closed == FALL_OUTS
    expected = {
        day: saxony_anhalt(year)[day]
        for year in range(2026, 2036)
        for day in thursdays(year)
        if day >= date(2026, 2, 1) and day in saxony_anhalt(year)
    }
    assert closed == expected


def test_looking_writes_nothing(db: Db) -> None:
    """The list makes no rows."""
    calendar(db, date(2026, 1, 1), date(2035, 12, 31))
    assert db.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_rows_do_not_change_the_list(db: Db) -> None:
    """A day is the same with a row and without, but for the number."""
    before = december(db)
    planning.materialise(db, a_series(), CLOSURES, until=date(2027, 1, 1), now=NOW)
    after = december(db)
    assert [replace(day, meeting_id=None) for day in after] == before
    assert all(day.meeting_id is not None for day in after)


def test_times_are_local_on_both_sides_of_the_change(db: Db) -> None:
    """Ten o'clock in winter and in summer, with the offset of each."""
    found = calendar(db, date(2027, 3, 18), date(2027, 4, 1))
    assert [day.starts_at.isoformat() for day in found] == [
        "2027-03-18T10:00:00+01:00",
        "2027-04-01T10:00:00+02:00",
    ]
    assert [day.ends_at.hour for day in found] == [13, 13]


def test_both_ends_are_included(db: Db) -> None:
    """From a meeting to a meeting shows both."""
    found = calendar(db, DECEMBER_3, DECEMBER_17)
    assert [day.on for day in found] == [DECEMBER_3, DECEMBER_17]


def test_a_moved_meeting_is_shown_on_its_new_day(db: Db) -> None:
    """With the day it came from; its old day is gone."""
    moved(db)
    found = december(db)
    assert [day.on for day in found] == [DECEMBER_10, DECEMBER_17]
    assert found[0].reason == "verlegt vom 3. Dezember 2026"


def test_a_moved_meeting_says_why(db: Db) -> None:
    """The coordinator's reason stands behind the old day."""
    moved(db, reason="Der Raum ist belegt")
    assert december(db)[0].reason == (
        "verlegt vom 3. Dezember 2026: Der Raum ist belegt"
    )


def test_the_old_day_stays_empty_in_a_list_of_its_own(db: Db) -> None:
    """A span without the new day shows neither the meeting nor the rule day."""
    moved(db)
    assert calendar(db, DECEMBER_3, DECEMBER_3) == []


def test_another_time_on_the_same_day_shows_the_reason_alone(db: Db) -> None:
    """It was moved, but not to another day."""
    series = a_series()
    meeting = planning.materialise_day(db, series, CLOSURES, DECEMBER_3, now=NOW)
    assert meeting is not None
    proposal = planning.as_it_is(meeting, BERLIN)
    proposal = replace(proposal, start=time(11), reason="Die Bahn streikt")
    planning.move(db, meeting, series, CLOSURES, proposal, now=NOW)
    assert december(db)[0].reason == "Die Bahn streikt"


def test_a_cancelled_meeting_stays_in_the_list(db: Db) -> None:
    """People look for it, and find why it is off."""
    meeting = moved(db)
    planning.cancel(db, meeting, reason="Krankheit", zone=BERLIN, now=NOW)
    day = december(db)[0]
    assert (day.state, day.reason) == ("cancelled", "Krankheit")


def test_added_days_are_named_as_such(db: Db) -> None:
    """From the settings, and by hand with a reason or without one."""
    series = a_series(added=(FOUNDING, date(2026, 12, 29)))
    usual = planning.usual(series, DECEMBER_10)
    why = replace(planning.usual(series, date(2026, 12, 22)), reason="Jahresabschluss")
    for proposal in (usual, why):
        planning.add(db, series, CLOSURES, proposal, now=NOW)

    found = calendar(db, date(2026, 12, 1), date(2026, 12, 31), series)

    assert {day.on.day: day.reason for day in found} == {
        3: "",
        10: "zusätzlicher Termin",
        17: "",
        22: "Jahresabschluss",
        29: "zusätzlicher Termin",
    }


def test_the_founding_meeting_is_shown_although_it_is_past(db: Db) -> None:
    """29 January 2026 was added; nobody needs a row to remember it."""
    (day,) = calendar(db, date(2026, 1, 1), date(2026, 1, 31))
    assert (day.on, day.reason) == (FOUNDING, "zusätzlicher Termin")


def test_our_own_closed_days_are_shown_with_their_reason(db: Db) -> None:
    """As a public holiday would be."""
    ferien = ClosedDays(date(2026, 12, 14), date(2027, 1, 3), "Betriebsferien")
    found = calendar(db, DECEMBER_3, DECEMBER_17, closures=Closures("ST", (ferien,)))
    assert [(day.state, day.reason) for day in found] == [
        ("planned", ""),
        ("closed", "Betriebsferien"),
    ]


def test_a_meeting_held_on_a_holiday_by_decision_is_no_fall_out(db: Db) -> None:
    """Ascension 2027, but somebody insisted: it takes place."""
    ascension = date(2027, 5, 6)
    series = a_series()
    proposal = replace(planning.usual(series, ascension), despite_closure=True)
    planning.add(db, series, CLOSURES, proposal, now=NOW)
    (day,) = calendar(db, ascension, ascension)
    assert day.state == "planned"


def test_several_series_are_one_list_in_order(db: Db) -> None:
    """Sorted by time, whatever the series."""
    other = a_series(key="lesekreis", nth=(-1,), weekday=0, start=time(9))
    found = calendar(db, date(2026, 12, 1), date(2026, 12, 31), a_series(), other)
    assert [(day.on.day, day.series) for day in found] == [
        (3, "miteinander-reden"),
        (17, "miteinander-reden"),
        (28, "lesekreis"),
    ]


def test_announced_meetings_are_marked(db: Db) -> None:
    """So nobody moves them without a thought."""
    meeting = moved(db)
    planning.mark_announced(db, meeting, now=NOW)
    assert [day.announced for day in december(db)] == [True, False]


def test_the_next_meeting_is_the_first_planned_one(db: Db) -> None:
    """Not a cancelled one, not one that has begun, not one of another series."""
    key = "miteinander-reden"
    begun = a_meeting(db, NOW)
    off = a_meeting(db, NOW + timedelta(days=1))
    planning.cancel(db, off, reason="Krankheit", zone=BERLIN, now=NOW)
    a_meeting(db, NOW + timedelta(days=2), series="lesekreis")
    expected = a_meeting(db, NOW + timedelta(days=3))
    a_meeting(db, NOW + timedelta(days=4))

    assert planning.next_meeting(db, [key], now=NOW) is expected
    assert planning.next_meeting(db, [key], now=NOW - timedelta(hours=1)) is begun
    assert planning.next_meeting(db, [], now=NOW) is None


def test_a_meeting_is_found_by_its_local_day(db: Db) -> None:
    """At 23:30 in UTC it is the next day in Berlin."""
    late = a_meeting(db, datetime(2026, 12, 2, 23, 30, tzinfo=UTC))
    assert planning.meeting_on(db, DECEMBER_3, BERLIN) is late
    assert planning.meeting_on(db, date(2026, 12, 2), BERLIN) is None
    assert planning.meeting_on(db, DECEMBER_3, BERLIN, series_keys=["x"]) is None


def test_a_planned_meeting_is_found_before_a_cancelled_one(db: Db) -> None:
    """Who asks for a day means what takes place."""
    off = a_meeting(db, datetime(2026, 12, 3, 7, tzinfo=UTC))
    planning.cancel(db, off, reason="Krankheit", zone=BERLIN, now=NOW)
    takes_place = a_meeting(db)
    assert list(planning.meetings_on(db, DECEMBER_3, BERLIN)) == [takes_place, off]
    assert planning.meeting_on(db, DECEMBER_3, BERLIN) is takes_place
