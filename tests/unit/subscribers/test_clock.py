"""Clocks: always aware, always UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from subscribers.clock import FixedClock, SystemClock


def test_the_system_clock_tells_utc() -> None:
    """What it says is aware, and not before this test was written."""
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.year >= 2026


def test_a_fixed_clock_answers_in_utc() -> None:
    """Ten o'clock in Aschersleben in winter is nine o'clock UTC."""
    berlin = datetime(2026, 12, 3, 10, tzinfo=ZoneInfo("Europe/Berlin"))

    assert FixedClock(berlin).now() == datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert FixedClock(berlin).now().tzinfo is UTC


def test_a_fixed_clock_needs_a_zone() -> None:
    """A moment without zone is no moment."""
    with pytest.raises(ValueError, match="no time zone"):
        FixedClock(datetime(2026, 12, 3, 10))  # noqa: DTZ001 - the mistake on trial
