"""What one round of a worker takes in: claims within pauses and limits.

A pause takes effect at once: the round is over, what was claimed for it and is not
being served yet is given back untouched, and the next round begins without it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from mailer.outbox import admission, pauses
from mailer.outbox.patience import patiently
from mailer.outbox.supply import Supply
from subscribers.database import unit_of_work
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from mailer.outbox.admission import Admitted, Tempo
    from mailer.outbox.ledger import Claim
    from mailer.outbox.pauses import Paused
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.prepared import Pen
    from subscribers.scribe import Scribe

LOOK_SECONDS: Final = 1.0
"""Between two looks at what is paused."""


@dataclass(slots=True)
class Intake:
    """Claims for one round of one worker.

    Attributes:
        limit: Deliveries claimed at once.
        only: Names of the occasions to serve; None serves all that is due.
    """

    database: Database
    scribe: Scribe
    clock: Clock
    tempo: Tempo
    worker: str
    limit: int
    lease: timedelta
    only: Collection[str] | None
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _last: Admitted | None = None
    _supply: Supply | None = None

    @property
    def supply(self) -> Supply:
        """What the lanes take from."""
        if self._supply is None:
            self._supply = Supply(self._claimed)
        return self._supply

    @property
    def is_over(self) -> bool:
        """Whether pauses have begun or ended: there is nothing more to take."""
        return self._over.is_set()

    @property
    def free_at(self) -> datetime | None:
        """When the pace allows what it keeps back now; None if it keeps nothing."""
        return self._last.free_at if self._last else None

    def end(self) -> None:
        """End the round: what is being sent goes on, nothing else begins."""
        self._over.set()
        self.supply.clear()

    async def mind(self) -> None:
        """End the round when pauses begin or end; runs beside the lanes."""
        while not self.is_over:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(StoreBusy, StoreUnavailable):  # the next look may succeed
                paused = await asyncio.to_thread(self._look)
                if self._last is not None and paused != self._last.paused:
                    self.end()

    async def _claimed(self) -> Sequence[Claim]:
        """Return the next deliveries that may leave now; empty if there is none."""
        if self._over.is_set():
            return []
        self._last = await patiently(partial(self.scribe.write, self._claim))
        return [] if self._over.is_set() else self._last.claims

    def _claim(self, pen: Pen) -> Admitted:
        with unit_of_work(pen) as db:
            return admission.admit(
                db,
                self.tempo,
                worker=self.worker,
                limit=self.limit,
                lease=self.lease,
                now=self.clock.now(),
                only=self.only,
            )

    def _look(self) -> Paused:
        with self.database.reading() as db:
            return pauses.paused(db, now=self.clock.now())
