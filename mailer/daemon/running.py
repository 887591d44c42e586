"""``mia run``: all loops in one process, from its start to its end in good order.

SIGTERM and SIGINT end it: the messages in flight are finished. SIGHUP ends the rounds
in the same way and begins anew with the settings as they are then; a settings file
with mistakes changes nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from mailer.daemon.alone import alone
from mailer.daemon.notify import notify
from mailer.daemon.supervisor import Supervisor
from mailer.daemon.work import loops
from mailer.errors import ExitCode, SettingsInvalid
from mailer.logs import LogEvent, log
from mailer.watching import pulses
from mailer.watching.models import LoopName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from mailer.application import Application

ENDS: Final = (signal.SIGTERM, signal.SIGINT)

ELSEWHERE: Final = (
    "Der Dienst läuft schon, in einem anderen Prozess. Wie es ihm geht, zeigt "
    "„mia status“."
)


def run(
    app: Application,
    *,
    reload: Callable[[], Application],
    told: Callable[[str], None],
) -> ExitCode:
    """Run until somebody ends it.

    Args:
        reload: Returns an application with the settings as they are now.
        told: Says a German sentence to whoever looks at the terminal.

    Returns:
        OK after an end in good order; TRY_AGAIN if another process does the work, or
        has taken it over while our database was away.

    Raises:
        SubscribersError: The database cannot be used.
    """
    while True:
        with alone(app.database) as hold:
            supervisor = Supervisor(app, loops(app, is_daemon=True), hold.still)
            fresh = None
            if hold.is_ours:
                fresh = asyncio.run(_until_the_end(supervisor, reload, told))
            if not hold.is_ours or supervisor.is_ousted:
                told(ELSEWHERE)
                return ExitCode.TRY_AGAIN
        if fresh is None:
            return ExitCode.OK
        if app.settings.web.serve and fresh.settings.web.serve:
            fresh.pages.follow(app.pages)
        app.close()
        app = fresh
        log(LogEvent.DAEMON_RELOADED)


async def _until_the_end(
    supervisor: Supervisor,
    reload: Callable[[], Application],
    told: Callable[[str], None],
) -> Application | None:
    """Let the loops run; return what shall run after them, if anything."""
    app = supervisor.app
    fresh: list[Application] = []

    def end() -> None:
        notify("STOPPING=1")
        log(LogEvent.DAEMON_STOPPING)
        fresh.clear()
        supervisor.stop()

    def begin_anew() -> None:
        try:
            fresh.append(reload())
        except SettingsInvalid as error:
            told(f"{error.sentence}\nEs gelten weiter die alten Einstellungen.")
            return
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        supervisor.stop()

    loop = asyncio.get_running_loop()
    for name in ENDS:
        loop.add_signal_handler(name, end)
    loop.add_signal_handler(signal.SIGHUP, begin_anew)
    with _written_down(supervisor), _doorbell(app, supervisor):
        notify("READY=1", "STATUS=Alles läuft.")
        told("Der Dienst läuft; Strg+C beendet ihn.")
        async with _pages(supervisor, fresh):
            await supervisor.run()
    return fresh[-1] if fresh else None


@asynccontextmanager
async def _pages(
    supervisor: Supervisor, fresh: Sequence[Application]
) -> AsyncIterator[None]:
    """Close the pages, if there are any, without turning away who comes meanwhile.

    Args:
        fresh: What shall run next comes last in it, once that is known.
    """
    app = supervisor.app
    if not app.settings.web.serve:
        yield
        return
    app.pages.wakes = supervisor.bells[LoopName.SEND].set
    try:
        yield
    finally:
        stay = any(_place(one) == _place(app) for one in fresh[-1:])
        await app.pages.close(keeps_listening=stay)


def _place(app: Application) -> tuple[bool, str, int]:
    """Return whether and where *app* serves its pages."""
    web = app.settings.web
    return web.serve, web.host, web.port


@contextmanager
def _written_down(supervisor: Supervisor) -> Iterator[None]:
    """Write down that the daemon runs, and that it ended in good order."""
    app = supervisor.app
    with app.database.transaction() as db:
        interrupted = pulses.begin_daemon(db, now=app.clock.now())
    log(LogEvent.DAEMON_STARTED, process=os.getpid(), interrupted=interrupted)
    yield
    if not supervisor.is_ousted:  # the pulse is the other one's now
        with app.database.transaction() as db:
            pulses.succeed(db, LoopName.DAEMON, now=app.clock.now())
    log(LogEvent.DAEMON_STOPPED)


@contextmanager
def _doorbell(app: Application, supervisor: Supervisor) -> Iterator[None]:
    """Wake the fetch loop when something may have come."""
    if not app.settings.inbox.host:
        yield
        return
    from mailer.inbound.doorbell import Doorbell  # noqa: PLC0415 - only with a server

    loop = asyncio.get_running_loop()
    bell = supervisor.bells[LoopName.FETCH]

    def ring() -> None:
        loop.call_soon_threadsafe(bell.set)

    with Doorbell(app.settings.inbox, app.settings.path.parent, ring):
        yield
