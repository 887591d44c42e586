"""Pages: who shares one, and who is not waited for."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.outbox import journal, ledger
from mailer.outbox.blame import Judge
from mailer.outbox.journal import Journal
from mailer.outbox.ledger import Ending
from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from subscribers import failpoints
from subscribers.scribe import Scribe
from tests.outgoing import issued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.application import Application
    from mailer.outbox.ledger import Claim

LEASE = timedelta(minutes=20)
TAKEN = Outcome(Verdict.ACCEPTED, SmtpReply(250, "taken"))


class Desk:
    """Three claims, a journal, and how many pages it has written."""

    def __init__(self, application: Application, scribe: Scribe) -> None:
        self._now = application.clock.now()
        with application.database.transaction() as db:
            self.first, self.second, self.third = ledger.claim(
                db, worker="A", limit=3, lease=LEASE, now=self._now
            )
        self.pages = 0
        self._journal = Journal(
            scribe,
            application.clock,
            worker="A",
            lease=LEASE,
            judge=Judge(3),
            told=lambda *_: None,
            alarmed=lambda: None,
        )

    def count(self, name: str) -> None:
        """Count what is durable."""
        self.pages += name == "entered.after"

    async def asked(self, *claims: Claim) -> list[bool]:
        """Ask whether the contents of *claims* may leave, all together."""
        return await asyncio.gather(*map(self._journal.mark, claims))

    async def mark(self, *claims: Claim) -> None:
        """Let the contents of *claims* leave."""
        assert all(await self.asked(*claims))

    def taken(self, claimed: Claim) -> None:
        """Hand in that the server has taken it."""
        self._journal.record(Ending(claimed, TAKEN, self._now, timedelta()))

    async def written(self) -> None:
        """Wait until all is durable."""
        await self._journal.written()


@pytest.fixture
def desk(application: Application) -> Iterator[Desk]:
    """A desk over a real ledger."""
    issued(application, people=3)
    with closing(Scribe(application.database)) as scribe:
        desk = Desk(application, scribe)
        with failpoints.armed(desk.count):
            yield desk


def test_lanes_that_ask_together_share_a_page(desk: Desk) -> None:
    """Three marks, one commit."""
    asyncio.run(desk.mark(desk.first, desk.second, desk.third))
    assert desk.pages == 1


def test_one_mark_is_for_one_content(desk: Desk) -> None:
    """A worker who slept past his lease may have claimed the same letter twice."""
    told = asyncio.run(desk.asked(desk.first, desk.second, desk.first))
    assert told == [True, True, False]


def test_an_answer_that_is_due_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes a little later than the other one, and stands on the same page."""
    monkeypatch.setattr(journal, "MOMENT", 60.0)

    async def story() -> None:
        await desk.mark(desk.first, desk.second)
        desk.taken(desk.first)
        asking = asyncio.create_task(desk.mark(desk.third))
        await asyncio.sleep(0.05)
        assert desk.pages == 1
        desk.taken(desk.second)
        await asking
        await desk.written()

    asyncio.run(story())
    assert desk.pages == 2


def test_who_does_not_answer_is_not_waited_for_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One moment is lost; then pages are written with whoever is there."""

    async def story() -> None:
        await desk.mark(desk.first)
        await desk.mark(desk.second)
        monkeypatch.setattr(journal, "MOMENT", 60.0)
        await asyncio.wait_for(desk.mark(desk.third), 30)

    asyncio.run(story())
    assert desk.pages == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_writes_while_others_are_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lanes go on in that time, so nothing is won by waiting."""
    monkeypatch.setattr(journal, "MOMENT", 60.0)

    async def story() -> None:
        await desk.mark(desk.first)
        await asyncio.wait_for(desk.mark(desk.second), 30)

    asyncio.run(story())
    assert desk.pages == 2
