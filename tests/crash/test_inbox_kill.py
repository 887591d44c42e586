"""kill -9 while a full mailbox is read, over and over; then count.

The real program reads a real server and is killed in the midst of it, until there is
nothing left to read. Each mail has then had exactly one effect: who wanted to leave
has left once, and the coordinator gets each question once. ``make crash`` does it
with 5,000 mails.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.inbound.models import Incoming, IncomingPlace
from mailer.outbox.models import Delivery
from subscribers.models import ConsentAct, ConsentRecord
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers_imap import ScriptedImap

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database

MAILS: Final = int(os.environ.get("MIA_TEST_MAILS", "120"))

KILLS: Final = 4
"""How often the program is killed on its way; each time after another stretch."""

SECONDS: Final = 600
"""A run that does not move on for so long hangs."""


def written(number: int) -> bytes:
    """Return a wish to leave, or a question; no two are alike."""
    body = "abmelden" if number % 2 else "Guten Tag, wann fährt der Bus? Danke!"
    return (
        f"Return-Path: <person{number}@netz.example>\r\n"
        f"From: person{number}@netz.example\r\nTo: mia@netz.example\r\n"
        f"Message-ID: <{number}@netz.example>\r\nSubject: Nachricht\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program, with everybody who wants to leave."""
    with database.transaction() as db:
        for number in range(1, MAILS, 2):
            a_subscriber(db, f"person{number}@netz.example")
    environ = {
        "MIA_DATABASE_URL": database_url,
        "MIA_INBOX_ADDRESS": "mia@netz.example",
        "MIA_INBOX_MODE": "dedicated",
        "MIA_INBOX_HOST": "127.0.0.1",
        "MIA_INBOX_SECURITY": "plain",
        "MIA_INBOX_PASSWORD": "geheim",
    }
    return Program(settings_file, environ)


def _taken(database: Database) -> int:
    with database.reading() as db:
        return db.scalars(sa.select(sa.func.count(Incoming.id))).one()


def _read_until(mia: Program, database: Database, enough: int) -> int | None:
    """Read until *enough* mails are taken, then kill; None if it was killed."""
    process = mia.start("inbox", "fetch")
    ends = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < ends:
        if _taken(database) >= enough:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.01)
    process.communicate(timeout=SECONDS)
    return None if process.returncode == -signal.SIGKILL else process.returncode


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 3)
def test_killed_over_and_over_each_mail_has_one_effect(
    mia: Program, database: Database
) -> None:
    """Whatever moment it is: no mail is lost, none has its effect twice."""
    with ScriptedImap() as server:
        for number in range(MAILS):
            server.inbox.add(written(number), server.arrived_at)
        program = Program(
            mia.config, {**mia.environ, "MIA_INBOX_PORT": str(server.port)}
        )
        killed, code = 0, None
        for kill in count(1):
            enough = MAILS * kill // (KILLS + 1) + kill if kill <= KILLS else MAILS * 2
            code = _read_until(program, database, enough)
            if code is not None:
                break
            killed += 1
        assert code == ExitCode.OK
        assert killed >= KILLS - 1
        left = server.contents()
        filed = server.contents("mia-erledigt") + server.contents("mia-weitergeleitet")
    assert left == []
    assert sorted(filed) == sorted(written(number) for number in range(MAILS))
    with database.reading() as db:
        kinds = Counter(db.scalars(sa.select(Incoming.effect)))
        acts = sa.select(ConsentRecord.mailbox_id, sa.func.count()).where(
            ConsentRecord.act == ConsentAct.WITHDRAWN
        )
        withdrawn = db.execute(acts.group_by(ConsentRecord.mailbox_id)).all()
        forwarded = db.scalars(
            sa.select(sa.func.count()).where(Delivery.occasion.like("forward/%"))
        ).one()
        unfiled = db.scalars(
            sa.select(sa.func.count()).where(IncomingPlace.filed_at.is_(None))
        ).one()
    assert kinds == {"left_list": MAILS // 2, "handed_over": MAILS - MAILS // 2}
    assert [times for _, times in withdrawn] == [1] * (MAILS // 2)
    assert forwarded == MAILS - MAILS // 2
    assert unfiled == 0
