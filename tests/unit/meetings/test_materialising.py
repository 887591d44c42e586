"""From the settings to rows: once, and never against what people were told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.meetings import planning
from mailer.meetings.closures import Closures
from mailer.meetings.localtime import local_day
from mailer.meetings.models import Meeting
from mailer.meetings.states import MeetingState
from mailer.settings.model import ClosedDays
from tests.calendars import (
    BERLIN,
    CLOSURES,
    FOUNDING,
    a_series,
    saxony_anhalt,
    thursdays,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.meetings.planning import Materialised
    from mailer.settings.model import Series
    from subscribers.database import Db

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NEW_YEAR = date(2027, 1, 31)
"""Until then the rule makes 3 and 17 December, 7 and 21 January."""

DECEMBER_3, DECEMBER_17 = date(2026, 12, 3), date(2026, 12, 17)
JANUARY_7, JANUARY_21 = date(2027, 1, 7), date(2027, 1, 21)


def materialise(
    db: Db,
    series: Series | None = None,
    closures: Closures = CLOSURES,
    *,
    until: date = NEW_YEAR,
    now: datetime = NOW,
) -> Materialised:
    """Materialise the example's series until the end of January 2027."""
    return planning.materialise(
        db, series or a_series(), closures, until=until, now=now
    )


def rows(db: Db) -> Sequence[Meeting]:
    """Return all meetings, by time."""
    return db.scalars(sa.select(Meeting).order_by(Meeting.starts_at)).all()


def days(db: Db) -> list[date]:
    """Return the local days of all meetings."""
    return [local_day(row.starts_at, BERLIN) for row in rows(db)]


def row_on(db: Db, day: date) -> Meeting:
    """Return the meeting of one day."""
    found = planning.meeting_on(db, day, BERLIN)
    assert found is not None
    return found


def snapshot(db: Db) -> list[dict[str, Any]]:
    """Return everything the table holds."""
    found = db.execute(sa.select(Meeting.__table__)).mappings()
    return [dict(row) for row in found]


def test_ten_years_agree_with_the_oracle(db: Db) -> None:
    """29 January 2026 and the rule to the end of 2035: exactly 230 meetings."""
    expected = [FOUNDING] + [
        day
        for year in range(2026, 2036)
        for day in thursdays(year)
        if day >= date(2026, 2, 1) and day not in saxony_anhalt(year)
    ]

    founded = datetime(2026, 1, 15, tzinfo=UTC)
    materialise(db, until=date(2035, 12, 31), now=founded)

    assert days(db) == expected
    assert len(expected) == 230
    for row in rows(db):
        assert row.starts_at.astimezone(BERLIN).time() == time(10)
        assert row.ends_at.astimezone(BERLIN).time() == time(13)


def test_rows_begin_today(db: Db) -> None:
    """What is past is not made up afterwards; today's meeting counts."""
    materialise(db, now=datetime(2026, 12, 3, 22, 0, tzinfo=UTC))
    assert days(db)[0] == DECEMBER_3


def test_today_is_the_day_of_the_series(db: Db) -> None:
    """At 23:30 in UTC on 3 December it is the 4th in Berlin."""
    materialise(db, now=datetime(2026, 12, 3, 23, 30, tzinfo=UTC))
    assert days(db)[0] == DECEMBER_17


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_doing_it_twice_changes_nothing(db: Db) -> None:
    """Not a row, not a field, on both databases; added days included."""
    series = a_series(added=(FOUNDING, date(2026, 12, 29)))
    first = materialise(db, series)
    before = snapshot(db)

    second = materialise(db, series, now=NOW + timedelta(hours=1))

    assert first.added == (
        DECEMBER_3,
        DECEMBER_17,
        date(2026, 12, 29),
        JANUARY_7,
        JANUARY_21,
    )
    assert second == planning.Materialised()
    assert snapshot(db) == before


def test_new_rows_are_fresh(db: Db) -> None:
    """SEQUENCE 0, told to nobody, a UID of their own from the source given."""
    planning.materialise(
        db, a_series(), CLOSURES, until=DECEMBER_3, now=NOW, draw=lambda: UUID(int=7)
    )
    (row,) = rows(db)
    assert row.uid == "00000000-0000-0000-0000-000000000007"
    assert (row.sequence, row.state) == (0, MeetingState.PLANNED)
    assert (row.announced_at, row.reason) == (None, "")
    assert (row.ruled_on, row.created_at) == (DECEMBER_3, NOW)


