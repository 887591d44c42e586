"""The commit barrier: marks and answers of all lanes in shared transactions.

A letter's content may leave once its mark is durable, and one commit per letter is what
makes others slow. So the lanes hand in what they have to write, and whoever has come
while the last page was being committed, comes in the same turn of the loop, or is due
within a moment, shares the next page: alone where one lane works, dozens where dozens
do. No lane waits longer than for two commits and that moment.

Order is kept: what was handed in before a mark is durable no later than the mark.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from mailer.logs import LogEvent, log
from mailer.outbox import ledger, pauses
from mailer.outbox.moves import set_aside
from mailer.outbox.patience import patiently
from subscribers.database import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from datetime import timedelta

    from mailer.outbox.blame import Alarm, Judge
    from mailer.outbox.ledger import Claim, Ending
    from mailer.outbox.models import DeliveryId
    from mailer.rendering.parcel import Outcome
    from subscribers.clock import Clock
    from subscribers.prepared import Pen
    from subscribers.scribe import Scribe

MOMENT: Final = 0.001
"""Seconds for which a page waits for answers that are due; a loop cannot sleep for
less. A server next door answers all lanes in that time."""

PAGES_AFTER_A_VAIN_WAIT: Final = 30
"""So many pages do not wait after one that waited in vain: with a server far away, that
costs a thousandth of the time."""


@dataclass(slots=True)
class _Page:
    """What one transaction writes.

    Attributes:
        asked: Whose content wants to leave, and who waits for the word.
        endings: How tries ended.
        alarms: What these endings, or earlier ones, show about us.
    """

    asked: list[tuple[Claim, asyncio.Future[bool]]] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.asked) + len(self.endings) + len(self.alarms)


class Journal:
    """Writes for all lanes of one worker."""

    def __init__(  # noqa: PLR0913 - whom it works for, each by name
        self,
        scribe: Scribe,
        clock: Clock,
        *,
        worker: str,
        lease: timedelta,
        judge: Judge,
        told: Callable[[Claim, Outcome], None],
        alarmed: Callable[[], None],
    ) -> None:
        """Begin an empty journal.

        Args:
            judge: Hears every ending, for what it may say about us.
            told: Called for each try that ended, once that is durable.
            alarmed: Called when an ending is an alarm, before anything is written.
        """
        self._scribe = scribe
        self._clock = clock
        self._worker = worker
        self._lease = lease
        self._judge = judge
        self._told = told
        self._alarmed = alarmed
        self._page = _Page()
        self._writing: asyncio.Task[None] | None = None
        self._unanswered: set[DeliveryId] = set()
        self._all_answered = asyncio.Event()
        self._hurried_pages = 0

    async def mark(
        self, claimed: Claim, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> bool:
        """Write down that a content is about to leave; False forbids it.

        Args:
            meanwhile: Work that needs not wait for that, done while it is written.

        Raises:
            StoreBusy, StoreUnavailable: It could not be written; nothing may leave.
        """
        if self._writing is not None and self._writing.done():
            self._writing.result()  # raises what ended it
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        asked_at = loop.time()
        self._page.asked.append((claimed, answer))
        self._turn()
        if meanwhile is not None:
            await meanwhile()
        # Who slept past the lease, as a stopped process does, has lost it.
        in_time = self._lease.total_seconds()
        return await answer and loop.time() - asked_at < in_time

    def record(self, ending: Ending) -> None:
        """Hand in how a try ended; it is durable before any mark that comes later."""
        self._page.endings.append(ending)
        claimed = ending.claimed
        self._unanswered.discard(claimed.delivery_id)
        if not self._unanswered:
            self._all_answered.set()
        alarm = self._judge.heard(
            claimed.delivery_id, claimed.recipient.address.domain, ending.outcome
        )
        if alarm is not None:
            self._page.alarms.append(alarm)
            self._alarmed()
        self._turn()

    async def written(self) -> None:
        """Wait until all that was handed in is durable.

        Raises:
            StoreBusy, StoreUnavailable: It cannot be written.
        """
        if self._writing is not None:
            await asyncio.shield(self._writing)

    def _turn(self) -> None:
        """Begin to write, unless that goes on already."""
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._page:
            await self._all_at_hand()
            if self._unanswered and self._scribe.is_at_once:
                await self._all_due()
            page, self._page = self._page, _Page()
            try:
                await self._turned(page)
            except BaseException as error:
                # Nobody is left without an answer, and nothing may leave any more.
                for _, answer in page.asked + self._page.asked:
                    if not answer.done():
                        answer.set_exception(error)
                raise
        self._writing = None

    async def _turned(self, page: _Page) -> None:
        """Commit *page* and say so; what may not leave is set aside afterwards."""
        marked = await self._committed(page)
        self._tell(page, marked)
        asked = (claimed.delivery_id for claimed, _ in page.asked)
        if left := [one for one in asked if one not in marked]:
            aside = partial(self._scribe.write, self._left_aside, left)
            await patiently(aside, entries=len(left))

    async def _all_at_hand(self) -> None:
        """Wait for those who are ready as well: they share the page."""
        length = 0
        while length < len(self._page):
            length = len(self._page)
            await asyncio.sleep(0)

    async def _all_due(self) -> None:
        """Wait a moment for those whose servers answer next, unless that is in vain.

        With a few lanes a page costs more than the letters on it, and each answer comes
        a little later than the one before.
        """
        if self._hurried_pages:
            self._hurried_pages -= 1
            return
        self._all_answered.clear()
        try:
            async with asyncio.timeout(MOMENT):
                await self._all_answered.wait()
        except TimeoutError:
            self._hurried_pages = PAGES_AFTER_A_VAIN_WAIT
        await self._all_at_hand()

    def _tell(self, page: _Page, marked: Collection[DeliveryId]) -> None:
        """Say what is durable now."""
        self._unanswered.update(marked)
        free = set(marked)
        for claimed, answer in page.asked:
            # Who lost his lease and claimed the same once more has it twice: one mark
            # is for one content.
            may_leave = claimed.delivery_id in free
            free.discard(claimed.delivery_id)
            if not answer.done():
                answer.set_result(may_leave)
        for ending in page.endings:
            self._told(ending.claimed, ending.outcome)
        for alarm in page.alarms:
            log(
                LogEvent.PAUSE_BEGUN,
                level=logging.WARNING,
                provider=alarm.provider,
                deliveries=len(alarm.deliveries),
            )

    async def _committed(self, page: _Page) -> Collection[DeliveryId]:
        """Commit *page*, patiently; return whose content may leave.

        Written twice it is the same: an ending that is there changes nothing, a mark
        that is there is not given.
        """
        numbers = {claimed.number for claimed, _ in page.asked}
        # What an alarm changes counts together with the answers that led to it, and one
        # statement marks the same try of all.
        is_one = not page.alarms and len(numbers) <= 1
        write = self._scribe.write_singly if is_one else self._scribe.write
        return await patiently(partial(write, self._entered, page), entries=len(page))

    def _entered(self, pen: Pen, page: _Page) -> Collection[DeliveryId]:
        now = self._clock.now()
        claims = [claimed for claimed, _ in page.asked]
        marked = ledger.write(pen, page.endings, claims, worker=self._worker, now=now)
        if page.alarms:
            with unit_of_work(pen) as db:
                for alarm in page.alarms:
                    pauses.heed(db, alarm, now=now)
        return marked

    def _left_aside(self, pen: Pen, left: Collection[DeliveryId]) -> None:
        """Set aside, and say why, what must not be sent any more."""
        with unit_of_work(pen) as db:
            for one in left:
                set_aside(db, now=self._clock.now(), only=one)
