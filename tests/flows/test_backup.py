"""Jan backs up, loses the machine, restores: what people got, and what he is told."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.backup import sqlite
from mailer.errors import ExitCode
from mailer.migrations import KNOWN
from mailer.outbox import places
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import failpoints
from subscribers.database import Database
from tests import postgres
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.program import PATIENCE_SECONDS, Program
from tests.schemas import upgrade_to
from tests.servers import MUTE, Script, ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OK: Final = "250 2.0.0 taken"

PEOPLE: Final = 6

SEND: Final = ("outbox", "send")
UPGRADE: Final = ("db", "upgrade")

ONE_BY_ONE: Final = {"MIA_SMTP_CONNECTIONS": "1"}
"""So that it is known who was reached before the plug is pulled."""


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program on this test's database, with six people."""
    with database.transaction() as db:
        for one in range(PEOPLE):
            a_subscriber(db, f"person{one:03}@netz.example", name=None)
    return Program(settings_file, ONE_BY_ONE | {"MIA_DATABASE_URL": database_url})


@pytest.fixture
def fresh(settings_file: Path, tmp_path: Path) -> Program:
    """The program on a new machine, without a database."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    return Program(settings_file, ONE_BY_ONE | {"MIA_DATABASE_URL": url})


@pytest.fixture
def restored(fresh: Program) -> Iterator[Database]:
    """The database of the new machine."""
    database = Database(fresh.environ["MIA_DATABASE_URL"])
    yield database
    database.close()


def states(database: Database) -> Counter[DeliveryState]:
    """Count the deliveries in each state."""
    with database.reading() as db:
        return Counter(db.scalars(sa.select(Delivery.state)))


def copies(server: ScriptedSmtp) -> Counter[str]:
    """Count what the server took responsibility for, by recipient."""
    return Counter(one.recipient for one in server.accepted)


def allow(database: Database) -> None:
    """Let *database* send from here, as a person does who has looked at it."""
    with database.transaction() as db:
        places.adopt(db, places.this_place(db), now=PRESENT)


def killed_half_way(mia: Program, server: ScriptedSmtp) -> None:
    """Invite, and pull the plug when the server falls silent at the fourth letter."""
    process = mia.with_relay(server).start("invite", "--yes")
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(server.received) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()
    assert len(server.received) == 4


@pytest.mark.slow
def test_a_restored_run_goes_on_where_it_was(
    mia: Program, fresh: Program, restored: Database, tmp_path: Path
) -> None:
    """Killed half-way, backed up, restored elsewhere: each gets one, nobody two."""
    with ScriptedSmtp(Script(content=[OK, OK, OK, MUTE])) as server:
        killed_half_way(mia, server)
        copy = str(tmp_path / "copy.db")
        assert mia.here("db", "backup", copy).exit_code == ExitCode.OK
        assert fresh.here("db", "restore", copy).exit_code == ExitCode.OK
        assert states(restored) == {
            DeliveryState.ACCEPTED: 3,
            DeliveryState.TRANSMITTING: 1,
            DeliveryState.CLAIMED: 2,
        }

        server.script = Script()
        refused = fresh.with_relay(server).run("outbox", "send")
        assert refused.returncode == ExitCode.PERMISSION
        assert "aus einer Sicherung" in refused.stderr
        allow(restored)
        sent = fresh.with_relay(server).run("outbox", "send")

    assert sent.returncode == ExitCode.OK, sent.stderr
    assert set(copies(server).values()) == {1}
    assert len(copies(server)) == PEOPLE
    assert states(restored) == {DeliveryState.ACCEPTED: PEOPLE}


@pytest.mark.slow
def test_what_was_sent_after_the_backup_is_not_known(
    mia: Program, fresh: Program, restored: Database, tmp_path: Path
) -> None:
    """The limit, as the handbook tells it: an old backup repeats, byte for byte."""
    with ScriptedSmtp(Script(content=[OK, OK, OK, MUTE])) as server:
        killed_half_way(mia, server)
        copy = str(tmp_path / "copy.db")
        mia.here("db", "backup", copy)
        server.script = Script()
        assert mia.with_relay(server).run("outbox", "send").returncode == ExitCode.OK
        told = fresh.here("db", "restore", copy)
        assert "Gesendet wird noch nichts" in told.stdout
        assert states(restored)[DeliveryState.ACCEPTED] == 3

        allow(restored)
        fresh.with_relay(server).run("outbox", "send")

    twice = [address for address, number in copies(server).items() if number == 2]
    assert len(twice) == PEOPLE - 3
    for address in twice:
        same = {one.content for one in server.accepted if one.recipient == address}
        assert len(same) == 1, "a mail program can tell that it is the same letter"


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_killed_within_a_restore_nothing_is_sent_until_it_is_whole(
    mia: Program,
    tmp_path: Path,
    postgres_copies: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the very place that was allowed to send: all rows are there, and no lock."""
    monkeypatch.setenv("PATH", str(postgres.find_binaries()), prepend=":")
    copy, url = str(tmp_path / "copy.dump"), postgres_copies()
    with ScriptedSmtp(Script(rcpt="451 4.7.1 later")) as server:
        mia.with_relay(server).here("invite", "--yes")
        assert mia.here("db", "backup", copy).exit_code == ExitCode.OK
        server.script = Script()
        again = Program(mia.config, {**mia.environ, "MIA_DATABASE_URL": url})
        again = again.with_relay(server)
        armed = {**again.environ, failpoints.VARIABLE: "restore.before:kill"}
        killed = Program(mia.config, armed).run("db", "restore", copy)
        refused = [again.here(*words) for words in (SEND, UPGRADE, ("doctor",))]
        whole = again.here("db", "restore", copy)
        not_yet = again.here(*SEND)

    assert killed.returncode == -signal.SIGKILL
    assert server.accepted == []
    assert {one.exit_code for one in refused} == {ExitCode.CONFIGURATION}
    for one in refused:
        assert "Bitte rufen Sie „mia db restore“ noch einmal auf" in one.output
    assert whole.exit_code == ExitCode.OK, whole.stderr
    assert not_yet.exit_code == ExitCode.PERMISSION


