"""The reader against a real server: Debian's Dovecot."""

from __future__ import annotations

import threading
from dataclasses import replace
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.errors import (
    InboxCertificateRefused,
    InboxFolderMissing,
    InboxLoginRefused,
)
from mailer.inbound.doorbell import Doorbell
from mailer.inbound.drain import drain
from mailer.inbound.kinds import Kind
from mailer.inbound.sources.imap import ImapSource
from mailer.settings import InboxMode, Security
from subscribers.clock import FixedClock, SystemClock
from subscribers.models import Subscription
from subscribers.states import SubscriptionState
from tests import dovecot
from tests.certificates import ca_file
from tests.program import Program
from tests.receiving import a_mail, a_taker, an_inbox, effects, unfiled
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

    from mailer.inbound.drain import Drained
    from mailer.settings import Inbox, Settings
    from subscribers.database import Database
    from tests.dovecot import Dovecot

pytestmark = pytest.mark.dovecot


@pytest.fixture
def server() -> Iterator[Dovecot]:
    """A server with one empty mailbox."""
    with dovecot.running() as server:
        yield server


@pytest.fixture
def clock() -> FixedClock:
    """The present moment, since Dovecot dates what arrives by the machine's clock."""
    return FixedClock(SystemClock().now())


@pytest.fixture
def inbox(server: Dovecot, settings: Settings) -> Inbox:
    """Its mailbox, shared with a person."""
    return an_inbox(settings, server.port, InboxMode.SHARED, security=Security.PLAIN)


def read(inbox: Inbox, database: Database, clock: FixedClock, home: Path) -> Drained:
    """Read once."""
    source = ImapSource(inbox, home)
    taker = a_taker(
        database,
        clock,
        is_shared=inbox.mode is InboxMode.SHARED,
        has_folder=bool(inbox.processed_folder),
    )
    try:
        return drain(source, taker)
    finally:
        source.close()


