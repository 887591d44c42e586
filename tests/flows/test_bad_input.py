"""What comes in wrong is told in German, recorded, and loses nothing.

Each of these is something a server says, or a person sets, that no program should have
to expect. A wrong DKIM key is among them; it stands in ``test_dkim``.
"""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers.models import Mailbox, Suppression
from tests.books import differences
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import End, Script, say

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database
    from tests.servers import ScriptedSmtp

S = DeliveryState

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

ADA: Final = "ada@netz.example"
BEA: Final = "bea@netz.example"
CLEO: Final = "cleo@netz.example"

HORRID: Final = b"550 5.1.1 unbek\xe4nnt \0" + b"x" * 5000
"""Latin-1, a NUL, and ten times as long as a reply may be."""


@pytest.fixture
def mia(
    settings_file: Path,
    database_url: str,
    database: Database,
    smtp_server: ScriptedSmtp,
) -> Program:
    """The program, with three people to invite and a server."""
    with database.transaction() as db:
        for address in (ADA, BEA, CLEO):
            a_subscriber(db, address)
    program = Program(settings_file, {"MIA_DATABASE_URL": database_url})
    return program.with_relay(smtp_server)


def states(database: Database) -> dict[str | None, tuple[DeliveryState, str | None]]:
    """Return state and the server's words of each delivery, by address."""
    rows = sa.select(Mailbox.address, Delivery.state, Delivery.reply_text).join(
        Delivery, Delivery.mailbox_id == Mailbox.id
    )
    with database.reading() as db:
        return {row.address: (row.state, row.reply_text) for row in db.execute(rows)}


def invited(mia: Program, database: Database, server: ScriptedSmtp) -> Result:
    """Invite; whatever comes of it, the two books agree and nothing crashes."""
    result = mia.here("invite", "--yes")
    assert "Fehler im Programm" not in result.stderr
    assert differences(database, server.accepted) == []
    return result


