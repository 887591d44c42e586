"""What one run takes in: claims within pauses and limits, and back when that changes.

A pause takes effect at once for whoever is not being served yet: what was claimed
before it is given back, untouched.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.outbox import admission, pauses
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from mailer.outbox.admission import Admitted, Tempo
    from mailer.outbox.ledger import Claim
    from mailer.outbox.models import DeliveryId
    from mailer.outbox.pauses import Paused
    from mailer.outbox.supply import Supply
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

LOOK_SECONDS: Final = 1.0
"""Between two looks at what is paused."""


@dataclass(slots=True)
class Intake:
    """Claims for one worker.

    Attributes:
        limit: Deliveries claimed at once.
        only: Names of the occasions to serve; None serves all that is due.
        last: What the last claim brought.
    """

    database: Database
    clock: Clock
    tempo: Tempo
    worker: str
    limit: int
    lease: timedelta
    only: Collection[str] | None
    last: Admitted | None = None
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def free_at(self) -> datetime | None:
        """When the pace allows what it keeps back now; None if it keeps nothing."""
        return self.last.free_at if self.last else None

    async def claim(self) -> Sequence[Claim]:
        """Return the next deliveries that may leave now; empty if there is none."""
        self.last = await self.database.run(self._claim)
        return self.last.claims

    def ring(self) -> None:
        """Say that something was paused just now."""
        self._bell.set()

    async def mind(self, supply: Supply) -> None:
        """Give back what lies in *supply* whenever pauses begin or end; never returns.

        The next claim brings what may leave then.
        """
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), LOOK_SECONDS)
            self._bell.clear()
            with suppress(StoreBusy, StoreUnavailable):  # the next look may succeed
                paused = await asyncio.to_thread(self._look)
                if self.last is not None and paused != self.last.paused:
                    await self._recall(supply)

    async def _recall(self, supply: Supply) -> None:
        lying = [one.delivery_id for one in supply.recall()]
        if lying:
            await self.database.run(self._dismiss, lying)

    def _claim(self, db: Db) -> Admitted:
        return admission.admit(
            db,
            self.tempo,
            worker=self.worker,
            limit=self.limit,
            lease=self.lease,
            now=self.clock.now(),
            only=self.only,
        )

    def _dismiss(self, db: Db, lying: Collection[DeliveryId]) -> None:
        now = self.clock.now()
        admission.dismiss(db, self.tempo, worker=self.worker, only=lying, now=now)

    def _look(self) -> Paused:
        with self.database.reading() as db:
            return pauses.paused(db, now=self.clock.now())
