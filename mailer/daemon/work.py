"""What the loops do: the rounds of one application, and who wakes whom."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from mailer.daemon.loop import Loop
from mailer.errors import PlanRefused
from mailer.rounds.sending import is_due
from mailer.rounds.sweeping import settle
from mailer.watching.models import LoopName, Pulse

if TYPE_CHECKING:
    from mailer.application import Application
    from mailer.daemon.loop import Life

A_MINUTE: Final = 60
"""Seconds: often enough for anything people set a time for."""

LOOK_SECONDS: Final = 600
"""The bell of a mailbox may be broken: it is read so often at least."""

MAILDIR_SECONDS: Final = 30
"""A Maildir has no bell; looking into a folder costs nothing."""

PATIENCE: Final = 1800
"""Seconds between two signs of life of a round that needs no relay: the slowest is
the fetching of one large mail over a bad line."""


def loops(app: Application, *, is_daemon: bool) -> list[Loop]:
    """Return the loops in the order in which one round of all makes sense.

    Args:
        is_daemon: They turn again and again, not once.
    """
    rounds = _Rounds(app, is_daemon=is_daemon)
    lease = app.settings.policy.lease.total_seconds()
    found = [
        Loop(LoopName.PLAN, rounds.plan, A_MINUTE, PATIENCE, wakes=(LoopName.SEND,)),
        Loop(LoopName.SEND, rounds.send, A_MINUTE, lease, wakes=(LoopName.SWEEP,)),
        Loop(LoopName.SWEEP, rounds.sweep, A_MINUTE, PATIENCE, wakes=(LoopName.SEND,)),
    ]
    inbox = app.settings.inbox
    if inbox.host or inbox.maildir is not None:
        rest = LOOK_SECONDS if inbox.host else MAILDIR_SECONDS
        wakes = (LoopName.PLAN, LoopName.SEND)
        found.insert(0, Loop(LoopName.FETCH, rounds.fetch, rest, PATIENCE, wakes))
    if app.settings.web.serve and is_daemon:
        found.append(Loop(LoopName.SERVE, rounds.serve, A_MINUTE, PATIENCE))
    return found


class _Rounds:
    """One round of each kind, with the parts of one application."""

    def __init__(self, app: Application, *, is_daemon: bool) -> None:
        self._app = app
        self._is_daemon = is_daemon

    async def fetch(self, life: Life) -> bool:
        """Read the mailbox; True if something new was in it."""
        from mailer.rounds.fetching import fetch_round  # noqa: PLC0415 - as below

        drained = await asyncio.to_thread(
            fetch_round,
            self._app.mail_source(),
            self._app.taker(),
            told=life.touch,
            is_over=lambda: life.is_over,
        )
        return bool(drained.taken or drained.recovered)

    async def plan(self, _life: Life) -> bool:
        """Do what the calendar makes due; True if letters were added.

        Raises:
            PlanRefused: Something could not be written; all the rest is done.
        """
        from mailer.rounds.planning import plan_round  # noqa: PLC0415 - as below

        app = self._app
        planned = await asyncio.to_thread(
            plan_round, app.database, app.press, app.clock
        )
        if planned.problems:
            raise PlanRefused("\n".join(planned.problems))
        return bool(planned.issued or planned.drafted)

    async def send(self, life: Life) -> bool:
        """Send what is due; True if something was.

        After a failure the relay is asked even if nothing waits any more: whether it
        is well again is what people want to know.
        """
        app = self._app
        with app.database.reading() as db:
            waits = is_due(db, now=app.clock.now())
            pulse = db.get_one(Pulse, LoopName.SEND)
        if waits:
            # A round with nothing to do, as most are, needs no templates.
            from mailer.outbox.lanes import Watch  # noqa: PLC0415 - see above

            life.watch = Watch(told=life.touch, stopping=life.is_over)
            await app.send_out(life.watch)
        elif pulse.failing_since is not None:
            await app.connection(app.relays[0]).check()
        elif app.settings.relays:
            await app.ask_rested_relays()
        return waits

    async def serve(self, _life: Life) -> bool:
        """Let visitors in, if nobody did or the server has died.

        Raises:
            WebUnavailable: The address cannot be used.
        """
        await self._app.pages.open()
        return False

    async def sweep(self, _life: Life) -> bool:
        """Close and forget what is over, and tell people what they must know."""
        app = self._app
        zone = app.settings.series[0].zone
        await asyncio.to_thread(settle, app.database, zone=zone, now=app.clock.now())
        return await app.watchman(is_locked=self._is_daemon).look()
