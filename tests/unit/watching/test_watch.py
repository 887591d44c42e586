"""The watch: people are told once, on the way that works."""

from __future__ import annotations

import asyncio
import email
import email.policy
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from mailer.errors import ConnectionFailed
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.watching import pulses
from mailer.watching.models import Alarm, Cause, LoopName, Pulse
from subscribers.address import EmailAddress
from subscribers.models import Mailbox
from tests.conftest import PRESENT
from tests.servers import Script, ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from pathlib import Path

    from mailer.application import Application
    from mailer.settings import Settings
    from mailer.watching.watch import Watchman
    from subscribers.clock import FixedClock
    from subscribers.database import Database

COORDINATOR: Final = "k_sommer@aschersleben.de"
JAN: Final = "jan@technik.example"
AN_HOUR: Final = timedelta(hours=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The example network, with somebody who looks after the machine."""
    alarm = replace(settings.alarm, address=EmailAddress.parse(JAN), disk_free=0)
    return replace(settings, alarm=alarm)


@pytest.fixture
def watchman(application: Application) -> Watchman:
    """Who looks, as the daemon does."""
    return application.watchman(is_locked=True)


def look(watchman: Watchman) -> bool:
    """Look once."""
    return asyncio.run(watchman.look())


def fails(database: Database, name: LoopName) -> None:
    """Let a loop have failed for an hour."""
    away = ConnectionFailed("mail.example:587", "niemand antwortet")
    error = away if name is LoopName.SEND else ZeroDivisionError()
    with database.transaction() as db:
        pulses.begin(db, name, now=PRESENT)
        pulses.fail(db, name, pulses.Trouble.of(error), now=PRESENT - AN_HOUR)
        for other in set(LoopName) - {name, LoopName.DAEMON}:
            pulses.begin(db, other, now=PRESENT)
            pulses.succeed(db, other, now=PRESENT)


def recovers(database: Database, name: LoopName) -> None:
    """Let it be well again."""
    with database.transaction() as db:
        pulses.succeed(db, name, now=PRESENT)


def owed(database: Database) -> list[tuple[str, str | None, str]]:
    """Return occasion, address and subject of every letter in the ledger."""
    rows = (
        sa.select(Delivery.occasion, Mailbox.address, FrozenLetter.subject)
        .join(Mailbox, Mailbox.id == Delivery.mailbox_id)
        .join(FrozenLetter, FrozenLetter.occasion == Delivery.occasion)
        .order_by(Delivery.id)
    )
    with database.reading() as db:
        return [(one.occasion, one.address, one.subject) for one in db.execute(rows)]


def the_alarm(database: Database) -> Alarm:
    """Return the one alarm."""
    with database.reading() as db:
        return db.scalars(sa.select(Alarm)).one()


def parsed(content: bytes) -> EmailMessage:
    """Return a message as mail programs see it."""
    return email.message_from_bytes(content, policy=email.policy.default)


def test_the_ordinary_way_is_the_ledger_once_and_the_end_too(
    watchman: Watchman, database: Database, clock: FixedClock
) -> None:
    """Both people are told once, and once more when it is over."""
    fails(database, LoopName.PLAN)
    assert look(watchman)
    assert not look(watchman)
    title = "Achtung: Ein Teil des Programms arbeitet nicht"
    begun = [("alarm/1/1", COORDINATOR, title), ("alarm/1/2", JAN, title)]
    assert owed(database) == begun
    assert the_alarm(database).told_by == "outbox"
    recovers(database, LoopName.PLAN)
    clock.moment += timedelta(minutes=1)
    assert look(watchman)
    assert not look(watchman)
    over = "Entwarnung: Ein Teil des Programms arbeitet nicht"
    assert owed(database)[2:] == [
        ("all_clear/1/1", COORDINATOR, over),
        ("all_clear/1/2", JAN, over),
    ]


def second_relay(application: Application, server: ScriptedSmtp) -> Watchman:
    """Return who tells over a second relay."""
    settings = application.settings
    smtp = replace(settings.smtp, port=server.port)
    alarm = replace(settings.alarm, smtp=smtp)
    application.settings = replace(settings, alarm=alarm)
    return application.watchman(is_locked=True)


def test_a_relay_in_trouble_is_told_over_the_second_one(
    application: Application, database: Database
) -> None:
    """Nothing waits in the ledger; both get a message that mail programs can read."""
    fails(database, LoopName.SEND)
    with ScriptedSmtp() as server:
        watchman = second_relay(application, server)
        look(watchman)
        look(watchman)
    assert owed(database) == []
    assert [one.recipient for one in server.accepted] == [COORDINATOR, JAN]
    message = parsed(server.accepted[0].content)
    assert message["Subject"] == "Achtung: Der Mailserver nimmt nichts an"
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body(("plain",))
    assert body is not None
    assert "niemand antwortet" in body.get_content()
    assert the_alarm(database).told_by == "relay"


def test_a_second_relay_that_fails_too_is_tried_again(
    application: Application, database: Database
) -> None:
    """Nobody was told, so nothing is written down; the next look tries anew."""
    fails(database, LoopName.SEND)
    with ScriptedSmtp(Script(content=["451 later", "451 later", "250 ok"])) as server:
        watchman = second_relay(application, server)
        look(watchman)
        assert the_alarm(database).told_at is None
        look(watchman)
    assert the_alarm(database).told_at is not None
    assert len(server.accepted) == 2


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Return a command that writes its input and arguments into a file."""

    def write(name: str, code: int = 0) -> str:
        path = tmp_path / name
        out = tmp_path / f"{name}.out"
        path.write_text(
            f'#!/bin/sh\n{{ echo "$@"; cat; }} >> {out}\nexit {code}\n',
            encoding="utf-8",
        )
        path.chmod(0o700)
        return f"{path} -i --"

    return write


def with_alarm(
    application: Application, *, sendmail: str = "", command: str = ""
) -> Watchman:
    """Return who tells on these ways."""
    settings = application.settings
    alarm = replace(settings.alarm, sendmail=sendmail, command=command)
    application.settings = replace(settings, alarm=alarm)
    return application.watchman(is_locked=True)


def test_a_program_on_this_machine_is_a_second_way(
    application: Application,
    database: Database,
    script: Callable[..., str],
    tmp_path: Path,
) -> None:
    """It gets the recipient as last argument and a message with its own line ends."""
    fails(database, LoopName.SEND)
    watchman = with_alarm(application, sendmail=script("sendmail"))
    look(watchman)
    look(watchman)
    written = (tmp_path / "sendmail.out").read_bytes()
    assert written.count(f"-i -- {COORDINATOR}\n".encode()) == 1
    assert written.count(f"-i -- {JAN}\n".encode()) == 1
    assert b"\r" not in written
    assert the_alarm(database).told_by == "sendmail"


def test_without_a_second_way_people_learn_of_it_afterwards(
    watchman: Watchman, database: Database
) -> None:
    """An alarm that cannot leave is not put into a queue to arrive hours too late."""
    fails(database, LoopName.SEND)
    look(watchman)
    assert owed(database) == []
    recovers(database, LoopName.SEND)
    look(watchman)
    assert [(one[0], one[1]) for one in owed(database)] == [
        ("all_clear/1/1", COORDINATOR),
        ("all_clear/1/2", JAN),
    ]


def test_the_operators_command_gets_the_text_once(
    application: Application,
    database: Database,
    script: Callable[..., str],
    tmp_path: Path,
) -> None:
    """Whatever way the letter takes; a command that fails is asked again."""
    fails(database, LoopName.PLAN)
    look(with_alarm(application, command=script("broken", code=3)))
    assert the_alarm(database).hooked_at is None
    watchman = with_alarm(application, command=script("hook"))
    look(watchman)
    look(watchman)
    written = (tmp_path / "hook.out").read_text(encoding="utf-8")
    assert written.count("Achtung: Ein Teil des Programms arbeitet nicht") == 1
    assert "Was zu tun ist:" in written
    assert the_alarm(database).hooked_at is not None


@pytest.mark.parametrize("command", ["/gibt/es/nicht", "sh -c 'sleep 60'", "'offen"])
def test_a_broken_command_is_borne(
    application: Application, database: Database, command: str
) -> None:
    """Missing, too slow, badly written: the letter leaves all the same."""
    fails(database, LoopName.PLAN)
    settings = application.settings
    alarm = replace(
        settings.alarm, command=command, command_timeout=timedelta(milliseconds=50)
    )
    application.settings = replace(settings, alarm=alarm)
    assert look(application.watchman(is_locked=True))
    assert the_alarm(database).told_at is not None


def test_a_crash_between_sending_and_noting_repeats_and_never_loses(
    application: Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power fails after the second relay took it: it is told once more."""

    class PowerFailure(BaseException):
        """Nothing catches it."""

    def fail(*_: object, **__: object) -> None:
        raise PowerFailure

    fails(database, LoopName.SEND)
    with ScriptedSmtp() as server:
        watchman = second_relay(application, server)
        with monkeypatch.context() as patched:
            patched.setattr("mailer.watching.alarms.note", fail)
            with pytest.raises(PowerFailure):
                look(watchman)
        assert the_alarm(database).told_at is None
        look(watchman)
        look(watchman)
    assert len(server.accepted) == 4


def test_one_letter_tells_of_all_that_is_new(
    watchman: Watchman, database: Database
) -> None:
    """Two troubles at the same time are one letter, not two."""
    fails(database, LoopName.PLAN)
    with database.transaction() as db:
        db.get_one(Pulse, LoopName.SWEEP).failing_since = PRESENT - AN_HOUR
        db.get_one(Pulse, LoopName.SWEEP).cause = Cause.PROGRAM
    look(watchman)
    assert [subject for _, _, subject in owed(database)] == [
        "Achtung: Ein Teil des Programms arbeitet nicht, und 1 weitere Meldung"
    ] * 2
