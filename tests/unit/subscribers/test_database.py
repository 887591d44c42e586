"""The database: durable, private, strict about time, clear when it cannot."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from subscribers import database as database_module
from subscribers.database import Database, UtcDateTime
from subscribers.errors import (
    NewerSchema,
    OlderSchema,
    StoreBusy,
    StoreUnavailable,
)
from subscribers.models import Mailbox, Subscriber
from tests.factories import ENTERED_AT, a_mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from subscribers.database import Db

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database without a file yet, in a folder that does not exist."""
    found = Database(f"sqlite:///{tmp_path / 'new' / 'mia.db'}")
    yield found
    found.close()


def pragma(db: Db, name: str) -> object:
    """Return what SQLite says about *name*."""
    return db.execute(sa.text(f"PRAGMA {name}")).scalar()


def test_a_commit_that_returned_survives_a_power_cut(fresh: Database) -> None:
    """WAL, synchronous FULL (2), and foreign keys on each connection."""
    fresh.create_file()

    with fresh.transaction() as db:
        assert pragma(db, "journal_mode") == "wal"
        assert pragma(db, "synchronous") == 2
        assert pragma(db, "foreign_keys") == 1


def test_fast_is_a_choice_with_another_promise(tmp_path: Path) -> None:
    """NORMAL (1) may lose the last moments, and only if the settings say so."""
    fast = Database(f"sqlite:///{tmp_path / 'mia.db'}", synchronous="NORMAL")

    with fast.transaction() as db:
        assert pragma(db, "synchronous") == 1
    fast.close()


def test_only_the_owner_reads_the_files(fresh: Database) -> None:
    """The database and its write-ahead log have mode 0600."""
    fresh.create_file()
    assert fresh.file is not None

    with fresh.transaction() as db:
        db.execute(sa.text("CREATE TABLE one (id INTEGER)"))
        files = sorted(fresh.file.parent.iterdir())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}

    assert "mia.db-wal" in modes
    assert set(modes.values()) == {0o600}


def test_a_file_that_is_there_keeps_its_content(fresh: Database) -> None:
    """Creating twice loses nothing."""
    fresh.create_file()
    with fresh.transaction() as db:
        db.execute(sa.text("CREATE TABLE one (id INTEGER)"))

    fresh.create_file()

    with fresh.reading() as db:
        assert sa.inspect(db.connection()).has_table("one")


@BOTH
def test_an_error_takes_everything_back(database: Database) -> None:
    """A transaction is whole or nothing."""

    def fail_half_way() -> None:
        with database.transaction() as db:
            a_mailbox(db, "rita@post.example")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()

    with database.reading() as db:
        assert db.scalars(sa.select(Mailbox)).all() == []


@BOTH
def test_what_was_committed_is_there_for_everybody(database: Database) -> None:
    """Another transaction sees it."""
    with database.transaction() as db:
        a_mailbox(db, "rita@post.example")

    with database.reading() as db:
        assert db.scalars(sa.select(Mailbox.canonical)).all() == ["rita@post.example"]


def test_a_writer_who_waits_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second writer gets StoreBusy, a reader is never kept waiting."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'mia.db'}"
    first, second = Database(url), Database(url)
    with first.transaction() as db:
        db.execute(sa.text("CREATE TABLE one (id INTEGER)"))

    with first.transaction() as db:
        db.execute(sa.text("INSERT INTO one VALUES (1)"))
        with second.reading() as other:
            assert other.execute(sa.text("SELECT count(*) FROM one")).scalar() == 0
        with pytest.raises(StoreBusy), second.transaction() as other:
            other.execute(sa.text("SELECT 1"))

    first.close()
    second.close()


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    """The sentence says what the database said."""
    lost = Database(f"sqlite:///{tmp_path / 'nowhere' / 'mia.db'}")

    with pytest.raises(StoreUnavailable), lost.transaction() as db:
        db.execute(sa.text("SELECT 1"))
    lost.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """A letter saved under the wrong name is not overwritten."""
    path = tmp_path / "mia.db"
    path.write_bytes(b"Sehr geehrte Damen und Herren, " * 100)
    wrong = Database(f"sqlite:///{path}")

    with pytest.raises(StoreUnavailable), wrong.transaction() as db:
        db.execute(sa.text("SELECT 1"))
    wrong.close()
    assert path.read_bytes().startswith(b"Sehr geehrte")


