"""Incoming mail for tests: written by invented people and machines, put on the desk."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from mailer.application import Application
from mailer.inbound import effects
from mailer.inbound.classify import classify
from mailer.inbound.desk import Desk
from mailer.inbound.kinds import Classified, CommandKind, Kind
from mailer.inbound.models import Incoming
from mailer.inbound.reading import Message, read
from mailer.outbox.lanes import Watch
from mailer.outbox.models import Delivery, FrozenLetter
from mailer.rendering.parcel import Outcome, Verdict
from mailer.settings.model import InboxMode
from subscribers import mailboxes, subscription
from subscribers.address import EmailAddress
from subscribers.topics import Topic
from tests.factories import a_subscriber

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from email.message import EmailMessage

    from mailer.rendering.parcel import Parcel
    from mailer.settings import Settings
    from subscribers.clock import FixedClock
    from subscribers.database import Database, Db
    from subscribers.models import MailboxId
    from subscribers.states import SubscriptionState

EGON: Final = "egon@post.example"
"""He writes to us in these tests."""

INBOX: Final = EmailAddress.parse("mia@stadt.example")

_numbers = count(1)


def a_mail(
    sender: str = "egon@post.example",
    body: str = "",
    *,
    subject: str = "",
    return_path: str | None = None,
    **fields: str,
) -> bytes:
    """Return a plain mail; *fields* are further headers, with _ for -."""
    number = next(_numbers)
    lines = [
        f"Return-Path: <{sender if return_path is None else return_path}>",
        f"From: {sender}",
        f"To: {INBOX.text}",
        f"Subject: {subject}",
        "Date: Mon, 23 Nov 2026 08:00:00 +0100",
        *([] if "Message_ID" in fields else [f"Message-ID: <{number}@post.example>"]),
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


def a_command(command: CommandKind, **fields: Any) -> Classified:
    """Return what the classifier says of a clear command."""
    return Classified(Kind.COMMAND, "command.test", "Test.", command=command, **fields)


@dataclass
class Post:
    """The network's post office in a test: takes mail, sends letters.

    Attributes:
        sent: Everything that left, oldest first.
    """

    application: Application
    clock: FixedClock
    sent: list[Parcel]

    @property
    def desk(self) -> Desk:
        """What mail is worked on with."""
        return Desk(self.application.press, self.application.keys)

    @property
    def database(self) -> Database:
        """Where everything is written."""
        return self.application.database

    def take(
        self,
        content: bytes,
        classified: Classified | None = None,
        *,
        source: str = "imap/INBOX",
        octets: int | None = None,
    ) -> str:
        """Let one mail have its effect; without *classified* it is read for real."""
        now = self.clock.now()
        with self.database.transaction() as db:
            known = classified or self.classified(db, content)
            incoming = Incoming(
                digest=hashlib.sha256(content).hexdigest(),
                source=source,
                received_at=now,
                octets=octets or len(content),
                kind=known.kind,
                rule=known.rule,
                raw=content if known.kind is Kind.HUMAN else None,
            )
            db.add(incoming)
            db.flush()
            effect = effects.apply(self.desk, db, known, content, incoming, now)
            incoming.effect, incoming.effected_at = effect, now
            return effect

    def classified(self, db: Db, content: bytes) -> Classified:
        """Return what a mail is, read for real."""
        message = read(content)
        world = self.application.world
        if isinstance(message, Message):
            now = self.clock.now()
            world = effects.world_of(db, self.desk, world, message, now)
        return classify(content, world)

    def send(self) -> list[EmailMessage]:
        """Send all that is owed; return it as mail programs see it."""
        before = len(self.sent)
        worker = self.application.worker(_Collector(self.sent))
        asyncio.run(worker.drain(Watch()))
        return [opened(bytes(one.content)) for one in self.sent[before:]]

    def owed(self) -> list[tuple[str, str]]:
        """Return occasion and address of every letter in the ledger."""
        with self.database.reading() as db:
            rows = db.execute(
                sa.select(Delivery.occasion, Delivery.mailbox_id).order_by(Delivery.id)
            )
            return [(occasion, str(mailbox_id)) for occasion, mailbox_id in rows]

    def subjects(self) -> list[str]:
        """Return the subjects of all letters in the ledger, oldest first."""
        with self.database.reading() as db:
            joined = sa.select(FrozenLetter.subject).join(
                Delivery, Delivery.occasion == FrozenLetter.occasion
            )
            return list(db.scalars(joined.order_by(Delivery.id)))


class _Collector:
    """A transport that keeps what it gets."""

    def __init__(self, sent: list[Parcel]) -> None:
        self.sent = sent

    async def send(
        self,
        parcel: Parcel,
        before_content: Callable[[], Awaitable[bool]],
        _upcoming: Callable[[], Parcel | None] = lambda: None,
    ) -> Outcome:
        """Take *parcel*."""
        if not await before_content():
            return Outcome(Verdict.NOT_SENT)
        self.sent.append(parcel)
        return Outcome(Verdict.ACCEPTED)


def egon_is_with_us(post: Post, **fields: Any) -> MailboxId:
    """Enter Egon; return the id of his mailbox."""
    with post.database.transaction() as db:
        return a_subscriber(db, EGON, name=None, **fields).mailbox.id


def state(post: Post, address: str = EGON) -> SubscriptionState | None:
    """Return where the subscription of *address* stands."""
    with post.database.reading() as db:
        mailbox = mailboxes.find(db, EmailAddress.parse(address))
        row = subscription.find(db, mailbox, Topic.INVITATIONS) if mailbox else None
        return row.state if row is not None else None


def opened(content: bytes) -> EmailMessage:
    """Return a message as a mail program sees it."""
    return message_from_bytes(content, policy=policy.default)


def plain(message: EmailMessage) -> str:
    """Return the text a person reads."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def a_post(
    settings: Settings,
    clock: FixedClock,
    database: Database,
    mode: InboxMode = InboxMode.DEDICATED,
) -> Post:
    """Return a post office on the example network, with an inbox of its own."""
    known = replace(
        settings,
        inbox_address=INBOX,
        inbox=replace(settings.inbox, mode=mode),
    )
    application = Application(known, clock)
    application.unchecked_database = database
    return Post(application, clock, [])
