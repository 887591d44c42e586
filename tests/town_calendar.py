"""The example town's calendar for tests: its meetings as rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.meetings.closures import Closures
from mailer.meetings.materialising import materialise
from mailer.meetings.models import Meeting

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.settings.model import Settings
    from subscribers.database import Db

UNTIL: Final = date(2027, 12, 31)
"""Holds one holiday on a day of the rule: Ascension Day, 6 May 2027."""


def closures(settings: Settings) -> Closures:
    """Return the days on which nothing takes place."""
    return Closures(settings.state, settings.closed)


def plan(db: Db, settings: Settings, *, now: datetime) -> None:
    """Make the rows of all meetings from now on."""
    for series in settings.series:
        materialise(db, series, closures(settings), until=UNTIL, now=now)


def meeting(db: Db, day: date) -> Meeting:
    """Return the meeting that the settings made for a day."""
    return db.scalars(sa.select(Meeting).where(Meeting.ruled_on == day)).one()
