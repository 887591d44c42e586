"""The main job, end to end: the program as a process, a real server, both databases."""

from __future__ import annotations

import email
import re
import signal
import time
from collections import Counter
from datetime import timedelta
from email import policy
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.editions.models import Edition
from mailer.editions.states import EditionState
from mailer.errors import ExitCode
from mailer.meetings.models import Meeting
from mailer.outbox.models import Attempt, Delivery
from mailer.outbox.states import DeliveryState
from subscribers import subscription
from subscribers.models import Subscription
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic
from tests.certificates import Certificate
from tests.conftest import PRESENT
from tests.factories import a_partner_contact, a_subscriber
from tests.program import Program
from tests.servers import End, Script, ScriptedSmtp, Turn, say

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from subscribers.database import Database
    from tests.servers import Received

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program on this test's database; no relay is set."""
    assert database.revision()
    return Program(settings_file, {"MIA_DATABASE_URL": database_url})


def people(database: Database, number: int) -> list[str]:
    """Enter *number* residents, every third in Leichte Sprache; return addresses."""
    addresses = [f"person{one:03}@netz.example" for one in range(1, number + 1)]
    with database.transaction() as db:
        for one, address in enumerate(addresses):
            style = LetterStyle.STANDARD if one % 3 else LetterStyle.EASY
            a_subscriber(db, address, name=None, style=style)
    return addresses


def states(database: Database) -> Counter[DeliveryState]:
    """Count the deliveries in each state."""
    with database.reading() as db:
        return Counter(db.scalars(sa.select(Delivery.state)))


def read(received: Received) -> EmailMessage:
    """Return one message as a mail program sees it."""
    return email.message_from_bytes(received.content, policy=policy.default)


def copies(server: ScriptedSmtp) -> Counter[str]:
    """Count what the server took responsibility for, by recipient."""
    return Counter(one.recipient for one in server.accepted)


@both
def test_everybody_gets_one_invitation_in_her_style(
    mia: Program, database: Database
) -> None:
    """One run invites residents and partners once each; a second run sends nothing."""
    addresses = people(database, 6)
    with database.transaction() as db:
        a_subscriber(db, "weg@netz.example", state=SubscriptionState.ENDED)
        a_subscriber(db, "wartet@netz.example", state=SubscriptionState.REQUESTED)
        a_partner_contact(db, address="person002@netz.example")

    with ScriptedSmtp() as server:
        first = mia.with_relay(server).run("invite", "--yes")
        second = mia.with_relay(server).run("invite", "--yes")

    assert first.returncode == ExitCode.OK, first.stderr
    assert second.returncode == ExitCode.OK, second.stderr
    assert copies(server) == Counter(addresses)
    assert re.search(r"^angenommen +6$", first.stdout, re.MULTILINE)
    easy = {
        one.recipient for one in server.accepted if "Leichter" in read(one)["Subject"]
    }
    assert easy == {"person001@netz.example", "person004@netz.example"}
    with database.reading() as db:
        assert db.scalars(sa.select(Edition.state)).all() == [EditionState.CLOSED]
        announced = db.scalars(
            sa.select(Meeting).where(Meeting.announced_at.is_not(None))
        )
        assert [one.ruled_on.isoformat() for one in announced if one.ruled_on] == [
            "2026-12-03"
        ]


def test_every_answer_of_the_server_is_in_the_ledger(
    mia: Program, database: Database
) -> None:
    """Refused, deferred and lost answers each get their state, reason and attempt."""
    people(database, 5)
    script = Script(
        rcpt={
            "person001@netz.example": "550 5.1.1 no such person",
            "person002@netz.example": "451 4.7.1 come back later",
        },
        content=["250 2.0.0 taken", Turn(b"", End.DROP, takes=True), "250 2.0.0 taken"],
    )

    with ScriptedSmtp(script) as server:
        ended = mia.with_relay(server).run("invite", "--yes")

    assert ended.returncode == ExitCode.TRY_AGAIN, ended.stderr
    assert states(database) == {
        DeliveryState.REFUSED: 1,
        DeliveryState.DEFERRED: 1,
        DeliveryState.ACCEPTED: 3,
    }
    assert "no such person" in ended.stdout
    assert "zweites Exemplar" in ended.stdout
    # Whose answer was lost depends on which lane was faster.
    (twice,) = [one for one, number in copies(server).items() if number > 1]
    same = {one.content for one in server.accepted if one.recipient == twice}
    assert copies(server)[twice] == 2
    assert len(same) == 1, "a second copy has identical bytes"
    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 6


