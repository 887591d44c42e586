"""Make a backup while everything runs: copied, checked, then given its name.

What has its final name is whole; a crash leaves a ".part" that nobody takes for a
backup. That it was made is remembered in the database itself, so the doctor can ask
how long ago.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.backup import postgres, sqlite
from mailer.backup.models import Backup
from mailer.errors import CannotCreate, UsageRefused
from subscribers.database import FILE_MODE
from subscribers.errors import StoreUnavailable, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from subscribers.database import Database

FOLDER: Final = "backups"
"""Beside the SQLite file, where nobody names another place."""

FOLDER_MODE: Final = 0o700

ENDINGS: Final = {True: ".db", False: ".dump"}
"""Of a copy's name, by whether it is SQLite's."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    octets: int


def make(database: Database, wish: Path | None, *, now: datetime) -> Made:
    """Copy *database*, check the copy, and remember that it was made.

    Args:
        wish: A new file, or a folder for one; None for the folder beside the
            database.

    Raises:
        CannotCreate: There is such a file already, or it cannot be written.
        UsageRefused: PostgreSQL has no folder, so one must be named.
        ToolFailed: ``pg_dump`` is missing or fails.
        StoreUnavailable: The database, or the copy, is damaged.
    """
    path = _place(database, wish, now)
    with _part(path) as part:
        if database.file is not None:
            _copy(database.file, part)
        else:
            postgres.dump(database.url, part)
        octets = _finished(part, path)
    made = Made(path.absolute(), octets)
    with database.transaction("backup") as db:
        # An older schema is backed up too, right before it is upgraded.
        if sa.inspect(db.connection()).has_table(Backup.__tablename__):
            db.add(Backup(made_at=now, place=str(made.path), octets=octets))
    return made


def _place(database: Database, wish: Path | None, now: datetime) -> Path:
    """Return the file to write, its folder made."""
    # In UTC: in the night when clocks go back no name comes twice.
    name = f"mia-{now.astimezone(UTC):%Y-%m-%d-%H%M%S}{ENDINGS[database.is_sqlite]}"
    if wish is None:
        if database.file is None:
            raise UsageRefused(
                "Bitte nennen Sie eine Datei oder einen Ordner für die Sicherung: "
                "mia db backup /var/backups/mia"
            )
        wish = database.file.parent / FOLDER
    path = wish
    if not wish.suffix or wish.is_dir():
        path = wish / name
        try:
            wish.mkdir(mode=FOLDER_MODE, exist_ok=True)
        except OSError as error:
            raise CannotCreate(wish, spoken(error)) from None
    if path.exists():
        raise CannotCreate(path, "die Datei gibt es schon, und sie bleibt, wie sie ist")
    return path


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """Yield an empty file of ours beside *path*; it is gone afterwards."""
    part = path.with_name(f"{path.name}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    except FileExistsError:
        raise CannotCreate(
            part,
            "sie ist von einer Sicherung übrig, die noch läuft oder abgebrochen ist; "
            "läuft keine, löschen Sie sie bitte",
        ) from None
    except OSError as error:
        raise CannotCreate(path, spoken(error)) from None
    try:
        yield part
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _copy(path: Path, part: Path) -> None:
    """Copy the SQLite file *path* and check the copy."""
    sqlite.copy(path, part)
    if found := sqlite.faults(part):
        raise StoreUnavailable(f"die Kopie ist beschädigt: {'; '.join(found)}")


def _finished(part: Path, path: Path) -> int:
    """Give *part* its final name, durably, unless somebody has taken it; its size."""
    try:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        octets = part.stat().st_size
        # Claims the name: replacing alone would overwrite what came meanwhile.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CannotCreate(path, spoken(error)) from None
    return octets
