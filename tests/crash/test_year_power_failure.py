"""Power fails at every commit of planning, approving and changing; then count.

A draft, a yes, an invitation, a move, a cancellation: whatever commit was the last
before the dark, the next start goes on, and each resident has each letter once.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from mailer.application import Application
from mailer.editions import drafting
from mailer.editions.models import Edition
from mailer.editions.states import EditionEvent
from mailer.errors import PlanRefused
from mailer.meetings import planning
from tests.factories import a_subscriber
from tests.mains import Mains, PowerFailure
from tests.planning import BERLIN, Town
from tests.servers import ScriptedSmtp

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Settings
    from subscribers.clock import FixedClock

PEOPLE = ("rita@netz.example", "marco@netz.example")

FEWEST = 20
"""Commits of the story, at least."""

STRIDE = 1 if "MIA_TEST_MAILS" in os.environ else 8
"""``make crash`` fails at every commit, the usual run at every eighth, and "before" and
"after" begin at different ones."""


def plan(town: Town) -> None:
    """Plan and send."""
    town.plan()
    town.send()


def approve(town: Town) -> None:
    """Say yes to what waits; a second yes is none."""
    with town.application.database.transaction() as db, suppress(PlanRefused):
        for edition in db.scalars(sa.select(Edition)):
            drafting.move(edition, EditionEvent.APPROVE, now=town.clock.now())


def move(town: Town) -> None:
    """Put the meeting off by a week, if that is not done."""
    app = town.application
    (series,) = app.settings.series
    with app.database.transaction() as db, suppress(PlanRefused):
        meeting = town.meeting(db, "2026-12-03")
        proposal = replace(
            planning.as_it_is(meeting, series.zone), on=date(2026, 12, 10)
        )
        planning.move(db, meeting, series, app.closures, proposal, now=town.clock.now())


def cancel(town: Town) -> None:
    """Take it off, if that is not done."""
    app = town.application
    (series,) = app.settings.series
    with app.database.transaction() as db, suppress(PlanRefused):
        meeting = town.meeting(db, "2026-12-03")
        planning.cancel(
            db, meeting, reason="Heizung", zone=series.zone, now=town.clock.now()
        )


STORY = (
    ("2026-11-23 10:00", plan),
    ("2026-11-24 09:00", approve),
    ("2026-11-26 10:00", plan),
    ("2026-11-27 09:00", move),
    ("2026-11-27 09:01", plan),
    ("2026-11-28 09:00", cancel),
    ("2026-11-28 09:01", plan),
)
"""When, and what is done then; each step may be done again."""


@pytest.mark.slow
@pytest.mark.parametrize("keeps_commit", [False, True], ids=["before", "after"])
def test_power_failure_at_any_commit_of_the_year_loses_and_doubles_nothing(
    settings: Settings, clock: FixedClock, tmp_path: Path, *, keeps_commit: bool
) -> None:
    """For every n: restart in the same step; everybody has each letter once."""
    original = tmp_path / "town.db"
    shutil.copy(tmp_path / "mia.db", original)
    first = _open(settings, clock, original)
    with first.database.transaction() as db:
        for address in PEOPLE:
            a_subscriber(db, address)
    first.close()  # so that one file holds everything

    for number in count(min(STRIDE, 3) if keeps_commit else 1, STRIDE):
        file = shutil.copyfile(original, tmp_path / f"fails-at-{number}.db")
        with ScriptedSmtp() as server:
            app = _open(settings, clock, file)
            mains = Mains(app.database, fails_at=number, keeps_commit=keeps_commit)
            for moment, step in STORY:
                clock.moment = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
                try:
                    step(Town(app, clock, server))
                except PowerFailure:
                    app.close()
                    app = _open(settings, clock, file)
                    step(Town(app, clock, server))
            town = Town(app, clock, server)
            for address in PEOPLE:
                got = town.got(address)
                assert got == ["invitation", "update", "cancellation"], number
            app.close()
        if not mains.is_off:
            break
    assert number > FEWEST


def _open(settings: Settings, clock: FixedClock, file: Path) -> Application:
    database = replace(settings.database, url=f"sqlite:///{file}")
    return Application(replace(settings, database=database), clock)
