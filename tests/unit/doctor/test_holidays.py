"""The doctor looks at the holidays of the next two years."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mailer.doctor import holidays
from mailer.meetings import closures
from mailer.meetings.states import MeetingState
from tests.conftest import PRESENT
from tests.factories import a_meeting
from tests.patients import a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

ASCENSION = datetime(2027, 5, 6, 8, tzinfo=UTC)


def test_the_next_two_years_are_known(
    settings_file: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their German names, whatever language the machine speaks."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    closures._public_holidays.cache_clear()
    patient = a_patient(settings_file, database)
    assert told(holidays.holidays_are_known, patient) == {"holidays": "ok"}


def test_a_library_that_ends_is_told(
    settings_file: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without 1 January of the year after next, holidays would be forgotten."""
    known = closures._public_holidays
    monkeypatch.setattr(
        closures,
        "_public_holidays",
        lambda state, year: known(state, year) if year < 2028 else {},
    )
    (found,) = spoken(holidays.holidays_are_known(a_patient(settings_file, database)))
    assert found.severity == "error"
    assert "2028" in found.what


def test_what_falls_out_is_listed(settings_file: Path, database: Database) -> None:
    """The two Thursdays that everybody must know of."""
    (found,) = spoken(holidays.what_falls_out(a_patient(settings_file, database)))
    assert "am 6. Mai 2027 (Christi Himmelfahrt)" in found.what
    assert "am 6. Januar 2028 (Heilige Drei Könige)" in found.what


@pytest.mark.parametrize(("announced", "level"), [(None, "hint"), (PRESENT, "warning")])
def test_a_meeting_on_a_holiday_is_told(
    settings_file: Path,
    database: Database,
    announced: datetime | None,
    level: str,
) -> None:
    """Added by hand or left over from other settings; worse once people know of it."""
    patient = a_patient(settings_file, database)
    assert told(holidays.no_meeting_on_a_closed_day, patient) == {}
    with database.transaction() as db:
        meeting = a_meeting(db, starts_at=ASCENSION)
        meeting.announced_at = announced
    (found,) = spoken(holidays.no_meeting_on_a_closed_day(patient))
    assert found.severity == level
    assert "Christi Himmelfahrt" in found.what
    assert "mia meetings cancel 2027-05-06" in found.todo


def test_a_cancelled_meeting_is_nobodys_trouble(
    settings_file: Path, database: Database
) -> None:
    """Whoever cancelled it knew why."""
    with database.transaction() as db:
        a_meeting(db, starts_at=ASCENSION, state=MeetingState.CANCELLED)
    patient = a_patient(settings_file, database)
    assert told(holidays.no_meeting_on_a_closed_day, patient) == {}