def test_doubt_is_held_if_the_settings_say_so(mia: Program, database: Database) -> None:
    """With on_doubt = "hold" nobody gets a second copy, and the doubt is shown."""
    people(database, 2)
    script = Script(content=[Turn(b"", End.DROP, takes=True), "250 2.0.0 taken"])
    environ = {**mia.environ, "MIA_POLICY_ON_DOUBT": "hold"}

    with ScriptedSmtp(script) as server:
        held = Program(mia.config, environ).with_relay(server)
        ended = held.run("invite", "--yes")
        again = held.run("outbox", "send")

    assert ended.returncode == ExitCode.TRY_AGAIN
    assert again.returncode == ExitCode.TRY_AGAIN
    assert max(copies(server).values()) == 1
    assert states(database)[DeliveryState.UNCERTAIN] == 1
    assert "im Zweifel" in ended.stdout


@both
def test_kill_in_the_middle_leaves_nobody_out(mia: Program, database: Database) -> None:
    """After kill -9 the next run goes on; whoever got two is listed as in doubt."""
    addresses = people(database, 24)
    slow = Script(content=Turn(b"250 2.0.0 taken", wait=0.02))

    with ScriptedSmtp(slow) as server:
        program = mia.with_relay(server)
        process = program.start("invite", "--yes")
        _wait_until(lambda: len(server.accepted) >= 9)
        process.kill()
        process.communicate()
        ended = program.run("invite", "--yes")

    assert ended.returncode == ExitCode.OK, ended.stderr
    assert set(copies(server)) == set(addresses)
    with database.reading() as db:
        listed = {
            row.mailbox_id
            for row in db.scalars(sa.select(Delivery).where(Delivery.copies > 1))
        }
    twice = [address for address, number in copies(server).items() if number > 1]
    assert max(copies(server).values()) <= 2
    assert len(twice) <= len(listed) <= 4, "one for each connection"
    assert states(database) == {DeliveryState.ACCEPTED: len(addresses)}


def test_stop_finishes_the_message_in_flight(mia: Program, database: Database) -> None:
    """Ctrl-C ends with 130, loses nothing and doubts nothing; the next run goes on."""
    addresses = people(database, 12)
    slow = Script(content=Turn(b"250 2.0.0 taken", wait=0.02))

    with ScriptedSmtp(slow) as server:
        program = mia.with_relay(server)
        process = program.start("invite", "--yes")
        _wait_until(lambda: len(server.accepted) >= 3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        after_stop = states(database)
        ended = program.run("invite", "--yes")

    assert process.returncode == ExitCode.INTERRUPTED, said
    assert "Nichts ist verloren" in said
    assert after_stop[DeliveryState.QUEUED] > 0
    assert set(after_stop) == {DeliveryState.QUEUED, DeliveryState.ACCEPTED}
    assert ended.returncode == ExitCode.OK
    assert copies(server) == Counter(addresses)


def test_who_leaves_in_mid_run_gets_nothing(mia: Program, database: Database) -> None:
    """An end that is written during the run stops the mail that waits."""
    people(database, 6)
    slow = Script(content=Turn(b"250 2.0.0 taken", wait=0.1))

    with ScriptedSmtp(slow) as server:
        process = mia.with_relay(server).start("invite", "--yes")
        _wait_until(lambda: len(server.accepted) >= 1)
        with database.transaction() as db:
            db.execute(
                sa.update(Subscription)
                .where(Subscription.mailbox_id == 6)
                .values(state=SubscriptionState.ENDED)
            )
        process.communicate(timeout=30)

    assert "person006@netz.example" not in copies(server)
    assert states(database)[DeliveryState.SKIPPED] == 1


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        (Script(greeting="554 5.7.1 no"), ExitCode.UNAVAILABLE, "nimmt nichts an"),
        (Script(greeting="421 4.3.2 busy"), ExitCode.TRY_AGAIN, "bittet um Geduld"),
    ],
    ids=["refused", "busy"],
)
def test_a_relay_that_refuses_us_changes_nothing(
    mia: Program, database: Database, script: Script, code: ExitCode, words: str
) -> None:
    """Before anything is issued the relay is asked; its no costs nobody anything."""
    people(database, 2)

    with ScriptedSmtp(script) as server:
        ended = mia.with_relay(server).run("invite", "--yes")

    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr
    assert not states(database)
    with database.reading() as db:
        assert db.scalars(sa.select(Edition.state)).all() == [EditionState.DRAFT]


def test_a_refused_login_names_the_setting(mia: Program, database: Database) -> None:
    """A wrong password: exit 78, the sentence leads to [smtp], nothing is issued."""
    people(database, 1)
    refusing = Script(ehlo="250-relay.example\r\n250 AUTH PLAIN", auth="535 5.7.8 no")
    login = {"MIA_SMTP_USER": "mia", "MIA_SMTP_PASSWORD": "falsch"}

    with ScriptedSmtp(refusing) as server:
        ended = Program(mia.config, {**mia.environ, **login}).with_relay(server)
        result = ended.run("invite", "--yes")

    assert result.returncode == ExitCode.CONFIGURATION, result.stderr
    assert "lehnt die Anmeldung ab" in result.stderr
    assert "falsch" not in result.stdout + result.stderr
    assert not states(database)


