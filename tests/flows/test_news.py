"""``mia news`` as an operator uses it: what came in, what she adds, what is decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.network import contributing
from mailer.network.contributing import Offered
from mailer.network.files import Checked
from mailer.network.kinds import ContributionKind
from mailer.network.quarters import quarter_of
from mailer.outbox.models import FrozenLetter
from tests import in_process
from tests.conftest import PRESENT
from tests.factories import a_meeting, a_partner_contact
from tests.pictures import pdf, png

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database
    from tests.in_process import Run

RAMP = "Das Bürgerbüro hat jetzt eine Rampe."


@pytest.fixture
def run(settings_file: Path, database: Database) -> Run:
    """Run ``mia WORDS…`` on the example network, in this process."""
    return in_process.runner(settings_file, database)


@pytest.fixture
def number(database: Database) -> str:
    """The number of a contribution that waits, with a document and a picture."""
    with database.transaction() as db:
        speaks = a_partner_contact(db, address="muster@haus.example")
        offered = Offered(
            ContributionKind.NEWS,
            "Am 12. Mai feiern wir.",
            title="Sommerfest",
            partner_id=speaks.partner_id,
            mailbox_id=speaks.mailbox_id,
            files=[
                Checked("plan.pdf", "application/pdf", pdf()),
                Checked("haus.png", "image/png", png()),
            ],
        )
        row = contributing.enter(db, offered, quarter_of(PRESENT.date()), now=PRESENT)
        assert row is not None
        return str(row.id)


def told(result: Result) -> Any:
    """Return what ``--json`` printed."""
    assert result.exit_code == ExitCode.OK, result.output
    return json.loads(result.stdout)


def test_all_of_a_contribution_is_shown(run: Run, number: str) -> None:
    """Whose, for which update, the files with what is missing, and the text."""
    listed = run("news", "list", "--waiting")
    assert "Beispielhaus e. V." in listed.stdout
    assert "Sommerfest" in listed.stdout
    assert "1 Meldung." in listed.stderr
    shown = run("news", "show", number).stdout.splitlines()
    assert shown == [
        f"Meldung {number}: wartet",
        "Von: Beispielhaus e. V.",
        "Geschickt von: muster@haus.example",
        "Eingang: 23. November 2026",
        "Netzwerk-Info über Oktober bis Dezember 2026",
        "Datei: plan.pdf, 1 KB",
        "Datei: haus.png, 1 KB; ohne Beschreibung, bleibt weg",
        "",
        "Sommerfest",
        "",
        "Am 12. Mai feiern wir.",
    ]
    (row,) = told(run("news", "list", "--quarter", "3.12.2026", "--json"))
    assert row["organisation"] == "Beispielhaus e. V."
    assert row["files"][1]["description"] == ""
    assert told(run("news", "show", number, "--json")) == row
    assert told(run("news", "list", "--quarter", "3.2.2027", "--json")) == []


def test_decisions(run: Run, number: str, database: Database) -> None:
    """Taken, shortened, declined: a reason reaches who sent it."""
    assert run("news", "accept", number).stdout == (
        "Meldung von Beispielhaus e. V.: übernommen.\n"
    )
    run("news", "shorten", number, "Fest am 12. Mai.")
    assert told(run("news", "show", number, "--json"))["text"] == "Fest am 12. Mai."
    declined = run("news", "decline", number, "--reason", "das ist Werbung")
    assert "Der Grund geht an muster@haus.example." in declined.stdout
    with database.reading() as db:
        assert db.scalars(sa.select(FrozenLetter.subject)).all() == ["Zu Ihrer Meldung"]
    again = run("news", "decline", number)
    assert again.exit_code == ExitCode.DATA
    assert "ist schon abgelehnt" in again.stderr
    missing = run("news", "accept", "99")
    assert "„mia news list“" in missing.stderr


def test_her_own_is_taken_at_once(run: Run, database: Database) -> None:
    """A result finds its meeting; a question needs none."""
    with database.transaction() as db:
        a_meeting(db, PRESENT.replace(day=5))
    added = run("news", "add", RAMP, "--title", "Rampe")
    assert added.stdout == (
        "Notiert als Nummer 1, für die Netzwerk-Info über Oktober bis Dezember 2026.\n"
    )
    result = ("news", "add", "--kind", "result", "Der Bus hält.")
    assert run(*result, "--participants", "14", "--meeting", "5.11.2026").exit_code == 0
    assert run("news", "add", "--kind", "question", "-", typed="Wer?").exit_code == 0
    rows = told(run("news", "list", "--json"))
    assert [(row["kind"], row["state"], row["meeting"]) for row in rows] == [
        ("news", "accepted", None),
        ("result", "accepted", 1),
        ("question", "accepted", None),
    ]
    shown = run("news", "show", "2").stdout
    assert "Treffen: 5. November 2026\nTeilnehmende: 14" in shown
    for words, why in (
        ((RAMP,), "liegt schon vor"),
        (("  ",), "Text der Meldung fehlt"),
        (("x", "--partner", "Niemand"), "„Niemand“ ist nicht gespeichert"),
        (("x", "--kind", "result", "--meeting", "6.11.2026"), "war kein Treffen"),
    ):
        refused = run("news", "add", *words, "--title", "Rampe")
        assert refused.exit_code != ExitCode.OK
        assert why in refused.stderr


def test_her_file_is_checked(run: Run, tmp_path: Path) -> None:
    """A picture says what it shows; a program stays outside."""
    picture, program = tmp_path / "bild.png", tmp_path / "bild.exe"
    picture.write_bytes(png())
    program.write_bytes(b"MZ\x90\0")
    silent = run("news", "add", RAMP, "--file", str(picture))
    assert "--description" in silent.stderr
    foreign = run("news", "add", RAMP, "--file", str(program))
    assert "„bild.exe“ ist von einer Art" in foreign.stderr
    run("news", "add", RAMP, "--file", str(picture), "--description", "Eine Rampe.")
    assert (
        "Datei: bild.png, 1 KB; zeigt: Eine Rampe." in run("news", "show", "1").stdout
    )


def test_nothing_there(run: Run) -> None:
    """An empty list says so."""
    assert "Keine Meldung gefunden." in run("news", "list").stderr
