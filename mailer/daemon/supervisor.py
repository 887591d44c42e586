"""The supervisor: lets every loop turn by itself, and all of them end together.

A loop that fails waits and tries again; the others go on. A loop rests until its time
has come or another one wakes it; what there is to do it finds out by looking at rows.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.daemon.loop import Life, turn
from mailer.daemon.notify import notify, watchdog_seconds
from mailer.logs import LogEvent, log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailer.application import Application
    from mailer.daemon.loop import Loop, Turned
    from mailer.watching.models import LoopName


@dataclass(slots=True)
class Supervisor:
    """Runs the loops of one application.

    Attributes:
        still_alone: Asks whether the lock of the database is ours yet.
        is_ousted: It was not any more, and everything has ended for that.
        bells: Ring one, and its loop looks.
        lives: What each loop shows of itself.
        troubles: What is wrong now, by loop.
    """

    app: Application
    loops: Sequence[Loop]
    still_alone: Callable[[], bool] = lambda: True
    is_ousted: bool = False
    bells: dict[LoopName, asyncio.Event] = field(init=False)
    lives: dict[LoopName, Life] = field(init=False)
    troubles: dict[LoopName, str] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Give every loop a bell and a life."""
        self.bells = {loop.name: asyncio.Event() for loop in self.loops}
        self.lives = {loop.name: Life() for loop in self.loops}

    def stop(self) -> None:
        """Let every round finish what is in flight, and begin no other."""
        for life in self.lives.values():
            life.end()
        self.stopping.set()
        for bell in self.bells.values():
            bell.set()

    async def run(self) -> None:
        """Let the loops turn until somebody calls ``stop``."""
        feeding = asyncio.create_task(self._feed())
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self.loops:
                    group.create_task(self._keep(loop))
        finally:
            feeding.cancel()

    async def _keep(self, loop: Loop) -> None:
        """Let one loop turn."""
        while not self.stopping.is_set():
            # Before anything is waited for: who says stop meanwhile rings it again.
            self.bells[loop.name].clear()
            if not await asyncio.to_thread(self.still_alone):
                self._give_way()
                return
            turned = await turn(self.app, loop, self.lives[loop.name])
            self._tell(loop, turned)
            for name in loop.wakes if turned.did else ():
                if name in self.bells:
                    self.bells[name].set()
            if turned.wait is None:
                await _ringing(self.bells[loop.name], loop.rest)
            else:  # nobody wakes a loop out of its patience, except to end it
                await _ringing(self.stopping, turned.wait)

    def _give_way(self) -> None:
        """End, because another process has the lock now: it does the work."""
        self.is_ousted = True
        log(LogEvent.DAEMON_OUSTED, level=logging.WARNING)
        self.stop()

    async def _feed(self) -> None:
        """Feed the watchdog as long as every loop lives, also while they end."""
        seconds = watchdog_seconds()
        while seconds is not None:
            dead = self.dead()
            for name, silence in dead.items():
                log(
                    LogEvent.LOOP_SILENT,
                    level=logging.ERROR,
                    loop=name,
                    seconds=int(silence),
                )
            if not dead:
                notify("WATCHDOG=1")
            await asyncio.sleep(seconds / 2)

    def dead(self) -> dict[LoopName, float]:
        """Return the loops that have been silent for too long, with the seconds."""
        return {
            loop.name: silence
            for loop in self.loops
            if (silence := self.lives[loop.name].silence()) > loop.patience
        }

    def _tell(self, loop: Loop, turned: Turned) -> None:
        """Let ``systemctl status`` say how things are."""
        before = dict(self.troubles)
        self.troubles.pop(loop.name, None)
        if turned.trouble is not None:
            self.troubles[loop.name] = turned.trouble.sentence
        if self.troubles != before:
            notify(f"STATUS={' '.join(self.troubles.values()) or 'Alles läuft.'}")


async def _ringing(bell: asyncio.Event, seconds: float) -> None:
    """Wait until *bell* rings, at most so many *seconds*."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        pass