def test_a_relay_that_greets_with_a_refusal_gets_nothing(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """It is told before anything is issued."""
    smtp_server.script = Script(greeting="554 5.7.1 go away")

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.UNAVAILABLE
    assert "nimmt nichts an: „554 5.7.1 go away“" in result.stderr
    assert states(database) == {}


@BOTH
def test_a_relay_that_takes_nobody_accuses_nobody(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """The same word to three people is about us: all wait, and a person is told."""
    smtp_server.script = Script(rcpt="550 5.7.1 we take nothing from you")

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.TRY_AGAIN
    assert "nimmt von uns nichts an: „550 5.7.1 we take" in result.output
    assert {state for state, _ in states(database).values()} == {S.QUEUED}


@BOTH
@pytest.mark.parametrize("stage", ["rcpt", "content"])
def test_a_relay_that_takes_nothing_from_a_small_town_accuses_nobody(
    mia: Program, database: Database, smtp_server: ScriptedSmtp, stage: str
) -> None:
    """Each at a provider of her own: all wait, and exit code and words say so."""
    with database.transaction() as db:
        for address in ("dora@post.example", "emma@ort.example"):
            a_subscriber(db, address)
    refusal: dict[str, Any] = {stage: "554 5.7.1 no relaying, see relay.example/9"}
    smtp_server.script = replace(Script(), **refusal)

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.TRY_AGAIN
    assert "hat viele Empfänger nacheinander abgelehnt, zuletzt so: „554" in (
        result.stderr
    )
    assert "Bitte fragen Sie seinen Betreiber" in result.stderr
    assert {state for state, _ in states(database).values()} == {S.QUEUED}


@BOTH
def test_a_horrid_refusal_is_recorded_and_the_next_is_served(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Foreign octets are made printable before they reach a database."""
    smtp_server.script = Script(rcpt={ADA: HORRID})

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.OK
    state, words = states(database)[ADA]
    assert state is S.REFUSED
    assert words is not None
    assert words.isprintable()
    assert words.startswith("5.1.1 unbekännt x")
    assert len(words) <= 500
    assert f"{ADA}: abgelehnt (5.1.1 unbekännt" in result.stdout
    assert states(database)[BEA][0] is S.ACCEPTED


@BOTH
def test_a_horrid_acceptance_is_an_acceptance(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """A success that could not be recorded would be sent twice."""
    smtp_server.script = Script(content=HORRID.replace(b"550 5.1.1", b"250 2.0.0"))

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.OK
    assert {state for state, _ in states(database).values()} == {S.ACCEPTED}
    assert len(smtp_server.accepted) == 3


@BOTH
def test_one_at_whose_name_the_server_breaks_down_keeps_nobody_waiting(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """She comes first in every run; all others get their letter in this one."""
    smtp_server.script = Script(rcpt={ADA: say("421 4.3.2 not now", End.DROP)})

    result = invited(mia, database, smtp_server)

    assert result.exit_code == ExitCode.TRY_AGAIN
    assert f"{ADA}: aufgeschoben („421 4.3.2 not now“)" in result.stdout
    assert {one: state for one, (state, _) in states(database).items()} == {
        ADA: S.DEFERRED,
        BEA: S.ACCEPTED,
        CLEO: S.ACCEPTED,
    }


@BOTH
def test_a_relay_that_is_too_small_for_a_letter_accuses_nobody(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """Its limit is our trouble: the letter waits, and a person is told."""
    good = smtp_server.script
    smtp_server.script = Script(ehlo="250-relay.example\r\n250 SIZE 2000")

    result = invited(mia, database, smtp_server)
    status = mia.here("outbox", "status")

    assert result.exit_code == ExitCode.TRY_AGAIN
    assert "der Server nimmt höchstens 2000" in result.stderr
    assert "mia outbox resume --edition 1" in result.stderr
    assert "zu groß" in status.stdout
    assert {state for state, _ in states(database).values()} == {S.QUEUED}
    assert not [line for line in smtp_server.commands if line.startswith("MAIL")]
    with database.reading() as db:
        assert db.scalars(sa.select(Suppression)).all() == []

    smtp_server.script = good
    assert mia.here("outbox", "resume", "--edition", "1").exit_code == ExitCode.OK
    assert mia.here("outbox", "send").exit_code == ExitCode.OK
    assert {state for state, _ in states(database).values()} == {S.ACCEPTED}


def test_the_coordinator_is_told_of_a_relay_that_is_too_small(
    mia: Program, database: Database, smtp_server: ScriptedSmtp
) -> None:
    """The alarm is small enough for most limits, and nobody else is told."""
    smtp_server.script = Script(ehlo="250-relay.example\r\n250 SIZE 12000")
    invited(mia, database, smtp_server)

    tick = mia.here("tick")

    assert tick.exit_code == ExitCode.OK, tick.stderr
    told = [message_from_bytes(one.content)["Subject"] for one in smtp_server.accepted]
    assert any("Das Senden ist angehalten" in subject for subject in told), told
    assert {one.recipient for one in smtp_server.accepted} == {
        "k_sommer@aschersleben.de"
    }


def test_an_address_that_few_servers_take_never_comes_in(mia: Program) -> None:
    """An umlaut before the @ needs SMTPUTF8, which a relay may not have."""
    result = mia.here("subscribers", "add", "jürgen@netz.example")

    assert result.exit_code == ExitCode.DATA
    assert (
        "„jürgen@netz.example“ ist keine gültige E-Mail-Adresse: vor dem @ stehen"
        in (result.stderr)
    )


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("policy.lease", "15 Minuten", "Die Frist (15 Minuten) muss länger sein als"),
        ("smtp.data_timeout", "1 Minute", "Weniger als 10 Minuten gehen nicht"),
    ],
)
def test_waits_that_would_send_twice_are_refused(
    mia: Program, key: str, value: str, says: str
) -> None:
    """Exit code 78 and the reason, before any command does anything."""
    result = mia.here("--set", f"{key}={value}", "config", "check")

    assert result.exit_code == ExitCode.CONFIGURATION
    assert says in result.stderr
