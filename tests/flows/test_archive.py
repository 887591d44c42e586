"""``mia archive`` and the letter about a quarter, from the command line."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from mailer.editions.kinds import EditionKind
from mailer.editions.models import Edition
from mailer.editions.quarter import Quarter
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from subscribers.topics import Topic
from tests.conftest import PRESENT
from tests.factories import a_partner_contact
from tests.in_process import Run, runner
from tests.outgoing import issued

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.application import Application
    from subscribers.database import Database


@pytest.fixture
def run(settings_file: Path, database: Database) -> Run:
    """``mia`` on the example network."""
    return runner(settings_file, database)


def test_an_empty_archive_says_so(run: Run, tmp_path: Path) -> None:
    """Nothing to list, nothing to show; an export has its manifest all the same."""
    assert "noch nichts ausgesandt" in run("archive", "list").stderr
    shown = run("archive", "show", "1")
    assert shown.exit_code == ExitCode.DATA
    assert "mia archive list" in shown.stderr
    folder = tmp_path / "archiv"
    assert "0 Aussendungen" in run("archive", "export", str(folder)).stderr
    assert {one.name for one in folder.iterdir()} == {"SHA256SUMS", "inhalt.csv"}


def test_what_was_issued_is_listed_shown_and_exported(
    application: Application, run: Run, tmp_path: Path
) -> None:
    """For people and programs; a folder that is there is not overwritten."""
    issued(application, people=1)
    listed = run("archive", "list")
    assert "Einladung: Miteinander reden am Donnerstag" in listed.stdout
    assert "für alle" in listed.stdout
    (row,) = json.loads(run("archive", "list", "--json").stdout)
    assert (row["id"], row["kind"], row["listed"]) == (1, "invitation", True)
    assert row["address"] is None
    assert "Guten Tag," in run("archive", "show", "1").stdout
    assert "Guten Tag!" in run("archive", "show", "1", "--style", "easy").stdout

    folder = tmp_path / "archiv"
    assert "1 Aussendung" in run("archive", "export", str(folder)).stderr
    again = run("archive", "export", str(folder))
    assert again.exit_code == ExitCode.CANNOT_CREATE
    assert "der Ordner ist nicht leer" in again.stderr


@pytest.mark.parametrize(
    ("period", "number"), [("2026", 1), ("2026-Q4", 1), ("2026Q3", 0), ("2025", 0)]
)
def test_a_period_is_a_year_or_a_quarter(
    application: Application, run: Run, tmp_path: Path, period: str, number: int
) -> None:
    """As people write it."""
    issued(application, people=1)
    folder = tmp_path / "archiv"
    ended = run("archive", "export", str(folder), "--period", period)
    assert ended.exit_code == 0, ended.output
    assert sum(one.is_dir() for one in folder.iterdir()) == number


@pytest.mark.parametrize("period", ["2026-Q5", "Winter", "1066"])
def test_what_is_no_period_is_said(run: Run, tmp_path: Path, period: str) -> None:
    """With an example of how to write it."""
    ended = run("archive", "export", str(tmp_path / "x"), "--period", period)
    assert ended.exit_code == ExitCode.USAGE
    assert "2026 oder 2026-Q4" in ended.stderr


def test_an_update_can_be_looked_at_before_its_time(run: Run, tmp_path: Path) -> None:
    """As a partner would get it; nothing of it is kept."""
    shown = run("preview", "network_update")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("Netzwerk-Info MIA, Oktober bis Dezember 2026")
    assert "\nEinrichtung: " in shown.stdout
    spring = run("preview", "network_update", "--meeting", "2027-05-01")
    assert "Netzwerk-Info MIA, April bis Juni 2027" in spring.stdout
    folder = tmp_path / "brief"
    run("preview", "network_update", "--style", "easy", "--out", str(folder))
    assert (folder / "meeting.ics").read_bytes().count(b"BEGIN:VEVENT") == 6
    assert "noch keine Aussendung" in run("editions", "list").stderr


def test_an_update_can_be_looked_at_when_it_is_out(
    database: Database, run: Run
) -> None:
    """A day of its quarter still names it."""
    quarter = Quarter(date(2026, 10, 1))
    with database.transaction() as db:
        db.add(
            Edition(
                kind=EditionKind.NETWORK_UPDATE,
                about=quarter.about,
                day=quarter.first,
                state=EditionState.CLOSED,
                words="Danke für alles.",
                created_at=PRESENT,
            )
        )
    shown = run("preview", "network_update", "--meeting", "2026-11-23")
    assert shown.exit_code == 0, shown.output
    assert "Danke für alles." in shown.stdout


def test_the_plan_and_the_editions_name_the_quarter(
    database: Database, run: Run
) -> None:
    """Only where there are partners."""
    period = ("--from", "2026-12-01", "--until", "2027-01-31")
    assert "Netzwerk-Info" not in run("plan", *period).stdout
    with database.transaction() as db:
        a_partner_contact(db, topics=(Topic.NETWORK_UPDATES,))
    (line,) = (
        one for one in run("plan", *period).stdout.splitlines() if "Netzwerk" in one
    )
    assert line.startswith("Montag, 4. Januar 2027, 09:00 Uhr")
    assert "Oktober bis Dezember 2026" in line
    rows = json.loads(run("plan", *period, "--json").stdout)
    (row,) = (one for one in rows if one["kind"] == "network_update")
    assert (row["title"], row["audience"]) == ("Oktober bis Dezember 2026", 1)
    assert date.fromisoformat(row["meeting"]) == date(2026, 10, 1)
