"""Only one: the lock is held once, and given back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.daemon.alone import alone, sending_alone
from subscribers.database import Database
from subscribers.errors import StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_the_second_is_refused_until_the_first_lets_go(
    database: Database, database_url: str
) -> None:
    """Also for another connection of the same process."""
    other = Database(database_url)
    with alone(database) as first, alone(other) as second:
        held = (first.is_ours, second.is_ours)
    with alone(other) as later:
        assert later.is_ours
    other.close()
    assert held == (True, False)


@pytest.mark.parametrize(
    ("database", "most"), [("sqlite", 1), ("postgresql", 2)], indirect=["database"]
)
def test_who_only_sends_does_not_hold_the_daemons_lock(
    database: Database, database_url: str, most: int
) -> None:
    """One worker on a file, any number on a server, and a daemon beside them."""
    other = Database(database_url)
    with sending_alone(database) as first, sending_alone(other) as second:
        assert first + second == most
        with alone(other) as daemon:
            assert daemon.is_ours
    other.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_taken", [False, True], ids=["free", "taken"])
def test_a_server_that_forgets_the_lock_is_noticed(
    database: Database, database_url: str, is_taken: bool
) -> None:
    """After a restart it is ours again, unless somebody else was faster."""
    other = Database(database_url)
    with alone(database) as hold:
        assert hold.still()
        with other.transaction() as db:
            held = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
            db.execute(sa.text(f"SELECT pg_terminate_backend(({held}))"))
        while is_locked(other):
            pass
        if is_taken:
            with alone(other) as rival:
                assert rival.is_ours
                assert not hold.still()
        else:
            assert hold.still()
            with alone(other) as rival:
                assert not rival.is_ours
    with alone(other) as later:
        assert later.is_ours
    other.close()


def is_locked(database: Database) -> bool:
    """Return whether anybody has an advisory lock there."""
    with database.reading() as db:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        return bool(db.scalar(sa.text(held)))


def test_in_memory_nobody_else_can_have_it() -> None:
    """Such a database belongs to one process anyway."""
    with alone(Database("sqlite://")) as hold:
        assert hold.is_ours


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The folder does not exist: a sentence, no traceback."""
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'mia.db'}")
    with pytest.raises(StoreUnavailable), alone(database):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_the_lock_to_the_owner_of_the_database(
    database: Database,
) -> None:
    """An administrator who asks for the status does not lock the service out."""
    assert database.file is not None
    os.chown(database.file, 12345, 12345)
    with alone(database):
        pass
    lock = database.file.with_name(f"{database.file.name}.lock")
    assert lock.stat().st_uid == 12345
