"""Only one: the lock is held once, and given back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mailer.daemon.alone import alone
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
        held = (first, second)
    with alone(other) as later:
        assert later
    other.close()
    assert held == (True, False)


def test_in_memory_nobody_else_can_have_it() -> None:
    """Such a database belongs to one process anyway."""
    with alone(Database("sqlite://")) as is_ours:
        assert is_ours


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
