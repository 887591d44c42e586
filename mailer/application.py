"""The composition root: the only place where parts are put together."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from mailer.errors import SettingsInvalid
from mailer.migrations import KNOWN
from mailer.settings.model import Durability, InboxMode, OnDoubt
from subscribers.database import Database
from subscribers.tokens import TokenKeys

if TYPE_CHECKING:
    from mailer.inbound.desk import Desk
    from mailer.inbound.kinds import Classified, World
    from mailer.inbound.sources.imap import ImapSource
    from mailer.inbound.sources.maildir import MaildirSource
    from mailer.inbound.taking import Taker
    from mailer.meetings.closures import Closures
    from mailer.outbox.composing import Press
    from mailer.outbox.worker import Transport, Worker
    from mailer.rendering.dkim import SigningKey
    from mailer.settings.model import Settings
    from mailer.transport.smtp import SmtpTransport
    from subscribers.clock import Clock


class Application:
    """Settings, clock, database and keys of one run of the program.

    Everything is made, and imported, when it is first asked for: a command that only
    shows settings opens no database, and one that lists people loads no templates.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Remember what the parts are made from."""
        self.settings = settings
        self.clock = clock

    @cached_property
    def database(self) -> Database:
        """The database, its schema checked.

        Raises:
            OlderSchema: It is empty or must be upgraded first.
            NewerSchema: A newer version has written it.
            StoreUnavailable: It cannot be opened.
        """
        database = self.unchecked_database
        database.require_schema(KNOWN)
        return database

    @cached_property
    def unchecked_database(self) -> Database:
        """The database as it is, for ``mia db``."""
        fast = self.settings.database.durability is Durability.FAST
        return Database(
            self.settings.database.url, synchronous="NORMAL" if fast else "FULL"
        )

    @cached_property
    def closures(self) -> Closures:
        """The days without a meeting."""
        from mailer.meetings.closures import Closures  # noqa: PLC0415 - see the class

        return Closures(self.settings.state, self.settings.closed)

    @cached_property
    def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys that sign our messages; none if the relay does it.

        Raises:
            SigningKeyUnusable: One of them is missing or wrong.
        """
        dkim = self.settings.dkim
        if not dkim.selector:
            return ()
        from mailer.rendering import signing_keys  # noqa: PLC0415 - needs an extra

        return signing_keys.load(dkim.folder, dkim.selector, dkim.domain)

    @cached_property
    def press(self) -> Press:
        """What letters are made with.

        Raises:
            TemplateBroken: The folder with own templates does not exist.
            SigningKeyUnusable: What was issued could not be sent.
        """
        _ = self.signing_keys  # what is wrong with them shows before anything is issued
        from mailer.outbox.composing import Press  # noqa: PLC0415 - see the class
        from mailer.rendering.environment import open_environment  # noqa: PLC0415

        return Press(
            settings=self.settings,
            environment=open_environment(self.settings.templates),
            closures=self.closures,
            new_message_id=self._new_message_id,
        )

    def relay(self) -> SmtpTransport:
        """Return the way to the relay that the settings name.

        Raises:
            SettingsInvalid: They name none.
        """
        from mailer.transport.smtp import SmtpTransport  # noqa: PLC0415 - see the class

        if not self.settings.smtp.host:
            advice = (
                "Es ist noch kein Mailserver eingestellt. Bitte tragen Sie in "
                f"{self.settings.path} unter [smtp] mindestens „host“ ein."
            )
            raise SettingsInvalid([advice])
        return SmtpTransport(self.settings.smtp)

    def worker(self, *transports: Transport) -> Worker:
        """Return a worker of this process with a lane for each of *transports*."""
        from mailer.outbox.letterhead import Letterhead  # noqa: PLC0415 - see the class
        from mailer.outbox.recovery import worker_name  # noqa: PLC0415
        from mailer.outbox.worker import Worker  # noqa: PLC0415

        policy = self.settings.policy
        return Worker(
            name=worker_name(secrets.token_hex(4)),
            database=self.database,
            transports=transports,
            letterhead=Letterhead.of(self.settings, self.keys, self.signing_keys),
            clock=self.clock,
            lease=policy.lease,
            resends=policy.on_doubt is OnDoubt.RESEND,
            draw=secrets.SystemRandom().random,
        )

    @cached_property
    def desk(self) -> Desk:
        """What is needed to work on incoming mail.

        Raises:
            TemplateBroken: The folder with own templates does not exist.
        """
        from mailer.inbound.desk import Desk  # noqa: PLC0415 - see the class

        return Desk(self.press, self.keys)

    def taker(self) -> Taker:
        """Return who takes incoming mail and lets it have its effect."""
        from mailer.inbound import effects  # noqa: PLC0415 - see the class
        from mailer.inbound.taking import Taker  # noqa: PLC0415

        inbox = self.settings.inbox
        return Taker(
            database=self.database,
            clock=self.clock,
            classify=self._classified,
            apply=partial(effects.apply, self.desk),
            is_shared=inbox.mode is InboxMode.SHARED,
            has_folder=bool(inbox.processed_folder),
        )

    def mail_source(self) -> ImapSource | MaildirSource:
        """Return the mailbox that the settings name.

        Raises:
            SettingsInvalid: They name none.
        """
        inbox, home = self.settings.inbox, self.settings.path.parent
        if inbox.maildir is not None:
            from mailer.inbound.sources.maildir import MaildirSource  # noqa: PLC0415

            return MaildirSource(inbox.maildir, inbox)
        if inbox.host:
            from mailer.inbound.sources.imap import ImapSource  # noqa: PLC0415

            return ImapSource(inbox, home)
        advice = (
            "Es ist noch kein Postfach eingestellt. Bitte tragen Sie in "
            f"{self.settings.path} unter [inbox] „address“ und „host“ ein."
        )
        raise SettingsInvalid([advice])

    @cached_property
    def world(self) -> World:
        """What the classifier must know of us."""
        from mailer.inbound.kinds import World  # noqa: PLC0415 - see the class

        return World(
            own_addresses=self.desk.own_addresses,
            message_id_domain=self.settings.sender.address.domain,
            keys=self.keys,
        )

    def _classified(self, content: bytes) -> Classified:
        """Return what a message is, with a look at which letter of ours it answers."""
        from mailer.inbound import effects  # noqa: PLC0415 - see the class
        from mailer.inbound.classify import classify  # noqa: PLC0415
        from mailer.inbound.reading import Message, read  # noqa: PLC0415

        message = read(content)
        context = None
        if isinstance(message, Message):
            with self.database.reading() as db:
                context = effects.context_of(db, message, now=self.clock.now())
        return classify(content, replace(self.world, context=context))

    def _new_message_id(self) -> str:
        from mailer.rendering.message import MIN_ID_OCTETS, message_id  # noqa: PLC0415

        token = secrets.token_bytes(MIN_ID_OCTETS)
        return message_id(token, self.settings.sender.address.domain)

    @cached_property
    def keys(self) -> TokenKeys:
        """The keys derived from the secret, one for each purpose."""
        return TokenKeys.derive(self.settings.secret)

    def close(self) -> None:
        """Give the database's connections back, if it was opened."""
        if "unchecked_database" in self.__dict__:
            self.unchecked_database.close()
