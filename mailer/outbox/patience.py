"""Patience with a database that cannot be written just now, while a run goes on.

A restart, a backup, a disk that somebody clears: the run waits, and goes on. An answer
of a mail server that is not written down would be a doubt.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeVar

from mailer.logs import LogEvent, log
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

R = TypeVar("R")

PATIENCE: Final = 60.0
"""Seconds for which the same is tried again."""

PAUSE: Final = 1.0
"""Seconds between two tries."""


async def patiently(write: Callable[[], Awaitable[R]], *, entries: int = 1) -> R:
    """Return what *write* returns, tried again for a while if it cannot be written.

    Args:
        write: May be done twice, by who did not hear that it was written.
        entries: How much waits to be written, for the log.

    Raises:
        StoreBusy, StoreUnavailable: Our patience has come to its end.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + PATIENCE
    while True:
        try:
            return await write()
        except (StoreBusy, StoreUnavailable):
            if loop.time() > give_up_at:
                raise
            log(LogEvent.LEDGER_WAITING, level=logging.WARNING, entries=entries)
        await asyncio.sleep(PAUSE)
