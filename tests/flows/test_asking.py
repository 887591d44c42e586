"""``mia subscribers ask``: somebody calls, and confirms by mail."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from mailer.errors import ExitCode
from subscribers import suppression
from subscribers.address import fingerprint
from subscribers.models import SuppressionReason
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.clock import FixedClock
    from subscribers.database import Database
    from subscribers.tokens import TokenKeys

EVA = "eva@post.example"


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with a mailbox that reads answers."""
    assert database.revision()
    environ = {"MIA_DATABASE_URL": database_url, "MIA_INBOX_ADDRESS": "mia@mia.example"}
    return Program(settings_file, environ)


def test_a_caller_gets_the_neutral_question(mia: Program) -> None:
    """One mail, from a program, without any date of a meeting; she waits until then."""
    asked = mia.here("subscribers", "ask", EVA, "--evidence", "Anruf")
    with ScriptedSmtp() as server:
        sent = mia.with_relay(server).here("outbox", "send")

    assert asked.exit_code == sent.exit_code == ExitCode.OK, asked.output + sent.output
    (received,) = server.accepted
    message = message_from_bytes(received.content, policy=policy.default)
    assert received.recipient == EVA
    assert "bestätigen" in message["Subject"]
    assert message["Auto-Submitted"] is not None
    assert message["List-Unsubscribe"] is None
    assert b"Dezember 2026, 10" not in received.content
    assert "wartet auf Bestätigung" in mia.here("subscribers", "show", EVA).stdout


def test_nobody_is_asked_twice_a_day_or_needlessly(
    mia: Program, database: Database
) -> None:
    """A second call the same day, and somebody who is with us, get no mail."""
    with database.transaction() as db:
        a_subscriber(db, "da@post.example")
    mia.here("subscribers", "ask", EVA)

    again = mia.here("subscribers", "ask", EVA)
    needless = mia.here("subscribers", "ask", "da@post.example")

    assert again.exit_code == needless.exit_code == ExitCode.DATA
    assert "heute schon gefragt" in again.stderr
    assert "schon" in needless.stderr


def test_who_must_not_be_written_to_is_not_asked(
    mia: Program, database: Database, keys: TokenKeys, clock: FixedClock
) -> None:
    """Somebody complained about us once: not even a question."""
    print_of = fingerprint(EVA, key=keys.fingerprint_key)
    with database.transaction() as db:
        suppression.add(db, print_of, SuppressionReason.COMPLAINT, now=clock.now())

    asked = mia.here("subscribers", "ask", EVA)

    assert asked.exit_code == ExitCode.DATA
    assert "gesperrt" in asked.stderr


def test_without_a_mailbox_nobody_is_asked(mia: Program) -> None:
    """Nobody could answer: the sentence names the setting."""
    environ = {**mia.environ}
    environ.pop("MIA_INBOX_ADDRESS")

    asked = Program(mia.config, environ).here("subscribers", "ask", EVA)

    assert asked.exit_code == ExitCode.CONFIGURATION
    assert "[inbox]" in asked.stderr
