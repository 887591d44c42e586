"""Is a database whole, and what does it hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from subscribers.database import Database, Db

WHOLE: Final = "ok"
"""All that SQLite says about a file without damage."""

SHOWN_FAULTS: Final = 5
"""A damaged file can be damaged in a thousand places; a few tell enough."""


def faults(database: Database) -> list[str]:
    """Return what is damaged in *database*, in the words of SQLite; empty is good.

    PostgreSQL answers for its files itself.

    Raises:
        StoreUnavailable: It cannot be opened, or is no database at all.
    """
    if not database.is_sqlite:
        return []
    with database.reading() as db:
        lines = db.execute(sa.text("PRAGMA integrity_check")).scalars().all()
        loose = db.execute(sa.text("PRAGMA foreign_key_check")).all()
    found = [str(line) for line in lines if line != WHOLE]
    found += [f"{table}, {row}: → {parent}" for table, row, parent, _ in loose]
    return found[:SHOWN_FAULTS]


def counts(db: Db) -> Mapping[str, int]:
    """Return how many rows each table has."""
    connection = db.connection()
    names = sorted(sa.inspect(connection).get_table_names())
    return {
        name: connection.execute(
            sa.select(sa.func.count()).select_from(sa.table(name))
        ).scalar_one()
        for name in names
    }
