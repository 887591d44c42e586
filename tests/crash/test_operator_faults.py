"""What an operator decides is written as a whole or not at all, whatever fails.

Each command fails before and after its commit: the disk, the room on it, somebody who
holds the database, a plug that is pulled. Before it nothing is changed; after it all is
done. A person is told in German what is wrong, or nothing is left to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.errors import ExitCode
from mailer.outbox.conduct import Pause
from mailer.outbox.models import Attempt, Delivery
from subscribers import failpoints
from subscribers.database import Database
from subscribers.failpoints import Action, Failpoint
from tests.crash.test_failpoints import SAYS
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import End, Script, ScriptedSmtp, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.forks import Forks

PAUSE: Final = ("outbox", "pause", "--provider", "gmx")
HOLD: Final = ("outbox", "hold", "1")

COMMANDS: Final[dict[tuple[str, ...], Sequence[tuple[str, ...]]]] = {
    PAUSE: (),
    ("outbox", "resume"): (PAUSE,),
    HOLD: (),
    ("outbox", "release", "1"): (HOLD,),
    ("outbox", "retry", "1"): (),
    ("outbox", "resolve", "2", "accepted"): (),
    ("outbox", "resolve", "2", "resend", "--yes"): (),
    ("editions", "withdraw", "1", "--yes"): (),
}
"""What is typed, and what was typed before it."""

TABLES: Final = (Delivery, Attempt, Pause, Edition)

LOST: Final = Turn(end=End.DROP, takes=True)


def snapshot(url: str) -> list[list[tuple[object, ...]]]:
    """Return every row of what an operator may change."""
    database = Database(url)
    with database.reading() as db:
        rows = [
            [tuple(row) for row in db.execute(sa.select(one.__table__))]
            for one in TABLES
        ]
    database.close()
    return rows


@pytest.fixture
def after_a_run(
    settings_file: Path, new_url: Callable[..., str]
) -> Callable[[tuple[str, ...]], Program]:
    """Return, when called, the program on a database in which there is much to decide.

    One letter waits for a second try, one is in doubt, one was refused, one arrived.
    """
    url = new_url()
    environ = {"MIA_DATABASE_URL": url, "MIA_POLICY_ON_DOUBT": "hold"}
    database = Database(url)
    with database.transaction() as db:
        for number in (1, 2, 3, 4):
            a_subscriber(db, f"person{number}@gmx.de")
    database.close()
    script = Script(
        rcpt={
            "person1@gmx.de": "451 4.7.1 later",
            "person3@gmx.de": "550 5.2.2 mailbox full",
        },
        content=[LOST, "250 2.0.0 taken"],
    )
    mia = Program(settings_file, {**environ, "MIA_SMTP_CONNECTIONS": "1"})
    with ScriptedSmtp(script) as server:
        mia.with_relay(server).here("invite", "--yes")
    ready: dict[tuple[str, ...], str] = {}

    def program(words: tuple[str, ...]) -> Program:
        if words not in ready:
            ready[words] = new_url(url)
            begun = Program(mia.config, {**environ, "MIA_DATABASE_URL": ready[words]})
            for before in COMMANDS[words]:
                assert begun.here(*before).exit_code == ExitCode.OK
        copy = {**environ, "MIA_DATABASE_URL": new_url(ready[words])}
        return Program(mia.config, copy)

    return program


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_decision_is_written_or_it_is_not(
    after_a_run: Callable[[tuple[str, ...]], Program],
    forks: Forks,
    words: tuple[str, ...],
) -> None:
    """Whatever fails on either side of the commit."""

    def tried(side: str, action: Action) -> list[list[tuple[object, ...]]]:
        mia = after_a_run(words)
        place = f"commit.{side}"
        if action is Action.KILL:
            armed = {**mia.environ, failpoints.VARIABLE: f"{place}:{action}"}
            assert forks.run(Program(mia.config, armed), *words).was_killed
        else:
            code, says = SAYS[action]
            with failpoints.armed(Failpoint(place, action)):
                told = mia.here(*words)
            assert told.exit_code == code
            assert says in told.stderr
        return snapshot(mia.environ["MIA_DATABASE_URL"])

    untouched, done = after_a_run(words), after_a_run(words)
    assert done.here(*words).exit_code == ExitCode.OK
    before, after = (
        snapshot(one.environ["MIA_DATABASE_URL"]) for one in (untouched, done)
    )
    assert before != after

    for action in (Action.EIO, Action.ENOSPC, Action.LOCK, Action.KILL):
        assert tried("before", action) == before, action
        assert tried("after", action) == after, action
