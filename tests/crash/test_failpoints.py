"""The boundaries of a run fail in every way, one after the other; then two books.

A small run goes from the draft of an invitation to its closed edition. At each place
that a failpoint can reach, before and after each commit and around each content, the
program is killed, its disk fails or is full, or somebody else holds the database. The
same command then goes on. Whatever it was: everybody has the invitation, the ledger
and the server agree, and a person was told in German what is wrong.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from mailer.outbox import patience
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from subscribers import failpoints
from subscribers.database import Database
from subscribers.failpoints import Action, Failpoint
from tests.books import differences
from tests.factories import a_subscriber
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from click.testing import Result

    from tests.forks import Forks
    from tests.servers import Received, ScriptedSmtp

PEOPLE: Final = 3

SECONDS: Final = 900
"""Some hundred runs of the program; a machine that does other things takes its time."""

STRIDE: Final = 1 if "MIA_TEST_MAILS" in os.environ else 4
"""``make crash`` fails at every place; the usual run at every fourth of those that come
once for each letter, and at each name once."""

MISSES: Final = 2
"""Runs that fail nowhere before there are no more places: some share a commit."""

INVITE: Final = ("invite", "--yes")
"""From the draft to the closed edition."""

SEND: Final = ("outbox", "send")
"""The same from where everything is issued; a tenth of the time."""

ON_THE_WIRE: Final = {"content.before", "content.after"}
"""Places where a failing line is the server's silence: a doubt, and no error."""

WRITTEN_PATIENTLY: Final = {
    f"{step}.{side}"
    for step in ("sweep", "claim", "entered")
    for side in ("before", "after")
}
"""Commits that a worker tries again for a while."""

CLAIMED_AHEAD: Final = {"claim.before", "claim.after"}
"""Commits that nobody may be waiting for yet: who needs a claim then, makes another."""

SAYS: Final = {
    Action.EIO: (ExitCode.UNAVAILABLE, "Die Datenbank ist nicht benutzbar"),
    Action.ENOSPC: (ExitCode.UNAVAILABLE, "Die Datenbank ist nicht benutzbar"),
    Action.LOCK: (ExitCode.TRY_AGAIN, "Die Datenbank ist gerade belegt"),
}
"""Exit code and words for a commit that fails."""


EVERYWHERE: Final = ON_THE_WIRE | {
    f"{step}.{side}"
    for step in ("draft", "issue", "sweep", "claim", "entered", "release", "close")
    for side in ("before", "after")
}
"""Places that every story comes to; a name that has gone is noticed here."""


@dataclass(frozen=True)
class Village:
    """One server for all runs, and a database for each."""

    settings_file: Path
    new_url: Callable[..., str]
    server: ScriptedSmtp

    @cached_property
    def empty(self) -> str:
        """The URL of a database with three people to invite."""
        with self.copy(None) as (mia, database), database.transaction() as db:
            for number in range(PEOPLE):
                a_subscriber(db, f"person{number}@netz.example")
        return mia.environ["MIA_DATABASE_URL"]

    @contextmanager
    def copy(self, like: str | None) -> Iterator[tuple[Program, Database]]:
        """Give the program on a copy of a database; the server forgets."""
        self.server.accepted.clear()
        url = self.new_url(like)
        database = Database(url, synchronous="OFF")
        mia = Program(self.settings_file, {"MIA_DATABASE_URL": url})
        yield mia.with_relay(self.server), database
        database.close()

    @property
    def taken(self) -> list[Received]:
        """What the server took since the last copy, once nobody talks to it."""
        while self.server.connections_open:
            time.sleep(0.002)
        return self.server.accepted

    def stories(self) -> Iterator[tuple[tuple[str, ...], str, Iterable[int]]]:
        """Yield the two halves of a run, each with the places where it shall fail.

        A command, the database it starts with, and numbers of places from 1.
        """
        with self.copy(self.empty) as (mia, _):
            seen: list[str] = []
            issued = mia.environ["MIA_DATABASE_URL"]
            struck = Struck(Failpoint("issue.after", Action.LOCK))
            with failpoints.armed(seen.append), failpoints.armed(struck):
                mia.here(*INVITE)
        assert struck.place == "issue.after"
        yield INVITE, self.empty, range(1, seen.index("issue.after") + 2)
        yield SEND, issued, count(1, STRIDE)


@dataclass(slots=True)
class Struck:
    """A failpoint that remembers where it failed first."""

    failpoint: Failpoint
    place: str = ""

    def __call__(self, name: str) -> None:
        """Fail as the failpoint does."""
        try:
            self.failpoint(name)
        except OSError:
            self.place = self.place or name
            raise


