"""``mia tick``: one round of every loop, for cron or a timer of systemd."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mailer.daemon.alone import alone
from mailer.daemon.loop import Life, turn
from mailer.daemon.work import loops
from mailer.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailer.application import Application
    from mailer.watching.models import LoopName
    from mailer.watching.pulses import Trouble


def tick(app: Application, *, told: Callable[[str], None]) -> ExitCode:
    """Do what is due, once.

    Args:
        told: Says a German sentence to whoever reads the mail of cron.

    Returns:
        OK; the code of the first trouble if there was one.

    Raises:
        SubscribersError: The database cannot be used.
    """
    with alone(app.database) as is_ours:
        if not is_ours:
            return ExitCode.OK  # the daemon, or a longer round, does it
        troubles = asyncio.run(_turned(app))
    for trouble in troubles:
        told(trouble.sentence)
    return troubles[0].code if troubles else ExitCode.OK


async def _turned(app: Application) -> list[Trouble]:
    """Turn every loop once, and once more those that a later one wakes."""
    troubles: dict[LoopName, Trouble | None] = {}
    again: set[LoopName] = set()
    found = loops(app)
    for loop in found:
        turned = await turn(app, loop, Life())
        if turned.did:
            again |= troubles.keys() & loop.wakes
        troubles[loop.name] = turned.trouble
    for loop in found:
        if loop.name in again:
            troubles[loop.name] = (await turn(app, loop, Life())).trouble
    return [one for one in troubles.values() if one is not None]
