"""``mia worker``: nothing but sending, as often as one likes on one PostgreSQL.

Several workers share the ledger: each claims what nobody else has claimed, and the pace
is counted in the database. On SQLite there is one writer in any case, so the second
worker would only stand at the door: it is told so and ends.

Nothing is planned here, no mailbox is read, no alarm raised: a worker helps ``mia run``
or ``mia tick``, and does not stand for them. It writes no pulse, so that ``mia status``
takes it for nothing else.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mailer.daemon.alone import sending_alone
from mailer.errors import ExitCode, TransportError
from mailer.logs import LogEvent, log
from mailer.outbox.lanes import Watch
from mailer.rounds.sending import is_due
from mailer.rounds.sweeping import settle
from subscribers.errors import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application

ENDS: Final = (signal.SIGTERM, signal.SIGINT)

LOOK_SECONDS: Final = 2
"""Between two looks at the outbox: a letter of welcome is there at once."""

REST_SECONDS: Final = 60
"""After a failure: whatever the server or the database has, it has it for a while."""

ELSEWHERE: Final = (
    "Auf dieser Datenbank sendet schon ein anderer „mia worker“. Mehrere zugleich "
    "gehen nur mit PostgreSQL."
)

BEGUN: Final = (
    "Es wird gesendet, was fällig ist; Strg+C beendet es. Geplant und gelesen wird "
    "hier nichts: Das tun „mia run“ oder „mia tick“."
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
    with sending_alone(app.database) as is_ours:
        if not is_ours:
            told(ELSEWHERE)
            return ExitCode.TRY_AGAIN
        _ = app.relays  # what is not set shows now
        asyncio.run(_until_the_end(app, told))
    return ExitCode.OK


async def _until_the_end(app: Application, told: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    watch = Watch()

    def end() -> None:
        watch.stopping = True
        ended.set()

    loop = asyncio.get_running_loop()
    for name in ENDS:
        loop.add_signal_handler(name, end)
    told(BEGUN)
    while not ended.is_set():
        rest = LOOK_SECONDS
        try:
            await _round(app, watch)
        except (TransportError, StoreBusy, StoreUnavailable) as error:
            log(LogEvent.WORKER_FAILED, error=type(error).__name__)
            told(error.sentence)
            rest = REST_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), rest)


async def _round(app: Application, watch: Watch) -> None:
    """Send what is due, and close what is over."""

    def waits() -> bool:
        with app.database.reading() as db:
            return is_due(db, now=app.clock.now())

    if await asyncio.to_thread(waits):
        await app.send_out(watch)
        zone = app.settings.series[0].zone
        await asyncio.to_thread(settle, app.database, zone=zone, now=app.clock.now())