@pytest.mark.parametrize("offered", [True, False], ids=["bad certificate", "no TLS"])
def test_nothing_is_sent_without_proven_protection(
    mia: Program, database: Database, offered: bool
) -> None:
    """A certificate nobody vouches for, or no STARTTLS: exit 69, nothing issued."""
    people(database, 1)
    script = Script() if offered else Script(ehlo="250 relay.example")

    with ScriptedSmtp(script, certificate=Certificate.UNKNOWN_CA) as server:
        environ = {**mia.with_relay(server).environ, "MIA_SMTP_SECURITY": "starttls"}
        result = Program(mia.config, environ).run("invite", "--yes")

    assert result.returncode == ExitCode.UNAVAILABLE, result.stderr
    assert ("Zertifikat" if offered else "STARTTLS") in result.stderr
    assert not server.received
    assert not states(database)


def test_an_unreachable_relay_is_said_in_german(
    mia: Program, database: Database
) -> None:
    """Nobody listens: exit 69, one sentence, nothing issued."""
    people(database, 1)
    environ = {
        **mia.environ,
        "MIA_SMTP_HOST": "127.0.0.1",
        "MIA_SMTP_PORT": "1",
        "MIA_SMTP_SECURITY": "plain",
    }

    ended = Program(mia.config, environ).run("invite", "--yes")

    assert ended.returncode == ExitCode.UNAVAILABLE
    assert "ist nicht erreichbar" in ended.stderr
    assert not states(database)


def test_a_relay_that_dies_in_mid_run_loses_nothing(
    mia: Program, database: Database
) -> None:
    """The server hangs up for good: what was not sent waits for the next run."""
    people(database, 4)
    bye = say("421 4.3.2 shutting down", End.DROP)
    script = Script(mail=["250 ok", "250 ok", bye])

    with ScriptedSmtp(script) as server:
        ended = mia.with_relay(server).run("invite", "--yes")

    assert ended.returncode == ExitCode.TRY_AGAIN, ended.stderr
    assert states(database) == {DeliveryState.ACCEPTED: 2, DeliveryState.QUEUED: 2}


def test_a_pause_that_is_over_is_no_reason_to_be_left_out(
    mia: Program, database: Database
) -> None:
    """Whose pause ends today is invited; whose pause goes on is not."""
    with database.transaction() as db:
        for address, days in (("wieder@netz.example", 0), ("noch@netz.example", 1)):
            person = a_subscriber(db, address)
            subscription.pause(
                db,
                person.mailbox,
                Topic.INVITATIONS,
                resume_on=PRESENT.date() + timedelta(days=days),
                now=PRESENT,
            )

    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).here("invite", "--yes")

    assert ended.exit_code == ExitCode.OK, ended.output
    assert copies(server) == {"wieder@netz.example": 1}


def test_dry_run_changes_nothing(mia: Program, database: Database) -> None:
    """--dry-run shows everything and writes nothing, not even the meetings."""
    people(database, 2)

    ended = mia.run("invite", "--dry-run")

    assert ended.returncode == ExitCode.OK, ended.stderr
    assert "Donnerstag, 3. Dezember 2026, 10:00 bis 13:00 Uhr" in ended.stdout
    assert "2 Personen" in ended.stdout
    with database.reading() as db:
        for table in (Meeting, Edition, Delivery):
            assert db.scalars(sa.select(table)).all() == []


def test_test_mail_goes_to_one_address_only(mia: Program, database: Database) -> None:
    """--test sends both styles to the named address, marked as a test."""
    people(database, 3)

    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).run("invite", "--test", "probe@netz.example")

    assert ended.returncode == ExitCode.OK, ended.stderr
    assert copies(server) == {"probe@netz.example": 2}
    assert all(read(one)["Subject"].startswith("Test: ") for one in server.accepted)
    with database.reading() as db:
        assert db.scalars(sa.select(Edition.state)).all() == [EditionState.DRAFT]


def test_without_a_terminal_nobody_is_asked(mia: Program, database: Database) -> None:
    """No --yes and nobody to ask: usage error, nothing issued."""
    people(database, 1)

    with ScriptedSmtp() as server:
        ended = mia.with_relay(server).run("invite")

    assert ended.returncode == ExitCode.USAGE
    assert "--yes" in ended.stderr
    assert not states(database)


def test_a_moved_meeting_supersedes_what_waits(
    mia: Program, database: Database
) -> None:
    """An invitation to the old time is not sent any more once the meeting moved."""
    people(database, 2)
    later = Script(rcpt="451 4.7.1 come back later")

    with ScriptedSmtp(later) as server:
        mia.with_relay(server).run("invite", "--yes")
    moved = mia.run("meetings", "move", "2026-12-03", "--to", "2026-12-10")
    with ScriptedSmtp() as server:
        mia.with_relay(server).run("outbox", "send")

    assert moved.returncode == ExitCode.OK, moved.stderr
    assert not server.accepted
    assert states(database) == {DeliveryState.SKIPPED: 2}


def _wait_until(happened: object, seconds: float = 30.0) -> None:
    assert callable(happened)
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
