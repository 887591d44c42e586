"""A loop: one kind of round, how often it looks by itself, and whether it lives."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.logs import LogEvent, log, log_mishap
from mailer.watching import pulses
from mailer.watching.models import Cause
from mailer.watching.pulses import Trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mailer.application import Application
    from mailer.outbox.lanes import Watch
    from mailer.watching.models import LoopName

WAITS: Final = (10, 30, 60, 300, 900)
"""Seconds before the next round, by how many have failed; the last for ever. An
invitation that comes a quarter of an hour later is still in time."""


@dataclass(slots=True)
class Life:
    """How a loop shows that it lives, and hears that it shall end.

    Attributes:
        touched: When it last did something, on the machine's own stopwatch.
        is_resting: It waits on purpose.
        is_over: Somebody wants it to end.
        failures: In a row.
        trouble: Why the last round of a worker failed; None if it did not.
        watch: How a worker is stopped, while one is at work.
    """

    touched: float = field(default_factory=time.monotonic)
    is_resting: bool = True
    is_over: bool = False
    failures: int = 0
    trouble: Trouble | None = None
    watch: Watch | None = None

    def touch(self) -> None:
        """Show that something was done."""
        self.touched = time.monotonic()

    def end(self) -> None:
        """Let the round in flight end soon, and no other begin."""
        self.is_over = True
        if self.watch is not None:
            self.watch.stopping = True

    def silence(self) -> float:
        """Return for how many seconds nothing was done that should have been."""
        return 0 if self.is_resting else time.monotonic() - self.touched


@dataclass(frozen=True, slots=True)
class Loop:
    """One kind of round.

    Attributes:
        work: Does one round; True if it did something that others should look at.
        rest: Seconds after which it looks again, if nobody wakes it.
        patience: Seconds that a round may be silent before it is believed dead.
        wakes: Who should look after a round that did something.
    """

    name: LoopName
    work: Callable[[Life], Awaitable[bool]]
    rest: float
    patience: float
    wakes: tuple[LoopName, ...] = ()


@dataclass(frozen=True, slots=True)
class Turned:
    """How a round ended.

    Attributes:
        did: Whether it did something.
        trouble: Why it failed; None if it did not.
        wait: Seconds before the next one; None for the loop's own rest.
    """

    did: bool = False
    trouble: Trouble | None = None
    wait: float | None = None


async def turn(app: Application, loop: Loop, life: Life) -> Turned:
    """Do one round of *loop*, and write down how it went; never raises."""
    life.touch()
    life.is_resting = False
    try:
        await app.database.run(pulses.begin, loop.name, now=app.clock.now())
        did = await loop.work(life)
        await app.database.run(pulses.succeed, loop.name, now=app.clock.now())
    except Exception as error:  # noqa: BLE001 - one loop's failure is not the others'
        return await _failed(app, loop, life, error)
    finally:
        life.is_resting = True
    if life.failures:
        log(LogEvent.LOOP_RECOVERED, loop=loop.name, failures=life.failures)
        life.failures = 0
    return Turned(did)


def wait_after(failures: int, *, is_lasting: bool) -> int:
    """Return the seconds to wait after so many *failures* in a row.

    Args:
        is_lasting: Only a person can mend it: more tries could lock an account.

    Example:
        >>> wait_after(1, is_lasting=False), wait_after(1, is_lasting=True)
        (10, 900)
    """
    return WAITS[-1] if is_lasting else WAITS[min(failures, len(WAITS)) - 1]


async def _failed(app: Application, loop: Loop, life: Life, error: Exception) -> Turned:
    trouble = Trouble.of(error)
    life.failures += 1
    wait = wait_after(life.failures, is_lasting=trouble.is_lasting)
    fields = {
        "loop": loop.name,
        "cause": trouble.cause,
        "kind": type(error).__name__,
        "failures": life.failures,
        "seconds": wait,
    }
    if trouble.cause is Cause.PROGRAM:
        log_mishap(LogEvent.LOOP_FAILED, error, **fields)
    else:
        log(LogEvent.LOOP_FAILED, level=logging.WARNING, **fields)
    try:
        await app.database.run(pulses.fail, loop.name, trouble, now=app.clock.now())
    except Exception as second:  # noqa: BLE001 - the database may be the trouble
        log(LogEvent.PULSE_LOST, loop=loop.name, kind=type(second).__name__)
    return Turned(trouble=trouble, wait=wait)
