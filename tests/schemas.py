"""Databases with an older schema, as an earlier version of the program left them."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from subscribers.database import Database


def upgrade_to(database: Database, revision: str) -> None:
    """Bring an empty database to an old schema."""
    config = Config()
    config.set_main_option("script_location", str(files("mailer") / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.transaction() as db:
        config.attributes["connection"] = db.connection()
        command.upgrade(config, revision)
