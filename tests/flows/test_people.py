"""``mia subscribers`` and ``mia partners`` as an operator uses them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mailer.errors import ExitCode
from subscribers import audience
from subscribers.topics import Topic
from tests import in_process
from tests.factories import a_partner_contact, a_subscriber

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database
    from tests.in_process import Run

PROOF = ("--consent-on", "3.11.2026", "--consent-by", "paper", "--evidence", "Blatt 2")


@pytest.fixture
def run(settings_file: Path, database: Database) -> Run:
    """Run ``mia WORDS…`` on the example network, in this process."""
    return in_process.runner(settings_file, database)


def told(result: Result) -> Any:
    """Return what ``--json`` printed."""
    assert result.exit_code == ExitCode.OK, result.output
    return json.loads(result.stdout)


def invited(database: Database) -> list[str]:
    """Return who gets the next invitation."""
    with database.reading() as db:
        found = audience.recipients(db, Topic.INVITATIONS)
        return [who.address.text for who in found]


def test_a_person_with_proof_is_invited(run: Run, database: Database) -> None:
    """Entered by hand, shown with her proof, in the list and among the invited."""
    added = run("subscribers", "add", "eva@post.example", "--name", "Eva", *PROOF)

    assert added.exit_code == ExitCode.OK, added.output
    assert added.stdout == "Eingetragen: eva@post.example. Einladungen: aktiv.\n"
    assert invited(database) == ["eva@post.example"]
    shown = run("subscribers", "show", "EVA@post.example")
    assert "Name: Eva\n" in shown.stdout
    assert "Einladungen: aktiv seit 23. November 2026\n" in shown.stdout
    assert "Einwilligung festgehalten (Papier), Blatt 2\n" in shown.stdout
    listed = run("subscribers", "list")
    assert "eva@post.example  Eva   Standard  aktiv" in listed.stdout
    assert listed.stderr == "1 Person.\n"


def test_a_person_without_proof_waits_and_the_operator_is_told(
    run: Run, database: Database
) -> None:
    """Nothing is promised that does not exist yet."""
    added = run("subscribers", "add", "eva@post.example")

    assert "wartet auf Bestätigung und bekommt noch nichts" in added.stdout
    assert "mia subscribers ask" in added.stderr
    assert invited(database) == []

    completed = run("subscribers", "add", "eva@post.example", *PROOF)

    assert "jetzt aktiv, der Nachweis ist da" in completed.stdout
    assert invited(database) == ["eva@post.example"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "eva@post"), ExitCode.DATA, "hinter dem @ fehlt die Endung"),
        (("add", "e@post.example\r\nBcc: x@y.example"), ExitCode.DATA, "Steuerzeichen"),
        (("add", "e@post.example", *PROOF[:4]), ExitCode.USAGE, "alle drei Angaben"),
        (
            ("add", "e@post.example", "--consent-on", "24.11.2026", *PROOF[2:]),
            ExitCode.DATA,
            "liegt in der Zukunft",
        ),
        (("add", "e@post.example", "--name", "E\nva"), ExitCode.DATA, "Steuerzeichen"),
        (("add", "e@post.example", "--own-wish"), ExitCode.USAGE, "braucht einen Nach"),
        (("add", "e@post.example", "--style", "schwer"), ExitCode.USAGE, "schwer"),
        (("show", "e@post.example"), ExitCode.DATA, "ist nicht gespeichert"),
        (("end", "e@post.example"), ExitCode.DATA, "ist nicht gespeichert"),
        (("erase", "e@post.example", "--yes"), ExitCode.DATA, "ist nicht gespeichert"),
        (("style", "e@post.example", "easy"), ExitCode.DATA, "ist nicht gespeichert"),
        (
            ("end", "e@post.example", "--suppress", "--topic", "invitations"),
            ExitCode.USAGE,
            "sperrt die Adresse ganz",
        ),
        (("import", "gibt-es-nicht.csv"), ExitCode.USAGE, "gibt-es-nicht.csv"),
    ],
)
def test_a_mistake_is_a_sentence_and_changes_nothing(
    run: Run, words: tuple[str, ...], code: ExitCode, sentence: str
) -> None:
    """With the right exit code."""
    result = run("subscribers", *words)

    assert result.exit_code == code, result.output
    assert sentence in result.stderr
    assert told(run("subscribers", "list", "--json")) == []


def test_the_list_can_be_narrowed(run: Run, database: Database) -> None:
    """By topic, state and style."""
    run("subscribers", "add", "eva@post.example", "--style", "easy", *PROOF)
    run("subscribers", "add", "max@post.example", "--topic", "network-updates")

    def addresses(*words: str) -> list[str]:
        return [one["address"] for one in told(run("subscribers", "list", *words))]

    assert addresses("--json") == ["eva@post.example", "max@post.example"]
    assert addresses("--json", "--topic", "invitations") == ["eva@post.example"]
    assert addresses("--json", "--state", "requested") == ["max@post.example"]
    assert addresses("--json", "--style", "easy") == ["eva@post.example"]
    assert addresses("--json", "--state", "active", "--style", "standard") == []
    nobody = run("subscribers", "list", "--state", "paused")
    assert (nobody.stdout, nobody.stderr) == ("", "Niemand gefunden.\n")
    assert database.is_sqlite


def test_json_says_everything(run: Run) -> None:
    """Address, wishes with their moments, suppression, proof."""
    run("subscribers", "add", "eva@post.example", "--name", "Eva", *PROOF)

    shown = told(run("subscribers", "show", "eva@post.example", "--json"))

    assert shown["name"] == "Eva"
    assert shown["style"] == "standard"
    assert shown["suppressed"] is None
    assert shown["partners"] == []
    assert shown["subscriptions"] == [
        {
            "topic": "invitations",
            "state": "active",
            "since": "2026-11-23T08:00:00+00:00",
            "reminds": True,
        }
    ]
    assert [row["act"] for row in shown["consent"]] == ["requested", "recorded"]
    assert shown["consent"][1]["happened_at"] == "2026-11-03T11:00:00+00:00"


def test_leaving_is_at_once_and_twice_is_no_mistake(
    run: Run, database: Database
) -> None:
    """The next invitation goes past her."""
    run("subscribers", "add", "eva@post.example", *PROOF)

    first = run("subscribers", "end", "eva@post.example", "--evidence", "Anruf")
    second = run("subscribers", "end", "eva@post.example")

    assert first.stdout == "Beendet: Einladungen.\n"
    assert second.stdout == "Es gab nichts zu beenden.\n"
    assert invited(database) == []
    shown = told(run("subscribers", "show", "eva@post.example", "--json"))
    assert shown["consent"][-1]["evidence"] == "Anruf"


def test_only_an_own_wish_with_proof_brings_somebody_back(
    run: Run, database: Database
) -> None:
    """After leaving, and after "never again"."""
    run("subscribers", "add", "eva@post.example", *PROOF)
    ended = run("subscribers", "end", "eva@post.example", "--suppress")
    assert "eva@post.example ist jetzt gesperrt.\n" in ended.stdout

    refused = run("subscribers", "add", "eva@post.example", *PROOF)
    assert refused.exit_code == ExitCode.DATA
    assert "gesperrt (auf eigenen Wunsch)" in refused.stderr
    too_old = run("subscribers", "add", "eva@post.example", "--own-wish", *PROOF)
    assert too_old.exit_code == ExitCode.DATA
    assert invited(database) == []

    fresh = ("--consent-on", "23.11.2026", *PROOF[2:])
    back = run("subscribers", "add", "eva@post.example", "--own-wish", *fresh)

    assert back.exit_code == ExitCode.OK, back.output
    assert invited(database) == ["eva@post.example"]


def test_who_has_left_stays_out_and_the_way_back_is_named(run: Run) -> None:
    """Without an own wish a second entry changes nothing."""
    run("subscribers", "add", "eva@post.example", *PROOF)
    run("subscribers", "end", "eva@post.example")

    again = run("subscribers", "add", "eva@post.example", *PROOF)

    assert "nicht angemeldet, und das bleibt so" in again.stdout
    assert "--own-wish" in again.stderr


def test_everything_stored_is_shown(run: Run, database: Database) -> None:
    """Also of somebody who wants nothing, speaks for a house and is suppressed."""
    with database.transaction() as db:
        a_partner_contact(db, address="eva@post.example", topics=[])
    run("subscribers", "end", "eva@post.example", "--suppress")

    shown = run("subscribers", "show", "eva@post.example").stdout.splitlines()

    assert "Abos: ohne Thema" in shown
    assert "Gesperrt: auf eigenen Wunsch" in shown
    basis = "Benannt im Schreiben vom 12. Januar 2026"
    assert (
        f"Spricht für: Beispielhaus e. V.; Hans Muster; Leitung; Grundlage: {basis}"
    ) in shown
    told_all = told(run("subscribers", "show", "eva@post.example", "--json"))
    assert told_all["partners"] == [
        {
            "organisation": "Beispielhaus e. V.",
            "name": "Hans Muster",
            "role": "Leitung",
            "basis": basis,
        }
    ]


def test_a_stranger_can_be_suppressed(run: Run) -> None:
    """Somebody who never was here asks never to be written to."""
    suppressed = run("subscribers", "end", "fremd@post.example", "--suppress")
    shown = run("subscribers", "show", "fremd@post.example")

    assert suppressed.exit_code == ExitCode.OK
    assert "Diese Adresse ist gesperrt (auf eigenen Wunsch)." in shown.stderr
    assert shown.exit_code == ExitCode.DATA


def test_erasing_asks_and_keeps_the_protection(run: Run, database: Database) -> None:
    """No is no; yes leaves nothing but the list's hash and the proof."""
    run("subscribers", "add", "eva@post.example", *PROOF)

    kept = run("subscribers", "erase", "eva@post.example", typed="nein\n")
    assert "Es wurde nichts geändert." in kept.stdout
    assert invited(database) == ["eva@post.example"]

    run("subscribers", "end", "eva@post.example", "--suppress")
    erased = run("subscribers", "erase", "eva@post.example", typed="ja\n")

    assert erased.stdout.startswith("Gelöscht.")
    assert told(run("subscribers", "list", "--json")) == []
    again = run("subscribers", "add", "eva@post.example", *PROOF)
    assert again.exit_code == ExitCode.DATA
    assert "gesperrt" in again.stderr


