"""The lanes of a worker: each sends one letter after another over a warm connection.

A lane takes a claimed delivery, hands the message to its transport, asks the journal
for the mark just before the content leaves, and hands in the answer. The next letters
are written ahead (see ``stock``).

What the server says about one recipient is recorded and the lane goes on. What it says
about us (login, certificate, sender) ends the run. A server that has no room for one
more connection ends that lane alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from mailer.errors import ConnectionFailed, TransportBusy
from mailer.logs import LogEvent, log
from mailer.outbox.backoff import wait_after
from mailer.outbox.ledger import Claim, Ending
from mailer.outbox.stock import Load, Stock
from mailer.rendering.parcel import Outcome, Parcel, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from mailer.outbox.journal import Journal
    from mailer.outbox.parcels import ParcelMaker
    from mailer.outbox.supply import Supply
    from subscribers.clock import Clock

NO_WAIT: Final = timedelta()
"""Before a next try that there will not be."""

OUT_OF_ROOM: Final = (ConnectionFailed, TransportBusy)
"""What ends one lane while others go on: the server takes no more connections."""


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


@dataclass(slots=True)
class Lanes:
    """The lanes of one worker while they work.

    Attributes:
        transports: One for each lane.
        draw: Returns a random number in [0, 1) for the wait before a retry.
        told: Called when it is durable how a delivery ended.
    """

    transports: Sequence[Transport]
    clock: Clock
    draw: Callable[[], float]
    watch: Watch
    supply: Supply
    journal: Journal
    parcels: ParcelMaker
    told: Callable[[Claim, Outcome], None]
    _stock: Stock = field(init=False)
    _may_open: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: BaseException | None = None

    def __post_init__(self) -> None:
        """Begin with an empty stock."""
        size = len(self.transports)
        self._stock = Stock(self.supply, self.parcels, size, self._refuse)

    async def run(self) -> None:
        """Send until nothing is due, somebody says stop, or no lane can go on.

        Raises:
            TransportError, StoreBusy, StoreUnavailable: As ``Worker.drain``.
        """
        first, *others = (_Lane(self, transport) for transport in self.transports)
        lanes = {asyncio.create_task(first.run())}
        lanes |= {asyncio.create_task(self._later(one)) for one in others}
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
            self._stock.close()
        if self._failure is not None:
            raise self._failure

    def may_open(self) -> None:
        """Let the other lanes begin: server and login are right."""
        self._may_open.set()

    async def take(self) -> Load | None:
        """Return what to send next; None at the end."""
        return None if self.is_stopping else await self._stock.take()

    async def upcoming(self) -> Load | None:
        """Return what will be sent after this, if it lies here."""
        return None if self.is_stopping else await self._stock.upcoming()

    def record(self, claimed: Claim, outcome: Outcome, started_at: datetime) -> None:
        """Hand in how the try of *claimed* ended."""
        if outcome.verdict is Verdict.NOT_SENT:
            self.told(claimed, outcome)  # the ledger knows; it said so
            return
        wait = NO_WAIT
        if outcome.verdict is Verdict.DEFERRED:
            wait = wait_after(claimed.number, draw=self.draw())
        self.journal.record(Ending(claimed, outcome, started_at, wait))

    def give_back(self, *loads: Load | None) -> None:
        """Put back what was not sent."""
        self._stock.give_back(*loads)

    @property
    def is_stopping(self) -> bool:
        """Whether no more letters are begun."""
        return self.watch.stopping or self._failure is not None

    def _look_at(self, error: BaseException | None, others: int) -> None:
        """Decide what the end of one lane means for the others."""
        have_room = others and self._may_open.is_set() and not self.is_stopping
        if isinstance(error, OUT_OF_ROOM) and have_room:
            log(LogEvent.LANE_CLOSED, reason=type(error).__name__, lanes=others)
            return
        self._failure = self._failure or error
        self._may_open.set()

    async def _later(self, lane: _Lane) -> None:
        """Wait until the first lane has shown that server and login are right.

        Four wrong logins at once would lock an account, and a single letter needs no
        second connection.
        """
        await self._may_open.wait()
        await lane.run()

    def _refuse(self, claimed: Claim, outcome: Outcome) -> None:
        self.record(claimed, outcome, self.clock.now())


class _Lane:
    """One lane, with what it carries and what it carries next."""

    def __init__(self, lanes: Lanes, transport: Transport) -> None:
        self._lanes = lanes
        self._transport = transport
        self._load: Load | None = None
        self._following: Load | None = None

    async def run(self) -> None:
        """Send one delivery after another."""
        lanes = self._lanes
        self._load = await lanes.take()
        while self._load is not None:
            started_at = lanes.clock.now()
            try:
                outcome = await self._transport.send(
                    self._load.parcel, self._may_leave, self._announced
                )
            except BaseException:
                lanes.give_back(self._load, self._following)
                raise
            lanes.record(self._load.claimed, outcome, started_at)
            lanes.may_open()
            if lanes.is_stopping:
                lanes.give_back(self._following)
                return
            self._load, self._following = self._following or await lanes.take(), None

    async def _may_leave(self) -> bool:
        """Ask for the mark; write the next letter while it is committed."""
        assert self._load is not None  # noqa: S101 - it is being sent
        return await self._lanes.journal.mark(self._load.claimed, self._look_ahead)

    async def _look_ahead(self) -> None:
        self._following = await self._lanes.upcoming()

    def _announced(self) -> Parcel | None:
        return None if self._following is None else self._following.parcel
