"""``mia plan``: what the plan says is what happens, and the past is what was sent."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import ExitCode
from tests.factories import a_subscriber
from tests.planning import BERLIN, Town
from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.application import Application
    from subscribers.clock import FixedClock
    from subscribers.database import Database
    from tests.servers import ScriptedSmtp


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program on Monday, 23 November 2026, with one resident."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    return at(settings_file, database_url, "2026-11-23T09:00:00+01:00")


def at(settings_file: Path, database_url: str, moment: str) -> Program:
    """Return the program at another moment."""
    environ = {"MIA_DATABASE_URL": database_url, "MIA_NOW": moment}
    return Program(settings_file, environ)


def test_the_plan_is_shown_for_people_and_for_programs(mia: Program) -> None:
    """Date, time, kind, meeting, state and number of readers, in order."""
    shown = mia.here("plan", "--until", "2026-12-31")
    rows = json.loads(mia.here("plan", "--until", "2026-12-31", "--json").stdout)

    assert shown.exit_code == ExitCode.OK, shown.output
    first = shown.stdout.splitlines()[1]
    assert "Donnerstag, 26. November 2026, 10:00 Uhr" in first
    assert "Einladung" in first
    assert rows[0] == {
        "at": "2026-11-26T10:00:00+01:00",
        "date": "2026-11-26",
        "time": "10:00",
        "kind": "invitation",
        "state": "planned",
        "meeting": "2026-12-03",
        "title": "Miteinander reden",
        "audience": 1,
        "accepted": None,
        "edition": None,
    }
    assert [row["kind"] for row in rows] == [
        "invitation",
        "reminder",
        "invitation",
        "reminder",
        "invitation",
    ]


def test_past_drafts_and_future_stand_in_one_list(
    mia: Program,
    application: Application,
    clock: FixedClock,
    smtp_server: ScriptedSmtp,
    settings_file: Path,
    database_url: str,
) -> None:
    """What went out has its number in the ledger; what waits says for whom."""
    town = Town(application, clock, smtp_server)
    town.at("2026-11-23 10:00")
    waiting = json.loads(mia.here("plan", "--json").stdout)[0]
    town.day("2026-11-26 10:00")
    town.at("2026-12-07 10:00")
    held = at(settings_file, database_url, "2026-12-10T11:00:00+01:00")

    rows = json.loads(
        held.here(
            "plan", "--from", "2026-11-01", "--until", "2026-12-31", "--json"
        ).stdout
    )

    assert (waiting["state"], waiting["edition"]) == ("draft", 1)
    assert (rows[0]["state"], rows[0]["accepted"]) == ("issued", 1)
    assert rows[0]["at"] == "2026-11-26T10:00:00+01:00"
    assert (rows[1]["kind"], rows[1]["state"]) == ("invitation", "held")
    text = held.here("plan", "--from", "2026-11-01", "--until", "2026-12-31").stdout
    assert "hinausgegangen, 1 angenommen" in text
    assert "angehalten, wartet auf Freigabe" in text


def test_periods_that_make_no_sense_are_refused(mia: Program) -> None:
    """The wrong way round is a usage error; an empty one is said."""
    wrong = mia.here("plan", "--from", "2026-12-31", "--until", "2026-12-01")
    empty = mia.here("plan", "--from", "2026-11-24", "--until", "2026-11-24")

    assert wrong.exit_code == ExitCode.USAGE
    assert "liegt vor dem ersten" in wrong.stderr
    assert "geht nichts hinaus" in empty.stderr


def test_what_the_plan_says_is_what_is_sent(
    mia: Program,
    application: Application,
    clock: FixedClock,
    smtp_server: ScriptedSmtp,
) -> None:
    """A quarter, around each moment: the same letters, at the same moments."""
    said = json.loads(mia.here("plan", "--until", "2027-02-28", "--json").stdout)
    town = Town(application, clock, smtp_server)
    moments = {datetime.fromisoformat(row["at"]).astimezone(BERLIN) for row in said}
    drafts = {moment - timedelta(days=3) for moment in moments}
    days = {moment - timedelta(hours=2) for moment in moments} | moments | drafts

    for moment in sorted(days):
        town.day(f"{moment:%Y-%m-%d %H:%M}")

    got = json.loads(
        mia.here(
            "plan", "--from", "2026-11-01", "--until", "2027-02-28", "--json"
        ).stdout
    )
    sent = [row for row in got if row["state"] == "issued"]
    keys = ("at", "kind", "meeting", "audience")
    assert [[row[key] for key in keys] for row in sent] == [
        [row[key] for key in keys] for row in said
    ]
    hers = [one for one in smtp_server.accepted if one.recipient == "rita@netz.example"]
    assert len(hers) == len(said)
