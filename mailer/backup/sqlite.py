"""SQLite's files, looked at and copied without SQLAlchemy in between.

A backup is opened for reading only: opening it as a database of ours would turn it
into one with a WAL, and fail where nobody may write.

Source: https://www.sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause";
https://www.sqlite.org/pragma.html.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from subscribers.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAGIC: Final = b"SQLite format 3\0"
"""How every SQLite file begins."""

WHOLE: Final = "ok"
"""All that SQLite says about a file without damage."""

SHOWN_FAULTS: Final = 5
"""A damaged file can be damaged in a thousand places; a few tell enough."""


def copy(path: Path, target: Path) -> None:
    """Write one moment of the database in *path* into the empty file *target*.

    The pages that erased people left behind do not come along.

    Raises:
        StoreUnavailable: *path* cannot be read, or *target* not be written.
    """
    with _opened(path) as raw:
        raw.execute("VACUUM INTO ?", [str(target)])


def put_back(path: Path, target: Path) -> None:
    """Make the database in *target* the one in *path*, all of it or nothing.

    It may be open elsewhere: whoever reads it sees the old or the new one.

    Raises:
        StoreUnavailable: *path* cannot be read, or *target* not be written.
    """
    with _opened(path) as source, closing(sqlite3.connect(target)) as into:
        source.backup(into)


def faults(path: Path) -> list[str]:
    """Return what is damaged, in the words of SQLite; empty is good.

    Raises:
        StoreUnavailable: It cannot be opened, or is no database at all.
    """
    with _opened(path) as raw:
        found = [line for (line,) in raw.execute("PRAGMA integrity_check")]
        loose = raw.execute("PRAGMA foreign_key_check").fetchall()
    damaged = [str(line) for line in found if line != WHOLE]
    damaged += [f"{table}, {row}: → {parent}" for table, row, parent, _ in loose]
    return damaged[:SHOWN_FAULTS]


def revision(path: Path) -> str | None:
    """Return the schema's revision; None if there is none.

    Raises:
        StoreUnavailable: It cannot be opened, or is no database at all.
    """
    with _opened(path) as raw:
        if "alembic_version" not in _tables(raw):
            return None
        found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None


def counts(path: Path) -> Mapping[str, int]:
    """Return how many rows each table has.

    Raises:
        StoreUnavailable: It cannot be opened, or is no database at all.
    """
    with _opened(path) as raw:
        return {
            name: raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a name that SQLite gave
            for name in _tables(raw)
        }


def _tables(raw: sqlite3.Connection) -> list[str]:
    found = raw.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [name for (name,) in found]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open *path* for reading; turn what goes wrong into our words."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as raw:
            yield raw
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path}: {error}") from error
