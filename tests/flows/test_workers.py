"""Several workers on one database: they share, and a frozen one touches nothing."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.outgoing import issued, states
from tests.program import Program
from tests.servers import Script, ScriptedSmtp, Turn

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from mailer.application import Application
    from subscribers.database import Database

pytestmark = pytest.mark.slow

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

SLOW = Script(content=Turn(b"250 2.0.0 taken", wait=0.05))


@pytest.fixture
def mia(settings_file: Path, database_url: str) -> Program:
    """The program on this test's database; no relay is set."""
    return Program(settings_file, {"MIA_DATABASE_URL": database_url})


def held(server: ScriptedSmtp) -> Counter[str]:
    """Count what the server took responsibility for, by recipient."""
    return Counter(one.recipient for one in server.accepted)


def until(condition: Callable[[], bool]) -> None:
    """Wait for other processes; pytest's timeout is the limit."""
    while not condition():
        time.sleep(0.02)


def ended(worker: subprocess.Popen[str]) -> int:
    """End *worker* in good order and return its exit code."""
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    return worker.returncode


@on_postgresql
def test_workers_share_one_outbox(mia: Program, application: Application) -> None:
    """Two processes send to all, nobody gets two, and both end in good order."""
    issued(application, people=40)
    with ScriptedSmtp(SLOW) as server:
        program = mia.with_relay(server)
        workers = [program.start("worker") for _ in range(2)]
        until(lambda: len(server.accepted) >= 40)
        until(lambda: states(application.database)[DeliveryState.ACCEPTED] == 40)
        codes = [ended(worker) for worker in workers]

    assert set(held(server).values()) == {1}
    assert codes == [ExitCode.OK, ExitCode.OK]


@on_postgresql
def test_a_worker_frozen_past_its_lease_touches_nothing(
    mia: Program, application: Application, database: Database
) -> None:
    """It comes back after another has sent everything, and sends nothing any more."""
    issued(application, people=40)
    later = (PRESENT + timedelta(minutes=30)).isoformat()  # more than a lease
    with ScriptedSmtp(SLOW) as server:
        program = mia.with_relay(server)
        frozen = program.start("worker")
        until(lambda: len(server.accepted) >= 8)
        frozen.send_signal(signal.SIGSTOP)
        other = Program(program.config, {**program.environ, "MIA_NOW": later})
        run = other.run("outbox", "send")
        assert run.returncode == ExitCode.OK, run.stderr
        assert states(database) == {DeliveryState.ACCEPTED: 40}
        after = held(server)
        frozen.send_signal(signal.SIGCONT)
        code = ended(frozen)

    assert held(server) == after, "the frozen worker has sent something"
    assert code == ExitCode.OK
    assert states(database) == {DeliveryState.ACCEPTED: 40}
    with database.reading() as db:
        twice = sa.select(sa.func.count()).where(Delivery.copies > 1)
        listed = db.scalar(twice) or 0
    assert sum(number > 1 for number in after.values()) <= listed <= 4
    assert max(after.values()) <= 2


def test_on_sqlite_the_second_is_told_so(
    mia: Program, application: Application
) -> None:
    """One writes, the other would only wait: it ends kindly, and nothing is lost."""
    issued(application, people=3)
    with ScriptedSmtp() as server:
        program = mia.with_relay(server)
        first = program.start("worker")
        until(lambda: states(application.database)[DeliveryState.ACCEPTED] == 3)
        second = program.run("worker")
        code = ended(first)

    assert second.returncode == ExitCode.TRY_AGAIN
    assert "sendet schon ein anderer „mia worker“" in second.stderr
    assert code == ExitCode.OK


def test_who_only_sends_keeps_nobody_from_planning(
    mia: Program, application: Application
) -> None:
    """It says what it does not do; a tick beside it plans, and it sends what is due."""
    with application.database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    due = Program(mia.config, {**mia.environ, "MIA_NOW": "2026-11-24T10:00:00+01:00"})
    later = Program(mia.config, {**mia.environ, "MIA_NOW": "2026-11-26T12:00:00+01:00"})
    with ScriptedSmtp() as server:
        worker = later.with_relay(server).start("worker")
        assert worker.stderr is not None
        said = worker.stderr.readline()
        alone = mia.here("status")
        for program in (due, later):
            tick = program.with_relay(server).here("tick")
            assert tick.exit_code == ExitCode.OK, tick.output
        until(lambda: "rita@netz.example" in held(server))
        code = ended(worker)

    assert "Geplant und gelesen wird hier nichts" in said
    assert alone.exit_code == ExitCode.UNAVAILABLE
    assert "Der Dienst läuft nicht" in alone.stdout
    assert code == ExitCode.OK
    assert held(server)["rita@netz.example"] == 1


def test_a_worker_outlives_a_server_that_is_away(
    mia: Program, application: Application
) -> None:
    """It says what is wrong and goes on; what waits is still queued."""
    issued(application, people=1)
    with ScriptedSmtp(Script(greeting="554 5.7.1 not now")) as server:
        worker = mia.with_relay(server).start("worker")
        assert worker.stderr is not None
        assert any("not now" in line for line in worker.stderr)
        code = ended(worker)

    assert code == ExitCode.OK
    assert states(application.database) == {DeliveryState.QUEUED: 1}
