"""``mia partners`` as an operator uses it: the office with several readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mailer.errors import ExitCode
from subscribers import audience
from subscribers.topics import Topic
from tests import in_process
from tests.factories import a_partner, a_partner_contact

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database
    from tests.in_process import Run

PROOF = ("--consent-on", "3.11.2026", "--consent-by", "phone", "--evidence", "Anruf")

HOUSE = ("partners", "add", "Haus A", "info@a.example", "--field", "beratungsstellen")

EVA = "Ansprechperson: Eva Probe (info@a.example), Leitung"

LIST = (
    "Einrichtung;Arbeitsfeld;Ansprechperson;Funktion;E-Mail;Grundlage;"
    "Einwilligung am;Einwilligung Weg;Nachweis\r\n"
    "Haus A;Beratungsstellen;Eva Groß;Leitung;info@a.example;;29.01.2026;Papier;B 1\r\n"
    "Haus A;Beratungsstellen;Max Groß;;info@a.example;;29.01.2026;Papier;B 1\r\n"
    "Haus B;Schuhlen und Kitas;;;info@b.example;;;;\r\n"
    "Haus C;Wohnungswirtschaft;;;info@c.example;Schreiben;;;\r\n"
)


@pytest.fixture
def run(settings_file: Path, database: Database) -> Run:
    """Run ``mia WORDS…`` on the example network, in this process."""
    return in_process.runner(settings_file, database)


def told(result: Result) -> Any:
    """Return what ``--json`` printed."""
    assert result.exit_code == ExitCode.OK, result.output
    return json.loads(result.stdout)


def informed(database: Database) -> list[tuple[str, str | None]]:
    """Return who gets the partners' news, with the name in the greeting."""
    with database.reading() as db:
        found = audience.recipients(db, Topic.NETWORK_UPDATES)
        return [(who.address.text, who.name) for who in found]


def test_a_partner_comes_in_with_its_first_contact(
    run: Run, database: Database
) -> None:
    """Both topics, as the consent of an office says; shown with role and basis."""
    added = run(*HOUSE, "--name", "Eva Probe", "--role", "Leitung", *PROOF)

    assert added.exit_code == ExitCode.OK, added.output
    assert "Einladungen: aktiv; Netzwerk-Info: aktiv" in added.stdout
    assert informed(database) == [("info@a.example", "Eva Probe")]
    shown = run("partners", "show", "haus a")
    assert shown.stdout.splitlines() == [
        "Einrichtung: Haus A",
        "Arbeitsfeld: Beratungsstellen",
        "Stand: aktiv",
        f"{EVA}; Einladungen aktiv, Netzwerk-Info aktiv; Grundlage: Anruf",
    ]


def test_one_of_two_readers_leaves(run: Run, database: Database) -> None:
    """The mailbox stays; who is meant must be said; the last one ends it."""
    run(*HOUSE, "--name", "Eva Probe", *PROOF)
    run(*HOUSE[:4], "--name", "Max Muster", *PROOF)
    assert informed(database) == [("info@a.example", None)]

    unclear = run("partners", "end", "info@a.example")
    assert unclear.exit_code == ExitCode.DATA
    assert "Eva Probe, Haus A; Max Muster, Haus A" in unclear.stderr

    first = run("partners", "end", "info@a.example", "--name", "Eva Probe")
    assert "Ausgeschieden: Eva Probe (info@a.example), Haus A." in first.stdout
    assert "lesen an diesem Postfach weiter" in first.stdout
    assert informed(database) == [("info@a.example", "Max Muster")]

    last = run("partners", "end", "info@a.example")
    assert "Beendet: Einladungen und Netzwerk-Info." in last.stdout
    assert informed(database) == []
    assert (
        "ausgeschieden am 23. November 2026" in run("partners", "show", "Haus A").stdout
    )


def test_who_left_comes_back_by_an_own_wish(run: Run, database: Database) -> None:
    """Not by being entered again."""
    run(*HOUSE, *PROOF)
    run("partners", "end", "info@a.example")

    again = run(*HOUSE, *PROOF)
    assert "nicht angemeldet, und das bleibt so" in again.stdout
    assert informed(database) == []

    fresh = ("--consent-on", "23.11.2026", *PROOF[2:])
    back = run(*HOUSE, "--own-wish", *fresh)
    assert back.exit_code == ExitCode.OK, back.output
    assert informed(database) == [("info@a.example", None)]


def test_a_partner_leaves_rests_and_resumes(run: Run, database: Database) -> None:
    """Resting is a note; leaving takes everybody along."""
    run(*HOUSE, "--name", "Eva Probe", *PROOF)

    assert run("partners", "rest", "Haus A").stdout == "Haus A ruht.\n"
    assert informed(database) == [("info@a.example", "Eva Probe")]
    assert run("partners", "resume", "Haus A").stdout == "Haus A ist wieder aktiv.\n"

    left = run("partners", "leave", "Haus A")
    assert left.stdout == "Ausgeschieden: Haus A, mit 1 Ansprechperson.\n"
    assert informed(database) == []
    assert "ausgeschieden" in run("partners", "list").stdout


