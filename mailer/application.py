"""The composition root: the only place where parts are put together."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

from mailer.errors import SettingsInvalid
from mailer.migrations import KNOWN
from mailer.settings.model import Durability, InboxMode, OnDoubt
from subscribers.database import Database
from subscribers.tokens import TokenKeys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from mailer.inbound.desk import Desk
    from mailer.inbound.kinds import Classified, World
    from mailer.inbound.sources.imap import ImapSource
    from mailer.inbound.sources.maildir import MaildirSource
    from mailer.inbound.taking import Taker
    from mailer.meetings.closures import Closures
    from mailer.outbox.admission import Conduct
    from mailer.outbox.lanes import Transport, Watch
    from mailer.outbox.press import Press
    from mailer.outbox.worker import Worker
    from mailer.rendering.dkim import SigningKey
    from mailer.settings.model import Settings, Smtp
    from mailer.transport.smtp import SmtpTransport
    from mailer.watching.watch import Watchman
    from mailer.web.server import Served
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
            SigningKeyUnusable: What was issued could not be sent.
        """
        _ = self.signing_keys  # what is wrong with them shows before anything is issued
        from mailer.outbox.press import Press  # noqa: PLC0415 - see the class

        return Press(
            settings=self.settings,
            closures=self.closures,
            new_message_id=self._new_message_id,
        )

    @property
    def relays(self) -> Sequence[Smtp]:
        """The relays that the settings name, in their order.

        Raises:
            SettingsInvalid: They name none.
        """
        if not self.settings.smtp.host:
            advice = (
                "Es ist noch kein Mailserver eingestellt. Bitte tragen Sie in "
                f"{self.settings.path} unter [smtp] mindestens „host“ ein."
            )
            raise SettingsInvalid([advice])
        return (self.settings.smtp, *self.settings.relays)

    def connection(self, relay: Smtp) -> SmtpTransport:
        """Return a way to one of the relays, not connected yet."""
        from mailer.transport.smtp import SmtpTransport  # noqa: PLC0415 - see the class

        return SmtpTransport(relay)

    async def send_out(self, watch: Watch) -> None:
        """Send all that may leave now, over whatever relay takes it.

        Raises:
            SettingsInvalid: No relay is set.
            PlaceUnknown: This database may not send from here.
            TransportError: No relay can be used; nothing is lost.
            StoreBusy, StoreUnavailable: The ledger cannot be written.
        """
        from mailer.outbox.ways import Ways  # noqa: PLC0415 - see the class

        ways = Ways(self.relays, self._hired, self.database, self.clock)
        await ways.drain(watch)

    async def ask_rested_relays(self) -> None:
        """Ask those of several relays that failed whether they are well again."""
        from mailer.outbox.ways import ask_rested  # noqa: PLC0415 - see the class

        def check(relay: Smtp) -> Awaitable[object]:
            return self.connection(relay).check()

        await ask_rested(self.relays, check, self.database, self.clock)

    @asynccontextmanager
    async def _hired(self, relay: Smtp) -> AsyncIterator[Worker]:
        """Yield a worker for one relay, and close its connections afterwards."""
        transports = [self.connection(relay) for _ in range(relay.connections)]
        try:
            yield self.worker(*transports, relay=relay)
        finally:
            await asyncio.gather(*(one.close() for one in transports))

    def worker(self, *transports: Transport, relay: Smtp | None = None) -> Worker:
        """Return a worker of this process with a lane for each of *transports*.

        Args:
            relay: Whose limits count; None for the first one.

        Raises:
            PlaceUnknown: This database may not send from here.
        """
        from mailer.outbox import places  # noqa: PLC0415 - see the class
        from mailer.outbox.letterhead import Letterhead  # noqa: PLC0415 - see the class
        from mailer.outbox.recovery import worker_name  # noqa: PLC0415
        from mailer.outbox.worker import Worker  # noqa: PLC0415

        with self.database.transaction("place") as db:
            here = places.this_place(db, named=self.settings.database.instance)
            places.require(db, here, now=self.clock.now())
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
            conduct=self._conduct(relay or self.settings.smtp),
        )

    def _conduct(self, relay: Smtp) -> Conduct:
        from mailer.outbox.admission import Conduct, Tempo  # noqa: PLC0415 - see above
        from mailer.outbox.pace import limits_of  # noqa: PLC0415

        policy = self.settings.policy
        providers = {one.provider: limits_of(one) for one in self.settings.providers}
        return Conduct(
            tempo=Tempo(relay.name, limits_of(relay), providers),
            pause_after=policy.pause_after,
            overdue_after=policy.overdue_after,
        )

    def watchman(self, *, is_locked: bool) -> Watchman:
        """Return who looks what is wrong, and tells people.

        Args:
            is_locked: A daemon holds the lock, maybe this process itself.
        """
        from mailer.watching.watch import Watchman  # noqa: PLC0415 - see the class

        return Watchman(
            settings=self.settings,
            database=self.database,
            clock=self.clock,
            keys=self.keys,
            press=lambda: self.press,
            is_locked=is_locked,
        )

    @cached_property
    def desk(self) -> Desk:
        """What is needed to work on incoming mail."""
        from mailer.inbound.desk import Desk  # noqa: PLC0415 - see the class

        return Desk(self.press, self.keys)

    @cached_property
    def pages(self) -> Served:
        """The public pages, not open before somebody opens them."""
        from mailer.web.server import Served  # noqa: PLC0415 - see the class
        from mailer.web.site import Site  # noqa: PLC0415

        return Served(Site(self.desk, self.database, self.clock, self.clock.now()))

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
        world = self.world
        if isinstance(message, Message):
            with self.database.reading() as db:
                world = effects.world_of(
                    db, self.desk, world, message, self.clock.now()
                )
        return classify(content, world)

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
