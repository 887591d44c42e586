"""The list of dates: every day that somebody could look up, and what is to be known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from mailer.meetings import changes
from mailer.settings.model import ClosedDays
from mailer.web.dates import LineKind, coming
from tests.town_calendar import closures, meeting, plan

if TYPE_CHECKING:
    from mailer.settings.model import Settings
    from mailer.web.dates import Line
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def told(line: Line) -> tuple[LineKind, str, str]:
    """Return kind, day and reason of a line."""
    return (line.kind, line.when.day, line.reason)


def test_a_plan_without_rows_is_a_plan(db: Db, settings: Settings) -> None:
    """The rule alone says when people meet; there is no calendar file yet."""
    first, second = coming(db, settings, now=NOW)[:2]
    assert told(first) == (LineKind.USUAL, "3. Dezember 2026", "")
    assert told(second) == (LineKind.USUAL, "17. Dezember 2026", "")
    assert (first.number, second.number) == (None, None)


@both
def test_a_holiday_stands_in_its_place(db: Db, settings: Settings) -> None:
    """Ascension Day is a Thursday of the rule, and nobody meets."""
    plan(db, settings, now=NOW)
    lines = coming(db, settings, now=NOW)
    (off,) = [line for line in lines if not line.takes_place]
    assert told(off) == (LineKind.CLOSED, "6. Mai 2027", "Christi Himmelfahrt.")
    assert lines == sorted(lines, key=lambda line: line.when.starts_at)


def test_closed_days_of_our_own_say_why(db: Db, settings: Settings) -> None:
    """Not only holidays keep people away."""
    days = ClosedDays(date(2026, 12, 14), date(2026, 12, 31), "Betriebsferien")
    second = coming(db, replace(settings, closed=(days,)), now=NOW)[1]
    assert told(second) == (LineKind.CLOSED, "17. Dezember 2026", "Betriebsferien.")


@both
def test_a_moved_meeting_stands_on_both_days(db: Db, settings: Settings) -> None:
    """Whoever looks up the old day learns where it went."""
    plan(db, settings, now=NOW)
    series, row = settings.series[0], meeting(db, date(2026, 12, 3))
    to = replace(
        changes.as_it_is(row, series.zone),
        on=date(2026, 12, 10),
        start=time(11),
        reason="Der Raum ist belegt",
    )
    changes.move(db, row, series, closures(settings), to, now=NOW)
    away, moved, usual = coming(db, settings, now=NOW)[:3]
    reason = "Der Raum ist belegt."
    assert told(away) == (LineKind.AWAY, "3. Dezember 2026", reason)
    assert told(moved) == (LineKind.MOVED, "10. Dezember 2026", reason)
    assert away.instead == moved.when
    assert moved.when.hours == "11:00 bis 13:00 Uhr"
    assert moved.instead is not None
    assert moved.instead.full_day == "Donnerstag, 3. Dezember 2026"
    assert (away.number, moved.number) == (None, row.id)
    assert usual.kind is LineKind.USUAL


def test_other_hours_are_no_other_day(db: Db, settings: Settings) -> None:
    """A change of hours is one line that says so."""
    plan(db, settings, now=NOW)
    series, row = settings.series[0], meeting(db, date(2026, 12, 3))
    to = replace(changes.as_it_is(row, series.zone), start=time(11))
    changes.move(db, row, series, closures(settings), to, now=NOW)
    first = coming(db, settings, now=NOW)[0]
    assert told(first) == (LineKind.CHANGED, "3. Dezember 2026", "")


def test_what_is_off_stays_in_the_list(db: Db, settings: Settings) -> None:
    """With the reason that the coordinator gave."""
    plan(db, settings, now=NOW)
    zone, row = settings.series[0].zone, meeting(db, date(2026, 12, 3))
    changes.cancel(db, row, reason="Krankheit", zone=zone, now=NOW)
    first = coming(db, settings, now=NOW)[0]
    assert told(first) == (LineKind.CANCELLED, "3. Dezember 2026", "Krankheit.")
    assert not first.takes_place


def test_a_meeting_besides_the_rule_is_extra(db: Db, settings: Settings) -> None:
    """Whether the settings add it or a person does."""
    series = replace(settings.series[0], added=(date(2026, 12, 9),))
    known = replace(settings, series=(series,))
    extra = changes.usual(series, date(2026, 12, 8))
    changes.add(db, series, closures(settings), extra, now=NOW)
    kinds = [(line.kind, line.when.day) for line in coming(db, known, now=NOW)[1:3]]
    assert kinds == [
        (LineKind.EXTRA, "8. Dezember 2026"),
        (LineKind.EXTRA, "9. Dezember 2026"),
    ]


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        (datetime(2026, 12, 3, 11, 59, tzinfo=UTC), "3. Dezember 2026"),
        (datetime(2026, 12, 3, 12, 0, tzinfo=UTC), "17. Dezember 2026"),
    ],
)
def test_a_meeting_stays_until_it_is_over(
    db: Db, settings: Settings, moment: datetime, first: str
) -> None:
    """Somebody who is late looks up where people are."""
    assert coming(db, settings, now=moment)[0].when.day == first


def test_a_place_that_nobody_knows_any_more_is_no_fault(
    db: Db, settings: Settings
) -> None:
    """The settings lost it; the day is shown all the same."""
    plan(db, settings, now=NOW)
    meeting(db, date(2026, 12, 3)).venue = "turnhalle"
    first = coming(db, settings, now=NOW)[0]
    assert (first.kind, first.venue) == (LineKind.CHANGED, None)