@pytest.fixture
def village(
    settings_file: Path, new_url: Callable[..., str], smtp_server: ScriptedSmtp
) -> Village:
    """The program, databases and a server."""
    return Village(settings_file, new_url, smtp_server)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(
    ("action", "stays", "seconds", "database"),
    [
        (Action.EIO, False, 60.0, "sqlite"),
        (Action.ENOSPC, True, 0.0, "sqlite"),
        (Action.LOCK, False, 0.0, "sqlite"),
        (Action.EIO, False, 60.0, "postgresql"),
    ],
    ids=["eio", "enospc, ever after", "lock", "eio, postgresql"],
    indirect=["database"],
)
def test_a_commit_that_fails_anywhere_loses_nothing(
    database: Database,
    village: Village,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    stays: bool,
    seconds: float,
) -> None:
    """For every place: exit code, a German sentence, and the next run ends it."""
    database.close()
    monkeypatch.setattr(patience, "PATIENCE", seconds)
    monkeypatch.setattr(patience, "PAUSE", 0.0)
    places: set[str] = set()
    for words, like, numbers in village.stories():
        misses = 0
        for number in numbers:
            failpoint = Failpoint(failpoints.ANY, action, number, stays=stays)
            place = _fail(village, words, like, failpoint)
            places.add(place)
            misses += not place
            if misses > MISSES:
                break
    # How many places there are depends on what shares a commit: none is left out.
    for place in sorted(EVERYWHERE - places):
        # A wire that fails for ever is a server that never answers, and no full disk.
        failpoint = Failpoint(place, action, stays=stays and place not in ON_THE_WIRE)
        assert _fail(village, INVITE, village.empty, failpoint) == place


def _fail(
    village: Village, words: tuple[str, ...], like: str, failpoint: Failpoint
) -> str:
    """Run a command that fails, and then to its end; return where it failed."""
    struck = Struck(failpoint)
    with village.copy(like) as (mia, database):
        with failpoints.armed(struck):
            failed = mia.here(*words)
        told = f"{struck.place}, {failpoint} of {' '.join(words)}"
        is_sat_out = patience.PATIENCE > 0 and struck.place in WRITTEN_PATIENTLY
        is_sat_out |= failed.exit_code == ExitCode.OK and struck.place in CLAIMED_AHEAD
        if struck.place and (
            failpoint.stays or not (is_sat_out or struck.place in ON_THE_WIRE)
        ):
            _check_told(failed, failpoint.action, told)
        assert differences(database, village.taken, at_rest=False) == [], told
        again = mia.here(*words)
        assert again.exit_code == ExitCode.OK, f"{told}: {again.stderr}"
        _check(database, village, told)
    return struck.place


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_kill_anywhere_leaves_nobody_out(
    database: Database, village: Village, forks: Forks
) -> None:
    """For every place: gone without a word, and the next run ends it."""
    database.close()
    for words, like, numbers in village.stories():
        misses = 0
        for number in numbers:
            told = f"place {number} of {' '.join(words)}"
            with village.copy(like) as (mia, copy):
                ended = forks.run(_killed_at(mia, number), *words)
                if not ended.was_killed:
                    assert ended.code == ExitCode.OK, f"{told}: {ended}"
                    misses += 1
                    if misses > MISSES:
                        break
                found = differences(copy, village.taken, at_rest=False)
                assert found == [], told
                again = forks.run(mia, *words)
                assert again.code == ExitCode.OK, f"{told}: {again}"
                _check(copy, village, told)
        assert number > PEOPLE, "killed nowhere"


def _killed_at(mia: Program, number: int) -> Program:
    """Return the program that ends at the n-th place it comes to."""
    armed = {failpoints.VARIABLE: f"{failpoints.ANY}:{Action.KILL}:{number}"}
    return Program(mia.config, {**mia.environ, **armed})


def _check_told(failed: Result, action: Action, where: str) -> None:
    code, words = SAYS[action]
    assert failed.exit_code == code, f"{where}: {failed.exit_code} {failed.stderr}"
    assert words in failed.stderr, where
    assert "Fehler im Programm" not in failed.stderr, where


def _check(database: Database, village: Village, where: str) -> None:
    """Assert what must hold once the run was brought to its end."""
    assert differences(database, village.taken) == [], where
    with database.reading() as db:
        deliveries = db.scalars(sa.select(Delivery)).all()
        editions = db.scalars(sa.select(Edition.state)).all()
    assert len(deliveries) == PEOPLE, where
    assert {one.state for one in deliveries} == {DeliveryState.ACCEPTED}, where
    assert editions == [EditionState.CLOSED], where
