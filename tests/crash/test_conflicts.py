"""PostgreSQL takes a transaction back because of another one: it is done again.

Real conflicts: a deadlock over two rows, and two programs on a database whose
operator has chosen the strictest isolation, where what both touch is taken back.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.errors import ExitCode
from mailer.outbox.lanes import Watch
from mailer.outbox.states import DeliveryState
from mailer.rounds.planning import plan_round
from subscribers import failpoints
from subscribers.errors import StoreBusy, StoreConflict
from subscribers.models import Mailbox
from tests.books import differences
from tests.factories import a_mailbox, a_subscriber
from tests.outgoing import states
from tests.program import Program
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from subscribers.clock import FixedClock
    from subscribers.database import Database, Db

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

STRICT = "options=-cdefault_transaction_isolation%3Dserializable"

PEOPLE = 24


def rename(db: Db, first: int, second: int, meets: threading.Barrier) -> None:
    """Change one row, wait for the other program, change the other row."""
    for number in (first, second):
        db.execute(
            sa.update(Mailbox)
            .where(Mailbox.id == number)
            .values(address=Mailbox.address.concat("x"))
        )
        if number == first and not meets.broken:
            try:
                meets.wait(timeout=5)
            except threading.BrokenBarrierError:
                continue


def test_of_two_that_wait_for_each_other_both_end(database: Database) -> None:
    """Whoever is taken back begins anew, and both changes are there, once."""
    with database.transaction() as db:
        one = a_mailbox(db, "eva@netz.example").id
        two = a_mailbox(db, "ole@netz.example").id
    meets = threading.Barrier(2, action=lambda: None)

    async def story() -> None:
        await asyncio.gather(
            database.run(rename, one, two, meets),
            database.run(rename, two, one, meets),
        )

    asyncio.run(story())
    with database.reading() as db:
        found = Counter(db.scalars(sa.select(Mailbox.address)))
    assert set(found) == {"eva@netz.examplexx", "ole@netz.examplexx"}


def test_who_is_taken_back_over_and_over_is_told_to_wait(database: Database) -> None:
    """It is no fault of the database: exit code 75, and nothing is written."""

    def changed_meanwhile(db: Db) -> None:
        db.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        db.scalars(sa.select(Mailbox)).all()
        with database.transaction() as other:
            other.execute(sa.update(Mailbox).values(address="neu@netz.example"))
        db.execute(sa.update(Mailbox).values(address="alt@netz.example"))

    with database.transaction() as db:
        a_mailbox(db, "eva@netz.example")
    with pytest.raises(StoreConflict) as told:
        database.once("rename", changed_meanwhile)
    assert isinstance(told.value, StoreBusy)
    assert "Die Datenbank ist gerade belegt" in told.value.sentence
    with database.reading() as db:
        assert db.scalars(sa.select(Mailbox.address)).all() == ["neu@netz.example"]


async def planned(town: Application) -> object:
    """Do one round of planning."""
    return await asyncio.to_thread(plan_round, town.database, town.press, town.clock)


@pytest.mark.slow
def test_two_programs_under_the_strictest_isolation_lose_nobody(
    database: Database, application: Application, clock: FixedClock
) -> None:
    """Both books agree, although pages were taken back."""
    with database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
    clock.moment += timedelta(days=4)  # the invitation is due, and nobody drafted it
    url = f"{database.url.render_as_string(hide_password=False)}"
    url += ("&" if "?" in url else "?") + STRICT
    with ScriptedSmtp() as server:
        relay = replace(
            application.settings.smtp, port=server.port, connections=4, per_hour=1000
        )
        settings = replace(
            application.settings,
            smtp=relay,
            database=replace(application.settings.database, url=url),
        )
        towns = [Application(settings, clock) for _ in range(2)]

        async def at_once(work: Callable[[Application], Awaitable[object]]) -> None:
            await asyncio.gather(*map(work, towns))

        for _ in range(2):  # what is drafted late, lies before the coordinator first
            asyncio.run(at_once(planned))
            clock.moment += timedelta(hours=2)
        asyncio.run(at_once(lambda town: town.send_out(Watch())))
        for town in towns:
            town.close()
        found = differences(database, server.accepted)
    with database.reading() as db:
        backs = sa.text(
            "SELECT xact_rollback FROM pg_stat_database"
            " WHERE datname = current_database()"
        )
        taken_back = db.scalar(backs)
    assert taken_back, "no conflict happened"
    assert found == []
    the_draft = 1
    assert states(database) == {DeliveryState.ACCEPTED: PEOPLE + the_draft}


@pytest.mark.parametrize("place", ["claim.after", "content.after", "entered.after"])
@pytest.mark.parametrize("patience", ["", "SET lock_timeout = '100ms'"])
def test_a_table_that_somebody_holds_is_waited_for(
    database: Database,
    settings_file: Path,
    smtp_server: ScriptedSmtp,
    place: str,
    patience: str,
) -> None:
    """An operator looks after the server amidst a run, which goes on afterwards.

    Also where the server lets nobody wait so long.
    """
    with database.transaction() as db:
        for number in range(3):
            a_subscriber(db, f"person{number}@netz.example")
        if patience:
            name = db.scalar(sa.text("SELECT current_database()"))
            db.execute(sa.text(f"ALTER DATABASE {name} {patience}"))
    url = database.url.render_as_string(hide_password=False)
    mia = Program(settings_file, {"MIA_DATABASE_URL": url}).with_relay(smtp_server)
    taken, freed = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as db:
            db.execute(sa.text("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"))
            taken.set()
            freed.wait(0.5)

    holder = threading.Thread(target=hold)

    def act(name: str) -> None:
        if name == place and not taken.is_set():
            holder.start()
            taken.wait()

    with failpoints.armed(act):
        sent = mia.here("invite", "--yes")
    holder.join()

    assert sent.exit_code == ExitCode.OK, sent.stderr
    assert len(smtp_server.accepted) == 3
    assert differences(database, smtp_server.accepted) == []
    assert states(database) == {DeliveryState.ACCEPTED: 3}
