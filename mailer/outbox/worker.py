"""The worker: drains the outbox over several lanes, each a warm connection.

A lane takes a claimed delivery, hands the message to its transport, asks the journal
for the mark just before the content leaves, and hands in the answer. All lanes share
the journal's transactions and one supply of claims (see ``journal`` and ``supply``).

What the server says about one recipient is recorded and the lane goes on. What it says
about us (login, certificate, sender) ends the run, and all that was not sent is queued
again. A server that has no room for one more connection ends that lane alone.

A stop asked for from outside lets the messages in flight finish.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from mailer.errors import ConnectionFailed, MessageUnsafe, TransportBusy
from mailer.logs import LogEvent, log
from mailer.outbox import admission, ledger, recovery
from mailer.outbox.admission import Conduct
from mailer.outbox.backoff import wait_after
from mailer.outbox.blame import Judge
from mailer.outbox.intake import Intake
from mailer.outbox.journal import Journal
from mailer.outbox.ledger import Claim, Ending
from mailer.outbox.parcels import ParcelMaker
from mailer.rendering.parcel import Outcome, Parcel, SmtpReply, Verdict
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from mailer.outbox.letterhead import Letterhead
    from mailer.outbox.supply import Supply
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

BATCH: Final = 500
"""Deliveries claimed at once. They are short rows; a batch is used up in a second on a
fast relay, and a claim costs a transaction."""

BEATS: Final = 4
"""Signs of life within one lease, so that three may be missed."""

NO_WAIT: Final = timedelta()
"""Before a next try that there will not be."""

OUT_OF_ROOM: Final = (ConnectionFailed, TransportBusy)
"""What ends one lane while others go on: the server takes no more connections."""

EVENTS: Final = {
    Verdict.ACCEPTED: LogEvent.DELIVERY_ACCEPTED,
    Verdict.DEFERRED: LogEvent.DELIVERY_DEFERRED,
    Verdict.REFUSED: LogEvent.DELIVERY_REFUSED,
    Verdict.UNKNOWN: LogEvent.DELIVERY_UNCERTAIN,
    Verdict.NOT_SENT: LogEvent.DELIVERY_SKIPPED,
}
"""How a verdict is called in the log."""


class Transport(Protocol):
    """Takes parcels to a server, or to whatever stands for one, one after another."""

    async def send(
        self,
        parcel: Parcel,
        before_content: Callable[[], Awaitable[bool]],
        upcoming: Callable[[], Parcel | None] = lambda: None,
        /,
    ) -> Outcome:
        """Hand *parcel* over.

        Args:
            before_content: Called once, before the first byte of the content may
                leave; False forbids it and leads to ``Verdict.NOT_SENT``.
            upcoming: Asked after that what will be sent next, if that is known: its
                envelope may travel with this content. It is only a promise: something
                else, or nothing, may follow.

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
        stopping: Set it to True: messages in flight are finished, no more begun.
        free_at: When the pace allows what it keeps back now; None if it keeps
            nothing back.
    """

    only: Collection[str] | None = None
    told: Callable[[], None] = lambda: None
    stopping: bool = False
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker and what it works with.

    Attributes:
        name: From ``recovery.worker_name``.
        transports: One for each lane.
        lease: How long a claim holds without a sign of life.
        resends: One more copy of what is in doubt (``on_doubt = "resend"``).
        draw: Returns a random number in [0, 1) for the wait before a retry.
        conduct: How fast, and when to stop for what others say of us.
    """

    name: str
    database: Database
    transports: Sequence[Transport]
    letterhead: Letterhead
    clock: Clock
    lease: timedelta
    resends: bool
    draw: Callable[[], float]
    conduct: Conduct = field(default_factory=Conduct)

    async def drain(self, watch: Watch) -> None:
        """Send all that is due, until nothing is left or *watch* says stop.

        Raises:
            TransportError: The server cannot be used. Nothing is lost: what was not
                sent is queued.
            StoreBusy, StoreUnavailable: The ledger cannot be written.
        """
        heart = asyncio.create_task(self._beat())
        try:
            await self._sweep()
            while not watch.stopping:
                is_cut_short = await self._serve(watch)
                # At the end once more: doubt that arose in this run is settled in it.
                if not await self._sweep() and not is_cut_short:
                    return
        finally:
            heart.cancel()
            await self.database.run(self._release)

    async def _serve(self, watch: Watch) -> bool:
        """Let all lanes work until nothing is due any more; True if it was cut short.

        A pause that begins or ends cuts a round short; the next one knows of it.
        """

        def told(claimed: Claim, outcome: Outcome) -> None:
            _tell(claimed, outcome)
            watch.told()

        intake = self._intake(watch.only)
        supply = intake.supply
        journal = Journal(
            self.database,
            self.clock,
            worker=self.name,
            lease=self.lease,
            judge=Judge(self.conduct.pause_after),
            told=told,
            alarmed=intake.end,
        )
        parcels = ParcelMaker(self.database, self.letterhead)
        lanes = _Lanes(self, watch, supply, journal, parcels, told)
        minding = asyncio.create_task(intake.mind())
        try:
            await lanes.run()
        finally:
            minding.cancel()
            watch.free_at = intake.free_at
            try:
                await supply.close()
            finally:
                await journal.written()
        if intake.is_over:
            await self.database.run(self._release)
        return intake.is_over

    async def _beat(self) -> None:
        """Give signs of life, so that nobody takes what a slow server holds up."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / BEATS)
            with suppress(
                StoreBusy, StoreUnavailable
            ):  # the next beat may come through
                await self.database.run(self._extend)

    async def _sweep(self) -> int:
        """Look after what was left behind; return how many second copies wait now."""
        found = await self.database.run(
            recovery.sweep,
            here=self.name,
            resends=self.resends,
            overdue_after=self.conduct.overdue_after,
            now=self.clock.now(),
        )
        if found.interrupted:
            log(LogEvent.LEASE_EXPIRED, deliveries=found.interrupted)
        if found.overdue:
            log(
                LogEvent.DELIVERY_OVERDUE,
                level=logging.WARNING,
                deliveries=found.overdue,
            )
        return found.resent

    def _intake(self, only: Collection[str] | None) -> Intake:
        # What is counted must leave soon after: no more than the lanes take at once.
        is_limited = self.conduct.tempo.is_limited
        return Intake(
            database=self.database,
            clock=self.clock,
            tempo=self.conduct.tempo,
            worker=self.name,
            limit=len(self.transports) if is_limited else BATCH,
            lease=self.lease,
            only=only,
        )

    def _extend(self, db: Db) -> None:
        ledger.extend(db, self.name, lease=self.lease, now=self.clock.now())

    def _release(self, db: Db) -> None:
        now = self.clock.now()
        admission.dismiss(db, self.conduct.tempo, worker=self.name, now=now)


@dataclass(slots=True)
class _Lanes:
    """The lanes of one worker while they work.

    Attributes:
        told: Called when it is durable how a delivery ended.
    """

    worker: Worker
    watch: Watch
    supply: Supply
    journal: Journal
    parcels: ParcelMaker
    told: Callable[[Claim, Outcome], None]
    _may_open: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: BaseException | None = None

    async def run(self) -> None:
        """Send until nothing is due, somebody says stop, or no lane can go on.

        Raises:
            TransportError, StoreBusy, StoreUnavailable: As ``Worker.drain``.
        """
        first, *others = self.worker.transports
        lanes = {asyncio.create_task(self._lane(first))}
        lanes |= {asyncio.create_task(self._later_lane(one)) for one in others}
        try:
            while lanes:
                ended, lanes = await asyncio.wait(
                    lanes, return_when=asyncio.FIRST_COMPLETED
                )
                for lane in ended:
                    self._look_at(lane.exception(), len(lanes))
        finally:
            for lane in lanes:  # whoever waited for us has given up
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        if self._failure is not None:
            raise self._failure

    def _look_at(self, error: BaseException | None, others: int) -> None:
        """Decide what the end of one lane means for the others."""
        have_room = others and self._may_open.is_set() and not self._is_stopping
        if isinstance(error, OUT_OF_ROOM) and have_room:
            log(LogEvent.LANE_CLOSED, reason=type(error).__name__, lanes=others)
            return
        self._failure = self._failure or error
        self._may_open.set()

    async def _later_lane(self, transport: Transport) -> None:
        """Wait until the first lane has shown that server and login are right.

        Four wrong logins at once would lock an account, and a single letter needs no
        second connection.
        """
        await self._may_open.wait()
        await self._lane(transport)

    async def _lane(self, transport: Transport) -> None:
        """Send one delivery after another over *transport*."""
        load = await self._take()
        while load is not None:
            following = _Following()
            try:
                await self._send(load, following, transport)
            except BaseException:
                self._give_back(load)
                self._give_back(following.load)
                raise
            self._may_open.set()
            if self._is_stopping:
                self._give_back(following.load)
                return
            load = following.load or await self._take()

    async def _send(
        self, load: _Load, following: _Following, transport: Transport
    ) -> None:
        started_at = self.worker.clock.now()

        async def look_ahead() -> None:
            following.load = await self._upcoming()

        outcome = await transport.send(
            load.parcel,
            partial(self.journal.mark, load.claimed, look_ahead),
            following.parcel,
        )
        if outcome.verdict is Verdict.NOT_SENT:
            self.told(load.claimed, outcome)  # the ledger knows; it said so
        else:
            self._record(load.claimed, outcome, started_at)

    async def _take(self) -> _Load | None:
        """Return what to send next; None at the end."""
        while not self._is_stopping:
            claimed = await self.supply.take()
            if claimed is None:
                return None
            if load := await self._loaded(claimed):
                return load
        return None

    async def _upcoming(self) -> _Load | None:
        """Return what will be sent after this, if it lies here."""
        if self._is_stopping:
            return None
        claimed = self.supply.at_hand()
        if claimed is None:
            return None
        try:
            return await self._loaded(claimed)
        except (StoreBusy, StoreUnavailable):
            # It must not end what is marked already; the next take says it again.
            self.supply.give_back(claimed)
            return None

    async def _loaded(self, claimed: Claim) -> _Load | None:
        """Write the message; one that cannot be written holds up nobody else."""
        try:
            return _Load(claimed, await self.parcels.parcel(claimed))
        except MessageUnsafe as error:
            outcome = Outcome(Verdict.REFUSED, SmtpReply(None, error.sentence))
            self._record(claimed, outcome, self.worker.clock.now())
            return None

    def _record(self, claimed: Claim, outcome: Outcome, started_at: datetime) -> None:
        wait = NO_WAIT
        if outcome.verdict is Verdict.DEFERRED:
            wait = wait_after(claimed.number, draw=self.worker.draw())
        self.journal.record(Ending(claimed, outcome, started_at, wait))

    def _give_back(self, load: _Load | None) -> None:
        if load is not None:
            self.supply.give_back(load.claimed)

    @property
    def _is_stopping(self) -> bool:
        return self.watch.stopping or self._failure is not None


class _Load(NamedTuple):
    """What a lane carries."""

    claimed: Claim
    parcel: Parcel


@dataclass(slots=True)
class _Following:
    """What a lane carries next, written while the mark before it is committed."""

    load: _Load | None = None

    def parcel(self) -> Parcel | None:
        return None if self.load is None else self.load.parcel


def _tell(claimed: Claim, outcome: Outcome) -> None:
    """Log how a try ended, after it was written down."""
    reply = outcome.reply
    log(
        EVENTS[outcome.verdict],
        delivery=claimed.delivery_id,
        domain=claimed.recipient.address.domain,
        code=reply.code if reply else None,
        status=reply.enhanced if reply else None,
    )