def test_a_dedicated_mailbox_is_emptied(
    server: Dovecot, inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """Byte for byte what arrived, in the two folders that were made for it."""
    inbox = replace(inbox, mode=InboxMode.DEDICATED, human_folder="Für Menschen")
    for number in range(3):
        server.add(a_mail(number))
    server.add(a_mail(3, "human"))
    server.add(a_mail(2))  # the same bytes once more
    drained = read(inbox, database, clock, tmp_path)
    assert drained.taken == {Kind.COMMAND: 3, Kind.HUMAN: 1}
    assert (drained.known, drained.filed) == (1, 5)
    assert server.contents() == []
    assert sorted(server.contents("mia-erledigt")) == sorted(
        [a_mail(0), a_mail(1), a_mail(2), a_mail(2)]
    )
    assert server.contents("Für Menschen") == [a_mail(3, "human")]
    assert effects(database) == [1, 1, 1, 1]


def test_a_persons_mailbox_stays_as_it_is(
    server: Dovecot, inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """Unread stays unread, read stays read; what she has read is taken too."""
    inbox = replace(inbox, processed_folder="")
    server.add(a_mail(1))
    server.add(a_mail(2, "human"))
    server.add(a_mail(3), flags=r"\Seen")
    assert read(inbox, database, clock, tmp_path).taken.total() == 3
    assert server.flags() == [(), (), (r"\Seen",)]
    assert len(server.contents()) == 3
    assert read(inbox, database, clock, tmp_path).taken.total() == 0
    assert unfiled(database) == 0


def test_a_persons_mailbox_loses_only_what_is_ours(
    server: Dovecot, inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """If a folder is named for it."""
    server.add(a_mail(1))
    server.add(a_mail(2, "human"))
    read(inbox, database, clock, tmp_path)
    assert server.contents() == [a_mail(2, "human")]
    assert server.contents("mia-erledigt") == [a_mail(1)]


def test_a_new_numbering_does_nothing_twice(
    server: Dovecot, inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """A folder that was made anew counts from one again."""
    inbox = replace(inbox, folder="Eingang", processed_folder="")
    for _ in range(2):
        with server.opened() as mailbox:
            if mailbox.folder.exists("Eingang"):
                mailbox.folder.delete("Eingang")
            mailbox.folder.create("Eingang")
            mailbox.append(a_mail(1), "Eingang")
        read(inbox, database, clock, tmp_path)
    assert effects(database) == [1]


def test_it_says_what_is_wrong(
    inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """A wrong password, a folder that is not there."""
    with pytest.raises(InboxLoginRefused):
        read(replace(inbox, password="falsch"), database, clock, tmp_path)
    with pytest.raises(InboxFolderMissing):
        read(replace(inbox, folder="Nirgends"), database, clock, tmp_path)


def test_a_password_with_umlauts_is_taken_as_plain(
    inbox: Inbox, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """The server's no is about the password, not about its signs."""
    with pytest.raises(InboxLoginRefused):
        read(replace(inbox, password="Grüße"), database, clock, tmp_path)


@pytest.mark.parametrize("security", Security)
def test_the_bell_rings(
    server: Dovecot, inbox: Inbox, tmp_path: Path, security: Security
) -> None:
    """IDLE, in clear text, after STARTTLS and under TLS, and what comes is told."""
    port = server.tls_port if security is Security.TLS else server.port
    inbox = replace(inbox, port=port, security=security, ca_file=ca_file())
    rung = threading.Semaphore(0)
    with Doorbell(inbox, tmp_path, rung.release, seconds=60):
        assert rung.acquire(timeout=60)
        for number in range(3):
            server.add(a_mail(number))
            assert rung.acquire(timeout=60)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mailbox_is_read_under_tls(
    server: Dovecot,
    inbox: Inbox,
    database: Database,
    clock: FixedClock,
    tmp_path: Path,
    security: Security,
) -> None:
    """With a certificate that is checked."""
    port = server.tls_port if security is Security.TLS else server.port
    inbox = replace(inbox, port=port, security=security)
    server.add(a_mail(1))
    with pytest.raises(InboxCertificateRefused):
        read(inbox, database, clock, tmp_path)
    trusting = replace(inbox, ca_file=ca_file())
    assert read(trusting, database, clock, tmp_path).taken.total() == 1


def from_egon(body: str, **headers: str) -> bytes:
    """Return what Egon writes in his mail program."""
    lines = [
        "Return-Path: <egon@post.example>",
        "From: Egon Muster <egon@post.example>",
        f"To: {dovecot.USER}",
        f"Message-ID: <{len(body)}@post.example>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


def test_egon_joins_confirms_and_leaves_by_mail_only(
    server: Dovecot, settings_file: Path, database_url: str, database: Database
) -> None:
    """The real program, a real mailbox: three mails of his, three of ours."""
    with ScriptedSmtp() as relay:
        environ = {
            "MIA_DATABASE_URL": database_url,
            "MIA_INBOX_ADDRESS": dovecot.USER,
            "MIA_INBOX_MODE": "dedicated",
            "MIA_INBOX_HOST": "127.0.0.1",
            "MIA_INBOX_PORT": str(server.port),
            "MIA_INBOX_SECURITY": "plain",
            "MIA_INBOX_PASSWORD": dovecot.PASSWORD,
        }
        mia = Program(settings_file, environ).with_relay(relay)

        def read() -> Message:
            ended = mia.here("inbox", "fetch", "--send")
            assert ended.exit_code == 0, ended.stderr
            return message_from_bytes(relay.accepted[-1].content)

        server.add(from_egon("Bitte nehmen Sie mich in den Verteiler auf."))
        asked = read()
        assert states(database) == [SubscriptionState.REQUESTED]
        quoted = {"Subject": f"AW: {asked['Subject']}"}
        answer = from_egon("Ja", In_Reply_To=asked["Message-ID"], **quoted)
        server.add(answer)
        read()
        assert states(database) == [SubscriptionState.ACTIVE]
        server.add(from_egon("Abmelden"))
        read()
    assert SubscriptionState.ACTIVE not in states(database)
    assert [one.recipient for one in relay.accepted] == ["egon@post.example"] * 3
    assert server.contents() == []
    assert len(server.contents("mia-erledigt")) == 3


def states(database: Database) -> list[SubscriptionState]:
    """Return the states of all subscriptions."""
    with database.reading() as db:
        return list(db.scalars(sa.select(Subscription.state)))
