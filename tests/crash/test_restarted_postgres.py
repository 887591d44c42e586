"""PostgreSQL is restarted amidst a run: the run waits, and nothing is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer import migrations
from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from subscribers import failpoints
from subscribers.database import Database
from tests import postgres
from tests.books import differences
from tests.conftest import missing
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import ScriptedSmtp

PEOPLE = 3


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A server of our own, which others would miss."""
    binaries = postgres.find_binaries()
    if binaries is None:
        missing("PostgreSQL")
        return
    with postgres.running_server(binaries, postgres.DURABLE) as running:
        yield running


@pytest.fixture
def people(server: postgres.Server) -> Iterator[Database]:
    """An empty database with some people to invite."""
    database = Database(server.url("postgres"))
    with database.transaction() as db:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            db.execute(sa.text(statement))
    migrations.upgrade(database)
    with database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
    yield database
    database.close()


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize(
    "place", ["claim.after", "content.after", "entered.before", "entered.after"]
)
def test_a_restart_is_waited_for(
    server: postgres.Server,
    people: Database,
    settings_file: Path,
    smtp_server: ScriptedSmtp,
    place: str,
) -> None:
    """Between two commits or within one: everybody has one letter, in one run."""
    seen: list[str] = []

    def act(name: str) -> None:
        seen.append(name)
        if seen.count(place) == 1 and name == place:
            server.restart()

    mia = Program(settings_file, {"MIA_DATABASE_URL": server.url("postgres")})
    with failpoints.armed(act):
        sent = mia.with_relay(smtp_server).here("invite", "--yes")

    assert place in seen
    assert sent.exit_code == ExitCode.OK, sent.stdout + sent.stderr
    assert differences(people, smtp_server.accepted) == []
    assert len(smtp_server.accepted) == PEOPLE
    with people.reading() as db:
        assert db.scalars(sa.select(Delivery.copies)).all() == [1] * PEOPLE
