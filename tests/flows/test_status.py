"""``mia status``: what a person reads, and what monitoring is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mailer.daemon.alone import alone
from mailer.errors import ConnectionFailed, ExitCode
from mailer.watching import pulses
from mailer.watching.models import LoopName
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database


PROOF = (
    "--consent-on", "2026-11-20", "--consent-by", "paper", "--evidence", "Blatt 1",
)  # fmt: skip


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with one subscriber."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    environ = {"MIA_DATABASE_URL": database_url, "MIA_ALARM_DISK_FREE": "0"}
    return Program(settings_file, environ)


def beat(database: Database) -> None:
    """Let the daemon have shown life just now."""
    with database.transaction() as db:
        pulses.begin_daemon(db, now=PRESENT)
        for name in (LoopName.PLAN, LoopName.SEND, LoopName.SWEEP):
            pulses.begin(db, name, now=PRESENT)
            pulses.succeed(db, name, now=PRESENT)


def test_nothing_runs_yet(mia: Program) -> None:
    """A fresh installation says so: 69."""
    ended = mia.here("status")
    assert ended.exit_code == ExitCode.UNAVAILABLE
    assert ended.stdout.startswith(
        "Der Dienst läuft nicht: Es geschieht nichts von selbst."
    )


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_all_is_well(mia: Program, database: Database) -> None:
    """The daemon has the lock and shows life: 0, and what comes."""
    beat(database)
    with alone(database):
        ended = mia.here("status")
        data = json.loads(mia.here("status", "--json").stdout)
    assert ended.exit_code == ExitCode.OK, ended.output
    assert "Der Dienst läuft." in ended.stdout
    assert "Einladungen bekommen jetzt: 1 Person" in ended.stdout
    assert data["daemon"] == "runs"
    assert data["troubles"] == []
    assert data["figures"]["readers"] == 1
    assert data["coming"][0].startswith("Montag, 23. November 2026, 10 Uhr")


def test_the_figures_are_those_of_what_was_really_sent(mia: Program) -> None:
    """A letter over a real relay, and one that it refuses, counted a day later."""
    with ScriptedSmtp(
        Script(rcpt={"gibtesnicht@netz.example": "550 5.1.1 no"})
    ) as server:
        program = mia.with_relay(server)
        program.here("subscribers", "add", "gibtesnicht@netz.example", *PROOF)
        program.here("invite", "--yes")
    tomorrow = {**mia.environ, "MIA_NOW": "2026-11-24T09:00:00+01:00"}
    told = json.loads(Program(mia.config, tomorrow).here("status", "--json").stdout)
    assert [one.recipient for one in server.accepted] == ["rita@netz.example"]
    figures = told["figures"]
    assert (figures["sent"], figures["not_delivered"], figures["joined"]) == (1, 1, 1)


def test_something_is_wrong(mia: Program, database: Database) -> None:
    """What, since when, told or not, what to do: 1."""
    beat(database)
    with database.transaction() as db:
        away = ConnectionFailed("mail.example:587", "niemand antwortet")
        long_ago = PRESENT.replace(hour=7)
        pulses.fail(db, LoopName.SEND, pulses.Trouble.of(away), now=long_ago)
    with alone(database):
        ended = mia.here("status")
        data = json.loads(mia.here("status", "--json").stdout)
    assert ended.exit_code == ExitCode.FAILURE
    assert (
        "* Der Mailserver nimmt nichts an (noch nicht gemeldet)\n"
        "  Der Mailserver mail.example:587 ist nicht erreichbar: niemand antwortet."
    ) in ended.stdout
    assert data["troubles"][0]["kind"] == "relay"
    assert data["exit_code"] == ExitCode.FAILURE


def test_a_daemon_that_was_killed_is_noticed(mia: Program, database: Database) -> None:
    """Nobody has the lock and nobody said good-bye: 69."""
    beat(database)
    ended = mia.here("status")
    assert ended.exit_code == ExitCode.UNAVAILABLE
    assert "wurde unterbrochen" in ended.stdout
