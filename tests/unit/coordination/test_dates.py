"""Days and hours as people type them."""

from __future__ import annotations

from datetime import date, time

import pytest

from mailer.coordination.dates import Implausible, days_in, hours_in

TODAY = date(2026, 11, 25)
TENTH = date(2026, 12, 10)


@pytest.mark.parametrize(
    "text",
    [
        "10. Dezember",
        "10. Dezember 2026",
        "10.Dezember",
        "10 Dezember",
        "10. Dez.",
        "10. Dez",
        "10.12.",
        "10.12",
        "10. 12.",
        "10.12.26",
        "10.12.2026",
        "2026-12-10",
        "Do 10.12.",
        "Do., 10.12.",
        "Donnerstag, 10. Dezember",
        "Donnerstag, den 10. Dezember 2026",
        "am Donnerstag dem 10.12.2026",
    ],
)
@pytest.mark.parametrize("after", ["", ", 10 bis 13 Uhr", " 10-13 Uhr", " 10:00 Uhr"])
def test_a_day_is_understood(text: str, after: str) -> None:
    """However it is written, and whatever hours stand behind it."""
    (found,) = days_in(f"{text}{after}", today=TODAY)
    assert found.on == TENTH


@pytest.mark.parametrize(
    ("text", "today", "on"),
    [
        ("7. Januar", TODAY, date(2027, 1, 7)),
        ("25. November", TODAY, TODAY),
        ("3. August", TODAY, date(2027, 8, 3)),
        ("29. Februar", date(2027, 11, 1), date(2028, 2, 29)),
        ("3.11.2026", TODAY, date(2026, 11, 3)),
    ],
)
def test_a_day_without_a_year_is_the_next_one(text: str, today: date, on: date) -> None:
    """A year that is written counts, even if it has gone by: that is said later."""
    assert [one.on for one in days_in(text, today=today)] == [on]


@pytest.mark.parametrize(
    ("text", "today", "sentence"),
    [
        ("Freitag, 10. Dezember", TODAY, "Der 10. Dezember 2026 ist ein Donnerstag"),
        ("Mi 10.12.", TODAY, "ist ein Donnerstag"),
        ("31.11.", TODAY, "gibt es nicht"),
        ("29. Februar", TODAY, "gibt es nicht"),
        ("3. November", TODAY, "ist schon vorbei"),
        ("20. Dezember", date(2027, 1, 10), "Der 20. Dezember 2026 ist schon vorbei"),
    ],
)
def test_a_slip_is_not_guessed_away(text: str, today: date, sentence: str) -> None:
    """Weekday and date must agree, the day must exist and must not have just gone."""
    with pytest.raises(Implausible, match=sentence):
        days_in(text, today=today)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("10 bis 13 Uhr", time(10), time(13)),
        ("von 10 bis 13 Uhr", time(10), time(13)),
        ("10-13 Uhr", time(10), time(13)),
        ("10–13 Uhr", time(10), time(13)),
        ("10:00 bis 13:00 Uhr", time(10), time(13)),
        ("10.30 - 12.00 Uhr", time(10, 30), time(12)),
        ("10 Uhr 30 bis 12 Uhr", time(10, 30), time(12)),
        ("10 Uhr bis 13 Uhr", time(10), time(13)),
        ("10h-13h", time(10), time(13)),
        ("ab 14 Uhr", time(14), None),
        ("um 14.30", time(14, 30), None),
        ("14:30 Uhr", time(14, 30), None),
    ],
)
def test_hours_are_understood(text: str, since: time, until: time | None) -> None:
    """With and without their end."""
    found = hours_in(text)
    assert found is not None
    assert (found.since, found.until) == (since, until)


@pytest.mark.parametrize("text", ["", "Raum 12", "die 3 Busse", "um die Ecke"])
def test_a_number_is_no_hour(text: str) -> None:
    """Only with "Uhr", "bis" or a minute."""
    assert hours_in(text) is None


def test_there_is_no_hour_25() -> None:
    """It is said how hours are written."""
    with pytest.raises(Implausible, match="10 bis 13 Uhr"):
        hours_in("25 bis 26 Uhr")
