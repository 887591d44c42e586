"""``mia outbox``: what the operator sees and decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import End, Script, ScriptedSmtp, Turn

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

LOST = Turn(b"", End.DROP, takes=True)


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with doubt held back, and three people to invite."""
    with database.transaction() as db:
        for number in (1, 2, 3):
            a_subscriber(db, f"person{number}@netz.example")
    environ = {"MIA_DATABASE_URL": database_url, "MIA_POLICY_ON_DOUBT": "hold"}
    return Program(settings_file, environ)


def invite(mia: Program, script: Script) -> ScriptedSmtp:
    """Send the invitation to a server that follows *script*."""
    with ScriptedSmtp(script) as server:
        mia.with_relay(server).here("invite", "--yes")
    return server


def states(database: Database) -> list[DeliveryState]:
    """Return the states in the order of the people."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Delivery.state).order_by(Delivery.id)))


def test_an_empty_outbox_says_so(mia: Program) -> None:
    """Nothing sent yet: one sentence, exit 0."""
    ended = mia.here("outbox", "status")

    assert ended.exit_code == ExitCode.OK
    assert "leer" in ended.stderr


def test_status_explains_every_trouble(mia: Program) -> None:
    """Each occasion has its counts; what is not simply done has its reason."""
    invite(
        mia,
        Script(
            rcpt={"person1@netz.example": "550 5.1.1 no such person"},
            content=[LOST, "250 2.0.0 taken"],
        ),
    )

    told = mia.here("outbox", "status")
    data = json.loads(mia.here("outbox", "status", "--json").stdout)

    assert "person1@netz.example" in told.stdout
    assert "no such person" in told.stdout
    assert "im Zweifel" in told.stdout
    assert "Aussendung 1" in told.stdout
    assert "„mia outbox resolve 2 accepted“" in told.stdout
    assert data["occasions"][0]["occasion"] == "edition/1"
    assert data["occasions"][0]["states"] == {
        "accepted": 1,
        "refused": 1,
        "uncertain": 1,
    }
    assert [one["state"] for one in data["troubles"]] == ["refused", "uncertain"]


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("accepted", DeliveryState.ACCEPTED),
        ("refused", DeliveryState.REFUSED),
        ("skip", DeliveryState.SKIPPED),
        ("resend", DeliveryState.QUEUED),
    ],
)
def test_a_person_settles_a_doubt(
    mia: Program, database: Database, verdict: str, state: DeliveryState
) -> None:
    """Each verdict leads where its word says, once."""
    invite(mia, Script(content=[LOST, "250 2.0.0 taken"]))

    ended = mia.here("outbox", "resolve", "1", verdict, answer="ja\n")
    again = mia.here("outbox", "resolve", "1", "accepted")

    assert ended.exit_code == ExitCode.OK, ended.output
    assert states(database)[0] is state
    assert again.exit_code == ExitCode.DATA
    assert "nicht im Zweifel" in again.stderr


def test_resend_asks_and_a_third_copy_is_refused(
    mia: Program, database: Database
) -> None:
    """A no changes nothing; after a second lost answer there is no third copy."""
    invite(mia, Script(content=[LOST, "250 2.0.0 taken"]))
    no = mia.here("outbox", "resolve", "1", "resend", answer="nein\n")
    mia.here("outbox", "resolve", "1", "resend", "--yes")
    with ScriptedSmtp(Script(content=LOST)) as server:
        mia.with_relay(server).here("outbox", "send")

    third = mia.here("outbox", "resolve", "1", "resend", "--yes")

    assert no.exit_code == ExitCode.INTERRUPTED
    assert len(server.accepted) == 1
    assert third.exit_code == ExitCode.DATA
    assert states(database)[0] is DeliveryState.UNCERTAIN


def test_held_deliveries_wait_until_they_are_released(mia: Program) -> None:
    """Hold keeps back what waits, release lets it go, send sends it once."""
    invite(mia, Script(rcpt="451 4.7.1 later"))
    held = mia.here("outbox", "hold", "1")
    with ScriptedSmtp() as server:
        while_held = mia.with_relay(server).here("outbox", "send")
    nothing = list(server.accepted)
    released = mia.here("outbox", "release", "1")
    with ScriptedSmtp() as server:
        sent = mia.with_relay(server).here("outbox", "send")

    nothing_left = mia.here("outbox", "hold", "1"), mia.here("outbox", "release", "1")

    assert "3 Zustellungen angehalten. Weiter mit „mia outbox release 1“" in held.stderr
    assert ["nichts" in one.stderr for one in nothing_left] == [True, True]
    assert while_held.exit_code == ExitCode.TRY_AGAIN
    assert not nothing
    assert "3 Zustellungen warten wieder" in released.stderr
    assert sent.exit_code == ExitCode.OK, sent.output
    assert len(server.accepted) == 3


def test_a_doubt_that_settles_itself_asks_nobody(mia: Program) -> None:
    """By default the next run sends one more copy, and says so before."""
    default = Program(mia.config, {**mia.environ, "MIA_POLICY_ON_DOUBT": "resend"})
    invite(mia, Script(content=[LOST, "250 2.0.0 taken"]))

    told = default.here("outbox", "status").stdout

    assert "1 Brief im Zweifel geht mit dem nächsten „mia outbox send“" in told
    assert "resolve" not in told


def test_what_was_called_back_is_not_sent_again_unnoticed(
    mia: Program, database: Database
) -> None:
    """Not to those who missed it; and who has it gets another only after a word."""
    invite(mia, Script(rcpt={"person1@netz.example": "451 4.7.1 later"}))
    mia.here("editions", "withdraw", "1", "--yes")

    again = mia.here("editions", "resend-missed", "1", "--yes")
    with ScriptedSmtp() as server:
        anew = mia.with_relay(server).here("invite", "--dry-run")

    assert again.exit_code == ExitCode.DATA
    assert again.stderr.startswith("Fehler: Aussendung 1 ist zurückgezogen")
    assert "2 Personen haben schon eine Einladung zu diesem Treffen" in anew.stdout
    assert states(database)[0] is DeliveryState.SKIPPED


def test_history_names_every_attempt(mia: Program) -> None:
    """One line per attempt, with the server's words; unknown people are named."""
    invite(mia, Script(rcpt={"person1@netz.example": "550 5.1.1 no such person"}))

    told = mia.here("outbox", "history", "person1@netz.example")
    unknown = mia.here("outbox", "history", "niemand@netz.example")

    assert "no such person" in told.stdout
    assert "Aussendung 1" in told.stdout
    assert unknown.exit_code == ExitCode.DATA


def test_history_of_somebody_who_got_nothing(mia: Program, database: Database) -> None:
    """A person without deliveries is no error."""
    told = mia.here("outbox", "history", "person2@netz.example")

    assert told.exit_code == ExitCode.OK
    assert "noch nichts" in told.stderr
    assert not states(database)
