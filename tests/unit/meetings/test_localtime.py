"""Clocks on the wall, on the two nights on which they lie, and on all other days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.meetings.localtime import local_day, moment_at, span
from tests.calendars import BERLIN

SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
"""At 02:00 clocks go to 03:00; at 03:00 they go back to 02:00."""


def utc(*fields: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type] # only integers


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        pytest.param(date(2026, 12, 3), time(10), utc(2026, 12, 3, 9), id="winter"),
        pytest.param(date(2026, 7, 2), time(10), utc(2026, 7, 2, 8), id="summer"),
        pytest.param(SPRING, time(1, 30), utc(2027, 3, 28, 0, 30), id="before the gap"),
        pytest.param(SPRING, time(2, 0), utc(2027, 3, 28, 1, 0), id="gap begins"),
        pytest.param(SPRING, time(2, 30), utc(2027, 3, 28, 1, 30), id="in the gap"),
        pytest.param(SPRING, time(3, 0), utc(2027, 3, 28, 1, 0), id="after the gap"),
        pytest.param(AUTUMN, time(1, 59), utc(2026, 10, 24, 23, 59), id="before"),
        pytest.param(AUTUMN, time(2, 30), utc(2026, 10, 25, 0, 30), id="first 02:30"),
        pytest.param(AUTUMN, time(3, 0), utc(2026, 10, 25, 2, 0), id="after the fold"),
    ],
)
def test_local_times_are_read_as_rfc_5545_reads_them(
    day: date, at: time, expected: datetime
) -> None:
    """A missing time takes the offset before the gap, a double one its first."""
    assert moment_at(day, at, BERLIN) == expected


def test_a_time_in_the_gap_is_shown_an_hour_later() -> None:
    """Nobody is asked to come at 02:30 on a night that has none."""
    moment = moment_at(SPRING, time(2, 30), BERLIN)
    assert moment.astimezone(BERLIN).time() == time(3, 30)


def test_the_mark_of_the_second_hour_changes_nothing() -> None:
    """A time from a settings file never means the second occurrence."""
    marked = time(2, 30, fold=1)
    assert moment_at(AUTUMN, marked, BERLIN) == utc(2026, 10, 25, 0, 30)


def test_the_offset_flips_between_two_meetings_in_march() -> None:
    """18 March and 1 April 2027, both at ten: nine and eight o'clock in UTC."""
    before = moment_at(date(2027, 3, 18), time(10), BERLIN)
    after = moment_at(date(2027, 4, 1), time(10), BERLIN)
    assert (before.hour, after.hour) == (9, 8)


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        pytest.param(SPRING, time(10), time(13), 3.0, id="by day nothing happens"),
        pytest.param(SPRING, time(1), time(4), 2.0, id="an hour is missing"),
        pytest.param(SPRING, time(2, 30), time(3, 15), 0.75, id="begins in the gap"),
        pytest.param(AUTUMN, time(1), time(4), 4.0, id="an hour is double"),
    ],
)
def test_a_span_follows_the_clocks(
    day: date, start: time, end: time, hours: float
) -> None:
    """What lasts from one local time to another may be shorter or longer."""
    starts_at, ends_at = span(day, start, end, BERLIN)
    assert ends_at - starts_at == timedelta(hours=hours)


def test_an_end_before_the_beginning_is_refused() -> None:
    """A meeting over midnight cannot be set."""
    with pytest.raises(ValueError, match="not later"):
        span(date(2026, 12, 3), time(13), time(10), BERLIN)


@given(
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    times=st.lists(st.times(), min_size=2, max_size=2, unique=True),
    zone=st.sampled_from(
        [
            BERLIN,
            ZoneInfo("America/St_Johns"),
            ZoneInfo("Australia/Lord_Howe"),
            ZoneInfo("UTC"),
        ]
    ),
)
def test_a_span_always_has_a_length(
    day: date, times: list[time], zone: ZoneInfo
) -> None:
    """In no zone and on no day does anything end before it starts."""
    starts_at, ends_at = span(day, min(times), max(times), zone)
    assert starts_at < ends_at
    assert local_day(starts_at, zone) == day


def test_the_local_day_is_that_of_the_wall() -> None:
    """At 23:30 in UTC it is tomorrow in Berlin."""
    moment = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
    assert local_day(moment, BERLIN) == date(2026, 12, 3)
