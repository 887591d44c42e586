"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.german import full_day, short_day
from mailer.meetings.day_text import parse_day

DAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-03",
        "3.12.2026",
        "03.12.2026",
        "3. 12. 2026",
        "3. Dezember 2026",
        "3.Dezember 2026",
        "  3. dezember   2026 ",
        "3.\u00a0Dezember\u00a02026",
        "Donnerstag, 3. Dezember 2026",
        "Donnerstag 3.12.2026",
    ],
)
def test_a_day_is_read_in_every_usual_way(text: str) -> None:
    """All of these are 3 December 2026."""
    assert parse_day(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "morgen",
        "3.12.",
        "3.12.26",
        "31.2.2027",
        "2026-13-01",
        "2026-12-3",
        "3. Dezembre 2026",
        "Freitag, 3. Dezember 2026",
        "2026-12-03T10:00",
        "٣.12.2026",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    """A guess would be worse than a question; a wrong weekday is a slip."""
    assert parse_day(text) is None


@given(st.dates(date(1000, 1, 1)))
def test_what_we_write_we_can_read(day: date) -> None:
    """Both German forms and the international one lead back to the day."""
    assert parse_day(short_day(day)) == day
    assert parse_day(full_day(day)) == day
    assert parse_day(day.isoformat()) == day


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    """Whatever people type is a day or none."""
    assert parse_day(text) is None or isinstance(parse_day(text), date)