def test_erasing_warns_about_a_shared_mailbox(run: Run, database: Database) -> None:
    """Who else reads there is named before the question."""
    with database.transaction() as db:
        a_partner_contact(db, address="eva@post.example", name="Eva Probe")

    result = run("subscribers", "erase", "eva@post.example", typed="nein\n")

    assert "Ansprechpersonen: Eva Probe (eva@post.example)." in result.stderr


def test_a_style_is_one_command(run: Run, database: Database) -> None:
    """From now on Leichte Sprache."""
    with database.transaction() as db:
        a_subscriber(db, "eva@post.example")

    result = run("subscribers", "style", "eva@post.example", "easy")

    assert result.stdout == "eva@post.example liest jetzt: Leichte Sprache.\n"
    (one,) = told(run("subscribers", "list", "--json"))
    assert one["style"] == "easy"


def test_another_secret_is_refused(run: Run) -> None:
    """Before the suppression list stops protecting anybody."""
    run("subscribers", "add", "eva@post.example")

    result = run("subscribers", "add", "max@post.example", secret="ab" * 32)

    assert result.exit_code == ExitCode.CONFIGURATION
    assert "MIA_SECRET" in result.stderr


def test_reminders_are_a_choice(run: Run) -> None:
    """At entering, later, back again; shown in the list, alone and as JSON."""
    run("subscribers", "add", "eva@post.example", "--no-reminder", *PROOF)

    shown = told(run("subscribers", "show", "eva@post.example", "--json"))
    assert shown["subscriptions"][0]["reminds"] is False
    assert "Erinnerungen: keine\n" in run("subscribers", "show", EVA).stdout
    header, row = run("subscribers", "list").stdout.splitlines()
    assert row[header.index("Erinnerung") :].split()[0] == "nein"

    on = run("subscribers", "reminder", EVA, "on")
    assert on.stdout == "eva@post.example bekommt Erinnerungen.\n"
    assert "Erinnerungen: keine" not in run("subscribers", "show", EVA).stdout
    off = run("subscribers", "reminder", EVA, "off")
    assert off.stdout == "eva@post.example bekommt keine Erinnerungen.\n"

    run("subscribers", "end", EVA)
    late = run("subscribers", "reminder", EVA, "on")
    assert late.exit_code == ExitCode.OK
    assert "Es gab nichts zu ändern" in late.stdout


EVA = "eva@post.example"
