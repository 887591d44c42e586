"""A round with nothing to do costs next to nothing: it loads only what it asks."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Final

from mailer.errors import ExitCode
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

NEEDED: Final = {
    *("cli", "mailer", "subscribers"),
    *("click", "sqlalchemy", "typing_extensions"),
    *("holidays", "dateutil", "six"),  # is a meeting on a closed day?
    "coverage",  # where the tests are counted
    "_distutils_hack",  # setuptools, if it is there, comes along with every program
}
"""Whose modules an idle round may load, besides Python's own."""

TOO_MUCH: Final = (
    "sqlalchemy.dialects.postgresql",
    "holidays.countries.france",
    "mailer.coordination.drafts",
    "mailer.inbound.effects",
    "mailer.outbox.composing",
    "mailer.outbox.lanes",
    "mailer.outbox.worker",
    "mailer.rendering.letter",
    "mailer.transport.smtp",
)
"""Loaded only by who drafts, reads, writes or sends."""


def test_an_idle_round_loads_no_press(
    settings_file: Path, database_url: str, database: Database
) -> None:
    """Once all is said about the next meeting, ``mia tick`` only looks."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    mia = Program(
        settings_file,
        {"MIA_DATABASE_URL": database_url, "PYTHONPROFILEIMPORTTIME": "1"},
    )
    with ScriptedSmtp() as server:
        assert mia.with_relay(server).here("invite", "--yes").exit_code == ExitCode.OK
        assert mia.with_relay(server).here("tick").exit_code == ExitCode.OK
        ended = mia.with_relay(server).run("tick")
    assert ended.returncode == ExitCode.OK
    loaded = [line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()]
    tops = {name.partition(".")[0] for name in loaded}
    assert "mailer.rounds.planning" in loaded
    assert tops & packages_distributions().keys() <= NEEDED
    assert set(TOO_MUCH) & set(loaded) == set()
