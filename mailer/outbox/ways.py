"""Several relays: which way a run takes, and which one next when that cannot be used.

The relays are tried in their order. One that cannot be used (no connection, no trust,
no login, "later" at the door, our sender refused) rests for some minutes: it comes
last meanwhile, but it comes, so nobody has to wait for it who has no other. One that
has reached its limit leaves the rest to the next. A refused recipient is no reason to
ask elsewhere: another relay would only ask the same server.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.errors import TransportError
from mailer.logs import LogEvent, log
from mailer.outbox import pauses
from mailer.outbox.conduct import PauseScope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from mailer.outbox.lanes import Watch
    from mailer.outbox.worker import Worker
    from mailer.settings.model import Smtp
    from subscribers.clock import Clock
    from subscribers.database import Database, Db

REST: Final = timedelta(minutes=10)
"""How long a relay comes last after it could not be used: a restart takes less."""


@dataclass(slots=True)
class Ways:
    """The relays of one run.

    Attributes:
        relays: In their order, at least one.
        hire: Makes a worker for one relay; leaving it closes the connections.
    """

    relays: Sequence[Smtp]
    hire: Callable[[Smtp], AbstractAsyncContextManager[Worker]]
    database: Database
    clock: Clock
    _tried: set[str] = field(default_factory=set)

    async def drain(self, watch: Watch) -> None:
        """Send all that may leave now, over whatever relay takes it.

        Afterwards ``watch.free_at`` tells when the pace allows what is left; None if
        it keeps nothing back.

        Raises:
            TransportError: No relay can be used; what the first one said.
            StoreBusy, StoreUnavailable: The ledger cannot be written.
        """
        failures: list[TransportError] = []
        waits: list[datetime] = []
        has_worked = False
        while not watch.stopping:
            relay = await self.database.run(self._next)
            if relay is None:
                break
            try:
                async with self.hire(relay) as worker:
                    await worker.drain(watch)
            except TransportError as error:
                failures.append(error)
                await self.database.run(self._rest, relay, error)
                log(
                    LogEvent.RELAY_RESTED,
                    level=logging.WARNING,
                    host=relay.name,
                    reason=type(error).__name__,
                )
                continue
            has_worked = True
            if watch.free_at is None:
                waits.clear()
                break
            waits.append(watch.free_at)
        watch.free_at = min(waits, default=None)
        if failures and not has_worked:
            raise failures[0]

    def _next(self, db: Db) -> Smtp | None:
        """Return the relay to try now; None when all have been tried."""
        resting = {
            row.name
            for row in pauses.in_force(db, now=self.clock.now())
            if row.scope is PauseScope.RELAY
        }
        left = [one for one in self.relays if one.name not in self._tried]
        left.sort(key=lambda one: one.name in resting)  # stable: their order remains
        if not left:
            return None
        self._tried.add(left[0].name)
        return left[0]

    def _rest(self, db: Db, relay: Smtp, error: TransportError) -> None:
        now = self.clock.now()
        pauses.rest(db, relay.name, reason=error.sentence, now=now, until=now + REST)


async def ask_rested(
    relays: Sequence[Smtp],
    check: Callable[[Smtp], Awaitable[object]],
    database: Database,
    clock: Clock,
) -> None:
    """Ask those of several relays that have rested whether they are well again.

    Between two mailings nothing else would show it, and people wait for the word.

    Args:
        check: Connects to a relay and logs in.
    """
    now = clock.now()
    with database.reading() as db:
        rested = {
            row.name
            for row in pauses.resting(db)
            if row.until_at is not None and row.until_at <= now
        }
    for relay in relays:
        if relay.name not in rested:
            continue
        try:
            await check(relay)
        except TransportError as error:
            until = now + REST
            await database.run(
                pauses.rest, relay.name, reason=error.sentence, now=now, until=until
            )
        else:
            await database.run(_recovered, relay.name, now=now)


def _recovered(db: Db, relay: str, *, now: datetime) -> None:
    pauses.resume(db, PauseScope.RELAY, relay, now=now)
