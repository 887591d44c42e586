"""Power fails at every commit of a run, before it and after it; then count.

A run of three invitations goes to a real server. At the n-th commit the power fails:
nothing after it is executed, not even clean-up. The next start recovers. Whatever n
was: nobody is left out, nobody gets three, and who got two is listed.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from mailer.application import Application
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionEvent
from mailer.outbox import issuing
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from mailer.outbox.worker import Watch
from mailer.transport.smtp import SmtpTransport
from tests.factories import a_meeting, a_subscriber
from tests.mains import Mains, PowerFailure
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database

PEOPLE = 3


def _prepared(settings: Settings, clock: FixedClock, file: Path) -> Application:
    """Return the program on the database *file*."""
    database = replace(settings.database, url=f"sqlite:///{file}")
    return Application(replace(settings, database=database), clock)


def _issued(application: Application, clock: FixedClock) -> None:
    """Issue an invitation to three people."""
    with application.database.transaction() as db:
        for number in range(PEOPLE):
            a_subscriber(db, f"person{number}@netz.example")
        meeting = a_meeting(db, venue="treffpunkt")
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=clock.now())
        drafting.move(edition, EditionEvent.APPROVE, now=clock.now())
        issuing.issue(db, edition, application.press, now=clock.now())


def _run(application: Application, server: ScriptedSmtp) -> None:
    """Drain the outbox once, as ``mia outbox send`` does."""

    async def drain() -> None:
        smtp = replace(application.settings.smtp, port=server.port)
        transport = SmtpTransport(smtp)
        try:
            await application.worker(transport).drain(Watch())
        finally:
            await transport.close()

    asyncio.run(drain())


def _commits_of_a_run(application: Application, server: ScriptedSmtp) -> int:
    """Count the commits of a run without any failure."""
    seen = count()
    event.listen(application.database.engine, "commit", lambda _: next(seen))
    _run(application, server)
    return next(seen)


@pytest.mark.parametrize("keeps_commit", [False, True], ids=["before", "after"])
def test_power_failure_at_any_commit_leaves_nobody_out(
    settings: Settings, clock: FixedClock, tmp_path: Path, keeps_commit: bool
) -> None:
    """For every n: restart, and each person has one letter, or two that are listed."""
    original = tmp_path / "issued.db"
    shutil.copy(tmp_path / "mia.db", original)
    first = _prepared(settings, clock, original)
    _issued(first, clock)
    first.close()
    with ScriptedSmtp() as server:
        whole = _prepared(settings, clock, _copied(original, "whole"))
        commits = _commits_of_a_run(whole, server)
        whole.close()
    assert commits > PEOPLE

    for number in range(1, commits + 1):
        file = _copied(original, f"fails-at-{number}")
        with ScriptedSmtp() as server:
            failing = _prepared(settings, clock, file)
            Mains(failing.database, fails_at=number, keeps_commit=keeps_commit)
            with pytest.raises(PowerFailure):
                _run(failing, server)
            failing.close()
            restarted = _prepared(settings, clock, file)
            _run(restarted, server)
            _check(restarted.database, server, f"commit {number} of {commits}")
            restarted.close()


def _copied(original: Path, stem: str) -> Path:
    """Return a copy of a closed database, beside it."""
    return shutil.copyfile(original, original.with_name(f"{stem}.db"))


def _check(database: Database, server: ScriptedSmtp, where: str) -> None:
    held = Counter(one.recipient for one in server.accepted)
    with database.reading() as db:
        deliveries = db.scalars(sa.select(Delivery)).all()
    assert len(held) == PEOPLE, where
    assert {one.state for one in deliveries} == {DeliveryState.ACCEPTED}, where
    listed = sum(one.copies > 1 for one in deliveries)
    twice = sum(number > 1 for number in held.values())
    assert twice <= listed <= 1, where
    assert max(held.values()) <= 2, where
