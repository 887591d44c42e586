"""The database is held, full, broken or half upgraded: a German sentence, no loss.

The real program on a real file; what goes wrong is done to the file or the disk.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox import patience
from mailer.outbox.models import Delivery
from subscribers import database as database_module
from subscribers import failpoints
from subscribers.database import Database
from tests.books import differences
from tests.conftest import missing
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers import ScriptedSmtp

INVITE: Final = ("invite", "--yes")

PEOPLE: Final = 3

EVERYBODY: Final = {f"person{number}@netz.example" for number in range(PEOPLE)}

FOR_SHORT: Final = "MIA_TEST_MAILS" not in os.environ
"""``make crash`` waits as long as people would; the usual run a seventieth of that."""


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program, with some people to invite."""
    with database.transaction() as db:
        for address in sorted(EVERYBODY):
            a_subscriber(db, address)
    return Program(settings_file, {"MIA_DATABASE_URL": database_url})


def _file(database: Database) -> Path:
    assert database.file is not None
    return database.file


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the write lock of an SQLite file, as another program would."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_database_that_is_held_too_long_is_told(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the wait: try again, exit code 75; and then everything goes out."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    program = mia.with_relay(smtp_server)

    with _held(_file(database)):
        refused = program.here(*INVITE)
    again = program.here(*INVITE)

    assert refused.exit_code == ExitCode.TRY_AGAIN
    assert "Die Datenbank ist gerade belegt" in refused.stderr
    assert again.exit_code == ExitCode.OK, again.stderr
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(database, smtp_server.accepted) == []


@pytest.mark.parametrize("place", ["claim.after", "content.after", "entered.after"])
@pytest.mark.parametrize("is_past_the_wait", [False, True], ids=["short", "long"])
def test_a_database_that_is_held_amidst_a_run_is_waited_for(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    monkeypatch: pytest.MonkeyPatch,
    is_past_the_wait: bool,
    place: str,
) -> None:
    """The answers of the server wait until they can be written; nothing is in doubt.

    Also where somebody holds it longer than one try waits.
    """
    if FOR_SHORT:
        monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.4)
    seconds = database_module.BUSY_SECONDS * (1.1 if is_past_the_wait else 0.5)
    taken = threading.Event()

    def hold() -> None:
        with _held(_file(database)):
            taken.set()
            threading.Event().wait(seconds)

    holder = threading.Thread(target=hold)

    def act(name: str) -> None:
        if name == place and not taken.is_set():
            holder.start()
            taken.wait()

    with failpoints.armed(act):
        sent = mia.with_relay(smtp_server).here(*INVITE)
    holder.join()

    assert sent.exit_code == ExitCode.OK, sent.stderr
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(database, smtp_server.accepted) == []
    with database.reading() as db:
        assert set(db.scalars(sa.select(Delivery.copies))) == {1}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, check=False).returncode:
        # Many containers forbid it, also to root; ``test_failpoints`` fills the disk
        # at every place without one.
        pytest.skip("a small disk may not be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True)
class OnSmallDisk:
    """The program with its database on a small disk, and how to fill that."""

    mia: Program
    database: Database
    filling: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with suppress(OSError), self.filling.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))


@pytest.fixture
def on_small_disk(
    mia: Program, database: Database, smtp_server: ScriptedSmtp, small_disk: Path
) -> Iterator[OnSmallDisk]:
    """The program, some people to invite, and a server."""
    database.close()
    path = shutil.copy(_file(database), small_disk / "mia.db")
    url = f"sqlite:///{path}"
    program = Program(mia.config, {**mia.environ, "MIA_DATABASE_URL": url})
    copy = Database(url)
    yield OnSmallDisk(
        program.with_relay(smtp_server), copy, filling=small_disk / "filling"
    )
    copy.close()


