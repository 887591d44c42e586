"""``mia worker``: nothing but sending, as often as one likes on one PostgreSQL.

Several workers share the ledger: each claims what nobody else has claimed, and the pace
is counted in the database. On SQLite there is one writer in any case, so the second
worker would only stand at the door: it is told so and ends.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Final

from mailer.daemon.alone import Hold, alone
from mailer.daemon.loop import Life
from mailer.errors import ExitCode, TransportError
from mailer.logs import LogEvent, log
from mailer.outbox.lanes import Watch
from mailer.rounds.sending import is_due
from mailer.rounds.sweeping import settle
from mailer.watching import pulses
from mailer.watching.models import LoopName
from mailer.watching.pulses import Trouble
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mailer.application import Application
    from subscribers.database import Db

ENDS: Final = (signal.SIGTERM, signal.SIGINT)

LOOK_SECONDS: Final = 2
"""Between two looks at the outbox: a letter of welcome is there at once."""

BEAT_SECONDS: Final = 60
"""Between two signs of life; people are told after half an hour without one."""

REST_SECONDS: Final = 60
"""After a failure: whatever the server or the database has, it has it for a while."""

ELSEWHERE: Final = (
    "Auf dieser Datenbank sendet schon ein anderer Prozess. Mehrere zugleich gehen nur "
    "mit PostgreSQL."
)


def work(app: Application, *, told: Callable[[str], None]) -> ExitCode:
    """Send until somebody ends it.

    Args:
        told: Says a German sentence to whoever looks at the terminal.

    Returns:
        OK after an end in good order; TRY_AGAIN if another process sends.

    Raises:
        SettingsInvalid: No relay is set.
        SubscribersError: The database cannot be used.
    """
    free = nullcontext(Hold(is_ours=True))
    with alone(app.database) if app.database.is_sqlite else free as hold:
        if not hold.is_ours:
            told(ELSEWHERE)
            return ExitCode.TRY_AGAIN
        _ = app.relays  # what is not set shows now
        asyncio.run(_until_the_end(app, told))
    return ExitCode.OK


async def _until_the_end(app: Application, told: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    life = Life()
    watch = Watch(told=life.touch)

    def end() -> None:
        watch.stopping = True
        ended.set()

    loop = asyncio.get_running_loop()
    for name in ENDS:
        loop.add_signal_handler(name, end)
    told("Es wird gesendet, was fällig ist; Strg+C beendet es.")
    beating = asyncio.create_task(_beat(app, life))
    while not ended.is_set():
        trouble, rest = None, LOOK_SECONDS
        life.touch()
        life.is_resting = False
        try:
            await _round(app, watch)
        except (TransportError, StoreBusy, StoreUnavailable) as error:
            log(LogEvent.WORKER_FAILED, error=type(error).__name__)
            told(error.sentence)
            trouble, rest = Trouble.of(error), REST_SECONDS
        life.is_resting, life.trouble = True, trouble
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), rest)
    beating.cancel()


async def _beat(app: Application, life: Life) -> None:
    """Write the pulse of sending, where nobody else can: we have the daemon's lock.

    Among several workers on one PostgreSQL a pulse would say nothing of any of them.
    """
    lease = app.settings.policy.lease.total_seconds()
    while app.database.is_sqlite:
        if life.silence() < lease:
            with suppress(StoreBusy, StoreUnavailable):  # the next one comes through
                await app.database.run(_pulse, life.trouble, now=app.clock.now())
        await asyncio.sleep(BEAT_SECONDS)


def _pulse(db: Db, trouble: Trouble | None, *, now: datetime) -> None:
    pulses.begin(db, LoopName.SEND, now=now)
    if trouble is None:
        pulses.succeed(db, LoopName.SEND, now=now)
    else:
        pulses.fail(db, LoopName.SEND, trouble, now=now)


async def _round(app: Application, watch: Watch) -> None:
    """Send what is due, and close what is over."""

    def waits() -> bool:
        with app.database.reading() as db:
            return is_due(db, now=app.clock.now())

    if await asyncio.to_thread(waits):
        await app.send_out(watch)
        zone = app.settings.series[0].zone
        await asyncio.to_thread(settle, app.database, zone=zone, now=app.clock.now())