def test_a_folder_in_place_of_the_file_is_unavailable(tmp_path: Path) -> None:
    """The file cannot be made, and the reason is in the sentence."""
    folder = tmp_path / "mia.db"
    folder.mkdir()
    wrong = Database(f"sqlite:///{folder}")

    with pytest.raises(StoreUnavailable, match=r"mia\.db"):
        wrong.create_file()
    wrong.close()


def test_in_memory_there_is_no_file() -> None:
    """And nothing to create."""
    memory = Database("sqlite://")

    memory.create_file()

    assert memory.file is None
    memory.close()


@BOTH
def test_a_newer_schema_is_refused(database: Database) -> None:
    """A version that does not know the revision changes nothing."""
    found = database.revision()
    assert found is not None
    with database.transaction() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerSchema) as caught:
        database.require_schema([found])

    assert (caught.value.found, caught.value.known) == ("9999", found)


@BOTH
def test_an_older_schema_must_be_upgraded(database: Database) -> None:
    """The revision is known, but it is not the last."""
    found = database.revision()
    assert found is not None

    database.require_schema(["0000", found])
    with pytest.raises(OlderSchema):
        database.require_schema([found, "0999"])


def test_an_empty_database_is_older_than_everything(fresh: Database) -> None:
    """Without a file, and with an empty one."""
    with pytest.raises(OlderSchema) as caught:
        fresh.require_schema(["0001"])
    assert caught.value.found is None

    fresh.create_file()
    assert fresh.revision() is None


@BOTH
def test_foreign_keys_hold(database: Database) -> None:
    """A person without a mailbox cannot be stored."""
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        db.execute(sa.insert(Subscriber).values(mailbox_id=4711, created_at=ENTERED_AT))


@BOTH
def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    """Whatever zone they were written in."""
    berlin = datetime(2026, 7, 2, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    with database.transaction() as db:
        a_mailbox(db, "rita@post.example", now=berlin)

    with database.reading() as db:
        stored = db.scalars(sa.select(Mailbox.created_at)).one()

    assert stored == berlin
    assert stored.utcoffset() == timedelta(0)
    assert stored.hour == 8


def test_a_moment_without_zone_is_refused() -> None:
    """Before it could be stored as something else."""
    kind = UtcDateTime()
    dialect = sa.create_engine("sqlite://").dialect

    with pytest.raises(ValueError, match="no time zone"):
        kind.process_bind_param(datetime(2026, 12, 3, 10), dialect)  # noqa: DTZ001 - the mistake on trial
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None


def test_postgresql_keeps_the_zone() -> None:
    """SQLite stores text without zone, PostgreSQL gets the aware moment."""
    kind = UtcDateTime()
    dialect = sa.make_url("postgresql://localhost/x").get_dialect()()
    moment = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)

    assert kind.process_bind_param(moment, dialect) == moment
    assert kind.process_result_value(moment, dialect) == moment


def test_run_works_in_a_thread_and_commits(database: Database) -> None:
    """Async code reaches the database through one helper."""

    def count(db: Db, address: str, *, now: datetime) -> int:
        a_mailbox(db, address, now=now)
        rows = sa.select(sa.func.count()).select_from(Mailbox)
        return db.execute(rows).scalar_one()

    found = asyncio.run(database.run(count, "rita@post.example", now=ENTERED_AT))

    assert found == 1
    with database.reading() as db:
        assert db.scalars(sa.select(Mailbox.canonical)).all() == ["rita@post.example"]
