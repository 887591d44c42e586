"""Workers are killed at random moments, over thousands of deliveries; then two books.

Each round sends one edition to many people, through a server that now and then hangs
up after the final dot, having taken the letter or not. Workers are killed at a random
place (a failpoint) or after a random time (kill -9), on PostgreSQL two at once, until
one comes to its end. After each death, and at the end, the server's book is compared
with the ledger.

``make chaos`` does it for two minutes on each database, or for ``MIA_CHAOS_SECONDS``;
here it takes some seconds. What is drawn follows from the seed that is printed:
``MIA_CHAOS_SEED`` draws the same again.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - drawn from a seed, to be drawn again
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent
from mailer.errors import ExitCode
from mailer.outbox import issuing
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import failpoints
from subscribers.database import Database
from tests.books import MOST_COPIES, differences
from tests.factories import a_meeting, a_subscriber
from tests.program import Program
from tests.servers import End, Script, Turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailer.application import Application
    from tests.forks import Forks, Running
    from tests.servers import ScriptedSmtp

CHAOS_SECONDS: Final = float(os.environ.get("MIA_CHAOS_SECONDS", "4"))
"""How long workers are killed, on each database; the last round is brought to its end
in peace."""

SEED: Final = int(os.environ.get("MIA_CHAOS_SEED", "0")) or time.time_ns() % 10**9

PEOPLE: Final = 1_000 if CHAOS_SECONDS > 60 else 200
"""Readers of one edition."""

LOST_ANSWERS: Final = 0.02
"""How often the server hangs up instead of answering a letter."""

LONGEST_LIFE: Final = 1.5
"""Seconds after which a worker is killed at the latest."""

PATIENCE: Final = 600
"""Seconds for the last round and for what the machine does besides."""

LEAST_DEATHS: Final = 3
"""So many there are, even if the machine is slow."""

FINE: Final = (ExitCode.OK, ExitCode.TRY_AGAIN)
"""How a worker ends that was not killed: what was lost twice stays open, in doubt."""

TAKEN: Final = "250 2.0.0 taken"
LOST: Final = (Turn(end=End.DROP), Turn(end=End.DROP, takes=True), Turn(end=End.RESET))


@dataclass(slots=True)
class Chaos:
    """One sweep over one database.

    Attributes:
        draw: Where all that is random comes from.
        workers: How many run at once.
        deaths, letters, second_copies: What happened.
    """

    mia: Program
    server: ScriptedSmtp
    forks: Forks
    draw: random.Random
    workers: int
    ends_at: float
    deaths: int = 0
    letters: int = 0
    second_copies: int = 0

    def round(self, url: str) -> None:
        """Send one edition, whatever happens to the workers."""
        self.server.accepted.clear()
        self.server.script = Script(content=self._answers())
        database = Database(url, synchronous="OFF")
        environ = {**self.mia.environ, "MIA_DATABASE_URL": url}
        mia = Program(self.mia.config, environ).with_relay(self.server)
        while any(self._life(mia)):
            self._wait_for_silence()
            found = differences(database, self.server.accepted, at_rest=False)
            assert found == [], f"seed {SEED}"
        self._check(database)
        database.close()

    @property
    def is_over(self) -> bool:
        """Whether nobody needs to die any more."""
        return self.deaths >= LEAST_DEATHS and time.monotonic() > self.ends_at

    def _answers(self) -> list[Turn | str]:
        """Return what the server says to letters; the last answer for ever."""
        return [
            self.draw.choice(LOST) if self.draw.random() < LOST_ANSWERS else TAKEN
            for _ in range(PEOPLE)
        ] + [TAKEN]

    def _life(self, mia: Program) -> list[bool]:
        """Let workers run until each was killed or came to its end; say which."""
        running = [self._started(mia) for _ in range(self.workers)]
        for one, lives_for in running:
            if lives_for is not None:
                time.sleep(lives_for)
                one.kill()
        ends = [self.forks.wait(one) for one, _ in running]
        for end in ends:
            assert end.was_killed or end.code in FINE, f"seed {SEED}: {end}"
        self.deaths += sum(end.was_killed for end in ends)
        return [end.was_killed for end in ends]

    def _started(self, mia: Program) -> tuple[Running, float | None]:
        """Start a worker; with it, after how many seconds it is to be killed."""
        environ, lives_for = {**mia.environ}, None
        in_peace = self.is_over
        if not in_peace and self.draw.random() < 0.5:
            number = self.draw.randrange(1, PEOPLE * 2)
            environ[failpoints.VARIABLE] = f"{failpoints.ANY}:kill:{number}"
        elif not in_peace:
            lives_for = self.draw.uniform(0.05, LONGEST_LIFE)
        return self.forks.start(Program(mia.config, environ), "outbox", "send"), (
            lives_for
        )

    def _wait_for_silence(self) -> None:
        """Wait until the server has read what dead workers had sent."""
        while self.server.connections_open:
            time.sleep(0.002)

    def _check(self, database: Database) -> None:
        """Compare the books: nobody left out, nobody thrice, every second one known."""
        assert differences(database, self.server.accepted) == [], f"seed {SEED}"
        with database.reading() as db:
            rows = db.execute(sa.select(Delivery.state, Delivery.copies)).all()
        assert len(rows) == PEOPLE
        for state, copies in rows:
            is_doubtful = state is DeliveryState.UNCERTAIN and copies == MOST_COPIES
            assert state is DeliveryState.ACCEPTED or is_doubtful, f"seed {SEED}"
        self.letters += PEOPLE
        self.second_copies += sum(copies > 1 for _, copies in rows)


@pytest.mark.slow
@pytest.mark.timeout(CHAOS_SECONDS * 3 + PATIENCE)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_whenever_workers_die_the_two_books_agree(
    database: Database,
    application: Application,
    settings_file: Path,
    new_url: Callable[..., str],
    smtp_server: ScriptedSmtp,
    forks: Forks,
) -> None:
    """Nobody is left out, nobody gets three, and every second copy is listed."""
    issued = application.settings.database.url
    _issue(application)
    database.close()
    chaos = Chaos(
        mia=Program(settings_file),
        server=smtp_server,
        forks=forks,
        draw=random.Random(SEED),  # noqa: S311 - no secret
        workers=1 if database.is_sqlite else 2,
        ends_at=time.monotonic() + CHAOS_SECONDS,
    )
    while not chaos.is_over:
        chaos.round(new_url(issued))
    print(  # noqa: T201 - for `make chaos`
        f"\nseed {SEED}: {chaos.letters} letters, {chaos.deaths} deaths, "
        f"{chaos.second_copies} second copies; the two books agree."
    )


def _issue(application: Application) -> None:
    """Issue an invitation to everybody."""
    now = application.clock.now()
    with application.database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
        meeting = a_meeting(db, venue="treffpunkt")
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=now)
        drafting.move(edition, EditionEvent.APPROVE, now=now)
        issuing.issue(db, edition, application.press, now=now)
