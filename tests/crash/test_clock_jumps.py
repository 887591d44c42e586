"""The clock is set amidst a run, forth and back: nobody twice, nobody forgotten.

A run is killed after a mark, the clock jumps, and the next runs go on with another
time. What is late for the meeting expires with its reason; all else arrives.
"""

from __future__ import annotations

from datetime import timedelta
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
from tests.servers import Script

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database
    from tests.forks import Forks
    from tests.servers import ScriptedSmtp

S = DeliveryState

PEOPLE: Final = 3

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
YEAR: Final = timedelta(days=365)


@pytest.fixture
def mia(settings_file: Path, database: Database, smtp_server: ScriptedSmtp) -> Program:
    """The program, with some people to invite."""
    with database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
    url = database.url.render_as_string(hide_password=False)
    return Program(settings_file, {"MIA_DATABASE_URL": url}).with_relay(smtp_server)


def _at(mia: Program, jump: timedelta) -> Program:
    """Return the program with its clock set."""
    environ = {**mia.environ, "MIA_NOW": (PRESENT + jump).isoformat()}
    return Program(mia.config, environ)


@pytest.mark.parametrize("jump", [HOUR, DAY, -HOUR, -DAY, -YEAR], ids=str)
def test_a_clock_that_is_set_loses_nobody(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    forks: Forks,
    jump: timedelta,
) -> None:
    """Killed in one time, ended in another: each has one letter, or two that count."""
    armed = {**mia.environ, failpoints.VARIABLE: "content.after:kill:2"}
    killed = forks.run(Program(mia.config, armed), "invite", "--yes")
    first = forks.run(_at(mia, jump), "outbox", "send")
    back = forks.run(mia, "outbox", "send")

    assert killed.was_killed
    assert {first.code, back.code} <= {ExitCode.OK, ExitCode.TRY_AGAIN}
    assert back.code == ExitCode.OK, back
    assert differences(database, smtp_server.accepted) == []
    with database.reading() as db:
        assert set(db.scalars(sa.select(Delivery.state))) == {S.ACCEPTED}


def test_a_clock_a_year_ahead_sends_nothing_that_is_over(
    mia: Program, database: Database, smtp_server: ScriptedSmtp, forks: Forks
) -> None:
    """The meeting has been: expired, with a reason, and not sent late."""
    armed = {**mia.environ, failpoints.VARIABLE: "claim.after:kill"}
    killed = forks.run(Program(mia.config, armed), "invite", "--yes")
    late = forks.run(_at(mia, YEAR), "outbox", "send")

    assert killed.was_killed
    assert late.code == ExitCode.OK, late
    assert smtp_server.received == []
    assert differences(database, smtp_server.accepted) == []
    with database.reading() as db:
        assert set(db.scalars(sa.select(Delivery.state))) == {S.EXPIRED}


@pytest.mark.parametrize("jump", [-DAY, -HOUR], ids=str)
def test_later_stays_later_when_the_clock_is_set_back(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    forks: Forks,
    jump: timedelta,
) -> None:
    """Greylisted, then the clock goes back: not sooner, and not forgotten."""
    smtp_server.script = Script(rcpt=["450 4.2.0 greylisted"] * PEOPLE + ["250 ok"])
    later = forks.run(mia, "invite", "--yes")
    too_soon = forks.run(_at(mia, jump), "outbox", "send")
    taken_too_soon = len(smtp_server.accepted)
    in_time = forks.run(_at(mia, 2 * HOUR), "outbox", "send")

    assert later.code == too_soon.code == ExitCode.TRY_AGAIN
    assert taken_too_soon == 0
    assert in_time.code == ExitCode.OK, in_time
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(database, smtp_server.accepted) == []


@pytest.mark.parametrize(
    "moments",
    [
        ("2026-10-25T02:30+02:00", "2026-10-25T02:45+02:00", "2026-10-25T02:15+01:00"),
        ("2026-03-29T01:45+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"),
    ],
    ids=["an hour comes twice", "an hour is left out"],
)
def test_a_clock_on_the_wall_that_jumps_changes_no_wait(
    mia: Program,
    database: Database,
    smtp_server: ScriptedSmtp,
    forks: Forks,
    moments: tuple[str, str, str],
) -> None:
    """Fifteen minutes later is too soon, three quarters of an hour later is not."""
    smtp_server.script = Script(rcpt=["450 4.2.0 greylisted"] * PEOPLE + ["250 ok"])
    codes = [
        forks.run(Program(mia.config, {**mia.environ, "MIA_NOW": moment}), *words).code
        for moment, words in zip(
            moments,
            (("invite", "--yes"), ("outbox", "send"), ("outbox", "send")),
            strict=True,
        )
    ]

    assert codes == [ExitCode.TRY_AGAIN, ExitCode.TRY_AGAIN, ExitCode.OK]
    assert len(smtp_server.accepted) == PEOPLE
    assert differences(database, smtp_server.accepted) == []
