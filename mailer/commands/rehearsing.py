"""What a letter would say if something happened: for ``mia preview``, then taken back.

A meeting that has really changed since people were told is shown as it is. If nothing
has happened, a change is supposed, so that every kind of letter can be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from mailer.commands.invite import the_meeting
from mailer.commands.meeting_choice import chosen_series, zone_of
from mailer.commands.terminal import note
from mailer.editions import drafting
from mailer.editions.due import UpdateTimes, update_on
from mailer.editions.kinds import EditionKind
from mailer.editions.quarter import Quarter
from mailer.errors import PlanRefused
from mailer.german import full_day
from mailer.meetings import planning
from mailer.meetings.calendar_day import DayState
from mailer.meetings.localtime import local_day
from mailer.meetings.models import Meeting, MeetingVersion
from mailer.meetings.states import MeetingState
from mailer.rounds import calendar

if TYPE_CHECKING:
    from mailer.application import Application
    from mailer.editions.models import Edition
    from subscribers.database import Db

K: Final = EditionKind

SUPPOSED: Final = {
    K.UPDATE: "Angenommen ist: Das Treffen wird um eine Woche verlegt.",
    K.CANCELLATION: "Angenommen ist: Das Treffen wird abgesagt.",
    K.REINSTATEMENT: "Angenommen ist: Das Treffen war abgesagt und findet doch statt.",
}
"""What is told when a change is shown that nobody has made."""

REASON: Final = "Hier steht der Grund"

A_WEEK: Final = timedelta(days=7)

HOLIDAYS_WITHIN: Final = timedelta(days=800)
"""How far ahead we look for a closed day; two years hold at least one."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An edition that is never kept.

    Attributes:
        sent_at: When it would go out.
        supposed: A German sentence on what has not happened; empty if all is real.
    """

    edition: Edition
    sent_at: datetime
    supposed: str = ""


def rehearse(
    db: Db,
    app: Application,
    kind: EditionKind,
    which: date | int | None,
    series_key: str | None,
    *,
    now: datetime,
) -> Rehearsal:
    """Return the edition of *kind* as it would be; the caller takes all of it back.

    Raises:
        PlanRefused: There is no such meeting or day, or it is over.
    """
    if kind is K.NETWORK_UPDATE:
        return _update(db, app, which, now=now)
    if kind is K.HOLIDAY:
        return _day_off(db, app, which, series_key, now=now)
    meeting = the_meeting(db, app, which, series_key, now)
    if kind in SUPPOSED:
        return _change(db, app, kind, meeting, now=now)
    edition = drafting.draft(db, kind, meeting, now=now)
    if kind is K.REMINDER:
        return Rehearsal(edition, meeting.starts_at - app.settings.policy.remind_before)
    return Rehearsal(edition, now)


def _change(
    db: Db, app: Application, kind: EditionKind, meeting: Meeting, *, now: datetime
) -> Rehearsal:
    is_off = meeting.state is MeetingState.CANCELLED
    if kind is not K.CANCELLATION and not is_off:
        drafting.check_meeting(meeting, now=now)
    edition = drafting.new(db, kind, "preview", meeting=meeting, now=now)
    told = _told(db, meeting)
    is_real = told is not None and told < meeting.sequence
    if is_real and is_off == (kind is K.CANCELLATION):
        edition.since = told
        return Rehearsal(edition, now)
    _suppose(db, app, kind, meeting)
    edition.since = meeting.sequence - 1
    db.flush()
    return Rehearsal(edition, now, SUPPOSED[kind])


def _told(db: Db, meeting: Meeting) -> int | None:
    """Return the version of *meeting* that people were told last; None for none."""
    return db.scalar(
        sa.select(sa.func.max(MeetingVersion.sequence)).where(
            MeetingVersion.meeting_id == meeting.id
        )
    )


def _suppose(db: Db, app: Application, kind: EditionKind, meeting: Meeting) -> None:
    """Let people know *meeting* as it is, and then change it."""
    db.merge(
        MeetingVersion(
            meeting_id=meeting.id,
            sequence=meeting.sequence,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            venue=meeting.venue,
            state=meeting.state,
        )
    )
    meeting.sequence += 1
    meeting.state = MeetingState.PLANNED
    if kind is K.CANCELLATION:
        meeting.state = MeetingState.CANCELLED
    if kind is K.UPDATE:
        zone = zone_of(app.settings, meeting)
        # By the clock on the wall: a week over the change of time has another length.
        start, end = (
            (moment.astimezone(zone) + A_WEEK).astimezone(UTC)
            for moment in (meeting.starts_at, meeting.ends_at)
        )
        meeting.starts_at, meeting.ends_at = start, end
    meeting.reason = "" if kind is K.REINSTATEMENT else meeting.reason or REASON


def _update(
    db: Db, app: Application, which: date | int | None, *, now: datetime
) -> Rehearsal:
    """Return the letter about the quarter with the day *which*, or the present one."""
    for sentence in calendar.prepare(db, app.press, now=now):
        note(f"Hinweis: {sentence}")
    today = local_day(now, app.settings.series[0].zone)
    quarter = Quarter.of(which if isinstance(which, date) else today)
    due = update_on(quarter, UpdateTimes.of(app.settings, app.closures))
    found = drafting.find_open(
        db, K.NETWORK_UPDATE, quarter.about, or_in=drafting.ISSUED
    )
    return Rehearsal(found or drafting.draft_due(db, due, now=now), due.due_at)


def _day_off(
    db: Db,
    app: Application,
    which: date | int | None,
    series_key: str | None,
    *,
    now: datetime,
) -> Rehearsal:
    """Return the notice for a closed day of the rule: *which*, or the next one."""
    series = chosen_series(app.settings, series_key)
    today = local_day(now, series[0].zone)
    first = which if isinstance(which, date) else today
    last = which if isinstance(which, date) else today + HOLIDAYS_WITHIN
    days = planning.calendar(db, series, app.closures, first=first, last=last)
    closed = next((day for day in days if day.state is DayState.CLOSED), None)
    if closed is None:
        is_one_day = isinstance(which, date)
        when = f"Am {full_day(first)}," if is_one_day else "In den nächsten zwei Jahren"
        raise PlanRefused(
            f"{when} fällt kein Treffen wegen eines Feiertags oder einer Schließung "
            "aus. Die Termine zeigt „mia meetings list“."
        )
    edition = drafting.new(db, K.HOLIDAY, "preview", meeting=None, now=now)
    edition.series, edition.day = closed.series, closed.on
    return Rehearsal(edition, now)
