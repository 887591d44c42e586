"""A backup goes into an empty database only: all of it, counted, or nothing."""

from __future__ import annotations

import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer import migrations
from mailer.backup import sqlite
from mailer.backup.making import make
from mailer.backup.restoring import counted, restore
from mailer.errors import RestoreRefused
from mailer.migrations import KNOWN
from subscribers.database import Database
from subscribers.errors import NewerSchema, StoreUnavailable
from subscribers.models import Mailbox
from tests import postgres
from tests.conftest import PRESENT
from tests.factories import a_subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pg_restore be of the same version as the server of the tests."""
    if binaries := postgres.find_binaries():
        monkeypatch.setenv("PATH", str(binaries), prepend=":")


@pytest.fixture
def backup(database: Database, tmp_path: Path) -> Path:
    """A backup with one person in it."""
    with database.transaction() as db:
        a_subscriber(db, "rita@bewohner.example")
    return make(database, tmp_path / "backup", now=PRESENT).path


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    """A database that does not exist yet."""
    database = Database(f"sqlite:///{tmp_path / 'new' / 'mia.db'}")
    yield database
    database.close()


def addresses(database: Database) -> list[str | None]:
    """Return whom a database knows."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Mailbox.address)))


def test_a_backup_comes_back_whole(
    database: Database, backup: Path, target: Database
) -> None:
    """Every table has as many rows as in the backup, and only we may read it."""
    restored = restore(target, backup, KNOWN)
    assert restored.rows == sqlite.counts(backup)
    assert restored.revision == KNOWN[-1]
    assert addresses(target) == addresses(database)
    assert target.file is not None
    assert stat.S_IMODE(target.file.stat().st_mode) == 0o600


def test_an_empty_database_may_exist_already(backup: Path, target: Database) -> None:
    """After `mia init` there are tables, and nobody in them."""
    migrations.upgrade(target)
    restore(target, backup, KNOWN)
    assert addresses(target) == ["rita@bewohner.example"]


def test_nobody_is_overwritten(backup: Path, target: Database) -> None:
    """One person is enough to refuse, and she is still there."""
    migrations.upgrade(target)
    with target.transaction() as db:
        a_subscriber(db, "paul@bewohner.example")
    with pytest.raises(RestoreRefused):
        restore(target, backup, KNOWN)
    assert addresses(target) == ["paul@bewohner.example"]


def test_a_backup_is_only_read(backup: Path, target: Database) -> None:
    """It can lie where nobody may write, and can be put back again and again."""
    before = backup.read_bytes()
    restore(target, backup, KNOWN)
    assert backup.read_bytes() == before
    assert [one.name for one in backup.parent.glob("backup*")] == ["backup"]


def test_a_damaged_backup_is_refused(backup: Path, target: Database) -> None:
    """Nothing is created for a file that cannot be trusted."""
    content = bytearray(backup.read_bytes())
    content[4096:8192] = bytes(4096)
    backup.write_bytes(content)
    with pytest.raises((RestoreRefused, StoreUnavailable)):
        restore(target, backup, KNOWN)
    assert target.file is not None
    assert not target.file.exists()


@pytest.mark.parametrize("content", [b"", b"Liebe Kathrin", b"PGDMP and more"])
def test_what_is_no_backup_is_refused(
    tmp_path: Path, target: Database, content: bytes
) -> None:
    """An empty file, a letter, the dump of another database: each is told."""
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(RestoreRefused):
        restore(target, path, KNOWN)
    with pytest.raises(RestoreRefused):
        restore(target, tmp_path / "none", KNOWN)


def test_a_strange_database_is_refused(tmp_path: Path, target: Database) -> None:
    """SQLite, but not ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE song (title)")
    raw.close()
    with pytest.raises(RestoreRefused):
        restore(target, path, KNOWN)


def test_a_newer_backup_is_refused(backup: Path, target: Database) -> None:
    """An older program must not touch what a newer one has written."""
    with sqlite3.connect(backup) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(NewerSchema):
        restore(target, backup, KNOWN)


def test_an_older_backup_is_put_back_and_upgraded_later(
    backup: Path, target: Database
) -> None:
    """Its schema comes back as it was; the next step is `mia db upgrade`."""
    older = KNOWN[-2]
    with sqlite3.connect(backup) as raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", [older])
    raw.close()
    assert restore(target, backup, KNOWN).revision == older


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_comes_back_whole(
    database: Database, backup: Path, postgres_copies: Callable[[], str]
) -> None:
    """Into tables without rows, which make room; never into somebody's."""
    target = Database(postgres_copies())
    restored = restore(target, backup, KNOWN)
    assert addresses(target) == ["rita@bewohner.example"]
    before = dict(counted(database))
    assert {**restored.rows, "backup": 1} == before
    with pytest.raises(RestoreRefused):
        restore(target, backup, KNOWN)
    target.close()
