"""How things are, for eyes and for monitoring: what an alarm is made from, and more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.errors import ExitCode
from mailer.watching import alarms
from mailer.watching.figures import SEVEN_DAYS, Figures, Week, figures
from mailer.watching.models import Pulse
from mailer.watching.observing import observe
from mailer.watching.pulses import DaemonState, daemon_state
from mailer.watching.summary import coming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailer.meetings.closures import Closures
    from mailer.watching.kinds import Observed
    from mailer.watching.models import AlarmKind
    from mailer.watching.observing import Sight
    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Status:
    """How things are at one moment.

    Attributes:
        daemon: Whether the work does itself.
        last_sign_at: When it last showed life; None if it never did.
        pulses: What each loop did last.
        figures: Of the seven days before today, and of this moment.
        coming: As in ``summary``.
        troubles: What is wrong now.
        told_at: When people were told of a trouble, by its kind and subject.
    """

    daemon: DaemonState
    last_sign_at: datetime | None
    pulses: Sequence[Pulse]
    figures: Figures
    coming: Sequence[str]
    troubles: Sequence[Observed]
    told_at: Mapping[tuple[AlarmKind, str], datetime | None]

    @property
    def exit_code(self) -> ExitCode:
        """What monitoring is told: 69 if nothing runs, 1 on any trouble, else 0."""
        if self.daemon is not DaemonState.RUNS:
            return ExitCode.UNAVAILABLE
        return ExitCode.FAILURE if self.troubles else ExitCode.OK


def status(db: Db, sight: Sight, closures: Closures) -> Status:
    """Return how things are; nothing is written."""
    settings = sight.settings
    daemon, last = daemon_state(
        db,
        is_locked=sight.is_locked,
        silent_after=settings.alarm.silent_after,
        now=sight.now,
    )
    pulses = db.scalars(sa.select(Pulse).order_by(Pulse.name)).all()
    zone = settings.series[0].zone
    week = Week(sight.now.astimezone(zone).date() - SEVEN_DAYS, zone)
    return Status(
        daemon=daemon,
        last_sign_at=last if pulses else None,
        pulses=pulses,
        figures=figures(db, week),
        coming=coming(db, settings, closures, now=sight.now),
        troubles=observe(db, sight),
        told_at={(one.kind, one.subject): one.told_at for one in alarms.active(db)},
    )
