"""The doctor looks at the clock and at the zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from mailer.application import Application
from mailer.doctor import clock
from subscribers.clock import SystemClock
from tests.conftest import PRESENT
from tests.patients import a_patient, spoken, told

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@both
def test_the_machines_clocks_agree(settings_file: Path, database: Database) -> None:
    """The disk's, and the database server's where there is one."""
    patient = a_patient(settings_file, database)
    app = Application(patient.settings, SystemClock())
    app.unchecked_database = database
    found = spoken(clock.clock_agrees_with_others(replace(patient, app=app)))
    assert {one.severity for one in found} == {"ok"}
    assert len(found) == (1 if database.is_sqlite else 2)


def test_a_clock_that_stands_is_told(settings_file: Path, database: Database) -> None:
    """MIA_NOW left over from a demonstration would stop the whole year."""
    patient = a_patient(settings_file, database)
    assert told(clock.clock_agrees_with_others, patient) == {"clock": "warning"}


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(seconds=119), "wie die Uhr"),
        (timedelta(minutes=3), "3 Minuten nach"),
        (timedelta(minutes=-90), "90 Minuten vor"),
    ],
)
def test_a_wrong_clock_is_told_with_its_side(apart: timedelta, words: str) -> None:
    """Two minutes are a human's watch; more is a clock that nobody sets."""
    (found,) = spoken([clock.compared("Uhr", PRESENT + apart, now=PRESENT)])
    assert words in found.what


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "relay.example ESMTP Exim 4.96 Mon, 23 Nov 2026 09:00:00 +0100",
            datetime(2026, 11, 23, 8, tzinfo=UTC),
        ),
        (
            "relay; 23 Nov 2026 08:00:00 GMT ready",
            datetime(2026, 11, 23, 8, tzinfo=UTC),
        ),
        (
            "relay; Sat, 31 Dec 2016 23:59:60 +0000",
            datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
        ("relay.example ESMTP Postfix", None),
        ("relay 99 Nov 2026 08:00:00 GMT", None),
    ],
)
def test_a_date_in_a_greeting_is_read(line: str, expected: datetime | None) -> None:
    """RFC 5322, section 3.3; most servers tell none."""
    assert clock.told_in(line) == expected


def test_what_is_from_tomorrow_betrays_the_clock(
    settings_file: Path, database: Database
) -> None:
    """A letter that was sent later than now: somebody turned the clock back."""
    patient = a_patient(settings_file, database)
    assert told(clock.nothing_is_from_tomorrow, patient) == {}
    with database.transaction() as db:
        db.connection().exec_driver_sql(
            "INSERT INTO mailbox (id, style, token_version, created_at)"
            " VALUES (7, 'standard', 1, '2026-01-29 09:00:00')"
        )
        db.connection().exec_driver_sql(
            "INSERT INTO frozen_letter (occasion, style, subject, text, html, method,"
            " dated_at) VALUES ('x', 'standard', 's', 't', 'h', '',"
            " '2026-11-24 09:00:00')"
        )
        db.connection().exec_driver_sql(
            "INSERT INTO delivery (occasion, mailbox_id, topic, style, state, tries,"
            " copies, message_id, reason, created_at, changed_at) VALUES ('x', 7,"
            " 'invitations', 'standard', 'accepted', 1, 1, '<1@mia.example>', '',"
            " '2026-11-24 09:00:00', '2026-11-24 09:00:00')"
        )
    assert told(clock.nothing_is_from_tomorrow, patient) == {"clock-back": "error"}


def test_berlin_changes_its_clocks_as_the_law_says(
    settings_file: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zone that forgot summer time, and one that does not exist."""
    patient = a_patient(settings_file, database)
    assert told(clock.zones_are_right, patient) == {"zones": "ok"}
    for wrong in ("Africa/Algiers", "Europe/Nowhere"):
        monkeypatch.setattr(clock, "BERLIN", wrong)
        assert told(clock.zones_are_right, patient) == {"zones": "error"}


def test_the_days_of_the_change_are_the_last_sundays() -> None:
    """Directive 2000/84/EC; 2027 begins it on the 28th, 2026 on the 29th."""
    assert [str(one)[:16] for one in (*clock.changes(2026), *clock.changes(2027))] == [
        "2026-03-29 01:00",
        "2026-10-25 01:00",
        "2027-03-28 01:00",
        "2027-10-31 01:00",
    ]


def test_two_sources_of_zones_have_to_agree(
    settings_file: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's data may be older than the package's, or the other way round."""
    patient = a_patient(settings_file, database)
    assert told(clock.zones_of_the_series, patient) == {}
    monkeypatch.setattr(clock, "_packed", lambda _key: ZoneInfo("Africa/Algiers"))
    assert told(clock.zones_of_the_series, patient) == {"zone-data": "hint"}
