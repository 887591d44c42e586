"""What the loops do: who is there, and what a round of each finds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailer.daemon.loop import Life
from mailer.daemon.work import loops
from mailer.errors import ConnectionFailed, TransportBusy
from mailer.settings import InboxMode, Security
from mailer.watching import pulses
from mailer.watching.models import LoopName
from tests.conftest import PRESENT
from tests.receiving import an_inbox
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.application import Application
    from mailer.daemon.loop import Loop
    from subscribers.database import Database


def named(application: Application, name: LoopName) -> Loop:
    """Return one of the loops."""
    found = loops(application, is_daemon=True)
    return next(one for one in found if one.name is name)


def test_the_mailbox_is_read_only_if_there_is_one(
    application: Application, tmp_path: Path
) -> None:
    """Three loops without a mailbox; with one, reading comes first."""
    three = [LoopName.PLAN, LoopName.SEND, LoopName.SWEEP]
    assert [one.name for one in loops(application, is_daemon=True)] == three
    settings = application.settings
    for change in ({"host": "imap.example"}, {"maildir": tmp_path}):
        inbox = replace(
            an_inbox(settings, 1, InboxMode.SHARED, security=Security.PLAIN, host=""),
            **change,
        )
        application.settings = replace(settings, inbox=inbox)
        found = loops(application, is_daemon=True)
        assert [one.name for one in found] == [LoopName.FETCH, *three]


def work(loop: Loop) -> bool:
    """Do one round of a loop."""

    async def once() -> bool:
        return await loop.work(Life())

    return asyncio.run(once())


def failing(application: Application, database: Database, port: int) -> Loop:
    """Return the send loop of a program whose last round failed; nothing waits."""
    application.settings = replace(
        application.settings, smtp=replace(application.settings.smtp, port=port)
    )
    away = ConnectionFailed("mail.example:587", "niemand antwortet")
    with database.transaction() as db:
        pulses.begin(db, LoopName.SEND, now=PRESENT)
        pulses.fail(db, LoopName.SEND, pulses.Trouble.of(away), now=PRESENT)
    return named(application, LoopName.SEND)


def test_a_relay_that_failed_is_asked_even_if_nothing_waits(
    application: Application, database: Database
) -> None:
    """Whether it is well again is what people want to know; then nobody asks more."""
    with ScriptedSmtp() as server:
        sending = failing(application, database, server.port)
        assert not work(sending)
        with database.transaction() as db:
            pulses.succeed(db, LoopName.SEND, now=PRESENT)
        work(sending)
    assert server.connections == 1


def test_a_relay_that_is_still_away_keeps_the_loop_failing(
    application: Application, database: Database
) -> None:
    """No letter waits, and yet the trouble is not over."""
    with ScriptedSmtp(Script(greeting="421 4.3.2 busy")) as server:
        sending = failing(application, database, server.port)
        with pytest.raises(TransportBusy):
            work(sending)
