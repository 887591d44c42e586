"""What the lanes carry next: letters that are written while servers think.

A lane whose server has answered should wait for nothing but its mark. So letters of a
list are written ahead, as many as there are lanes, while answers are under way: many in
a row, which is also the quickest way to write them. Others, which may be large, are
written when their turn has come.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from mailer.errors import MessageUnsafe
from mailer.rendering.parcel import Outcome, Parcel, SmtpReply, Verdict
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.outbox.ledger import Claim
    from mailer.outbox.parcels import ParcelMaker
    from mailer.outbox.supply import Supply

MOMENT: Final = 0.001
"""Seconds after a letter was taken until the next ones are written: the page of those
that leave now comes first."""


class Load(NamedTuple):
    """What a lane carries."""

    claimed: Claim
    parcel: Parcel


class Stock:
    """Letters that are ready to leave, in the order of their claims."""

    def __init__(
        self,
        supply: Supply,
        parcels: ParcelMaker,
        size: int,
        refuse: Callable[[Claim, Outcome], None],
    ) -> None:
        """Begin without any letter.

        Args:
            size: Letters written ahead, at most.
            refuse: Hears of a letter that cannot be written.
        """
        self._supply = supply
        self._parcels = parcels
        self._size = size
        self._refuse = refuse
        self._loads: deque[Load] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def take(self) -> Load | None:
        """Return what to send next, as soon as there is something; None at the end.

        Raises:
            StoreBusy, StoreUnavailable: It could not be claimed or read.
        """
        load = self._ready()
        while load is None:
            claimed = await self._supply.take()
            if claimed is None:
                break
            load = await self._written(claimed)
        return load

    async def upcoming(self) -> Load | None:
        """Return what to send after this, if it lies here."""
        load = self._ready()
        claimed = None if load else self._supply.at_hand()
        if claimed is None:
            return load
        try:
            return await self._written(claimed)
        except (StoreBusy, StoreUnavailable):
            # It must not end what is marked already; the next take says it again.
            self._supply.give_back(claimed)
            return None

    def give_back(self, *loads: Load | None) -> None:
        """Put back what was taken and not sent."""
        for load in loads:
            if load is not None:
                self._supply.give_back(load.claimed)

    def close(self) -> None:
        """Write no more; what was not sent goes back."""
        if self._timer is not None:
            self._timer.cancel()
        self.give_back(*reversed(self._loads))
        self._loads.clear()

    def _ready(self) -> Load | None:
        """Return the next letter that is written; nothing once the supply was taken."""
        if self._supply.was_cleared:
            self._loads.clear()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MOMENT, self._fill)
        return self._loads.popleft() if self._loads else None

    def _fill(self) -> None:
        """Write letters of lists ahead, as far as these lists have been read."""
        self._timer = None
        while len(self._loads) < self._size:
            claimed = self._supply.at_hand()
            if claimed is None:
                return
            try:
                parcel = self._parcels.listed(claimed)
            except MessageUnsafe as error:
                self._refuse(claimed, _refusal(error))
                continue
            if parcel is None:
                self._supply.give_back(claimed)
                return
            self._loads.append(Load(claimed, parcel))

    async def _written(self, claimed: Claim) -> Load | None:
        """Return the letter of *claimed*; None, and a refusal, if it is unsafe."""
        try:
            return Load(claimed, await self._parcels.parcel(claimed))
        except MessageUnsafe as error:
            self._refuse(claimed, _refusal(error))
            return None


def _refusal(error: MessageUnsafe) -> Outcome:
    return Outcome(Verdict.REFUSED, SmtpReply(None, error.sentence))
