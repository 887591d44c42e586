"""Only one daemon works on a database.

The lock belongs to the operating system, or to the database server: whoever dies,
also by kill -9, loses it at that moment, and nobody waits for a lease to run out.
Two daemons would do no harm to the ledger, but they would tell everything twice.

Source: flock(2); PostgreSQL, "Advisory Lock Functions".
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from subscribers.errors import StoreUnavailable, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from subscribers.database import Database

ADVISORY_KEY: Final = 0x6D6961
"""Our number among a PostgreSQL database's advisory locks: "mia"."""

FILE_MODE: Final = 0o600


@contextmanager
def alone(database: Database) -> Iterator[bool]:
    """Hold the lock of *database*; yield False if somebody else has it.

    Raises:
        StoreUnavailable: The file of the lock cannot be made.
    """
    if database.file is not None:
        with _file_lock(database.file) as is_ours:
            yield is_ours
    elif database.is_sqlite:
        yield True  # in memory: nobody else can have it
    else:
        with _advisory_lock(database) as is_ours:
            yield is_ours


@contextmanager
def _file_lock(database: Path) -> Iterator[bool]:
    path = database.with_name(f"{database.name}.lock")
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


@contextmanager
def _advisory_lock(database: Database) -> Iterator[bool]:
    # The lock lives as long as this connection, which nobody else gets.
    with database.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        asked = sa.select(sa.func.pg_try_advisory_lock(ADVISORY_KEY))
        try:
            yield bool(connection.scalar(asked))
        finally:
            pooled.invalidate()
