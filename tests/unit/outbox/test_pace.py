"""Limits per minute, hour and day: exact over any stretch of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.outbox import pace
from mailer.outbox.pace import LENGTHS, Period

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def test_without_limits_anything_may_leave() -> None:
    """No limit, or a zero, is no limit."""
    assert pace.room({}, {}, now=NOON) == pace.Room(None, None)
    assert pace.room({Period.HOUR: 0}, {}, now=NOON) == pace.Room(None, None)


def test_a_burst_within_the_limit_leaves_at_once() -> None:
    """200 invitations under "500 an hour" do not trickle."""
    assert pace.room({Period.HOUR: 500}, {}, now=NOON).free == 500


def test_the_tightest_limit_counts() -> None:
    """Twenty a minute and thirty an hour: after twenty-five, five are left."""
    limits = {Period.MINUTE: 20, Period.HOUR: 30}
    spent = pace.spend({}, 20, now=NOON)
    spent = pace.spend(spent, 5, now=NOON + timedelta(minutes=2))
    assert pace.room(limits, spent, now=NOON + timedelta(minutes=4)).free == 5


@pytest.mark.parametrize("period", Period)
def test_what_is_spent_comes_back_when_the_period_has_passed(period: Period) -> None:
    """Nothing is free before the time that was named, and all of it at that time."""
    limits = {period: 3}
    spent = pace.spend({}, 3, now=NOON)
    room = pace.room(limits, spent, now=NOON)
    assert room.free == 0
    assert room.free_at is not None

    just_before = room.free_at - timedelta(milliseconds=1)
    assert pace.room(limits, spent, now=just_before).free == 0
    assert pace.room(limits, spent, now=room.free_at).free == 3


def test_what_did_not_leave_is_given_back() -> None:
    """The latest reservation is taken back first, and never more than was taken."""
    limits = {Period.HOUR: 10}
    spent = pace.spend({}, 4, now=NOON)
    spent = pace.spend(spent, 3, now=NOON + timedelta(minutes=5))
    later = NOON + timedelta(minutes=61)
    assert pace.room(limits, pace.give_back(spent, 2), now=later).free == 9
    assert pace.give_back(spent, 99) == {period: {} for period in Period}


def test_a_clock_that_was_a_year_ahead_blocks_nobody() -> None:
    """What was counted in a wrong future is forgotten once the clock is right."""
    spent = pace.spend({}, 5, now=NOON + timedelta(days=365))
    assert pace.room({Period.DAY: 5}, spent, now=NOON).free == 5


def test_the_account_does_not_grow() -> None:
    """After weeks of sending there are at most as many slots as a ring has."""
    spent: pace.Spent = {}
    for hours in range(24 * 7):
        spent = pace.spend(spent, 1, now=NOON + timedelta(hours=hours))
    assert max(len(slots) for slots in spent.values()) <= pace.SLOTS + 1


@given(
    period=st.sampled_from(Period),
    limit=st.integers(1, 20),
    steps=st.lists(
        st.tuples(st.floats(0, 0.9), st.integers(1, 25)), min_size=1, max_size=40
    ),
)
def test_no_stretch_of_time_holds_more_than_the_limit(
    period: Period, limit: int, steps: list[tuple[float, int]]
) -> None:
    """Whoever counts from whichever moment finds at most *limit* messages."""
    now, spent = NOON, pace.spend({}, 0, now=NOON)
    left: list[datetime] = []
    for pause, wanted in steps:
        now += LENGTHS[period] * pause
        free = pace.room({period: limit}, spent, now=now).free
        assert free is not None
        sent = min(free, wanted)
        spent = pace.spend(spent, sent, now=now)
        left += [now] * sent
    for start in left:
        within = [one for one in left if start <= one < start + LENGTHS[period]]
        assert len(within) <= limit
