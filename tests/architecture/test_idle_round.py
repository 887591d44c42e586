"""A round with nothing to do costs next to nothing: it loads only what it asks."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Final

import pytest

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


OF_NO_USE: Final = {
    "icalendar",
    "mailer.outbox.worker",
    "mailer.rendering.accessibility",
    "mailer.transport.smtp",
}
"""What nobody needs to see that an open draft says what it said."""


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program, and somebody to invite."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
    return Program(
        settings_file,
        {"MIA_DATABASE_URL": database_url, "PYTHONPROFILEIMPORTTIME": "1"},
    )


def loaded_by_a_tick(mia: Program, *before: tuple[str, ...]) -> list[str]:
    """Return what a round imports after these commands, with a relay that is well."""
    with ScriptedSmtp() as server:
        for words in before:
            assert mia.with_relay(server).here(*words).exit_code == ExitCode.OK
        ended = mia.with_relay(server).run("tick")
    assert ended.returncode == ExitCode.OK
    return [line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()]


def test_an_idle_round_loads_no_press(mia: Program) -> None:
    """Once all is said about the next meeting, ``mia tick`` only looks."""
    loaded = loaded_by_a_tick(mia, ("invite", "--yes"), ("tick",))
    tops = {name.partition(".")[0] for name in loaded}
    assert "mailer.rounds.planning" in loaded
    assert tops & packages_distributions().keys() <= NEEDED
    assert set(TOO_MUCH) & set(loaded) == set()


def test_a_round_with_an_open_draft_reads_its_words_alone(mia: Program) -> None:
    """It was shown already: nobody proofreads it again, and no calendar is made."""
    noon = {**mia.environ, "MIA_NOW": "2026-11-23T12:00:00+01:00"}
    loaded = loaded_by_a_tick(Program(mia.config, noon), ("tick",), ("tick",))
    assert "mailer.coordination.drafts" in loaded
    assert OF_NO_USE & set(loaded) == set()