def test_every_row_has_its_own_uid(db: Db) -> None:
    """Two meetings with one UID would be one in a calendar."""
    materialise(db, until=date(2028, 1, 1))
    uids = [row.uid for row in rows(db)]
    assert len(set(uids)) == len(uids)


def test_an_added_day_on_a_holiday_falls_out_like_any_other(db: Db) -> None:
    """Never on a public holiday; by hand it would be possible."""
    materialise(db, a_series(added=(date(2026, 12, 25),)))
    assert date(2026, 12, 25) not in days(db)


def test_a_later_rule_takes_along_what_nobody_knows(db: Db) -> None:
    """Times, place and title of untouched rows follow; their UID stays."""
    materialise(db)
    uids = [row.uid for row in rows(db)]

    done = materialise(
        db, a_series(start=time(14), end=time(17), venue="rathaus", title="Neu")
    )

    assert done.changed == (DECEMBER_3, DECEMBER_17, JANUARY_7, JANUARY_21)
    assert [row.uid for row in rows(db)] == uids
    for row in rows(db):
        assert row.starts_at.astimezone(BERLIN).hour == 14
        assert (row.venue, row.title, row.sequence) == ("rathaus", "Neu", 0)


def test_another_weekday_replaces_untouched_rows(db: Db) -> None:
    """Thursdays go, Tuesdays come."""
    materialise(db)
    done = materialise(db, a_series(weekday=1))
    assert done.removed == (DECEMBER_3, DECEMBER_17, JANUARY_7, JANUARY_21)
    tuesdays = [date(2026, 12, 1), date(2026, 12, 15), date(2027, 1, 5)]
    assert days(db) == [*tuesdays, date(2027, 1, 19)]


def test_an_announced_meeting_is_never_moved(db: Db) -> None:
    """People were told 10 o'clock; the rule may say what it likes."""
    materialise(db)
    told = row_on(db, DECEMBER_3)
    planning.mark_announced(db, told, now=NOW)
    before = snapshot(db)[0]

    done = materialise(db, a_series(start=time(14), end=time(17)))

    assert snapshot(db)[0] == before
    (kept,) = done.kept_against_rule
    assert kept.sentence == (
        "Das Treffen am Donnerstag, 3. Dezember 2026, hat andere Zeiten als die Regel "
        "(14:00 bis 17:00 Uhr), bleibt aber, weil schon eingeladen wurde."
    )
    assert done.changed == (DECEMBER_17, JANUARY_7, JANUARY_21)


def test_an_announced_meeting_is_never_removed(db: Db) -> None:
    """It is no longer in the rule, and the coordinator hears of it."""
    materialise(db)
    planning.mark_announced(db, row_on(db, DECEMBER_3), now=NOW)

    done = materialise(db, a_series(weekday=1))

    assert DECEMBER_3 in days(db)
    (kept,) = done.kept_against_rule
    assert kept.sentence == (
        "Das Treffen am Donnerstag, 3. Dezember 2026, steht nicht mehr in der Regel, "
        "bleibt aber, weil schon eingeladen wurde."
    )


def test_an_announced_meeting_in_another_room_stays_there(db: Db) -> None:
    """The place people were told is the place."""
    materialise(db)
    planning.mark_announced(db, row_on(db, DECEMBER_3), now=NOW)
    (kept,) = materialise(db, a_series(venue="rathaus")).kept_against_rule
    assert kept.finding == "ist an einem anderen Ort, als die Regel sagt"
    assert row_on(db, DECEMBER_3).venue == "hohe-strasse"


def test_a_new_closed_day_removes_what_nobody_knows(db: Db) -> None:
    """Company holidays set later: the meeting falls out, its day says why."""
    materialise(db)
    closed = ClosedDays(date(2026, 12, 14), date(2027, 1, 10), "Betriebsferien")
    done = materialise(db, closures=Closures("ST", (closed,)))
    assert done.removed == (DECEMBER_17, JANUARY_7)
    assert days(db) == [DECEMBER_3, JANUARY_21]


def test_an_announced_meeting_on_a_new_closed_day_is_a_finding(db: Db) -> None:
    """It stays, and the coordinator must decide."""
    materialise(db)
    planning.mark_announced(db, row_on(db, DECEMBER_17), now=NOW)
    closed = ClosedDays(DECEMBER_17, DECEMBER_17, "Wahl")
    done = materialise(db, closures=Closures("ST", (closed,)))
    (kept,) = done.kept_against_rule
    assert kept.finding == "fällt auf einen geschlossenen Tag (Wahl)"
    assert kept.meeting_id == row_on(db, DECEMBER_17).id
    assert done.removed == ()


