"""Power fails at every commit of a run, before it and after it; then count.

A run of invitations goes to a real server, over one connection or over several. At the
n-th commit the power fails: nothing after it is executed, not even clean-up. The next
start recovers. Whatever n was: nobody is left out, nobody gets three, and who got two
is listed, at most one for each connection.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.outbox.models import Delivery
from mailer.outbox.states import DeliveryState
from tests.mains import Mains, PowerFailure
from tests.outgoing import drain, issued
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings, Smtp
    from subscribers.clock import FixedClock
    from subscribers.database import Database

PEOPLE = 6

FEWEST = 5
"""Commits of a run, at least: the sweep, a claim, a mark, an answer, the end."""


def _prepared(settings: Settings, clock: FixedClock, file: Path) -> Application:
    """Return the program on the database *file*."""
    database = replace(settings.database, url=f"sqlite:///{file}")
    return Application(replace(settings, database=database), clock)


@pytest.mark.slow
@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("keeps_commit", [False, True], ids=["before", "after"])
def test_power_failure_at_any_commit_leaves_nobody_out(
    settings: Settings,
    clock: FixedClock,
    tmp_path: Path,
    keeps_commit: bool,
    lanes: int,
) -> None:
    """For every n: restart, and each person has one letter, or two that are listed."""
    original = tmp_path / "issued.db"
    shutil.copy(tmp_path / "mia.db", original)
    first = _prepared(settings, clock, original)
    issued(first, people=PEOPLE)
    first.close()

    for number in count(1):
        file = _copied(original, f"fails-at-{number}")
        with ScriptedSmtp() as server:
            failing = _prepared(settings, clock, file)
            mains = Mains(failing.database, fails_at=number, keeps_commit=keeps_commit)
            with suppress(PowerFailure):
                drain(failing, _relay(settings, server), lanes=lanes)
            failing.close()
            restarted = _prepared(settings, clock, file)
            drain(restarted, _relay(settings, server), lanes=lanes)
            _check(restarted.database, server, lanes, f"commit {number}")
            restarted.close()
        if not mains.is_off:  # the run had fewer commits: all have failed by now
            break
    assert number > FEWEST


def _relay(settings: Settings, server: ScriptedSmtp) -> Smtp:
    return replace(settings.smtp, port=server.port)


def _copied(original: Path, stem: str) -> Path:
    """Return a copy of a closed database, beside it."""
    return shutil.copyfile(original, original.with_name(f"{stem}.db"))


def _check(database: Database, server: ScriptedSmtp, lanes: int, where: str) -> None:
    held = Counter(one.recipient for one in server.accepted)
    with database.reading() as db:
        deliveries = db.scalars(sa.select(Delivery)).all()
    assert len(held) == PEOPLE, where
    assert {one.state for one in deliveries} == {DeliveryState.ACCEPTED}, where
    listed = sum(one.copies > 1 for one in deliveries)
    twice = sum(number > 1 for number in held.values())
    assert twice <= listed <= lanes, where
    assert max(held.values()) <= 2, where
