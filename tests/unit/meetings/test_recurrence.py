"""From "first and third Thursday" to days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.meetings.recurrence import LAST, days
from tests.calendars import thursdays

ANY_DAY = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 12, 31))
ANY_NTH = st.sets(st.sampled_from([1, 2, 3, 4, 5, LAST]), min_size=1)


def is_nth(day: date, nth: int) -> bool:
    """Return whether *day* is the nth of its weekday in its month; -1 is the last."""
    if nth == LAST:
        return day.day > monthrange(day.year, day.month)[1] - 7
    return 7 * (nth - 1) < day.day <= 7 * nth


@pytest.mark.parametrize("year", range(2026, 2036))
def test_first_and_third_thursdays_agree_with_the_oracle(year: int) -> None:
    """Ten years of the example network's rule, two days in each month."""
    found = list(days((1, 3), 3, date(year, 1, 1), date(year, 12, 31)))
    assert found == thursdays(year)
    assert len(found) == 24


def test_a_leap_day_can_be_a_meeting() -> None:
    """29 February 2032 is the fifth Sunday of its month, and the last."""
    month = (date(2032, 2, 1), date(2032, 2, 29))
    assert list(days((5,), 6, *month)) == [date(2032, 2, 29)]
    assert list(days((LAST,), 6, *month)) == [date(2032, 2, 29)]


def test_a_month_without_a_fifth_weekday_has_none() -> None:
    """February 2027 has 28 days: four of each weekday."""
    assert list(days((5,), 3, date(2027, 2, 1), date(2027, 2, 28))) == []


def test_the_last_one_is_the_fourth_or_the_fifth() -> None:
    """In January 2026 it is 29 January, in February 2026 the 26th."""
    found = list(days((LAST,), 3, date(2026, 1, 1), date(2026, 2, 28)))
    assert found == [date(2026, 1, 29), date(2026, 2, 26)]


def test_a_day_named_twice_comes_once() -> None:
    """The fifth and the last are the same day in a month with five."""
    found = list(days((LAST, 5), 3, date(2026, 1, 1), date(2026, 1, 31)))
    assert found == [date(2026, 1, 29)]


def test_both_ends_are_included() -> None:
    """From a Thursday to a Thursday finds both."""
    ends = date(2026, 12, 3), date(2026, 12, 17)
    assert list(days((1, 3), 3, *ends)) == list(ends)


def test_nothing_lies_between_the_end_and_the_beginning() -> None:
    """A span that ends before it begins is empty."""
    assert list(days((1,), 3, date(2026, 12, 31), date(2026, 12, 1))) == []


def test_the_last_month_of_all_has_its_days() -> None:
    """No date after 31 December 9999 exists, and none is needed."""
    month = (date(9999, 12, 1), date.max)
    assert list(days((5, LAST), 4, *month)) == [date(9999, 12, 31)]
    assert list(days((5,), 5, *month)) == []
    assert list(days((LAST,), 5, *month)) == [date(9999, 12, 25)]


@pytest.mark.parametrize(
    ("nth", "weekday"), [((6,), 3), ((0,), 3), ((-2,), 3), ((1,), 7), ((1,), -1)]
)
def test_an_impossible_rule_is_refused(nth: tuple[int, ...], weekday: int) -> None:
    """A sixth Thursday is a mistake, not an empty calendar."""
    with pytest.raises(ValueError, match="no day of a month"):
        list(days(nth, weekday, date(2026, 1, 1), date(2026, 12, 31)))


@given(
    nth=ANY_NTH,
    weekday=st.integers(0, 6),
    first=ANY_DAY,
    length=st.integers(0, 800),
)
def test_exactly_the_days_that_fit_are_yielded(
    nth: set[int], weekday: int, first: date, length: int
) -> None:
    """Looking at every single day finds the same days in the same order."""
    every = [first + timedelta(days=n) for n in range(length + 1)]
    expected = [
        day
        for day in every
        if day.weekday() == weekday and any(is_nth(day, n) for n in nth)
    ]

    assert list(days(nth, weekday, first, every[-1])) == expected
