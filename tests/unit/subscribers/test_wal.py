"""The log of SQLite comes to the disk on the side, where commits do not wait for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa

from subscribers.database import Database
from subscribers.wal import WalSync

if TYPE_CHECKING:
    from pathlib import Path


def test_a_log_is_synced_when_it_has_changed(tmp_path: Path) -> None:
    """Once for each change, and not at all while nothing happens."""
    file = tmp_path / "mia.db"
    sync = WalSync(file)
    assert not sync.sync(), "there is no log yet"
    database = Database(f"sqlite:///{file}", synchronous="OFF")
    with database.transaction() as db:
        db.execute(sa.text("CREATE TABLE t (a INTEGER)"))
    assert sync.sync()
    assert not sync.sync()
    with database.transaction() as db:
        db.execute(sa.text("INSERT INTO t VALUES (1)"))
    assert sync.sync()
    database.close()
    sync.close()


def test_only_a_fast_database_has_somebody_who_looks(tmp_path: Path) -> None:
    """Where commits wait for the disk, nobody needs to; at the end nobody is left."""
    before = threading.active_count()
    full = Database(f"sqlite:///{tmp_path / 'full.db'}")
    fast = Database(f"sqlite:///{tmp_path / 'fast.db'}", synchronous="NORMAL")
    for database, lookers in ((full, 0), (fast, 1)):
        with database.transaction() as db:
            db.execute(sa.text("CREATE TABLE t (a INTEGER)"))
        assert threading.active_count() - before == lookers
    fast.close()
    full.close()
    assert threading.active_count() == before
