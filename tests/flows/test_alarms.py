"""Being told in time, with the real program: what breaks, and who hears of it."""

from __future__ import annotations

import signal
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.daemon.alone import alone
from mailer.errors import ExitCode
from mailer.watching import pulses
from mailer.watching.models import Alarm, AlarmKind, LoopName
from tests.conftest import PRESENT
from tests.daemons import running
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp
from tests.servers_imap import Act, Fault, ScriptedImap

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

LATER: Final = "2026-11-23T09:20:00+01:00"
"""Twenty minutes after ``PRESENT``: longer than a server may be away."""

COORDINATOR: Final = "k_sommer@aschersleben.de"

INVITATION: Final = "Einladung: Miteinander reden am Donnerstag, 3. Dezember 2026"

BUSY: Final = Script(greeting="421 4.3.2 busy")


@pytest.fixture
def sendmail(tmp_path: Path) -> Path:
    """A sendmail that writes down what it gets."""
    program = tmp_path / "sendmail"
    program.write_text(
        f'#!/bin/sh\n{{ echo "To $*"; cat; }} >> {tmp_path}/sent\n', encoding="utf-8"
    )
    program.chmod(0o700)
    return program


@pytest.fixture
def mia(
    settings_file: Path, database_url: str, database: Database, sendmail: Path
) -> Program:
    """The program with an invitation that waits, and a second way."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_SUMMARY_WEEKDAY": "nie",
        "MIA_ALARM_DISK_FREE": "0",
        "MIA_ALARM_SENDMAIL": f"{sendmail} -i --",
    }
    program = Program(settings_file, environ)
    with ScriptedSmtp(Script(mail="451 4.3.0 later")) as server:
        program.with_relay(server).here("invite", "--yes")
    return program


def at(mia: Program, moment: str) -> Program:
    """Return the program at another time."""
    return Program(mia.config, {**mia.environ, "MIA_NOW": moment})


def the_alarms(database: Database) -> list[tuple[AlarmKind, str, bool]]:
    """Return kind, way and whether it has ended, of each alarm."""
    with database.reading() as db:
        found = db.scalars(sa.select(Alarm).order_by(Alarm.id)).all()
    return [(one.kind, one.told_by, one.ended_at is not None) for one in found]


def test_a_relay_that_is_down_is_told_by_sendmail_and_its_end_by_the_relay(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """Borne for a quarter of an hour, told once; the all-clear comes at once."""
    with ScriptedSmtp(BUSY) as server:
        down = mia.with_relay(server)
        down.here("tick")
        assert the_alarms(database) == []
        for _ in range(2):
            at(down, LATER).here("tick")
    assert the_alarms(database) == [(AlarmKind.RELAY, "sendmail", False)]
    sent = (tmp_path / "sent").read_text(encoding="utf-8")
    assert sent.count(f"To -i -- {COORDINATOR}") == 1
    assert "Subject: Achtung: Der Mailserver nimmt nichts an" in sent

    with ScriptedSmtp() as server:
        ended = at(mia.with_relay(server), LATER).here("tick")

    assert ended.exit_code == ExitCode.OK
    assert the_alarms(database) == [(AlarmKind.RELAY, "sendmail", True)]
    assert told(server) == [
        ("rita@netz.example", INVITATION),
        (COORDINATOR, "Entwarnung: Der Mailserver nimmt nichts an"),
    ]


def test_a_second_relay_that_has_to_help_is_told_and_so_is_the_end(
    mia: Program, database: Database
) -> None:
    """The letters leave at once; that a relay is missing people hear all the same."""
    much_later = "2026-11-23T09:45:00+01:00"
    with ScriptedSmtp() as second:
        text = mia.config.read_text(encoding="utf-8")
        relay = f'[[relay]]\nhost = "127.0.0.1"\nport = {second.port}\n'
        mia.config.write_text(f'{text}\n{relay}security = "plain"\n', "utf-8")
        with ScriptedSmtp(BUSY) as first:
            helped = mia.with_relay(first)
            assert helped.here("tick").exit_code == ExitCode.OK
            assert the_alarms(database) == []
            for _ in range(2):
                assert at(helped, LATER).here("tick").exit_code == ExitCode.OK
            assert the_alarms(database) == [(AlarmKind.FAILOVER, "outbox", False)]
            first.script = Script()
            assert at(helped, much_later).here("tick").exit_code == ExitCode.OK
    assert the_alarms(database) == [(AlarmKind.FAILOVER, "outbox", True)]
    title = "Ein Mailserver fehlt, ein anderer springt ein"
    assert told(second) == [
        ("rita@netz.example", INVITATION),
        (COORDINATOR, f"Achtung: {title}"),
    ]
    assert told(first) == [(COORDINATOR, f"Entwarnung: {title}")]


def told(server: ScriptedSmtp) -> list[tuple[str, str]]:
    """Return recipient and subject of all that the relay took, in order."""
    return [
        (one.recipient, message_from_bytes(one.content, policy=default)["Subject"])
        for one in server.accepted
    ]


def with_inbox(mia: Program, inbox: ScriptedImap) -> Program:
    """Return the program with a mailbox."""
    environ = {
        "MIA_INBOX_ADDRESS": "mia@netz.example",
        "MIA_INBOX_HOST": "127.0.0.1",
        "MIA_INBOX_PORT": str(inbox.port),
        "MIA_INBOX_SECURITY": "plain",
        "MIA_INBOX_PASSWORD": "geheim",
    }
    return Program(mia.config, {**mia.environ, **environ})


def test_a_mailbox_that_refuses_us_is_told_the_ordinary_way(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """A refused login is told at once; the relay works, so nobody needs sendmail."""
    with ScriptedImap() as inbox, ScriptedSmtp() as server:
        inbox.faults = [
            Fault("LOGIN", Act.REPLY, "NO [AUTHENTICATIONFAILED] nein", times=99)
        ]
        ended = with_inbox(mia, inbox).with_relay(server).here("tick")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "lehnt die Anmeldung am Postfach ab" in ended.stderr
    assert the_alarms(database) == [(AlarmKind.INBOX, "outbox", False)]
    alarm = (COORDINATOR, "Achtung: Das Postfach kann nicht gelesen werden")
    assert told(server).count(alarm) == 1
    assert not (tmp_path / "sent").exists()


@pytest.mark.slow
def test_a_daemon_that_was_killed_is_told_by_the_next_tick(
    mia: Program, database: Database
) -> None:
    """Kill -9, and nobody starts it again: the timer notices, tells, and does the work.

    Once a daemon runs again, that is over.
    """
    with ScriptedSmtp() as server:
        program = mia.with_relay(server)
        with running(program) as daemon:
            daemon.end(signal.SIGKILL)
        status = program.here("status")
        program.here("tick")
        program.here("tick")
        assert the_alarms(database) == [(AlarmKind.DAEMON, "outbox", False)]
        with running(program) as daemon:
            daemon.until_event("alarm.told", letter="all_clear")
            daemon.until_event("delivery.accepted")
            daemon.end()
    assert status.exit_code == ExitCode.UNAVAILABLE
    assert told(server).count((COORDINATOR, "Achtung: Der Dienst läuft nicht")) == 1
    assert told(server)[-1] == (COORDINATOR, "Entwarnung: Der Dienst läuft nicht")


def test_a_daemon_without_a_sign_of_life_is_told_by_the_next_tick(
    mia: Program, database: Database
) -> None:
    """Somebody keeps the lock and has done nothing for an hour: 69, and an alarm."""
    with database.transaction() as db:
        pulses.begin_daemon(db, now=PRESENT)
        for name in (LoopName.PLAN, LoopName.SEND, LoopName.SWEEP):
            pulses.begin(db, name, now=PRESENT)
            pulses.succeed(db, name, now=PRESENT)
    much_later = at(mia, "2026-11-23T10:00:00+01:00")
    with ScriptedSmtp() as server, alone(database):
        program = much_later.with_relay(server)
        ended = program.here("tick")
        again = program.here("tick")
        status = program.here("status")
    assert [one.exit_code for one in (ended, again, status)] == [
        ExitCode.UNAVAILABLE
    ] * 3
    assert "kein Lebenszeichen" in ended.stderr
    assert the_alarms(database) == [(AlarmKind.DAEMON, "outbox", False)]
    assert told(server).count((COORDINATOR, "Achtung: Der Dienst läuft nicht")) == 1


def test_a_template_that_is_broken_is_told_and_the_others_go_on(
    mia: Program, database: Database, tmp_path: Path
) -> None:
    """The operator's own reminder has a slip: told at once, and letters still leave."""
    own = tmp_path / "eigene" / "mail" / "reminder"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ gibtesnicht }}", encoding="utf-8")
    with ScriptedSmtp() as server:
        mia.with_relay(server).here("tick")
        environ = {**mia.environ, "MIA_LETTERS_TEMPLATES": str(tmp_path / "eigene")}
        program = Program(mia.config, environ).with_relay(server)
        ended = at(program, "2026-12-02T10:05:00+01:00").here("tick")
    assert "gibtesnicht" in ended.stderr
    assert the_alarms(database) == [(AlarmKind.LOOP, "outbox", False)]
    alarm = (COORDINATOR, "Achtung: Ein Teil des Programms arbeitet nicht")
    assert told(server)[-1] == alarm