def test_a_full_database_refuses_a_backup(mia: Program, tmp_path: Path) -> None:
    """The wrong [database] url costs nothing: nobody is overwritten."""
    copy = str(tmp_path / "copy.db")
    assert mia.here("db", "backup", copy).exit_code == ExitCode.OK
    refused = mia.here("db", "restore", copy)
    assert refused.exit_code == ExitCode.DATA
    assert "nicht leer" in refused.stderr


def test_a_backup_is_told_and_checked(mia: Program, tmp_path: Path) -> None:
    """Where it lies, and what else belongs to it; a second one needs a new name."""
    copy = str(tmp_path / "copy.db")
    made = mia.here("db", "backup", copy)
    assert copy in made.stdout
    assert "Schlüssel" in made.stderr
    assert mia.here("db", "backup", copy).exit_code == ExitCode.CANNOT_CREATE
    assert "Zuletzt gesichert" in mia.here("doctor", "--only", "backup").stdout


def test_an_older_backup_is_told(fresh: Program, tmp_path: Path) -> None:
    """From which schema to which; afterwards everything is as new."""
    older = Database(f"sqlite:///{tmp_path / 'older.db'}")
    older.create_file()
    upgrade_to(older, KNOWN[0])
    older.close()
    told = fresh.here("db", "restore", str(tmp_path / "older.db"))
    assert f"auf dem Stand {KNOWN[0]}, die Datenbank ist" in told.stdout
    assert fresh.here("db", "check").stdout == "Die Datenbank ist unbeschädigt.\n"
    assert fresh.here("doctor", "--only", "database").exit_code == ExitCode.FAILURE


def test_what_an_older_version_left_can_be_backed_up(
    fresh: Program, restored: Database, tmp_path: Path
) -> None:
    """The new version is there, the upgrade is not: now a backup matters most."""
    restored.create_file()
    upgrade_to(restored, KNOWN[0])
    copy = str(tmp_path / "copy.db")
    assert fresh.here("db", "backup", copy).exit_code == ExitCode.OK
    assert sqlite.revision(tmp_path / "copy.db") == KNOWN[0]
    assert fresh.here("db", "upgrade").exit_code == ExitCode.OK
    assert fresh.here("db", "backup", f"{copy}-2").exit_code == ExitCode.OK


def test_without_a_database_there_is_nothing_to_back_up(
    fresh: Program, tmp_path: Path
) -> None:
    """No empty file is left that somebody could take for a backup."""
    copy = tmp_path / "copy.db"
    refused = fresh.here("db", "backup", str(copy))
    assert refused.exit_code == ExitCode.UNAVAILABLE
    assert list(tmp_path.glob("copy*")) == []


def test_damage_is_a_failure(mia: Program, database: Database) -> None:
    """`mia db check` names what is broken, and what to do."""
    assert database.file is not None
    with sqlite3.connect(database.file) as raw:
        raw.execute("DELETE FROM mailbox")
    raw.close()
    told = mia.here("db", "check")
    assert told.exit_code == ExitCode.FAILURE
    assert told.stdout.startswith("Beschädigt: ")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_checks_itself(mia: Program) -> None:
    """Nothing is claimed about files that we do not see."""
    assert "der Server selbst" in mia.here("db", "check").stdout
