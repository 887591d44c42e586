"""What the lanes take from: deliveries claimed in batches, before they run out."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from mailer.outbox.ledger import Claim


class Supply:
    """Claims in memory, in the order of the recipients.

    Attributes:
        was_cleared: What had been taken and not sent must not be sent any more.
    """

    def __init__(self, claim: Callable[[], Awaitable[Sequence[Claim]]]) -> None:
        """Begin with nothing.

        Args:
            claim: Takes a lease on a batch; an empty one means that nothing is due.
        """
        self._claim = claim
        self._claims: deque[Claim] = deque()
        self._low = 0
        self._fetching: asyncio.Task[None] | None = None
        self._is_dry = False
        self.was_cleared = False

    async def take(self) -> Claim | None:
        """Return the next claim; None once nothing is due any more."""
        while not self._claims and not self._is_dry:
            await asyncio.shield(self._fetch())
        return self.at_hand()

    def at_hand(self) -> Claim | None:
        """Return the next claim if one lies here, without waiting."""
        if len(self._claims) <= self._low and not self._is_dry:
            _ = self._fetch()  # goes on while those at hand are sent
        return self._claims.popleft() if self._claims else None

    def give_back(self, claimed: Claim) -> None:
        """Put back what was taken and not sent; it comes first."""
        self._claims.appendleft(claimed)

    def clear(self) -> None:
        """Forget all that lies here; whoever claimed it gives it back."""
        self._claims.clear()
        self.was_cleared = True

    async def close(self) -> None:
        """Wait for a batch that is under way, so that it is released with the rest.

        Raises:
            StoreBusy, StoreUnavailable: It could not be claimed.
        """
        if self._fetching is not None:
            await self._fetching

    def _fetch(self) -> asyncio.Task[None]:
        """Get the next batch, once for all who wait."""
        if self._fetching is None or self._fetching.done():
            if self._fetching is not None:
                # What went wrong while nobody waited is over, or goes wrong again.
                self._fetching.exception()
            self._fetching = asyncio.create_task(self._fetched())
        return self._fetching

    async def _fetched(self) -> None:
        batch = await self._claim()
        self._claims.extend(batch)
        self._low = len(batch) // 2
        self._is_dry = not batch
