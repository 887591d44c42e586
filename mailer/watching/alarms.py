"""Alarms as rows: raised once per cause, and not again until it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mailer.watching.kinds import KINDS
from mailer.watching.models import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mailer.watching.kinds import Observed
    from subscribers.database import Db


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different since the last look."""

    raised: Sequence[Alarm]
    ended: Sequence[Alarm]


def reconcile(db: Db, observed: Iterable[Observed], *, now: datetime) -> Changed:
    """Raise an alarm for each new trouble, and end those that are over."""
    known = {(one.kind, one.subject): one for one in active(db)}
    raised = []
    for trouble in observed:
        alarm = known.pop((trouble.kind, trouble.subject), None)
        if alarm is None:
            raised.append(_raised(trouble))
        else:
            alarm.sentence = trouble.sentence
    for alarm in known.values():
        alarm.ended_at = now
        alarm.cleared_at = None if KINDS[alarm.kind].tells_end else now
    db.add_all(raised)
    db.flush()
    return Changed(raised, list(known.values()))


def active(db: Db) -> Sequence[Alarm]:
    """Return the alarms that have not ended, the oldest first."""
    return db.scalars(
        sa.select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.id)
    ).all()


def _raised(trouble: Observed) -> Alarm:
    return Alarm(
        kind=trouble.kind,
        subject=trouble.subject,
        since_at=trouble.since_at,
        sentence=trouble.sentence,
        told_by="",
    )


def untold(db: Db) -> Sequence[Alarm]:
    """Return the active alarms about which no letter was written yet."""
    return [one for one in active(db) if one.told_at is None]


def unhooked(db: Db) -> Sequence[Alarm]:
    """Return the active alarms that the operator's command has not taken."""
    return [one for one in active(db) if one.hooked_at is None]


def uncleared(db: Db) -> Sequence[Alarm]:
    """Return the alarms whose end is still to be told.

    Those among them that could not be told while they lasted are told by it.
    """
    ended = Alarm.ended_at.is_not(None)
    return db.scalars(
        sa.select(Alarm).where(ended, Alarm.cleared_at.is_(None)).order_by(Alarm.id)
    ).all()


def note(db: Db, /, numbers: Iterable[int], **columns: object) -> None:
    """Write down what became of these alarms."""
    db.execute(
        sa.update(Alarm)
        .where(Alarm.id.in_(list(numbers)))
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
