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
from mailer.backup.restoring import Restored, counted, restore
from mailer.errors import PlaceRestored, RestoreRefused
from mailer.migrations import KNOWN
from mailer.outbox import places
from subscribers import failpoints
from subscribers.database import Database
from subscribers.errors import HalfRestored, NewerSchema, StoreUnavailable
from subscribers.failpoints import Action, Failpoint
from subscribers.models import Mailbox
from tests import postgres
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.schemas import upgrade_to

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
    return make(database, tmp_path / "backup.db", now=PRESENT).path


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    """A database that does not exist yet."""
    database = Database(f"sqlite:///{tmp_path / 'new' / 'mia.db'}")
    yield database
    database.close()


def put_back(target: Database, path: Path) -> Restored:
    """Restore as the command does."""
    return restore(target, path, KNOWN, upgrade=migrations.apply, now=PRESENT)


def addresses(database: Database) -> list[str | None]:
    """Return whom a database knows."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Mailbox.address)))


def test_a_backup_comes_back_whole(
    database: Database, backup: Path, target: Database
) -> None:
    """Every table has as many rows as in the backup, and only we may read it."""
    restored = put_back(target, backup)
    assert restored.rows == {**sqlite.counts(backup), "sending_place": 1}
    assert restored.revision == KNOWN[-1]
    assert addresses(target) == addresses(database)
    assert target.file is not None
    assert stat.S_IMODE(target.file.stat().st_mode) == 0o600


def test_an_empty_database_may_exist_already(backup: Path, target: Database) -> None:
    """After `mia init` there are tables, and nobody in them."""
    migrations.upgrade(target)
    put_back(target, backup)
    assert addresses(target) == ["rita@bewohner.example"]


def test_nobody_is_overwritten(backup: Path, target: Database) -> None:
    """One person is enough to refuse, and she is still there."""
    migrations.upgrade(target)
    with target.transaction() as db:
        a_subscriber(db, "paul@bewohner.example")
    with pytest.raises(RestoreRefused):
        put_back(target, backup)
    assert addresses(target) == ["paul@bewohner.example"]


def test_a_backup_is_only_read(backup: Path, target: Database) -> None:
    """It can lie where nobody may write, and can be put back again and again."""
    before = backup.read_bytes()
    put_back(target, backup)
    assert backup.read_bytes() == before
    assert [one.name for one in backup.parent.glob("backup*")] == ["backup.db"]


def test_a_damaged_backup_is_refused(backup: Path, target: Database) -> None:
    """Nothing is created for a file that cannot be trusted."""
    content = bytearray(backup.read_bytes())
    content[4096:8192] = bytes(4096)
    backup.write_bytes(content)
    with pytest.raises((RestoreRefused, StoreUnavailable)):
        put_back(target, backup)
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
        put_back(target, path)
    with pytest.raises(RestoreRefused):
        put_back(target, tmp_path / "none")


def test_a_strange_database_is_refused(tmp_path: Path, target: Database) -> None:
    """SQLite, but not ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE song (title)")
    raw.close()
    with pytest.raises(RestoreRefused):
        put_back(target, path)


def test_a_newer_backup_is_refused(backup: Path, target: Database) -> None:
    """An older program must not touch what a newer one has written."""
    with sqlite3.connect(backup) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(NewerSchema):
        put_back(target, backup)


def test_an_older_backup_is_brought_up_to_date(
    target: Database, tmp_path: Path
) -> None:
    """What an earlier version left comes back in the schema of this one."""
    older = Database(f"sqlite:///{tmp_path / 'older.db'}")
    older.create_file()
    upgrade_to(older, KNOWN[0])
    older.close()
    assert put_back(target, tmp_path / "older.db").revision == KNOWN[0]
    target.require_schema(KNOWN)


def test_a_restored_database_sends_nothing_until_somebody_says_so(
    database: Database, backup: Path, target: Database
) -> None:
    """Not even in the very place where it lay before."""
    with database.transaction() as db:
        here = places.this_place(db)
        places.require(db, here, now=PRESENT)
        places.note_work(db, now=PRESENT)
    copy = make(database, backup.parent / "second.db", now=PRESENT).path
    put_back(target, copy)
    with target.transaction() as db:
        with pytest.raises(PlaceRestored):
            places.require(db, here, now=PRESENT)
        places.adopt(db, here, now=PRESENT)
        places.require(db, here, now=PRESENT)
        assert places.note_work(db, now=PRESENT) == PRESENT


def test_nothing_is_left_beside_it(backup: Path, target: Database) -> None:
    """What was made ready is gone, also when it was refused."""
    put_back(target, backup)
    assert target.file is not None
    names = {one.name for one in target.file.parent.iterdir()}
    assert names <= {"mia.db", "mia.db-wal", "mia.db-shm"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_comes_back_whole(
    database: Database, backup: Path, postgres_copies: Callable[[], str]
) -> None:
    """Into tables without rows, which make room; never into somebody's."""
    target = Database(postgres_copies())
    restored = put_back(target, backup)
    assert addresses(target) == ["rita@bewohner.example"]
    before = counted(database)
    assert restored.rows == {**before, "backup": 0, "sending_place": 1}
    with pytest.raises(RestoreRefused):
        put_back(target, backup)
    target.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_restore_that_was_cut_short_is_no_database(
    backup: Path, postgres_copies: Callable[[], str]
) -> None:
    """All people are there, nobody can use them, and the next restore is whole."""
    target = Database(postgres_copies())
    cut = Failpoint("restore.before", Action.EIO)
    with pytest.raises(StoreUnavailable), failpoints.armed(cut):
        put_back(target, backup)

    assert addresses(target) == ["rita@bewohner.example"]
    with pytest.raises(HalfRestored):
        target.require_schema(KNOWN)
    with pytest.raises(HalfRestored):
        migrations.upgrade(target)

    put_back(target, backup)
    target.require_schema(KNOWN)
    assert addresses(target) == ["rita@bewohner.example"]
    with target.reading() as db, pytest.raises(PlaceRestored):
        places.require(db, places.this_place(db), now=PRESENT)
    target.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("left", "kind"), [("9999", NewerSchema), (None, RestoreRefused)]
)
def test_a_strange_dump_changes_nothing(
    database: Database,
    backup: Path,
    postgres_copies: Callable[[], str],
    left: str | None,
    kind: type[Exception],
) -> None:
    """Made by a newer version, or no database of ours: refused before all else."""
    with database.transaction() as db:
        row = sa.table("alembic_version", sa.column("version_num"))
        db.execute(sa.update(row).values(version_num=left) if left else sa.delete(row))
    strange = make(database, backup.parent / "strange.db", now=PRESENT).path
    target = Database(postgres_copies())
    with pytest.raises(kind):
        put_back(target, strange)
    target.require_schema(KNOWN)
    target.close()
