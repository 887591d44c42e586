"""Only one daemon works on a database.

The lock belongs to the operating system, or to the database server: whoever dies,
also by kill -9, loses it at that moment, and nobody waits for a lease to run out.
Two daemons would do no harm to the ledger, but they would tell everything twice.

Source: flock(2); PostgreSQL, "Advisory Lock Functions".
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from subscribers.errors import StoreUnavailable, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from subscribers.database import Database

ADVISORY_KEY: Final = 0x6D6961
"""Our number among a PostgreSQL database's advisory locks: "mia"."""

FILE_MODE: Final = 0o600


@dataclass(slots=True)
class Hold:
    """A lock that somebody asked for.

    Attributes:
        is_ours: Whether it was free.
        still: Asks whether it is ours yet; from any thread.
    """

    is_ours: bool
    still: Callable[[], bool] = lambda: True


@contextmanager
def alone(database: Database) -> Iterator[Hold]:
    """Take the lock of *database*, unless somebody else has it.

    Raises:
        StoreUnavailable: The file of the lock cannot be made.
    """
    if database.file is not None:
        with _file_lock(database.file) as is_ours:
            yield Hold(is_ours)
    elif database.is_sqlite:
        yield Hold(True)  # in memory: nobody else can have it
    else:
        lock = _AdvisoryLock(database)
        try:
            yield Hold(lock.take(), lock.still)
        finally:
            lock.let_go()


@contextmanager
def sending_alone(database: Database) -> Iterator[bool]:
    """Be the one worker on an SQLite file; on PostgreSQL there may be many.

    It is not the daemon's lock: whoever only sends must not keep ``mia tick`` from
    planning, reading and raising alarms.

    Returns:
        False if there is one already.

    Raises:
        StoreUnavailable: The file of the lock cannot be made.
    """
    if database.file is None:
        yield True
        return
    with _file_lock(database.file, "worker.lock") as is_ours:
        yield is_ours


@contextmanager
def _file_lock(database: Path, suffix: str = "lock") -> Iterator[bool]:
    path = database.with_name(f"{database.name}.{suffix}")
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
        if os.geteuid() == 0 and database.exists():
            # Root looks at somebody's database: the lock is the owner's, like the WAL.
            owner = database.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {spoken(error)}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@dataclass(slots=True)
class _AdvisoryLock:
    """The lock lives as long as one connection, which nobody else gets.

    A server that is restarted forgets both, without a word to us.
    """

    database: Database
    _connection: sa.Connection | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Take the lock if it is free; True if it is ours then."""
        pooled = self.database.engine.connect()
        self._connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        asked = sa.select(sa.func.pg_try_advisory_lock(ADVISORY_KEY))
        if self._connection.scalar(asked):
            return True
        self.let_go()
        return False

    def still(self) -> bool:
        """Tell whether the lock is ours yet, or again; False if another one has it."""
        with self._guard:
            try:
                if self._connection is not None:
                    self._connection.execute(sa.select(1))
                    return True
            except DBAPIError:
                self.let_go()
            try:
                return self.take()
            except DBAPIError:
                # No server, no work: nobody can have the lock until it is back.
                self.let_go()
                return True

    def let_go(self) -> None:
        """Give the lock back with its connection."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
