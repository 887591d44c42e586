"""The worker: drains the outbox over one warm connection.

For each delivery: claim, begin, write the message, hand it over, set the mark just
before the content leaves, record the answer. Every step is committed before the next
(see ``ledger``). What the server says about one recipient is recorded and the worker
goes on; what it says about us (login, certificate, sender) ends the run, and all that
was not sent is queued again.

A stop asked for from outside lets the message in flight finish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import sqlalchemy as sa

from mailer.errors import MailerError
from mailer.logs import LogEvent, log
from mailer.outbox import ledger, recovery
from mailer.outbox.backoff import wait_after
from mailer.outbox.letterhead import ON_THE_LIST, Occurrence, parcel_for
from mailer.outbox.models import FrozenLetter
from mailer.outbox.moves import LEASE_LOST, set_aside
from mailer.outbox.origins import LetterOrigin
from mailer.rendering.letter import Letter
from mailer.rendering.parcel import Verdict
from subscribers.address import EmailAddress
from subscribers.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable
    from datetime import datetime, timedelta

    from mailer.outbox.ledger import Claim
    from mailer.outbox.letterhead import Letterhead
    from mailer.rendering.parcel import Outcome, Parcel
    from subscribers.clock import Clock
    from subscribers.database import Database, Db
    from subscribers.topics import LetterStyle

BATCH: Final = 50
"""Deliveries claimed at once: a few seconds of work on a town's relay."""


EVENTS: Final = {
    Verdict.ACCEPTED: LogEvent.DELIVERY_ACCEPTED,
    Verdict.DEFERRED: LogEvent.DELIVERY_DEFERRED,
    Verdict.REFUSED: LogEvent.DELIVERY_REFUSED,
    Verdict.UNKNOWN: LogEvent.DELIVERY_UNCERTAIN,
    Verdict.NOT_SENT: LogEvent.DELIVERY_SKIPPED,
}
"""How a verdict is called in the log."""


Frozen: TypeAlias = "dict[tuple[str, LetterStyle], tuple[Letter, datetime, Occurrence]]"
"""Letters of this run, by occasion and style, with their Date and what is special."""


