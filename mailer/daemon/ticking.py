"""``mia tick``: one round of every loop, for cron or a timer of systemd."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mailer.daemon.alone import alone
from mailer.daemon.loop import Life, turn
from mailer.daemon.work import loops
from mailer.errors import ExitCode
from mailer.logs import LogEvent, log_mishap
from mailer.watching.models import Cause, LoopName
from mailer.watching.observing import moment
from mailer.watching.pulses import DaemonState, Trouble, daemon_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application


def tick(app: Application, *, told: Callable[[str], None]) -> ExitCode:
    """Do what is due, once.

    Args:
        told: Says a German sentence to whoever reads the mail of cron.

    Returns:
        OK; the code of the first trouble if there was one.

    Raises:
        SubscribersError: The database cannot be used.
    """
    with alone(app.database) as hold:
        if hold.is_ours:
            troubles = asyncio.run(_turned(app))
        else:
            troubles = asyncio.run(_instead_of_the_daemon(app))
    for trouble in troubles:
        told(trouble.sentence)
    return troubles[0].code if troubles else ExitCode.OK


async def _instead_of_the_daemon(app: Application) -> list[Trouble]:
    """Leave the work to who has the lock; if he shows no life, let people know.

    The ledger bears two senders, so the alarm can leave at once.
    """
    now = app.clock.now()
    with app.database.reading() as db:
        state, since = daemon_state(
            db,
            is_locked=True,
            silent_after=app.settings.alarm.silent_after,
            now=now,
        )
    if state is not DaemonState.SILENT:
        return []
    await app.watchman(is_locked=True).look()
    sending = next(
        one for one in loops(app, is_daemon=False) if one.name is LoopName.SEND
    )
    try:
        # Not turn(): a pulse would be taken for a sign of life of the daemon.
        await sending.work(Life())
    except Exception as error:  # noqa: BLE001 - people must hear of the daemon anyway
        log_mishap(LogEvent.LOOP_FAILED, error, loop=sending.name)
    sentence = f"Der Dienst gibt seit {moment(since, app.settings)} kein Lebenszeichen."
    return [Trouble(Cause.PROGRAM, True, sentence, ExitCode.UNAVAILABLE)]


async def _turned(app: Application) -> list[Trouble]:
    """Turn every loop once, and once more those that a later one wakes."""
    troubles: dict[LoopName, Trouble | None] = {}
    again: set[LoopName] = set()
    found = loops(app, is_daemon=False)
    for loop in found:
        turned = await turn(app, loop, Life())
        if turned.did:
            again |= troubles.keys() & loop.wakes
        troubles[loop.name] = turned.trouble
    for loop in found:
        if loop.name in again and troubles[loop.name] is None:
            troubles[loop.name] = (await turn(app, loop, Life())).trouble
    return [one for one in troubles.values() if one is not None]
