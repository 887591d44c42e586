"""``mia tick``: one round of everything, and an exit code that says how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.daemon.alone import alone
from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from mailer.watching.models import LoopName, Pulse
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with an invitation to one person that waits to be sent."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    program = Program(
        settings_file, {"MIA_DATABASE_URL": database_url, "MIA_SUMMARY_WEEKDAY": "nie"}
    )
    with ScriptedSmtp(Script(mail="451 4.3.0 later")) as server:
        program.with_relay(server).here("invite", "--yes")
    return program


def test_one_round_sends_what_is_due_and_closes_it(
    mia: Program, database: Database
) -> None:
    """The letter leaves, its edition is closed in the same round."""
    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).here("tick")
    with database.reading() as db:
        state = db.scalars(sa.select(Delivery.state)).one()
        edition = db.scalars(sa.select(Edition.state)).one()
    assert ended.exit_code == ExitCode.OK, ended.output
    assert ended.output == ""
    assert len(server.accepted) == 1
    assert state is DeliveryState.ACCEPTED
    assert edition is EditionState.CLOSED


def test_the_exit_code_tells_what_is_wrong(mia: Program, database: Database) -> None:
    """A relay that asks for patience is 75, with a sentence; the next round is well."""
    with ScriptedSmtp(Script(greeting="421 4.3.2 busy")) as server:
        failed = mia.with_relay(server).here("tick")
    with database.reading() as db:
        failures = db.get_one(Pulse, LoopName.SEND).failures
    with ScriptedSmtp() as server:
        again = mia.with_relay(server).here("tick")
    with database.reading() as db:
        mended = db.get_one(Pulse, LoopName.SEND)
    assert failed.exit_code == ExitCode.TRY_AGAIN
    assert "bittet um Geduld" in failed.stderr
    assert failures == 1
    assert again.exit_code == ExitCode.OK
    assert mended.failures == 0
    assert mended.failing_since is None


def test_without_a_relay_it_says_what_to_set(mia: Program) -> None:
    """Something waits and no server is named: 78."""
    ended = mia.here("tick")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "[smtp]" in ended.stderr


def test_it_leaves_the_work_to_who_has_it(mia: Program, database: Database) -> None:
    """While another process holds the lock, nothing happens, and that is fine."""
    with ScriptedSmtp() as server, alone(database) as hold:
        ended = mia.with_relay(server).here("tick")
    assert hold.is_ours
    assert ended.exit_code == ExitCode.OK
    assert server.connections == 0


def test_an_idle_round_opens_no_connection(mia: Program) -> None:
    """Nothing is due: no server is asked."""
    with ScriptedSmtp() as server:
        program = mia.with_relay(server)
        program.here("tick")
        after_the_letter = server.connections
        ended = program.here("tick")
    assert ended.exit_code == ExitCode.OK
    assert server.connections == after_the_letter
