"""A backup is whole, private, never in the way of anything, and remembered."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from mailer.backup import sqlite
from mailer.backup.making import make
from mailer.backup.models import latest
from mailer.errors import CannotCreate, ToolFailed, UsageRefused
from subscribers.database import Database
from subscribers.errors import StoreUnavailable
from tests import postgres
from tests.conftest import PRESENT
from tests.factories import a_subscriber

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pg_dump be of the same version as the server of the tests."""
    if binaries := postgres.find_binaries():
        monkeypatch.setenv("PATH", str(binaries), prepend=":")


@both
def test_a_backup_is_new_private_and_remembered(
    database: Database, tmp_path: Path
) -> None:
    """Into a folder it gets a name by the time; nobody else can read it."""
    folder = tmp_path / "copies"
    made = make(database, folder, now=PRESENT)
    ending = "db" if database.is_sqlite else "dump"
    assert made.path == folder / f"mia-2026-11-23-080000.{ending}"
    assert list(folder.iterdir()) == [made.path]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with database.reading() as db:
        row = latest(db)
    assert row is not None
    assert (row.made_at, row.place, row.octets) == (
        PRESENT,
        str(made.path),
        made.path.stat().st_size,
    )
    tomorrow = make(database, folder, now=PRESENT + timedelta(days=1))
    assert tomorrow.path == folder / f"mia-2026-11-24-080000.{ending}"


def test_without_a_place_it_lies_beside_the_database(database: Database) -> None:
    """One command without a word is enough for a timer."""
    assert database.file is not None
    first = make(database, None, now=PRESENT)
    second = make(database, None, now=PRESENT + timedelta(seconds=1))
    assert {first.path.parent, second.path.parent} == {database.file.parent / "backups"}
    with database.reading() as db:
        row = latest(db)
    assert row is not None
    assert row.place == str(second.path)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_needs_a_place(database: Database) -> None:
    """There is no folder that everybody would expect."""
    with pytest.raises(UsageRefused):
        make(database, None, now=PRESENT)


def test_nothing_is_overwritten(database: Database, tmp_path: Path) -> None:
    """An older file of that name stays as it is, and nothing is left beside it."""
    path = tmp_path / "copy.db"
    path.write_text("older", encoding="utf-8")
    with pytest.raises(CannotCreate):
        make(database, path, now=PRESENT)
    assert path.read_text(encoding="utf-8") == "older"
    assert not path.with_name("copy.db.part").exists()


def test_a_name_taken_meanwhile_is_not_overwritten(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the file appears while the copy is made."""
    path = tmp_path / "copy.db"

    def copy_slowly(source: Path, part: Path) -> None:
        shutil.copy(source, part)
        path.write_text("quicker", encoding="utf-8")

    monkeypatch.setattr(sqlite, "copy", copy_slowly)
    with pytest.raises(CannotCreate):
        make(database, path, now=PRESENT)
    assert path.read_text(encoding="utf-8") == "quicker"


def test_what_a_crash_left_is_told(database: Database, tmp_path: Path) -> None:
    """Half a copy has another name, and somebody has to look at it."""
    (tmp_path / "copy.db.part").touch()
    with pytest.raises(CannotCreate) as refused:
        make(database, tmp_path / "copy.db", now=PRESENT)
    assert "copy.db.part" in refused.value.sentence
    assert not (tmp_path / "copy.db").exists()


def test_a_folder_that_is_missing_is_told(database: Database, tmp_path: Path) -> None:
    """A file in a folder that does not exist is a matter of spelling."""
    with pytest.raises(CannotCreate):
        make(database, tmp_path / "none" / "copy.db", now=PRESENT)


def test_a_backup_does_not_wait_for_a_writer(
    database: Database, tmp_path: Path
) -> None:
    """It holds what was committed; what is being written comes with the next one."""
    with database.transaction() as db:
        a_subscriber(db, "rita@bewohner.example")
    with database.transaction() as db:
        a_subscriber(db, "paul@bewohner.example")
        db.flush()
        sqlite.copy(Path(str(database.file)), tmp_path / "copy.db")
    assert sqlite.counts(tmp_path / "copy.db")["mailbox"] == 1


def test_who_was_erased_is_not_in_the_copy(database: Database, tmp_path: Path) -> None:
    """SQLite leaves the words of a deleted row in the file; the copy has none."""
    with database.transaction() as db:
        db.add(person := a_subscriber(db, "rita-geheim@bewohner.example").mailbox)
        db.flush()
        db.expunge_all()
        name = person.address
        for table in ("consent_record", "subscription", "subscriber", "mailbox"):
            db.connection().exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - fixed names
    made = make(database, tmp_path / "copy.db", now=PRESENT)
    assert str(name).encode() not in made.path.read_bytes()


def test_a_damaged_database_makes_no_backup(database: Database, tmp_path: Path) -> None:
    """Better no backup than one that cannot be put back."""
    assert database.file is not None
    with sqlite3.connect(database.file) as raw:
        raw.execute(
            "INSERT INTO subscription (mailbox_id, topic, state, changed_at)"
            " VALUES (77, 'invitations', 'active', '2026-01-29 09:00:00')"
        )
    raw.close()
    with pytest.raises(StoreUnavailable):
        make(database, tmp_path / "copy.db", now=PRESENT)
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_missing_program_is_named(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pg_dump the sentence says which package has it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed) as failed:
        make(database, tmp_path / "copy.dump", now=PRESENT)
    assert "postgresql-client" in failed.value.sentence
    assert list(tmp_path.glob("copy*")) == []


def test_the_password_is_not_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody on the machine sees command lines; the environment is our own."""
    seen = tmp_path / "seen"
    tool = tmp_path / "pg_dump"
    tool.write_text(
        f'#!/bin/sh\necho "$@" > {seen}\necho "$PGPASSWORD" >> {seen}\nexit 1\n',
        encoding="utf-8",
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    database = Database("postgresql+psycopg://mia:sesam@db.example/mia")
    with pytest.raises(ToolFailed) as failed:
        make(database, tmp_path / "copy.dump", now=PRESENT)
    words, password = seen.read_text(encoding="utf-8").splitlines()
    assert "sesam" not in words + failed.value.sentence
    assert "postgresql://mia@db.example/mia" in words
    assert password == "sesam"