def test_a_new_contact_brings_a_partner_back(run: Run, database: Database) -> None:
    """It had left; somebody new speaks for it."""
    run(*HOUSE, "--name", "Eva Probe", *PROOF)
    run("partners", "leave", "Haus A")

    run("partners", "add", "Haus A", "neu@a.example", "--name", "Max", *PROOF)

    assert told(run("partners", "show", "Haus A", "--json"))["state"] == "active"
    assert informed(database) == [("neu@a.example", "Max")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "Haus B", "b@b.example"), "fehlt „--field“; welche Arbeitsfelder es"),
        (("add", " ", "b@b.example", "--field", "Beratungsstellen"), "fehlt „--field“"),
        (
            ("add", "Haus A", "b@b.example", "--field", "Wohnungswirtschaft"),
            "ist schon mit dem Arbeitsfeld „Beratungsstellen“ gespeichert",
        ),
        (
            ("add", "Haus B", "b@b.example", "--field", "Wohnwirtschaft"),
            "gemeint ist vielleicht „Wohnungswirtschaft“",
        ),
        (("show", "Haus B"), "„Haus B“ ist nicht gespeichert."),
        (("leave", "Haus B"), "„Haus B“ ist nicht gespeichert."),
        (("end", "b@b.example"), "„b@b.example“ ist nicht gespeichert."),
        (("list", "--field", "Raumfahrt"), "möglich sind: Soziale Einrichtungen"),
    ],
)
def test_a_mistake_is_a_sentence_and_changes_nothing(
    run: Run, database: Database, words: tuple[str, ...], sentence: str
) -> None:
    """Wrong data, exit code 65."""
    with database.transaction() as db:
        a_partner(db, "Haus A")

    result = run("partners", *words)

    assert result.exit_code == ExitCode.DATA, result.output
    assert sentence in result.stderr
    (kept,) = told(run("partners", "list", "--json"))
    assert kept["organisation"] == "Haus A"
    assert kept["contacts"] == []


def test_a_list_comes_in_and_goes_out(
    run: Run, database: Database, tmp_path: Path
) -> None:
    """Shared mailboxes, a misspelt field of work, a contact who waits."""
    path = tmp_path / "partner.csv"
    path.write_bytes(LIST.encode("cp1252"))

    imported = run("partners", "import", str(path))

    assert imported.exit_code == ExitCode.DATA
    report = imported.stdout.splitlines()
    assert "vielleicht „Schulen und Kitas“" in report[3]
    assert report[5] == "4 Zeilen: 1 aktiv, 1 wartet, 1 eingetragen, 1 abgelehnt."
    assert informed(database) == [("info@a.example", None)]

    exported = run("partners", "export")
    path.write_bytes(exported.stdout_bytes)
    again = run("partners", "import", str(path))

    assert again.exit_code == ExitCode.OK, again.stdout
    assert "6 Zeilen: 6 unverändert." in again.stdout


def test_the_list_shows_who_speaks(run: Run, database: Database) -> None:
    """Only open contacts, and only the field that was asked for."""
    with database.transaction() as db:
        house = a_partner(db, "Haus A")
        a_partner_contact(db, house, "eva@a.example", name="Eva Probe")
        a_partner(db, "Haus B", field_of_work="Schulen und Kitas")

    listed = run("partners", "list")
    narrowed = told(run("partners", "list", "--field", "schulen und kitas", "--json"))
    nobody = run("partners", "list", "--field", "Wohnungswirtschaft")

    lines = [" ".join(line.split()) for line in listed.stdout.splitlines()]
    assert lines[1:] == [
        "Haus A Beratungsstellen aktiv Eva Probe (eva@a.example)",
        "Haus B Schulen und Kitas aktiv niemand",
    ]
    assert listed.stderr == "2 Einrichtungen.\n"
    assert [one["organisation"] for one in narrowed] == ["Haus B"]
    assert nobody.stderr == "Keine Einrichtung gefunden.\n"


def test_a_partner_is_changed(run: Run) -> None:
    """Name, field of work, and what is said of who speaks for it."""
    run(*HOUSE, "--name", "Eva Probe", *PROOF)
    run("partners", "add", "Haus B", "info@b.example", "--field", "beratungsstellen")

    changed = run("partners", "edit", "haus a", "--name", "Haus Süd")
    assert changed.stdout == "Haus Süd, Beratungsstellen.\n"
    run("partners", "edit", "Haus Süd", "--field", "wohnungswirtschaft")
    words = ("--new-name", "Eva Groß", "--role", "Leitung", "--basis", "Schreiben")
    edited = run("partners", "edit-contact", "info@a.example", *words)
    assert edited.stdout == "Eva Groß (info@a.example), Leitung.\n"

    shown = run("partners", "show", "Haus Süd").stdout
    assert "Arbeitsfeld: Wohnungswirtschaft" in shown
    assert "Eva Groß (info@a.example), Leitung" in shown
    assert "Grundlage: Schreiben" in shown
    for refused, why in (
        (("edit", "Haus Süd"), "--name und --field"),
        (("edit", "Haus Süd", "--name", "Haus B"), "Haus B"),
        (("edit", "Haus Süd", "--field", "Kunst"), "Arbeitsfeld"),
        (("edit-contact", "info@a.example"), "--new-name, --role und --basis"),
    ):
        told_why = run("partners", *refused)
        assert told_why.exit_code != ExitCode.OK
        assert why in told_why.stderr


def test_who_is_silent_is_found(run: Run, database: Database) -> None:
    """And who has nobody to speak for it."""
    with database.transaction() as db:
        a_partner(db, "Haus ohne alle")
        a_partner_contact(db, a_partner(db, "Haus A"))
    listed = run("partners", "list", "--silent-since", "1.1.2026", "--state", "active")
    assert "2 Einrichtungen." in listed.stderr
    assert "niemand" in listed.stdout
    shown = run("partners", "show", "Haus ohne alle").stdout
    assert "kein Brief erreicht diese Einrichtung" in shown
    assert "Keine" in run("partners", "list", "--state", "left").stderr
