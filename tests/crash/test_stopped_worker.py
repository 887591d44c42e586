"""A worker stands still past its lease, and comes back: it touches nothing of others.

The real program stops itself (SIGSTOP) at a failpoint. An hour later, by the clock of
the program, a second one takes over what the lease has set free and ends the run. Then
the first one wakes up.
"""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import failpoints
from tests.books import differences
from tests.conftest import PRESENT
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from subscribers.database import Database
    from tests.forks import Forks, Running
    from tests.servers import ScriptedSmtp

PEOPLE: Final = 3

PAST_THE_LEASE: Final = PRESENT + timedelta(hours=1)
"""The lease is twenty minutes."""


def _wait_until_stopped(one: Running) -> None:
    """Return once the process stands still; pytest's timeout is the limit."""
    status = Path(f"/proc/{one.pid}/status")
    while "State:\tT" not in (said := status.read_text()):
        assert "State:\tZ" not in said, "it ended instead"
        time.sleep(0.005)


def _with(mia: Program, **variables: str) -> Program:
    """Return the program with *variables* in its environment."""
    return Program(mia.config, {**mia.environ, **variables})


def _stopping(mia: Program, place: str) -> Program:
    """Return the program that stops itself at a place."""
    return _with(mia, **{failpoints.VARIABLE: place})


def _invited(settings_file: Path, database: Database, server: ScriptedSmtp) -> Program:
    """Return the program with some people to invite."""
    with database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
    url = database.url.render_as_string(hide_password=False)
    return Program(settings_file, {"MIA_DATABASE_URL": url}).with_relay(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "place", "most_in_doubt"),
    [
        ("sqlite", "claim.after:stop", 0),
        ("sqlite", "entered.after:stop:1", PEOPLE),
        ("postgresql", "claim.after:stop", 0),
        ("postgresql", "entered.after:stop:1", PEOPLE),
        ("postgresql", "content.before:stop", PEOPLE),
        ("postgresql", "content.after:stop", PEOPLE),
        ("postgresql", "entered.after:stop:2", PEOPLE),
    ],
    indirect=["database"],
)
def test_who_slept_past_the_lease_touches_nothing_of_others(
    database: Database,
    settings_file: Path,
    smtp_server: ScriptedSmtp,
    forks: Forks,
    place: str,
    most_in_doubt: int,
) -> None:
    """Everybody has the letter; who got a second one is listed, nobody gets three."""
    mia = _invited(settings_file, database, smtp_server)
    later = _with(mia, MIA_NOW=PAST_THE_LEASE.isoformat())

    asleep = forks.start(_stopping(mia, place), "invite", "--yes")
    _wait_until_stopped(asleep)
    took_over = forks.run(later, "outbox", "send")
    asleep.kill(signal.SIGCONT)
    woken = forks.wait(asleep)
    ended = forks.run(later, "outbox", "send")

    assert took_over.code == ExitCode.OK, took_over
    assert woken.code in {ExitCode.OK, ExitCode.TRY_AGAIN}, woken
    assert ended.code == ExitCode.OK, ended
    assert differences(database, smtp_server.accepted) == []
    with database.reading() as db:
        rows = db.execute(sa.select(Delivery.state, Delivery.copies)).all()
    assert [state for state, _ in rows] == [DeliveryState.ACCEPTED] * PEOPLE
    assert sum(copies - 1 for _, copies in rows) <= most_in_doubt


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_wakes_up_sends_nothing_that_another_holds(
    database: Database,
    settings_file: Path,
    smtp_server: ScriptedSmtp,
    forks: Forks,
) -> None:
    """Both stand still with the same deliveries; they are the second one's now."""
    mia = _invited(settings_file, database, smtp_server)
    later = _with(mia, MIA_NOW=PAST_THE_LEASE.isoformat())

    first = forks.start(_stopping(mia, "claim.after:stop"), "invite", "--yes")
    _wait_until_stopped(first)
    second = forks.start(_stopping(later, "claim.after:stop"), "outbox", "send")
    _wait_until_stopped(second)
    first.kill(signal.SIGCONT)
    woken = forks.wait(first)
    sent_by_first = list(smtp_server.received)
    second.kill(signal.SIGCONT)
    ended = forks.wait(second)

    assert woken.code == ExitCode.TRY_AGAIN, woken
    assert sent_by_first == []
    assert ended.code == ExitCode.OK, ended
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(database, smtp_server.accepted) == []
