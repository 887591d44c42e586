"""The supervisor: loops wake each other, bear each other's failures, end together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mailer.daemon.loop import Life, Loop
from mailer.daemon.supervisor import Supervisor
from mailer.errors import ConnectionFailed
from mailer.watching.models import LoopName
from tests.daemons import NotifySocket

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from mailer.application import Application

HOURS = 36_000.0
"""Seconds that no test waits for."""

PATIENCE = 5.0
"""Seconds until it is certain that nobody listens."""


def test_a_round_that_did_something_wakes_others(application: Application) -> None:
    """Fetching wakes sending at once, not when its rest is over."""
    turns: list[str] = []

    async def fetch(_life: Life) -> bool:
        await asyncio.sleep(0)
        turns.append("fetch")
        return True

    async def send(_life: Life) -> bool:
        await asyncio.sleep(0)
        turns.append("send")
        if turns.count("send") == 2:
            supervisor.stop()
        return False

    supervisor = Supervisor(
        application,
        [
            Loop(LoopName.SEND, send, HOURS, HOURS),
            Loop(LoopName.FETCH, fetch, HOURS, HOURS, wakes=(LoopName.SEND,)),
        ],
    )
    asyncio.run(supervisor.run())
    assert sorted(turns) == ["fetch", "send", "send"]


def test_one_that_fails_does_not_stop_the_others(
    application: Application,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other loop goes on, and systemd is told what is wrong."""
    sink = NotifySocket(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(sink.path))
    turns = 0

    async def broken(_life: Life) -> bool:
        await asyncio.sleep(0)
        raise ConnectionFailed("mail.example:587", "niemand antwortet")

    async def well(_life: Life) -> bool:
        nonlocal turns
        await asyncio.sleep(0)
        turns += 1
        if supervisor.troubles and turns > 1:
            supervisor.stop()
        return False

    supervisor = Supervisor(
        application,
        [
            Loop(LoopName.SEND, broken, HOURS, HOURS),
            Loop(LoopName.SWEEP, well, 0.01, HOURS),
        ],
    )
    asyncio.run(supervisor.run())
    sink.until(f"STATUS={supervisor.troubles[LoopName.SEND]}")
    sink.close()
    assert turns > 1


def test_a_silent_round_starves_the_watchdog(
    application: Application,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Fed while all live; not fed, and logged, once a round is silent for too long."""
    sink = NotifySocket(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(sink.path))
    monkeypatch.setenv("WATCHDOG_USEC", "20000")

    def silences() -> int:
        return [one.getMessage() for one in caplog.records].count("loop.silent")

    async def hang(life: Life) -> bool:
        await asyncio.to_thread(sink.until, "WATCHDOG=1")
        life.touched -= 2 * HOURS  # as if nothing had been done for so long
        for times in (1, 3):
            while silences() < times:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.01)
            starved.append(sink.waiting())
        supervisor.stop()
        return False

    starved: list[list[str]] = []
    supervisor = Supervisor(application, [Loop(LoopName.FETCH, hang, HOURS, HOURS)])
    asyncio.run(supervisor.run())
    sink.close()
    assert starved[-1] == []
    assert not supervisor.dead()


def test_an_end_while_the_lock_is_looked_at_is_heard(application: Application) -> None:
    """And not only when the loop has rested, a minute later."""

    async def nothing(_life: Life) -> bool:
        await asyncio.sleep(0)
        return False

    async def story() -> None:
        loop = asyncio.get_running_loop()

        async def stop() -> None:
            await asyncio.sleep(0)
            supervisor.stop()

        def still_alone() -> bool:
            asyncio.run_coroutine_threadsafe(stop(), loop).result()
            return True

        supervisor = Supervisor(
            application, [Loop(LoopName.SEND, nothing, HOURS, HOURS)], still_alone
        )
        async with asyncio.timeout(PATIENCE):
            await supervisor.run()

    asyncio.run(story())


def test_who_has_lost_the_lock_gives_way(application: Application) -> None:
    """A round it was in is finished, no other begins, and it knows why."""
    turns = 0
    holds = [True, False]

    async def work(_life: Life) -> bool:
        nonlocal turns
        await asyncio.sleep(0)
        turns += 1
        return False

    loop = Loop(LoopName.SWEEP, work, 0, HOURS)
    supervisor = Supervisor(application, [loop], lambda: holds.pop(0))
    asyncio.run(supervisor.run())
    assert turns == 1
    assert supervisor.is_ousted
