"""Put a backup back: into an empty database, all of it or nothing.

A database that knows of anybody is never overwritten. What was sent after the backup
was made, the restored ledger does not know; what that means is for a person to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.backup import postgres, sqlite
from mailer.errors import RestoreRefused
from subscribers.errors import NewerSchema, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from subscribers.database import Database

DUMP: Final = b"PGDMP"
"""How every custom dump of PostgreSQL begins."""

BOOKKEEPING: Final = frozenset({"alembic_version", "backup"})
"""Tables whose rows say nothing about anybody."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        revision: Of its schema.
        rows: How many each table has.
    """

    revision: str
    rows: Mapping[str, int]


def restore(database: Database, path: Path, known: Sequence[str]) -> Restored:
    """Put the backup in *path* back into *database*, which must be empty.

    Args:
        known: All revisions of this version, oldest first.

    Raises:
        RestoreRefused: *database* is not empty, or *path* is no backup for it.
        NewerSchema: A newer version of the program has made it.
        ToolFailed: ``pg_restore`` is missing or fails; nothing was changed.
        StoreUnavailable: The backup is damaged, or the database not writable.
    """
    _require_kind(database, path)
    _require_empty(database)
    if database.file is not None:
        _require_whole(path, known)
        database.create_file()
        sqlite.put_back(path, database.file)
    else:
        _drop_empty_tables(database)
        postgres.restore(database.url, path)
    rows = counted(database)
    if database.file is not None and rows != sqlite.counts(path):
        raise RestoreRefused(
            "Nach dem Zurückspielen fehlt etwas: die Zahl der Zeilen ist eine andere "
            "als in der Sicherung. Bitte benutzen Sie diese Datenbank nicht."
        )
    found = database.revision()
    if found is None or found not in known:
        raise NewerSchema(str(found), known[-1])
    return Restored(found, rows)


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
    if any(
        rows and table not in BOOKKEEPING for table, rows in counted(database).items()
    ):
        raise RestoreRefused(
            "Die Datenbank ist nicht leer; es wurde nichts geändert. Bitte tragen Sie "
            "unter [database] url eine leere ein, oder legen Sie die Datei beiseite."
        )


def _drop_empty_tables(database: Database) -> None:
    """Make room for a dump: an older one would leave newer tables standing."""
    with database.transaction("restore") as db:
        found = sa.MetaData()
        found.reflect(db.connection())
        found.drop_all(db.connection())


def _require_whole(path: Path, known: Sequence[str]) -> None:
    if found := sqlite.faults(path):
        raise RestoreRefused(
            f"Die Sicherung {path} ist beschädigt: {'; '.join(found)}. "
            "Bitte nehmen Sie eine andere."
        )
    revision = sqlite.revision(path)
    if revision is None:
        raise RestoreRefused(f"{path} ist keine Datenbank dieses Programms.")
    if revision not in known:
        raise NewerSchema(revision, known[-1])
