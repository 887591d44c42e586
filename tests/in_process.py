"""``mia`` in this process: a tenth of the time of a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from click.testing import CliRunner

from cli import mia
from mailer.commands.front import Front
from tests.conftest import PRESENT, SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from subscribers.database import Database


class Run(Protocol):
    """Runs ``mia WORDS…``; *typed* is what a person types, *secret* in hexadecimal."""

    def __call__(self, *words: str, typed: str = "", secret: str = "") -> Result:
        """Run to the end and return what was said."""
        ...


def runner(settings_file: Path, database: Database) -> Run:
    """Return a function that runs ``mia`` with these settings on this database."""

    def run(*words: str, typed: str = "", secret: str = "") -> Result:
        environ = {
            "MIA_NOW": PRESENT.isoformat(),
            "MIA_SECRET": secret or SECRET.hex(),
            "MIA_DATABASE_URL": database.url.render_as_string(hide_password=False),
        }
        words = ("--config", str(settings_file), *words)
        return CliRunner().invoke(mia, words, obj=Front(environ=environ), input=typed)

    return run