def test_what_was_moved_by_hand_stays_where_it_is(db: Db) -> None:
    """The rule neither moves it back nor makes its old day again."""
    materialise(db)
    meeting = row_on(db, DECEMBER_3)
    series = a_series()
    proposal = planning.usual(series, date(2026, 12, 10))
    planning.move(db, meeting, series, CLOSURES, proposal, now=NOW)

    done = materialise(db)

    assert done == planning.Materialised()
    assert days(db)[0] == date(2026, 12, 10)
    assert DECEMBER_3 not in days(db)


def test_what_was_moved_by_hand_survives_the_end_of_its_rule(db: Db) -> None:
    """A person's decision is above a rule; nothing odd is reported either."""
    materialise(db)
    meeting = row_on(db, DECEMBER_3)
    series = a_series()
    proposal = planning.usual(series, date(2026, 12, 10))
    planning.move(db, meeting, series, CLOSURES, proposal, now=NOW)

    done = materialise(db, a_series(weekday=1))

    assert date(2026, 12, 10) in days(db)
    assert done.kept_against_rule == ()


def test_what_was_moved_onto_a_later_closed_day_is_a_finding(db: Db) -> None:
    """The room was closed after the meeting had been moved into it."""
    materialise(db)
    meeting = row_on(db, DECEMBER_3)
    series = a_series()
    proposal = planning.usual(series, date(2026, 12, 10))
    planning.move(db, meeting, series, CLOSURES, proposal, now=NOW)
    closed = ClosedDays(date(2026, 12, 10), date(2026, 12, 10), "Wahl")

    (kept,) = materialise(db, closures=Closures("ST", (closed,))).kept_against_rule

    assert kept.because == "es von Hand eingetragen oder geändert wurde"


def test_a_cancelled_meeting_is_not_made_again(db: Db) -> None:
    """Its row keeps its day."""
    materialise(db)
    meeting = row_on(db, DECEMBER_3)
    planning.cancel(db, meeting, reason="Krankheit", zone=BERLIN, now=NOW)
    assert materialise(db) == planning.Materialised()
    assert row_on(db, DECEMBER_3).state is MeetingState.CANCELLED


def test_a_meeting_with_a_draft_is_kept_and_reported(db: Db) -> None:
    """A letter points to it; taking it away would break the letter."""
    materialise(db)
    drafting.draft(db, EditionKind.INVITATION, row_on(db, DECEMBER_3), now=NOW)

    done = materialise(db, a_series(weekday=1))

    assert DECEMBER_3 in days(db)
    (kept,) = done.kept_against_rule
    assert kept.because == "es schon einen Brief dazu gibt"
    assert done.removed == (DECEMBER_17, JANUARY_7, JANUARY_21)


def test_a_day_added_by_hand_and_in_the_settings_is_one_meeting(db: Db) -> None:
    """Whoever writes it down twice means it once."""
    extra = date(2026, 12, 29)
    series = a_series()
    planning.add(db, series, CLOSURES, planning.usual(series, extra), now=NOW)
    materialise(db, a_series(added=(extra,)))
    assert days(db).count(extra) == 1


def test_the_past_is_left_alone(db: Db) -> None:
    """A meeting that has begun follows no rule any more."""
    materialise(db)
    during = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    done = materialise(db, a_series(start=time(14), end=time(17)), now=during)
    assert DECEMBER_3 not in done.changed
    assert row_on(db, DECEMBER_3).starts_at.hour == 9


def test_series_do_not_touch_each_other(db: Db) -> None:
    """Two rules on the same Thursdays make two meetings each."""
    materialise(db)
    done = materialise(db, a_series(key="lesekreis", start=time(15), end=time(16)))
    assert len(done.added) == 4
    assert len(rows(db)) == 8


def test_one_day_is_made_on_demand(db: Db) -> None:
    """A command about a rule day gets its row, and gets it once."""
    series = a_series()
    made = planning.materialise_day(db, series, CLOSURES, DECEMBER_3, now=NOW)
    assert made is not None
    assert made.ruled_on == DECEMBER_3
    again = planning.materialise_day(db, series, CLOSURES, DECEMBER_3, now=NOW)
    assert again is None
    assert days(db) == [DECEMBER_3]


@pytest.mark.parametrize("day", [date(2026, 12, 4), date(2027, 5, 6)])
def test_no_row_is_made_for_a_day_without_a_meeting(db: Db, day: date) -> None:
    """Neither for a Friday nor for Ascension."""
    assert planning.materialise_day(db, a_series(), CLOSURES, day, now=NOW) is None
