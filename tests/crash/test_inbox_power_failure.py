"""Power fails at every commit while mail is taken, before it and after it; then count.

A mailbox with mails of several kinds is read. At the n-th commit the power fails, and
the connection to the server with it. The next start reads what is left. Whatever n
was: each message has had exactly one effect, none is lost, and all are filed.
"""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from mailer.inbound.drain import drain
from mailer.inbound.sources.imap import ImapSource
from mailer.settings import InboxMode, Security
from subscribers.database import Database
from tests.mains import Mains, PowerFailure
from tests.receiving import a_mail, a_taker, an_inbox, arrivals, effects, unfiled
from tests.servers_imap import ScriptedImap

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock

MAILS = [a_mail(1), a_mail(2, "human"), a_mail(3, "auto"), a_mail(1)]
"""The last one is the first one once more."""

DIFFERENT = 3


class Village:
    """A mail server, and the program that reads it, on one file after the other."""

    def __init__(self, settings: Settings, clock: FixedClock, folder: Path) -> None:
        self.settings = settings
        self.clock = clock
        self.folder = folder

    def read(self, database: Database, server: ScriptedImap) -> None:
        """Read the mailbox once."""
        inbox = an_inbox(
            self.settings, server.port, InboxMode.DEDICATED, security=Security.PLAIN
        )
        source = ImapSource(inbox, self.folder)
        try:
            drain(source, a_taker(database, self.clock))
        finally:
            source.close()

    def database(self, name: str) -> Database:
        """Return a fresh database in a file of its own."""
        file = self.folder / f"{name}.db"
        if not file.exists():
            shutil.copyfile(self.folder / "mia.db", file)
        return Database(f"sqlite:///{file}", synchronous="OFF")


def _server() -> ScriptedImap:
    server = ScriptedImap()
    for content in MAILS:
        server.inbox.add(content, server.arrived_at)
    return server


@pytest.fixture
def village(settings: Settings, clock: FixedClock, tmp_path: Path) -> Village:
    """The program in a folder of its own."""
    return Village(settings, clock, tmp_path)


@pytest.mark.parametrize("keeps_commit", [False, True], ids=["before", "after"])
def test_power_failure_at_any_commit_does_nothing_twice(
    village: Village, keeps_commit: bool
) -> None:
    """For every n: restart, and each message has had its one effect."""
    whole = village.database("whole")
    seen = count()
    event.listen(whole.engine, "commit", lambda _: next(seen))
    with _server() as server:
        village.read(whole, server)
    commits = next(seen)
    whole.close()
    assert commits > len(MAILS)

    for number in range(1, commits + 1):
        name = f"fails-at-{number}"
        with _server() as server:
            failing = village.database(name)
            Mains(failing, fails_at=number, keeps_commit=keeps_commit)
            with pytest.raises(PowerFailure):
                village.read(failing, server)
            failing.close()
            restarted = village.database(name)
            village.read(restarted, server)
            where = f"commit {number} of {commits}"
            assert effects(restarted) == [1] * DIFFERENT, where
            assert len(arrivals(restarted)) == DIFFERENT, where
            assert unfiled(restarted) == 0, where
            assert server.contents() == [], where
            filed = server.contents("mia-erledigt")
            shown = server.contents("mia-weitergeleitet")
            assert sorted(filed + shown) == sorted(MAILS), where
            restarted.close()
