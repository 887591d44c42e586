"""``mia run`` as a process: it works, ends in good order, and is never alone twice."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from mailer.watching.models import LoopName, Pulse
from tests.daemons import NotifySocket, running
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import Script, ScriptedSmtp, Turn
from tests.servers_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from subscribers.database import Database

PEOPLE = 5


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program with an invitation that waits to be sent to five people."""
    with database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
    return Program(
        settings_file, {"MIA_DATABASE_URL": database_url, "MIA_SUMMARY_WEEKDAY": "nie"}
    )


def enqueue(mia: Program, database: Database) -> None:
    """Let an invitation wait in the outbox: the relay is busy just then."""
    with ScriptedSmtp(Script(mail="451 4.3.0 later")) as server:
        mia.with_relay(server).here("invite", "--yes")
    assert states(database) == [DeliveryState.QUEUED] * PEOPLE


def states(database: Database) -> list[DeliveryState]:
    """Return the states in the order of the people."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Delivery.state).order_by(Delivery.id)))


def pulse(database: Database, name: LoopName) -> Pulse:
    """Return what a loop has done last."""
    with database.reading() as db:
        return db.get_one(Pulse, name)


@pytest.fixture
def notify_socket(tmp_path: Path) -> Iterator[NotifySocket]:
    """A socket that stands for systemd."""
    sink = NotifySocket(tmp_path / "notify")
    yield sink
    sink.close()


@pytest.mark.slow
def test_what_is_due_is_sent_and_the_end_is_in_good_order(
    mia: Program, database: Database, notify_socket: NotifySocket
) -> None:
    """Everybody gets one letter; systemd hears of the start, the life and the end."""
    enqueue(mia, database)
    heard = {"NOTIFY_SOCKET": str(notify_socket.path), "WATCHDOG_USEC": "1000000"}
    with ScriptedSmtp() as server:
        mia = Program(mia.config, {**mia.environ, **heard}).with_relay(server)
        with running(mia) as daemon:
            notify_socket.until("READY=1")
            notify_socket.until("WATCHDOG=1")
            daemon.until_event("edition.closed")
            code = daemon.end()
        notify_socket.until("STOPPING=1")
    assert code == ExitCode.OK
    assert len(server.accepted) == PEOPLE
    assert states(database) == [DeliveryState.ACCEPTED] * PEOPLE
    assert pulse(database, LoopName.DAEMON).done_at is not None
    assert daemon.events("daemon.stopped")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_message_in_flight_is_finished(
    mia: Program, database: Database, number: signal.Signals
) -> None:
    """Asked to end while the server thinks: that answer still counts, no other goes."""
    enqueue(mia, database)
    slow: list[Turn | str] = [Turn(b"250 2.0.0 taken", wait=2.0), "250 2.0.0 taken"]
    with (
        ScriptedSmtp(Script(content=slow)) as server,
        running(mia.with_relay(server)) as daemon,
    ):
        while not server.received:
            pass
        code = daemon.end(number)
    assert code == ExitCode.OK
    assert len(server.accepted) == 1
    first, *others = states(database)
    assert first is DeliveryState.ACCEPTED
    assert others == [DeliveryState.QUEUED] * (PEOPLE - 1)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_second_one_refuses_until_the_first_is_dead(
    mia: Program,
) -> None:
    """It says so and ends with 75; after kill -9 of the first nobody has to wait."""
    with running(mia) as first:
        second = mia.run("run")
        tick = mia.run("tick")
        first.end(signal.SIGKILL)
        with running(mia) as third:
            started = third.events("daemon.started")
            third.end()
    assert second.returncode == ExitCode.TRY_AGAIN
    assert "läuft schon" in second.stderr
    assert tick.returncode == ExitCode.OK
    assert [one["interrupted"] for one in started] == [True]


@pytest.mark.slow
def test_a_relay_that_is_away_stops_nothing_else(
    mia: Program, database: Database
) -> None:
    """The send loop fails and is written down; the mailbox is read all the same."""
    enqueue(mia, database)
    with (
        ScriptedSmtp(Script(greeting="421 4.3.2 busy")) as server,
        ScriptedImap() as inbox,
    ):
        environ = {
            "MIA_INBOX_ADDRESS": "mia@netz.example",
            "MIA_INBOX_HOST": "127.0.0.1",
            "MIA_INBOX_PORT": str(inbox.port),
            "MIA_INBOX_SECURITY": "plain",
            "MIA_INBOX_PASSWORD": "geheim",
        }
        program = Program(mia.config, {**mia.environ, **environ}).with_relay(server)
        with running(program) as daemon:
            daemon.until_event("loop.failed", loop="send", cause="relay")
            daemon.until_event("inbox.read")
            code = daemon.end()
    assert code == ExitCode.OK
    failing = pulse(database, LoopName.SEND)
    assert failing.failures == 1
    assert "bittet um Geduld" in failing.trouble
    assert pulse(database, LoopName.FETCH).failing_since is None


@pytest.mark.slow
def test_new_settings_are_read_without_an_end(mia: Program) -> None:
    """SIGHUP: a file with mistakes changes nothing, a good one is obeyed."""
    good = mia.config.read_text(encoding="utf-8")
    with running(mia) as daemon:
        mia.config.write_text("kaputt", encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.until(
            lambda one: any("alten Einstellungen" in str(x) for x in one.lines)
        )
        mia.config.write_text(good, encoding="utf-8")
        daemon.send(signal.SIGHUP)
        daemon.until_event("daemon.started", times=2)
        code = daemon.end()
    assert code == ExitCode.OK
    assert len(daemon.events("daemon.reloaded")) == 1
