"""Days without a meeting, and why."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from mailer.meetings.closures import Closures, closure_on
from mailer.settings.germany import STATES
from mailer.settings.model import ClosedDays
from tests.calendars import CLOSURES, saxony_anhalt

HOLIDAY = ClosedDays(date(2026, 12, 21), date(2027, 1, 3), "Betriebsferien")


@pytest.mark.parametrize("year", range(2026, 2036))
def test_the_holidays_of_saxony_anhalt_agree_with_the_oracle(year: int) -> None:
    """Every day of ten years: the same holidays by the same German names."""
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    found = {
        closure.on: closure.reason
        for day in every
        if day.year == year and (closure := closure_on(day, CLOSURES))
    }
    assert found == saxony_anhalt(year)


@pytest.mark.parametrize("state", STATES)
def test_every_state_knows_the_day_of_german_unity(state: str) -> None:
    """All sixteen states load, and 3 October is the one holiday of the whole law."""
    closure = closure_on(date(2026, 10, 3), Closures(state))
    assert closure is not None
    assert closure.reason == "Tag der Deutschen Einheit"
    assert closure.is_holiday


def test_states_differ() -> None:
    """Epiphany is a holiday in Saxony-Anhalt and none in Berlin."""
    epiphany = date(2028, 1, 6)
    assert closure_on(epiphany, Closures("ST")) is not None
    assert closure_on(epiphany, Closures("BE")) is None


def test_an_ordinary_day_is_open() -> None:
    """A Thursday in December has no closure."""
    assert closure_on(date(2026, 12, 3), CLOSURES) is None


@pytest.mark.parametrize(
    ("day", "is_closed"),
    [
        (date(2026, 12, 20), False),
        (date(2026, 12, 21), True),
        (date(2027, 1, 3), True),
        (date(2027, 1, 4), False),
    ],
)
def test_our_own_closed_days_include_both_ends(day: date, *, is_closed: bool) -> None:
    """From 21 December to 3 January means both of these days."""
    closure = closure_on(day, Closures("ST", (HOLIDAY,)))
    assert (closure is not None) is is_closed


def test_our_own_reason_is_kept() -> None:
    """People read why: a closed day is no public holiday."""
    closure = closure_on(date(2026, 12, 22), Closures("ST", (HOLIDAY,)))
    assert closure is not None
    assert (closure.reason, closure.is_holiday) == ("Betriebsferien", False)


def test_a_public_holiday_is_named_before_our_own_reason() -> None:
    """Christmas within the company holidays is still Christmas."""
    closure = closure_on(date(2026, 12, 25), Closures("ST", (HOLIDAY,)))
    assert closure is not None
    assert closure.reason == "Erster Weihnachtstag"


def test_two_holidays_on_one_day_are_both_named() -> None:
    """Ascension and the First of May met in 2008."""
    closure = closure_on(date(2008, 5, 1), CLOSURES)
    assert closure is not None
    assert closure.reason == "Christi Himmelfahrt und Erster Mai"


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "en_US.UTF-8"])
def test_names_are_german_in_every_environment(locale: str) -> None:
    """The language of the machine does not change what people read."""
    script = (
        "from datetime import date\n"
        "from mailer.meetings.closures import Closures, closure_on\n"
        "print(closure_on(date(2026, 1, 1), Closures('ST')).reason)\n"
    )
    environ = {"LANG": locale, "LANGUAGE": "en", "PYTHONPATH": "."}
    found = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "Neujahr\n"


@pytest.mark.slow
def test_the_library_is_loaded_only_when_a_day_is_asked_for() -> None:
    """The command line starts without it."""
    script = "import sys, mailer.meetings.planning; print('holidays' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout == "False\n"