class Transport(Protocol):
    """Takes a parcel to a server, or to whatever stands for one."""

    async def send(
        self, parcel: Parcel, before_content: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Hand *parcel* over.

        Args:
            before_content: Called once, before the first byte of the content may
                leave; False forbids it and leads to ``Verdict.NOT_SENT``.

        Raises:
            TransportError: The server cannot be used; no content has left.
        """
        ...


@dataclass(slots=True)
class Watch:
    """How the run is followed and stopped from outside.

    Attributes:
        only: Names of the occasions to serve; None serves all that is due.
        told: Called after each delivery.
        stopping: Set it to True: the message in flight is finished, no more begun.
    """

    only: Collection[str] | None = None
    told: Callable[[], None] = lambda: None
    stopping: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker and what it works with.

    Attributes:
        name: From ``recovery.worker_name``.
        lease: How long a claim holds; longer than the slowest message.
        resends: One more copy of what is in doubt (``on_doubt = "resend"``).
        draw: Returns a random number in [0, 1) for the wait before a retry.
    """

    name: str
    database: Database
    transport: Transport
    letterhead: Letterhead
    clock: Clock
    lease: timedelta
    resends: bool
    draw: Callable[[], float]

    async def drain(self, watch: Watch) -> None:
        """Send all that is due, until nothing is left or *watch* says stop.

        Raises:
            TransportError: The server cannot be used. Nothing is lost: what was not
                sent is queued.
        """
        letters: Frozen = {}
        try:
            await self._sweep()
            while not watch.stopping:
                claims = await self.database.run(self._claim, watch.only)
                await self._serve(claims, letters, watch)
                # At the end once more: doubt that arose in this run is settled in it.
                if not claims and not await self._sweep():
                    return
        finally:
            await self.database.run(self._release)

    async def _serve(
        self, claims: Iterable[Claim], letters: Frozen, watch: Watch
    ) -> None:
        for claimed in claims:
            if watch.stopping:
                return
            await self._deliver(claimed, letters)
            watch.told()

    async def _deliver(self, claimed: Claim, letters: Frozen) -> None:
        key = (claimed.occasion, claimed.style)
        frozen = letters.get(key)
        if frozen is None:
            frozen = await self.database.run(_frozen, claimed)
        letter, dated_at, occurrence = frozen
        if occurrence is ON_THE_LIST:  # others have one reader, and may be large
            letters[key] = frozen
        parcel = parcel_for(claimed, letter, dated_at, self.letterhead, occurrence)
        if not await self.database.run(self._begin, claimed):
            return

        async def before_content() -> bool:
            return await self.database.run(self._mark, claimed)

        try:
            outcome = await self.transport.send(parcel, before_content)
        except MailerError as error:
            await self.database.run(self._give_back, claimed, type(error).__name__)
            raise
        if outcome.verdict is Verdict.NOT_SENT:
            await self.database.run(self._set_aside, claimed)
        else:
            await self.database.run(self._record, claimed, outcome)
        _tell(claimed, outcome)

    async def _sweep(self) -> int:
        """Look after what was left behind; return how many second copies wait now."""
        found = await self.database.run(
            recovery.sweep,
            here=self.name,
            resends=self.resends,
            now=self.clock.now(),
        )
        if found.interrupted:
            log(LogEvent.LEASE_EXPIRED, deliveries=found.interrupted)
        return found.resent

    def _claim(self, db: Db, only: Collection[str] | None) -> list[Claim]:
        return ledger.claim(
            db,
            worker=self.name,
            limit=BATCH,
            lease=self.lease,
            now=self.clock.now(),
            only=only,
        )

    def _begin(self, db: Db, claimed: Claim) -> bool:
        return ledger.begin(db, claimed, worker=self.name, now=self.clock.now())

    def _mark(self, db: Db, claimed: Claim) -> bool:
        return ledger.mark(
            db, claimed, worker=self.name, lease=self.lease, now=self.clock.now()
        )

    def _record(self, db: Db, claimed: Claim, outcome: Outcome) -> None:
        ledger.record(
            db,
            claimed,
            outcome,
            worker=self.name,
            wait=wait_after(claimed.number, draw=self.draw()),
            now=self.clock.now(),
        )

    def _set_aside(self, db: Db, claimed: Claim) -> None:
        now = self.clock.now()
        told = set_aside(db, now=now, only=claimed.delivery_id)
        ledger.finish_attempt(db, claimed, told or LEASE_LOST, now=now)

    def _give_back(self, db: Db, claimed: Claim, ended: str) -> None:
        ledger.finish_attempt(db, claimed, ended, now=self.clock.now())

    def _release(self, db: Db) -> None:
        ledger.release(db, self.name, now=self.clock.now())


def _tell(claimed: Claim, outcome: Outcome) -> None:
    """Log how an attempt ended, after it was written down."""
    reply = outcome.reply
    log(
        EVENTS[outcome.verdict],
        delivery=claimed.delivery_id,
        domain=claimed.recipient.address.domain,
        code=reply.code if reply else None,
        status=reply.enhanced if reply else None,
    )


def _frozen(db: Db, claimed: Claim) -> tuple[Letter, datetime, Occurrence]:
    """Return the letter of *claimed* as it was issued, its Date, what is special."""
    row = db.scalars(
        sa.select(FrozenLetter).where(
            FrozenLetter.occasion == claimed.occasion,
            FrozenLetter.style == claimed.style,
        )
    ).one()
    letter = Letter(
        subject=row.subject,
        text=row.text,
        html=row.html,
        calendar=row.calendar,
        method=row.method,
    )
    return letter, row.dated_at, _occurrence(db, row)


def _occurrence(db: Db, row: FrozenLetter) -> Occurrence:
    if row.origin is LetterOrigin.EDITION:
        return ON_THE_LIST
    asker = db.get(Mailbox, row.reply_to_id) if row.reply_to_id else None
    reply_to = None
    if asker is not None and asker.address and asker.canonical:
        reply_to = EmailAddress.restore(asker.address, asker.canonical)
    return Occurrence(
        origin=row.origin,
        in_reply_to=row.in_reply_to,
        thread=tuple(row.thread.split()),
        reply_to=reply_to,
        enclosed=row.attachment,
    )
