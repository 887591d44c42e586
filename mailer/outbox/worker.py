"""The worker: drains the outbox over several lanes, each a warm connection.

All lanes share the journal's transactions and one supply of claims (see ``lanes``,
``journal`` and ``supply``). While they work, the worker gives signs of life. When they
end, for whatever reason, all that was not sent is queued again.

A stop asked for from outside lets the messages in flight finish.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from mailer.logs import LOGGER, LogEvent, log
from mailer.outbox import admission, ledger, recovery
from mailer.outbox.admission import Conduct
from mailer.outbox.blame import Judge
from mailer.outbox.intake import Intake
from mailer.outbox.journal import Journal
from mailer.outbox.lanes import Lanes
from mailer.outbox.parcels import ParcelMaker
from mailer.outbox.patience import patiently
from mailer.rendering.parcel import Outcome, Verdict
from subscribers.errors import StoreBusy, StoreUnavailable
from subscribers.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import timedelta

    from mailer.outbox.lanes import Transport, Watch
    from mailer.outbox.ledger import Claim
    from mailer.outbox.letterhead import Letterhead
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

BATCH: Final = 500
"""Deliveries claimed at once. They are short rows; a batch is used up in a second on a
fast relay, and a claim costs a transaction."""

BEATS: Final = 4
"""Signs of life within one lease, so that three may be missed."""

EVENTS: Final = {
    Verdict.ACCEPTED: LogEvent.DELIVERY_ACCEPTED,
    Verdict.DEFERRED: LogEvent.DELIVERY_DEFERRED,
    Verdict.REFUSED: LogEvent.DELIVERY_REFUSED,
    Verdict.UNKNOWN: LogEvent.DELIVERY_UNCERTAIN,
    Verdict.NOT_SENT: LogEvent.DELIVERY_SKIPPED,
}
"""How a verdict is called in the log."""


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
        # Thousands of letters come and go. To look for garbage among all that stays,
        # again and again, costs as much as to write them.
        gc.freeze()
        try:
            await self._sweep()
            while not watch.stopping:
                is_cut_short = await self._serve(watch)
                # At the end once more: doubt that arose in this run is settled in it.
                if not await self._sweep() and not is_cut_short:
                    return
        finally:
            gc.unfreeze()
            heart.cancel()
            await self.database.run(self._release)

    async def _serve(self, watch: Watch) -> bool:
        """Let all lanes work until nothing is due any more; True if it was cut short.

        A pause that begins or ends cuts a round short; the next one knows of it.
        """
        with closing(Scribe(self.database)) as claiming:
            # Who writes at once is never in his own way, and knows what he has read.
            entering = claiming if claiming.is_at_once else Scribe(self.database)
            with closing(entering):
                return await self._served(watch, claiming, entering)

    async def _served(self, watch: Watch, claiming: Scribe, entering: Scribe) -> bool:
        """Serve, with one who writes claims and one who writes pages."""

        def told(claimed: Claim, outcome: Outcome) -> None:
            _tell(claimed, outcome)
            watch.told()

        intake = self._intake(watch.only, claiming)
        supply = intake.supply
        journal = Journal(
            entering,
            self.clock,
            worker=self.name,
            lease=self.lease,
            judge=Judge(self.conduct.pause_after),
            told=told,
            alarmed=intake.end,
        )
        parcels = ParcelMaker(self.database, self.letterhead)
        lanes = Lanes(
            self.transports,
            self.clock,
            self.draw,
            watch,
            supply,
            journal,
            parcels,
            told,
        )
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
        sweep = partial(
            self.database.run,
            recovery.sweep,
            here=self.name,
            resends=self.resends,
            overdue_after=self.conduct.overdue_after,
            now=self.clock.now(),
        )
        found = await patiently(sweep)
        if found.interrupted:
            log(LogEvent.LEASE_EXPIRED, deliveries=found.interrupted)
        if found.overdue:
            log(
                LogEvent.DELIVERY_OVERDUE,
                level=logging.WARNING,
                deliveries=found.overdue,
            )
        return found.resent

    def _intake(self, only: Collection[str] | None, scribe: Scribe) -> Intake:
        # What is counted must leave soon after: no more than the lanes take at once.
        is_limited = self.conduct.tempo.is_limited
        return Intake(
            database=self.database,
            scribe=scribe,
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


def _tell(claimed: Claim, outcome: Outcome) -> None:
    """Log how a try ended, after it was written down."""
    if not LOGGER.isEnabledFor(logging.INFO):
        return
    reply = outcome.reply
    log(
        EVENTS[outcome.verdict],
        delivery=claimed.delivery_id,
        domain=claimed.recipient.address.domain,
        code=reply.code if reply else None,
        status=reply.enhanced if reply else None,
    )
