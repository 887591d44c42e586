"""Put a backup back: into an empty database, all of it or nothing.

A database that knows of anybody is never overwritten. What was sent after the backup
was made, the restored ledger does not know; so it sends nothing until a person says
so. An SQLite file is made ready beside the database and appears in its place at once.
On PostgreSQL the revision of the schema is written last, in one transaction with that
lock: until then nobody uses the database, and it may be restored once more.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.backup import postgres, sqlite
from mailer.errors import RestoreRefused
from mailer.outbox import places
from subscribers.database import Database
from subscribers.errors import HalfRestored, NewerSchema, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from subscribers.database import Db

DUMP: Final = b"PGDMP"
"""How every custom dump of PostgreSQL begins."""

MISSING: Final = (
    "Nach dem Zurückspielen fehlt etwas: die Zahl der Zeilen ist eine andere als in "
    "der Sicherung. Bitte benutzen Sie diese Datenbank nicht."
)

_REVISION: Final = sa.table(postgres.VERSION, sa.column("version_num"))

BOOKKEEPING: Final = frozenset({postgres.VERSION, "backup", "sending_place"})
"""Tables whose rows say nothing about anybody."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        revision: Of the backup's schema; the database has the newest.
        rows: How many each table has.
    """

    revision: str
    rows: Mapping[str, int]


def restore(
    database: Database,
    path: Path,
    known: Sequence[str],
    *,
    upgrade: Callable[[Db], None],
    now: datetime,
) -> Restored:
    """Put the backup in *path* back into *database*, which must be empty.

    Args:
        known: All revisions of this version, oldest first.
        upgrade: Brings the database of an open transaction to the newest of them.

    Raises:
        RestoreRefused: *database* is not empty, or *path* is no backup for it.
        NewerSchema: A newer version of the program has made it.
        ToolFailed: ``pg_restore`` is missing or fails; nothing was changed.
        StoreUnavailable: The backup is damaged, or the database not writable.
    """
    _require_kind(database, path)
    _require_empty(database)
    if database.file is None:
        revision = _known(postgres.revision(database.url, path), path, known)
        _drop_tables(database)
        postgres.restore(database.url, path)
        with database.transaction("restore") as db:
            db.execute(sa.insert(_REVISION).values(version_num=revision))
            upgrade(db)
            places.disown(db, now=now)
        return Restored(revision, counted(database))
    _require_whole(path, known)
    with _beside(database.file) as copy:
        sqlite.copy(path, copy)
        ready = Database(f"sqlite:///{copy}")
        with ready.transaction("restore") as db:
            upgrade(db)
            places.disown(db, now=now)
        ready.close()
        database.create_file()
        sqlite.put_back(copy, database.file)
        rows = counted(database)
        if rows != sqlite.counts(copy):
            raise RestoreRefused(MISSING)
    return Restored(str(sqlite.revision(path)), rows)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield an empty file of ours beside *path*; it is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(number)
    try:
        yield Path(name)
    finally:
        for end in ("", "-wal", "-shm"):
            Path(f"{name}{end}").unlink(missing_ok=True)


def counted(database: Database) -> Mapping[str, int]:
    """Return how many rows each table of *database* has; nothing for no tables."""
    if database.file is not None and not database.file.exists():
        return {}
    with database.reading() as db:
        connection = db.connection()
        return {
            name: connection.scalar(
                sa.select(sa.func.count()).select_from(sa.table(name))
            )
            or 0
            for name in sorted(sa.inspect(connection).get_table_names())
        }


def _require_kind(database: Database, path: Path) -> None:
    """Refuse a file that this kind of database cannot read."""
    wanted = sqlite.MAGIC if database.is_sqlite else DUMP
    try:
        with path.open("rb") as file:
            begins = file.read(len(wanted))
    except OSError as error:
        raise RestoreRefused(
            f"{path} kann nicht gelesen werden: {spoken(error)}."
        ) from None
    if begins != wanted:
        kind = "SQLite" if database.is_sqlite else "PostgreSQL"
        raise RestoreRefused(
            f"{path} ist keine Sicherung einer {kind}-Datenbank. Bitte nennen Sie eine "
            "Datei, die „mia db backup“ mit derselben [database] url gemacht hat."
        )


def _require_empty(database: Database) -> None:
    """Refuse a database that knows of anybody, unless a restore of it was cut short."""
    try:
        database.revision()
    except HalfRestored:
        return
    if any(
        rows and table not in BOOKKEEPING for table, rows in counted(database).items()
    ):
        raise RestoreRefused(
            "Die Datenbank ist nicht leer; es wurde nichts geändert. Bitte tragen Sie "
            "unter [database] url eine leere ein, oder legen Sie die Datei beiseite."
        )


def _drop_tables(database: Database) -> None:
    """Make room for a dump: an older one would leave newer tables standing."""
    with database.transaction("room") as db:
        found = sa.MetaData()
        found.reflect(db.connection())
        found.drop_all(db.connection())


def _require_whole(path: Path, known: Sequence[str]) -> None:
    if found := sqlite.faults(path):
        raise RestoreRefused(
            f"Die Sicherung {path} ist beschädigt: {'; '.join(found)}. "
            "Bitte nehmen Sie eine andere."
        )
    _known(sqlite.revision(path), path, known)


def _known(revision: str | None, path: Path, known: Sequence[str]) -> str:
    """Return the revision of a backup, if this version can use it."""
    if revision is None:
        raise RestoreRefused(f"{path} ist keine Datenbank dieses Programms.")
    if revision not in known:
        raise NewerSchema(revision, known[-1])
    return revision