def test_a_full_disk_is_told_and_loses_nothing(
    on_small_disk: OnSmallDisk, smtp_server: ScriptedSmtp
) -> None:
    """Before the first letter: exit code 69. With room again, everything goes out."""
    on_small_disk.fill()
    full = on_small_disk.mia.here(*INVITE)
    on_small_disk.filling.unlink()
    again = on_small_disk.mia.here(*INVITE)

    assert full.exit_code == ExitCode.UNAVAILABLE, full.stderr
    assert "Bitte prüfen Sie [database] url, die Dateirechte und den freien Platz" in (
        full.stderr
    )
    assert again.exit_code == ExitCode.OK, again.stderr
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(on_small_disk.database, smtp_server.accepted) == []


@pytest.mark.parametrize("is_cleared", [False, True], ids=["for good", "for a while"])
@pytest.mark.parametrize("place", ["claim.after", "content.after", "entered.after"])
def test_a_disk_that_fills_up_amidst_a_run_loses_nothing(
    on_small_disk: OnSmallDisk,
    smtp_server: ScriptedSmtp,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    is_cleared: bool,
) -> None:
    """What could not be written is a doubt; cleared in time, there is none."""
    monkeypatch.setattr(patience, "PATIENCE", 60.0 if is_cleared else 0.0)
    monkeypatch.setattr(patience, "PAUSE", 0.05)
    seen: list[str] = []

    def act(name: str) -> None:
        seen.append(name)
        if name == place and seen.count(place) == 1:
            on_small_disk.fill()
            if is_cleared:
                threading.Timer(0.3, on_small_disk.filling.unlink).start()

    with failpoints.armed(act):
        full = on_small_disk.mia.here(*INVITE)
    on_small_disk.filling.unlink(missing_ok=True)
    again = on_small_disk.mia.here(*INVITE)

    assert place in seen
    assert full.exit_code == ExitCode.UNAVAILABLE or is_cleared, full.stderr
    if full.exit_code != ExitCode.OK:
        assert "der Speicherplatz ist voll" in full.stderr
    assert again.exit_code == ExitCode.OK, again.stderr
    assert differences(on_small_disk.database, smtp_server.accepted) == []
    assert {one.recipient for one in smtp_server.accepted} == EVERYBODY
    if is_cleared:
        assert len(smtp_server.accepted) == PEOPLE


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 3])
def test_a_sync_that_fails_loses_nothing(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    tmp_path: Path,
    number: int,
) -> None:
    """The n-th fdatasync of the real program says EIO; the next run ends it."""
    if shutil.which("strace") is None:
        missing("strace")
    if subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("nothing may be traced here")
    program = mia.with_relay(smtp_server)
    inject = f"inject=fdatasync:error=EIO:when={number}"

    trace = tmp_path / "trace"
    tracing = ("strace", "-f", "--seccomp-bpf", "-qq", "-o", str(trace))
    failed = program.under(*tracing, "-e", "trace=fdatasync", "-e", inject).run(*INVITE)
    again = program.run(*INVITE)

    assert "(INJECTED)" in trace.read_text()
    assert failed.returncode in {ExitCode.OK, ExitCode.UNAVAILABLE}, failed.stderr
    assert "Fehler im Programm" not in failed.stderr
    assert again.returncode == ExitCode.OK, again.stderr
    assert differences(database, smtp_server.accepted) == []
    assert {one.recipient for one in smtp_server.accepted} == EVERYBODY


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _overwritten(content: bytes) -> bytes:
    return bytes(4096) + content[4096:]


def _strange(content: bytes) -> bytes:
    return b"Liebe Kathrin, hier ist die Liste.\n" * (len(content) // 30)


@pytest.mark.parametrize("broken", [_cut, _overwritten, _strange])
def test_a_broken_file_is_refused_and_left_alone(
    mia: Program, database: Database, broken: Callable[[bytes], bytes]
) -> None:
    """Exit code 69, and no byte is changed: a person may still save something."""
    path = _file(database)
    database.close()
    content = broken(path.read_bytes())
    path.write_bytes(content)

    refused = mia.here("outbox", "send")

    assert refused.exit_code == ExitCode.UNAVAILABLE, refused.stderr
    assert "Die Datenbank ist nicht benutzbar: die Datei ist" in refused.stderr
    assert path.read_bytes() == content
