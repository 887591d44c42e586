"""The schema, step by step; the same steps for SQLite and PostgreSQL.

Alembic takes a quarter of a second to import, so only what upgrades imports it; every
other command compares one revision number.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from subscribers.database import Database, Db

KNOWN: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)
"""All revisions of this version, oldest first."""


def upgrade(database: Database) -> None:
    """Bring *database* to the newest schema; on SQLite create the file if missing.

    All steps run in one transaction, so a crash leaves the old schema.

    Raises:
        NewerSchema: A newer version of the program has written it.
        HalfRestored: It is not whole.
        StoreUnavailable: It cannot be opened or written.
        StoreBusy: Another program holds it.
    """
    database.create_file()
    found = database.revision()
    if found is not None and found not in KNOWN:
        database.require_schema(KNOWN)
    with database.transaction("upgrade") as db:
        apply(db)


def apply(db: Db) -> None:
    """Bring the database of an open transaction to the newest schema."""
    # Imported here: see the module docstring.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files("mailer") / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db.connection()
    command.upgrade(config, "head")
